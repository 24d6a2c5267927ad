//! A flow that signs a JWT needs a certificate to sign it with.

use crate::finding::{Edit, Findings, Setting};
use crate::model::{JwtCredential, Named, ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        if credential
            .signing_certificate
            .as_ref()
            .is_some_and(|certificate| !certificate.is_empty())
        {
            continue;
        }
        let place = credential
            .signing_certificate
            .as_ref()
            .map_or(credential.flow, |certificate| certificate.element);
        let misplaced = value_instead(workspace, credential);
        found
            .report(
                &credential.component,
                &place,
                format!("the {} has no certificate to sign its JWT with", credential.noun()),
            )
            .label(if credential.signing_certificate.is_some() {
                "empty name"
            } else {
                "this flow signs a JWT"
            })
            .related_to(misplaced, "the name belongs into `<certificate>`")
            .help(if credential.legacy {
                "set `jwtSigningCertificate` (*JWT Signing Certificate* in Setup) to a certificate \
                 from Setup > Security > Certificate and Key Management"
            } else {
                "add a parameter of type `SigningCertificate` with a `<certificate>` (*Signing \
                 Certificate* in Setup > Security > Named Credentials > External Credentials)"
            })
            .described_help(
                "add `signing_certificate` with the name of a certificate from Setup > Security > \
                 Certificate and Key Management",
            )
            .unsafe_fix(
                "sign with the only certificate of the org",
                only_certificate(workspace, credential).and_then(|name| added(credential, name)),
            )
            .field("signing certificate");
    }
}

/// The `<parameterValue>` of the parameter that has no `<certificate>`.
fn value_instead<'a>(workspace: &'a Workspace, credential: &JwtCredential) -> Option<&'a Text> {
    let org = workspace.org(credential.component.org);
    let position = org.external_credentials.exact(credential.name())?;
    let mut parameters =
        org.external_credentials[position].parameters_of(ParameterType::SigningCertificate);
    parameters.find_map(|parameter| parameter.value.as_ref().filter(|value| !value.is_empty()))
}

fn only_certificate<'a>(workspace: &'a Workspace, credential: &JwtCredential) -> Option<&'a str> {
    match workspace.org(credential.component.org).certificates.as_slice() {
        [only] => Some(only.name()),
        _ => None,
    }
}

fn added(credential: &JwtCredential, name: &str) -> Option<Edit> {
    if let Some(empty) = &credential.signing_certificate {
        return Edit::replace_trimmed(empty, name);
    }
    Edit::setting(
        credential,
        &Setting {
            legacy: "jwtSigningCertificate",
            kind: "SigningCertificate",
            element: "certificate",
            described: "signing_certificate",
        },
        name,
    )
}
