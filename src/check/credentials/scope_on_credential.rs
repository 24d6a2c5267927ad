//! Salesforce's token endpoint rejects a `scope` parameter sent with an assertion or with client credentials.

use crate::finding::{Edit, Findings};
use crate::model::{Component, Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let endpoint = credential.token_endpoint.as_ref();
        report(credential.component(), credential.noun(), &credential.scopes, endpoint, found);
    }
    let asks = |flow: crate::model::Flow| flow.is_client_credentials();
    for login in workspace.logins.iter().filter(|login| asks(login.flow)) {
        if login.is_to_salesforce(workspace.org(login.component.org)) {
            let endpoint = login.token_endpoint.as_ref();
            report(login.component(), login.noun(), &login.scopes, endpoint, found);
        }
    }
}

fn report(
    component: &Component,
    noun: &str,
    scopes: &[Text],
    endpoint: Option<&Text>,
    found: &mut Findings,
) {
    for scope in scopes.iter().filter(|scope| scope.known().is_some()) {
        found
            .report(
                component,
                scope,
                format!(
                    "the {noun} requests the scope `{scope}`, which Salesforce rejects in this flow"
                ),
            )
            .label("sent with the token request")
            .related_to(endpoint, "a Salesforce token endpoint")
            .help(
                "clear *Scope*; in this flow, the token has the scopes of the app in the target org",
            )
            .safe_fix("remove the scope", [Edit::Remove(scope.element)])
            .field("scope");
    }
}
