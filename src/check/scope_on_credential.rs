//! Salesforce's token endpoint refuses a `scope` parameter beside the assertion.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        for scope in credential.scopes.iter().filter(|scope| scope.known().is_some()) {
            found
                .at(&credential.component, scope, format!("the {} asks for the scope `{scope}`, which Salesforce refuses in this flow", credential.noun()))
                .label("sent beside the JWT")
                .related_to(credential.token_endpoint.as_ref(), "Salesforce answers here")
                .help("clear *Scope*; the scopes of a JWT bearer flow are those of the app in the answering org")
                .safe_fix("remove the scope", [Edit::Remove(scope.element)])
                .field("scope");
        }
    }
}
