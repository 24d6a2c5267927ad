//! Setup offers RS512, but target orgs are only documented to accept RS256.

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
                .report(
                    &credential.component,
                    text,
                    "the JWT is signed with `RS512`, but Salesforce only documents `RS256` for the \
                     target org",
                )
                .label("the algorithm")
                .related_to(
                    credential.token_endpoint.as_ref(),
                    "this is a Salesforce token endpoint",
                )
                .help(
                    "set `alg` to `RS256`: Setup offers both, but in the only known report a \
                     Salesforce org rejected `RS512`",
                )
                .safe_fix("sign with RS256", Edit::replace(text, "RS256"))
                .field("alg");
        }
    }
}
