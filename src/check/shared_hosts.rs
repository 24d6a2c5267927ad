//! What rules about endpoints say about a host.

use crate::model::Host;

/// The message about the My Domain that a sandbox had before enhanced domains.
pub fn former_sandbox_domain(host: &Host) -> String {
    format!(
        "`{host}` is the former My Domain of a sandbox: with enhanced domains, the My Domain of a \
         sandbox contains `.sandbox`, and Salesforce no longer redirects the former one"
    )
}
