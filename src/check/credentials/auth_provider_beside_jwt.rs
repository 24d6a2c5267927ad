//! A JWT bearer flow logs in by itself; an auth provider is for flows in which a person does.

use crate::finding::Findings;
use crate::model::{Flow, ParameterType, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace
        .external_credentials()
        .filter(|(_, credential)| credential.flow() == Flow::JwtBearer)
    {
        for parameter in credential.of(ParameterType::AuthProvider) {
            let named = parameter.auth_provider.as_ref().filter(|name| !name.is_empty());
            let what = named.map_or_else(
                || "an auth provider".to_owned(),
                |name| format!("the auth provider `{name}`"),
            );
            found
                .at(&credential.component, &named.map_or(parameter.element, |name| name.span), format!("the external credential names {what} beside its JWT bearer flow"))
                .label("for a login in the browser")
                .related_to(credential.variant(), "this flow needs nobody to log in")
                .help("remove the parameter of type `AuthProvider`; a JWT bearer flow needs a token endpoint and a signing certificate only")
                .field("auth provider");
        }
    }
}
