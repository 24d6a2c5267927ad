//! A credential for Amazon Web Services without a parameter that its variant cannot work without.

use crate::finding::Findings;
use crate::model::{ExternalCredential, ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        // Neither a description nor a package lists these parameters.
        let is_complete = credential.parameters.iter().any(|other| other.kind_text.is_some());
        if !credential.flow().is_aws() || !is_complete || credential.component.is_installed() {
            continue;
        }
        let missing = missing(credential);
        if missing.is_empty() {
            continue;
        }
        let variant = credential.variant().filter(|variant| variant.known().is_some());
        let place = variant
            .or(credential.protocol.as_ref())
            .map_or(credential.component.place, |text| text.span);
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        found
            .report(
                &credential.component,
                &place,
                format!(
                    "requests cannot be signed: {} {} missing",
                    names.join(", "),
                    if names.len() == 1 { "is" } else { "are" }
                ),
            )
            .label("this flow needs more parameters")
            .help(
                "fill in the fields of this flow in Setup > Security > Named Credentials > \
                 External Credentials, and retrieve the credential",
            )
            .field("parameters");
    }
}

fn missing(credential: &ExternalCredential) -> Vec<&'static str> {
    let has_type = |kind: ParameterType| credential.parameters_of(kind).next().is_some();
    let has = |name: &str| {
        let is_named = |text: &Text| text.as_str().eq_ignore_ascii_case(name);
        credential.parameters.iter().any(|other| other.name.as_ref().is_some_and(is_named))
    };
    let variant = credential.variant();
    let mut missing = Vec::new();
    missing.extend(["AwsService", "AwsRegion"].into_iter().filter(|name| !has(name)));
    match variant.and_then(Text::known) {
        Some("AwsSv4_STS") if !has_type(ParameterType::AwsStsPrincipal) => {
            missing.push("AwsStsPrincipal");
        }
        Some("RolesAnywhere") => {
            let names = ["AwsTrustAnchorArn", "AwsProfileArn"];
            missing.extend(names.into_iter().filter(|name| !has(name)));
            if credential.signing_certificate().is_none() {
                missing.push("SigningCertificate");
            }
        }
        _ => {}
    }
    missing
}
