//! Two parameters of a type that an external credential can have once, with different values.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Parameter, ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let mut firsts: HashMap<(&str, &str), &Text> = HashMap::new();
        for parameter in &credential.parameters {
            let (Some(kind), Some(value)) = (&parameter.kind_text, value(parameter)) else {
                continue;
            };
            let group = parameter.group.as_ref().map_or("", Text::as_str);
            let first = *firsts.entry((kind.as_str(), group)).or_insert(value);
            let (Some(one), Some(other)) = (first.known(), value.known()) else { continue };
            // A description can repeat what metadata contains.
            if one == other || first.span.file != value.span.file {
                continue;
            }
            found
                .report(
                    &credential.component,
                    value,
                    format!("the external credential has two parameters of the type `{kind}` with different values"),
                )
                .label("a second value")
                .related(first, "the first value")
                .help("keep the parameter with the correct value, and delete the other")
                .field(kind.as_str());
        }
    }
}

/// What the parameter sets, if a credential can have only one of its type.
fn value(parameter: &Parameter) -> Option<&Text> {
    match parameter.kind {
        ParameterType::AuthProtocolVariant | ParameterType::AuthProviderUrl => {
            parameter.value.as_ref()
        }
        ParameterType::SigningCertificate => parameter.certificate.as_ref(),
        ParameterType::AuthProvider => parameter.auth_provider.as_ref(),
        ParameterType::ExternalAuthIdentityProvider => parameter.identity_provider.as_ref(),
        ParameterType::JwtBodyClaim
        | ParameterType::JwtHeaderClaim
        | ParameterType::AuthParameter
        | ParameterType::AuthHeader
        | ParameterType::NamedPrincipal
        | ParameterType::PerUserPrincipal
        | ParameterType::AwsStsPrincipal
        | ParameterType::OtherPrincipal
        | ParameterType::AdditionalRefreshStatusCode
        | ParameterType::Other => None,
    }
}
