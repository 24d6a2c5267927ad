//! Salesforce's token endpoint rejects a `scope` parameter sent with the assertion.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        for scope in credential.scopes.iter().filter(|scope| scope.known().is_some()) {
            found
                .report(
                    &credential.component,
                    scope,
                    format!(
                        "the {} requests the scope `{scope}`, which Salesforce rejects in this \
                         flow",
                        credential.noun()
                    ),
                )
                .label("sent with the JWT")
                .related_to(credential.token_endpoint.as_ref(), "a Salesforce token endpoint")
                .help(
                    "clear *Scope*; the scopes of a JWT bearer flow are those of the app in the \
                     target org",
                )
                .safe_fix("remove the scope", [Edit::Remove(scope.element)])
                .field("scope");
        }
    }
}
