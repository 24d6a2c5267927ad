//! The token is never sent, because nothing puts it into a header.

use std::collections::{HashMap, HashSet};

use crate::finding::{Edit, Findings, Severity};
use crate::model::{ExternalCredential, Named, NamedCredential, Org, OrgId, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut merge_fields: HashMap<OrgId, Option<HashSet<String>>> = HashMap::new();
    for (org, named) in workspace.named_credentials() {
        let Some(switch) =
            named.generate_authorization_header.as_ref().filter(|_| named.header_is_off())
        else {
            continue;
        };
        let in_apex = merge_fields.entry(named.component.org).or_insert_with(|| names_in_apex(org));
        let may_be_sent =
            in_apex.as_ref().is_none_or(|names| names.contains(&named.name().to_ascii_lowercase()));
        let own_flow = org.flow_of(named);
        if !own_flow.generates_authorization() || may_be_sent || carries_token(org, named) {
            continue;
        }
        let flow = org
            .external_of(named)
            .and_then(|credential| credential.flow_text())
            .or(named.protocol.as_ref());
        let what = if own_flow.sends_token() { "gets a token" } else { "has a key or a password" };
        let finding = found
            .report(
                &named.component,
                switch,
                format!(
                    "the named credential `{}` {what} but never sends it: the `Authorization` \
                     header is turned off",
                    named.name()
                ),
            )
            .label("no `Authorization` header is generated")
            .related_to(flow, "this flow generates the header")
            .help(
                "set `generateAuthorizationHeader` to `true` (*Generate Authorization Header* in \
                 Setup > Security > Named Credentials)",
            )
            .safe_fix("generate the header", Edit::replace(switch, "true"))
            .field("authorization header");
        // Apex may build the header by itself.
        if !own_flow.sends_token() {
            finding.at_most(Severity::Warning);
        }
    }
}

/// The names in lower case of the named credentials through which Apex sends merge fields; `None` if one is unknown.
fn names_in_apex(org: &Org) -> Option<HashSet<String>> {
    let name = |name: &str| name.to_ascii_lowercase();
    org.merge_fields.iter().map(|field| field.named.as_deref().map(name)).collect()
}

/// Whether a formula sends the token.
fn carries_token(org: &Org, named: &NamedCredential) -> bool {
    let allowed = [&named.allow_merge_fields_in_header, &named.allow_merge_fields_in_body]
        .into_iter()
        .flatten()
        .any(|flag| !Text::is_false(flag));
    allowed
        || named.header_formulas().next().is_some()
        || org.external_of(named).is_some_and(ExternalCredential::has_header_formula)
}
