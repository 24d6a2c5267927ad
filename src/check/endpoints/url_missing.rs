//! A named credential without a URL has nothing to call.

use crate::finding::Findings;
use crate::model::{Named, NamedCredentialModel, Workspace};

const PROTOCOLS: &[&str] =
    &["NoAuthentication", "Password", "Oauth", "AwsSv4", "Jwt", "JwtExchange"];

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials() {
        let needs_url = match named.model {
            NamedCredentialModel::Secured => true,
            NamedCredentialModel::Legacy => {
                named.legacy_protocol().is_some_and(|protocol| PROTOCOLS.contains(&protocol))
            }
            NamedCredentialModel::Other => false,
        };
        if !needs_url || named.url.as_ref().is_some_and(|url| !url.is_empty()) {
            continue;
        }
        let place = named
            .url
            .as_ref()
            .map(|url| url.element)
            .or(named.url_parameter)
            .unwrap_or(named.component.place);
        let setting = if named.is_legacy() { "`endpoint`" } else { "the parameter of type `Url`" };
        found
            .report(
                &named.component,
                &place,
                format!(
                    "the named credential `{}` has no URL, so `callout:{}` has no target",
                    named.name(),
                    named.name()
                ),
            )
            .label(if named.url.is_some() || named.url_parameter.is_some() {
                "empty URL"
            } else {
                "no URL in this component"
            })
            .help(format!(
                "set {setting} (*URL* in Setup > Security > Named Credentials) to the base URL of \
                 the API; for a Salesforce org, this is its My Domain, such as \
                 `https://acme.my.salesforce.com`"
            ))
            .described_help(
                "add `url` with the base URL of the API; for a Salesforce org, this is its My \
                 Domain, such as `https://acme.my.salesforce.com`",
            )
            .field("url");
    }
}
