//! `iss` is sent as stored; quotes, whitespace or missing characters make it an unknown key.

use crate::finding::{Edit, Findings};
use crate::model::{ConsumerKey, GENERATED_LENGTH, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(issuer) = credential.issuer() else { continue };
        let Some(text) = issuer.known().filter(|text| !text.starts_with("{!")) else { continue };
        let key = ConsumerKey::new(text);
        let bare = key.as_str();
        if workspace.has_app_with_key(&key) && issuer.raw() == bare {
            continue;
        }
        let length = bare.chars().count();
        let wrong_length = key.looks_generated() && !key.has_generated_length();
        let quoted = text != bare;
        let padded = issuer.raw() != text || bare.contains(char::is_whitespace);
        if !wrong_length && !quoted && !padded {
            continue;
        }
        let message = if wrong_length && !bare.contains(char::is_whitespace) {
            format!(
                "the issuer `{key}` has {length} characters; a consumer key that starts with \
                 `3MVG9` has {GENERATED_LENGTH}"
            )
        } else if quoted {
            format!("the issuer `{key}` is in quotes, which are sent as part of it")
        } else {
            format!(
                "the issuer `{key}` has whitespace in or around it, which is sent as part of it"
            )
        };
        let fixable = !wrong_length && !bare.contains(char::is_whitespace);
        found
            .report(&credential.component, issuer, message)
            .label("the issuer")
            .help(
                "copy the consumer key again (Setup > App Manager > the app > View > Manage \
                 Consumer Details), and set `iss` to it without quotes or whitespace",
            )
            .safe_fix(
                "remove quotes and whitespace around the issuer",
                Edit::replace_trimmed(issuer, bare).filter(|_| fixable),
            )
            .field("iss");
    }
}
