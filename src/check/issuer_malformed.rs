//! A consumer key is stored bare; quotes, blanks and lost characters make it another client's.

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
        let wrong_length = key.looks_generated() && length != GENERATED_LENGTH;
        let quoted = text != bare;
        let padded = issuer.raw() != text || bare.contains(char::is_whitespace);
        if !wrong_length && !quoted && !padded {
            continue;
        }
        let message = if wrong_length && !bare.contains(char::is_whitespace) {
            format!(
                "the issuer `{key}` has {length} characters; a consumer key that begins with `3MVG9` has {GENERATED_LENGTH}"
            )
        } else if quoted {
            format!("the issuer `{key}` is in quotes, and the quotes are sent as part of it")
        } else {
            format!(
                "the issuer `{key}` has blanks or line breaks in or around it, and they are sent as part of it"
            )
        };
        let mendable = !wrong_length && !bare.contains(char::is_whitespace);
        found
            .at(&credential.component, issuer, message)
            .label("the issuer")
            .help("copy the consumer key again: Setup > App Manager > the app > View > Manage Consumer Details; `iss` is stored without quotes and blanks")
            .safe_fix("remove the quotes and blanks around the issuer", Edit::replace_trimmed(issuer, bare).filter(|_| mendable))
            .field("iss");
    }
}
