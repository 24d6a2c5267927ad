//! The token is never sent, because nothing puts it into a header.

use crate::finding::{Edit, Findings};
use crate::model::{ExternalCredential, MergeField, Named, NamedCredential, Org, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(switch) =
            named.generate_authorization_header.as_ref().filter(|_| named.header_is_off())
        else {
            continue;
        };
        if !org.flow_of(named).sends_token() || carries_token(org, named) {
            continue;
        }
        let flow = org
            .external_of(named)
            .and_then(|credential| credential.flow_text())
            .or(named.protocol.as_ref());
        found
            .report(
                &named.component,
                switch,
                format!(
                    "the named credential `{}` gets a token but never sends it: the \
                     `Authorization` header is turned off",
                    named.name()
                ),
            )
            .label("no `Authorization` header is generated")
            .related_to(flow, "this flow gets a token")
            .help(
                "set `generateAuthorizationHeader` to `true` (*Generate Authorization Header* in \
                 Setup > Security > Named Credentials)",
            )
            .safe_fix("generate the header", Edit::replace(switch, "true"))
            .field("authorization header");
    }
}

/// Whether a formula sends the token, or Apex may.
fn carries_token(org: &Org, named: &NamedCredential) -> bool {
    let allowed = [&named.allow_merge_fields_in_header, &named.allow_merge_fields_in_body]
        .into_iter()
        .flatten()
        .any(|flag| !Text::is_false(flag));
    let may_be_sent = |field: &MergeField| {
        field.named.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(named.name()))
    };
    allowed
        || named.header_formulas().next().is_some()
        || org.external_of(named).is_some_and(ExternalCredential::has_header_formula)
        || org.merge_fields.iter().any(may_be_sent)
}
