//! Salesforce issues the token with the scopes of the app and ignores a scope in the JWT.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        for claim in credential
            .body_claims
            .iter()
            .filter(|claim| claim.name.as_str().eq_ignore_ascii_case("scope"))
        {
            found
                .report(
                    &credential.component,
                    &claim.name,
                    "the JWT has a `scope` claim, which Salesforce ignores",
                )
                .label("this claim has no effect")
                .related_to(credential.token_endpoint.as_ref(), "a Salesforce token endpoint")
                .help(
                    "remove the claim; the scopes of a JWT bearer flow are those of the app in the \
                     target org",
                )
                .safe_fix("remove the claim", [Edit::Remove(claim.element)])
                .field("scope");
        }
    }
}
