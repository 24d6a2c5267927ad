//! Salesforce gives a token the scopes of the app, whatever the JWT asks for.

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
                .at(&credential.component, &claim.name, "the JWT carries a claim `scope`, which Salesforce does not read")
                .label("this claim has no effect")
                .related_to(credential.token_endpoint.as_ref(), "Salesforce answers here")
                .help("remove the claim; the scopes of a JWT bearer flow are those of the app in the answering org")
                .safe_fix("remove the claim", [Edit::Remove(claim.element)])
                .field("scope");
        }
    }
}
