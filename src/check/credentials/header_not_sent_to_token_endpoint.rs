//! Custom headers are sent with callouts only, never with the token request.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{Host, Named, Parameter, ParameterType, Url, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        let Some(endpoint) =
            credential.token_endpoint().filter(|_| credential.flow().has_token_endpoint())
        else {
            continue;
        };
        let Some(url) = endpoint.known().map(Url::parse) else { continue };
        let host = Host::parse(&url.host);
        if host.as_str().is_empty()
            || host.is_salesforce()
            || workspace.org_of_host(&host).is_some()
        {
            continue;
        }
        let called: HashSet<String> = org
            .users_of(credential)
            .filter_map(|named| named.host())
            .map(|host| host.as_str().to_owned())
            .collect();
        let is_same_host = called.contains(host.as_str());
        let mut headers = credential
            .parameters_of(ParameterType::AuthHeader)
            .filter(|header| is_same_host || belongs_to_token_request(header))
            .filter_map(|header| header.name.as_ref());
        let Some(first) = headers.next() else { continue };
        let mut finding = found
            .report(
                &credential.component,
                first,
                format!(
                    "the header `{first}` of `{}` is sent with callouts, but not with the token \
                     request to `{host}`",
                    credential.name()
                ),
            )
            .label("custom header")
            .related(endpoint, "the token endpoint does not receive it")
            .help(
                "if the token endpoint needs it, use an external auth identity provider, which can \
                 add headers to the token request (Setup > Security > Named Credentials > External \
                 Auth Identity Providers)",
            )
            .field("header");
        for other in headers.take(3) {
            finding = finding.related(other, "neither is this one");
        }
    }
}

/// Whether a header makes sense only in a token request.
fn belongs_to_token_request(header: &Parameter) -> bool {
    let value = header.value.as_ref().map(Text::as_str).unwrap_or_default().to_ascii_lowercase();
    let is_named = |name: &str| {
        header.name.as_ref().is_some_and(|text| text.as_str().eq_ignore_ascii_case(name))
    };
    (is_named("Authorization") && value.contains("basic"))
        || (is_named("Content-Type") && value.contains("x-www-form-urlencoded"))
}
