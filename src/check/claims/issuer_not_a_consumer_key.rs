//! Generated consumer keys have a known shape; any other value is a key only if an app sets it as
//! its custom key.

use crate::finding::{Findings, Severity};
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
            "the issuer has the format of a consumer secret, which this file exposes; `iss` takes the \
             consumer key"
                .to_owned()
        } else if let Some(Subject::Username(username)) = Subject::parse(issuer) {
            format!(
                "the issuer `{username}` is a username; `iss` takes the consumer key of the app, \
                 and the username belongs in `sub`"
            )
        } else if key.as_str().contains("://") {
            format!("the issuer `{key}` is a URL; `iss` takes the consumer key of the app")
        } else {
            format!(
                "the issuer `{key}` does not look like a consumer key, and no app in the checked \
                 files uses it as its key"
            )
        };
        let is_secret = key.looks_like_secret();
        let help = "set `iss` to the consumer key of the app in the target org: 85 characters that \
                    start with `3MVG9` (Setup > App Manager > the app > View > Manage Consumer \
                    Details)";
        let finding = found
            .report(&credential.component, issuer, message)
            .label("the issuer")
            .related_to(
                intended.and_then(|intended| intended.app.consumer_key.as_ref()),
                "the consumer key of an app in the target org",
            )
            .related_to(credential.token_endpoint.as_ref(), "the app must exist in this org")
            .help(if is_secret {
                format!("{help}, and replace the secret there, because it stays in the Git history")
            } else {
                help.to_owned()
            })
            .field("iss");
        if !is_secret {
            finding.at_most(Severity::Warning);
        }
    }
}
