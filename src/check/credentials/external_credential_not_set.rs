//! A named credential of type `SecuredEndpoint` gets everything but its URL from an external
//! credential.

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
        let candidate = candidate(org, named);
        let place = named
            .external_credential
            .as_ref()
            .map(|text| text.element)
            .or(named.url.as_ref().map(|url| url.span))
            .unwrap_or(named.component.place);
        found
            .report(
                &named.component,
                &place,
                format!(
                    "the named credential `{}` has no external credential, so it cannot \
                     authenticate",
                    named.name()
                ),
            )
            .label(if named.external_credential.is_some() { "empty name" } else { "only a URL" })
            .related_to(
                candidate.map(Named::component),
                "probably the intended external credential",
            )
            .help(match candidate {
                Some(credential) => format!(
                    "add a parameter of type `Authentication` with \
                     `<externalCredential>{}</externalCredential>` (*External Credential* in Setup \
                     > Security > Named Credentials)",
                    credential.name()
                ),
                None => "add a parameter of type `Authentication` with an `<externalCredential>` \
                         (*External Credential* in Setup > Security > Named Credentials)"
                    .into(),
            })
            .described_help(match candidate {
                Some(credential) => format!("add `external_credential: {}`", credential.name()),
                None => "add `external_credential`".to_owned(),
            })
            .unsafe_fix(
                "use the only matching external credential",
                candidate.map(|credential| edits(named, credential)).unwrap_or_default(),
            )
            .field("external credential");
    }
}

/// The external credential of the same name, otherwise the only one in the org.
fn candidate<'a>(org: &'a Org, named: &NamedCredential) -> Option<&'a ExternalCredential> {
    let same_name = org.external_credentials.ignoring_case(named.name());
    same_name.map(|position| &org.external_credentials[position]).or(
        match org.external_credentials.as_slice() {
            [only] => Some(only),
            _ => None,
        },
    )
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
