//! A named credential of the new model gets everything but its URL from an external credential.

use crate::finding::{Edit, Findings, named_credential_parameter};
use crate::model::{
    ExternalCredential, Named, NamedCredential, NamedCredentialModel, Org, Workspace,
};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let set = named.external_credential.as_ref().is_some_and(|reference| !reference.is_empty());
        if named.model != NamedCredentialModel::Secured || set {
            continue;
        }
        let intended = intended(org, named);
        let place = named
            .external_credential
            .as_ref()
            .map(|text| text.element)
            .or(named.url.as_ref().map(|url| url.span))
            .unwrap_or(named.component.place);
        found
            .at(&named.component, &place, format!("the named credential `{}` names no external credential, so it has nothing to authenticate with", named.name()))
            .label(if named.external_credential.is_some() { "this name is empty" } else { "a URL alone" })
            .related_to(intended.map(Named::component), "the external credential that may be meant")
            .help(match intended {
                Some(credential) => format!(
                    "add a parameter of type `Authentication` with `<externalCredential>{}</externalCredential>` (*External Credential* in Setup > Security > Named Credentials)",
                    credential.name()
                ),
                None => "add a parameter of type `Authentication` with an `<externalCredential>` (*External Credential* in Setup > Security > Named Credentials)".into(),
            })
            .unsafe_fix("use the only external credential that may be meant", intended.map(|credential| edits(named, credential)).unwrap_or_default())
            .field("external credential");
    }
}

/// The credential of the same name, else the only one.
fn intended<'a>(org: &'a Org, named: &NamedCredential) -> Option<&'a ExternalCredential> {
    let same = org
        .external_credentials
        .iter()
        .find(|credential| credential.name().eq_ignore_ascii_case(named.name()));
    same.or(match org.external_credentials.as_slice() {
        [only] => Some(only),
        _ => None,
    })
}

fn edits(named: &NamedCredential, credential: &ExternalCredential) -> Vec<Edit> {
    if let Some(empty) = &named.external_credential {
        return Edit::replace(empty, credential.name()).into_iter().collect();
    }
    let Some(url) = named.url_parameter else { return Vec::new() };
    vec![Edit::LineAfter(
        url,
        named_credential_parameter(
            "ExternalCredential",
            "Authentication",
            ("externalCredential", credential.name()),
        ),
    )]
}
