//! Salesforce verifies the signature of an assertion with RSA and SHA-256.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let algorithms = credential
            .header_claims
            .iter()
            .filter(|claim| claim.name.as_str() == "alg")
            .filter_map(|claim| claim.value.as_ref());
        for text in algorithms {
            let Some(algorithm) = text.known().filter(|algorithm| {
                !algorithm.starts_with("{!") && !matches!(*algorithm, "RS256" | "RS512")
            }) else {
                continue;
            };
            found
                .at(&credential.component, text, format!("the JWT says that it is signed with `{algorithm}`, which Salesforce does not verify in this flow"))
                .label("the algorithm")
                .related_to(credential.token_endpoint.as_ref(), "Salesforce answers here")
                .help("set `alg` to `RS256`, in capital letters: the only algorithm that is documented for this flow")
                .safe_fix("sign with RS256", Edit::replace(text, "RS256"))
                .field("alg");
        }
    }
}
