//! JWT bearer needs no user interaction; an auth provider is for browser flows.

use crate::finding::Findings;
use crate::model::{Flow, ParameterType, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace
        .external_credentials()
        .filter(|(_, credential)| credential.flow() == Flow::JwtBearer)
    {
        for parameter in credential.parameters_of(ParameterType::AuthProvider) {
            let named = parameter.auth_provider.as_ref().filter(|name| !name.is_empty());
            let what = named.map_or_else(
                || "an auth provider".to_owned(),
                |name| format!("the auth provider `{name}`"),
            );
            found
                .report(
                    &credential.component,
                    &named.map_or(parameter.element, |name| name.span),
                    format!(
                        "the external credential references {what} in addition to its JWT bearer \
                         flow"
                    ),
                )
                .label("for browser logins")
                .related_to(credential.variant(), "this flow logs in without user interaction")
                .help(
                    "remove the parameter of type `AuthProvider`; a JWT bearer flow only needs a \
                     token endpoint and a signing certificate",
                )
                .described_help(
                    "remove `auth_provider`; a JWT bearer flow only needs a token endpoint and a \
                     signing certificate",
                )
                .field("auth provider");
        }
    }
}
