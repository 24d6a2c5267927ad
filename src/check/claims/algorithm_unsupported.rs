//! Salesforce only verifies assertions that are signed with RSA and SHA-256.

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
                .report(
                    &credential.component,
                    text,
                    format!(
                        "the JWT is signed with `{algorithm}`, which Salesforce does not accept in \
                         this flow"
                    ),
                )
                .label("the algorithm")
                .related_to(
                    credential.token_endpoint.as_ref(),
                    "this is a Salesforce token endpoint",
                )
                .help(
                    "set `alg` to `RS256`, in capital letters: it is the only algorithm documented \
                     for this flow",
                )
                .safe_fix("sign with RS256", Edit::replace(text, "RS256"))
                .field("alg");
        }
    }
}
