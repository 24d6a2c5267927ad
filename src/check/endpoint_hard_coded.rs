//! Apex writes the My Domain of an org into a request, instead of calling a named credential.

use crate::finding::Findings;
use crate::model::{Host, Named, Url, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for unit in &org.apex {
            for endpoint in unit.endpoints.iter().filter(|endpoint| !endpoint.of_exchange) {
                let Some(url) = endpoint.url.known().map(Url::parse) else { continue };
                let host = Host::parse(&url.host);
                // A token endpoint that is called by hand is another rule's business.
                if !host.is_my_domain()
                    || url.path.starts_with("/services/oauth2")
                    || !url.scheme.starts_with("http")
                {
                    continue;
                }
                let named = org.named_credentials.iter().find(|named| {
                    named.host().is_some_and(|other| other.as_str() == host.as_str())
                });
                let help = match named {
                    Some(named) => format!("call `callout:{}` followed by the path: the named credential adds host and token", named.name()),
                    None => "create a named credential for this org (Setup > Security > Named Credentials) and call `callout:Name` followed by the path".to_owned(),
                };
                found
                    .at(
                        &unit.component,
                        &endpoint.url,
                        format!(
                            "this request goes to `{}`, which is written into the code: {}",
                            host.as_str(),
                            host.description()
                        ),
                    )
                    .label("one org's address, in code")
                    .related_to(
                        named.map(|named| named.component.span()),
                        "a named credential for the same host",
                    )
                    .help(help)
                    .field(host.as_str());
            }
        }
    }
}
