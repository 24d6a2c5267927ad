//! What Salesforce generates as a consumer key is unmistakable; another text is a key only if somebody chose it.

use crate::finding::Findings;
use crate::model::{Subject, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some((issuer, key)) = credential.literal_issuer() else { continue };
        let intended = workspace.intended_app(credential);
        let unknown = intended.is_some_and(|intended| !intended.is_of_another_shape(&key));
        let malformed = key.looks_generated()
            || issuer.raw() != key.as_str()
            || key.as_str().contains(char::is_whitespace);
        if unknown || malformed || workspace.has_app_with_key(&key) {
            continue;
        }
        let message = if key.looks_like_secret() {
            "the issuer has the shape of a consumer secret; `iss` takes the consumer key".to_owned()
        } else if let Some(Subject::Username(username)) = Subject::parse(issuer) {
            format!(
                "the issuer `{username}` is a username; `iss` takes the consumer key of the app, and the username belongs in `sub`"
            )
        } else if key.as_str().contains("://") {
            format!("the issuer `{key}` is a URL; `iss` takes the consumer key of the app")
        } else {
            format!(
                "the issuer `{key}` has not the shape of a consumer key, and no app in the files given has chosen it as its key"
            )
        };
        found
            .at(&credential.component, issuer, message)
            .label("the issuer")
            .related_to(intended.and_then(|intended| intended.app.consumer_key.as_ref()), "the key of an app in the org that answers")
            .related_to(credential.token_endpoint.as_ref(), "the org whose app it must be")
            .help("set `iss` to the consumer key of the app in the answering org: 85 characters that begin with `3MVG9` (Setup > App Manager > the app > View > Manage Consumer Details)")
            .field("iss");
    }
}
