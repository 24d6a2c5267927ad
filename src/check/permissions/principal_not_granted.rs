//! If no permission set grants the principal, no user can make the callout, not even an
//! administrator.

use std::collections::HashSet;

use crate::finding::{Edit, Findings};
use crate::model::{
    ExternalCredential, Named, Org, Workspace, find_named, same_component, split_principal,
};
use crate::nearest::nearest;
use crate::source::{Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.orgs.iter().flat_map(not_granted_by_name) {
        let Some(named) = org.users_of(credential).next() else { continue };
        let Some(principal) = credential.principals().next() else { continue };
        if org.permission_sets.is_empty()
            || credential.grants_itself()
            || any_grant(org, credential)
        {
            continue;
        }
        let sets = org.permission_sets.len();
        let counted = if sets == 1 {
            "the only permission set".to_owned()
        } else {
            format!("none of the {sets} permission sets")
        };
        let verb = if sets == 1 { "does not grant" } else { "grants" };
        let also = if org.profiles.is_empty() {
            ""
        } else {
            "; a profile can grant it in Setup, which metadata does not show"
        };
        found
            .report(
                &credential.component,
                principal.name,
                format!(
                    "{counted} in the checked files {verb} a principal of `{}`",
                    credential.name()
                ),
            )
            .label("the principal")
            .related_to(
                named.external_credential.as_ref(),
                format!("`{}` uses this external credential", named.name()),
            )
            .help(format!(
                "grant `{}-{}` in a permission set (*External Credential Principal Access*), and \
                 assign it to the user who runs the callout{also}",
                credential.name(),
                principal.name
            ))
            .unsafe_fix(
                "grant it in the only permission set of the project",
                added(org, &format!("{}-{}", credential.name(), principal.name)),
            )
            .field("principals");
    }
}

/// Whether any grant mentions the credential, even a disabled, misspelled or unknown one; other
/// rules report those.
fn any_grant(org: &Org, credential: &ExternalCredential) -> bool {
    let mentions = |reference: &Text| {
        let Some((name, principal)) =
            split_principal(reference.as_str()).filter(|_| reference.known().is_some())
        else {
            return true;
        };
        let starts_with_name = reference
            .as_str()
            .as_bytes()
            .get(..credential.name().len())
            .is_some_and(|start| start.eq_ignore_ascii_case(credential.name().as_bytes()));
        let is_misspelled = || {
            let own_principal = || {
                credential.principals().any(|own| own.name.as_str().eq_ignore_ascii_case(principal))
            };
            let near = || nearest(name, [credential.name()]).is_some();
            !name.contains("__")
                && (own_principal() || near())
                && find_named(&org.external_credentials, name).is_none()
        };
        same_component(name, credential.name()) || starts_with_name || is_misspelled()
    };
    references(org).any(mentions)
}

/// Credentials that no grant names exactly; only these need the search for misspelled grants.
fn not_granted_by_name(org: &Org) -> impl Iterator<Item = (&Org, &ExternalCredential)> {
    let granted: HashSet<&str> = references(org)
        .filter_map(|reference| split_principal(reference.as_str()))
        .map(|(name, _)| name)
        .collect();
    org.external_credentials
        .iter()
        .filter(move |credential| !granted.contains(credential.name()))
        .map(move |credential| (org, credential))
}

fn references(org: &Org) -> impl Iterator<Item = &Text> {
    org.permission_sets.iter().flat_map(|set| &set.grants).map(|grant| &grant.reference)
}

fn added(org: &Org, reference: &str) -> Option<Edit> {
    let [set] = org.permission_sets.as_slice() else { return None };
    let label = set
        .label
        .as_ref()
        .filter(|label| label.syntax == Syntax::Xml && !label.element.is_empty())?;
    let grant = [
        "<externalCredentialPrincipalAccesses>",
        "    <enabled>true</enabled>",
        &format!("    <externalCredentialPrincipal>{reference}</externalCredentialPrincipal>"),
        "</externalCredentialPrincipalAccesses>",
    ]
    .join("\n");
    Some(Edit::LineBefore(label.element, grant))
}
