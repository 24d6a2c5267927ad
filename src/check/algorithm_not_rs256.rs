//! RS512 can be chosen where the JWT is signed, and was refused where it arrived.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let algorithms = credential
            .header_claims
            .iter()
            .filter(|claim| claim.name.as_str() == "alg")
            .filter_map(|claim| claim.value.as_ref());
        for text in algorithms.filter(|text| text.known() == Some("RS512")) {
            found
                .at(&credential.component, text, "the JWT is signed with `RS512`, but `RS256` is what Salesforce documents for the org that answers")
                .label("the algorithm")
                .related_to(credential.token_endpoint.as_ref(), "Salesforce answers here")
                .help("set `alg` to `RS256`: Setup offers both, and a Salesforce org refused `RS512` in the one report there is")
                .safe_fix("sign with RS256", Edit::replace(text, "RS256"))
                .field("alg");
        }
    }
}
