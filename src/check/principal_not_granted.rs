//! A principal that no permission set grants lets nobody call out, administrators included.

use crate::finding::{Edit, Findings};
use crate::model::{ExternalCredential, Named, Org, Workspace, split_principal};
use crate::source::{Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        let Some(named) = org.users_of(credential).next() else { continue };
        let Some(principal) = credential.principals().next() else { continue };
        let old_style = credential.parameters.iter().any(|parameter| parameter.permission_set.as_ref().is_some_and(|set| !set.is_empty()));
        if org.permission_sets.is_empty() || old_style || any_grant(org, credential) {
            continue;
        }
        let sets = org.permission_sets.len();
        let counted = if sets == 1 { "the one permission set".to_owned() } else { format!("none of the {sets} permission sets") };
        let verb = if sets == 1 { "does not grant" } else { "grants" };
        let also = if org.profiles.is_empty() { "" } else { "; a profile can grant it in Setup, which metadata never shows" };
        found
            .at(&credential.component, principal.name, format!("{counted} in the files given {verb} a principal of `{}`", credential.name()))
            .label("the principal")
            .related_to(named.external_credential.as_ref(), format!("`{}` calls out with it", named.name()))
            .help(format!(
                "grant `{}-{}` in a permission set (*External Credential Principal Access*), and assign it to the user that runs the callout{also}",
                credential.name(),
                principal.name
            ))
            .fix_ask("grant it in the one permission set of the project", added(org, &format!("{}-{}", credential.name(), principal.name)))
            .field("principals");
    }
}

/// Any mention of the credential, even a disabled, misspelled or unknown one: those are other rules' business.
fn any_grant(org: &Org, credential: &ExternalCredential) -> bool {
    let mentions = |reference: &Text| {
        let name = split_principal(reference.as_str()).map_or(reference.as_str(), |(name, _)| name);
        let bare = crate::model::find_named(std::slice::from_ref(credential), name).is_some();
        reference.known().is_none() || bare || reference.as_str().to_ascii_lowercase().starts_with(&credential.name().to_ascii_lowercase())
    };
    org.permission_sets.iter().flat_map(|set| &set.grants).any(|grant| mentions(&grant.reference))
}

fn added(org: &Org, reference: &str) -> Option<Edit> {
    let [set] = org.permission_sets.as_slice() else { return None };
    let label = set.label.as_ref().filter(|label| label.syntax == Syntax::Xml && !label.element.is_empty())?;
    let grant = format!(
        "<externalCredentialPrincipalAccesses>\n    <enabled>true</enabled>\n    <externalCredentialPrincipal>{reference}</externalCredentialPrincipal>\n</externalCredentialPrincipalAccesses>"
    );
    Some(Edit::LineBefore(label.element, grant))
}
