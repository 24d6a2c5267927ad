//! A per-user principal under a protocol that only has named principals.

use crate::finding::{Edit, Findings};
use crate::model::{Flow, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        let flow = match org.flow_of_external(credential) {
            Flow::Aws | Flow::AwsSts | Flow::AwsRolesAnywhere => "AWS Signature Version 4",
            Flow::Custom => "custom authentication",
            Flow::NoAuthentication => "a credential without authentication",
            Flow::ClientCredentials | Flow::ClientCredentialsBasic | Flow::JwtAssertion => {
                "the client credentials flow"
            }
            // A real project has a per-user principal with an external auth identity provider.
            Flow::ClientCredentialsIdentityProvider
            | Flow::JwtBearer
            | Flow::AuthorizationCode
            | Flow::AuthorizationCodeIdentityProvider
            | Flow::DirectJwt
            | Flow::Basic
            | Flow::Unknown => continue,
        };
        // The protocol itself is the fault.
        if credential.legacy_protocol().is_some() {
            continue;
        }
        for principal in credential.principals().filter(|principal| principal.is_per_user()) {
            let kind = principal.parameter.kind_text.as_ref();
            found
                .report(
                    &credential.component,
                    &kind.map_or(principal.name.span, |kind| kind.span),
                    format!(
                        "`{}` is a per-user principal, but {flow} has named principals only",
                        principal.name
                    ),
                )
                .label("one login for each user")
                .related_to(credential.flow_text(), "the flow")
                .help(
                    "make it a named principal (*Principals* in Setup > Security > Named \
                     Credentials > External Credentials), or choose a flow in which users log in \
                     themselves",
                )
                .unsafe_fix(
                    "make it a named principal",
                    kind.and_then(|kind| Edit::replace(kind, "NamedPrincipal")),
                )
                .field(principal.name.as_str());
        }
    }
}
