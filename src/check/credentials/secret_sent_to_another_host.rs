//! One external credential sends its secret to hosts that have nothing to do with each other.

use crate::finding::Findings;
use crate::model::{
    ExternalCredential, Flow, Host, Named, NamedCredential, ParameterType, Workspace,
    credential_merge_fields, same_component,
};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        let sent_in_header = secret_header(credential);
        let mut first: Option<(&NamedCredential, Host, &Text)> = None;
        for named in org.users_of(credential) {
            let is_sent = sent_in_header.is_some() || sends_password(credential, named);
            let (true, Some(host), Some(url)) = (is_sent, named.host(), &named.url) else {
                continue;
            };
            if host.as_str().is_empty() || url.as_str().contains("{!") {
                continue;
            }
            let Some((_, known, place)) = &first else {
                first = Some((named, host, url));
                continue;
            };
            if known.may_share_owner(&host) {
                continue;
            }
            let secret = sent_in_header
                .or(credential.protocol.as_ref().map(|protocol| protocol.span))
                .unwrap_or(credential.component.place);
            found
                .report(
                    &credential.component,
                    &secret,
                    format!(
                        "the secret of the external credential `{}` is sent to both `{known}` and \
                         `{host}`",
                        credential.name()
                    ),
                )
                .label("sends a stored secret")
                .related(*place, "one host")
                .related(url, "an unrelated host")
                .help(
                    "create an external credential for each service, so that none of them \
                     receives the secret of another",
                )
                .field("hosts");
            break;
        }
    }
}

/// A custom header that reads from the stored credential.
fn secret_header(credential: &ExternalCredential) -> Option<Span> {
    let is_own = |value: &Text| {
        credential_merge_fields(value)
            .iter()
            .any(|name| same_component(name.as_str(), credential.name()))
    };
    credential
        .parameters_of(ParameterType::AuthHeader)
        .filter_map(|header| header.value.as_ref())
        .find(|value| value.known().is_some() && is_own(value))
        .map(|value| value.span)
}

fn sends_password(credential: &ExternalCredential, named: &NamedCredential) -> bool {
    credential.flow() == Flow::Basic && !named.header_is_off()
}
