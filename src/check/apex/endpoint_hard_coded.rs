//! Apex hard-codes the My Domain of an org in a request instead of calling a named credential.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Host, Named, NamedCredential, Url, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let mut by_host: HashMap<String, &NamedCredential> = HashMap::new();
        for named in org.named_credentials.iter().rev() {
            by_host.extend(named.host().map(|host| (host.as_str().to_owned(), named)));
        }
        for unit in &org.apex {
            for endpoint in unit.endpoints.iter().filter(|endpoint| !endpoint.of_exchange) {
                let Some(url) = endpoint.url.known().map(Url::parse) else { continue };
                let host = Host::parse(&url.host);
                // `token-exchange-by-hand` covers calls to a token endpoint.
                if !host.is_my_domain()
                    || url.path.starts_with("/services/oauth2")
                    || !url.scheme.starts_with("http")
                {
                    continue;
                }
                let named = by_host.get(host.as_str());
                let help = match named {
                    Some(named) => format!(
                        "call `callout:{}` followed by the path; the named credential adds the \
                         host and the token",
                        named.name()
                    ),
                    None => "create a named credential for this org (Setup > Security > Named \
                             Credentials) and call `callout:Name` followed by the path"
                        .to_owned(),
                };
                found
                    .report(
                        &unit.component,
                        &endpoint.url,
                        format!(
                            "this request goes to the hard-coded host `{}`, {}",
                            host.as_str(),
                            host.description()
                        ),
                    )
                    .label("hard-coded URL of one org")
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
