//! Salesforce documents three minutes as the longest life of an assertion.

use super::shared_lifetime;
use crate::finding::Findings;
use crate::model::{Lifetime, Workspace};

const MOST: i64 = 300;
const RIGHT: i64 = 180;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(lifetime) = credential.lifetime() else { continue };
        let message = match lifetime.value {
            Lifetime::Seconds(seconds) if seconds > MOST => format!("the JWT lives for {seconds} seconds, and Salesforce documents {RIGHT} as the most"),
            Lifetime::Milliseconds => "the formula of `exp` counts milliseconds, which puts the end of the JWT thousands of years ahead".to_owned(),
            Lifetime::Seconds(_) | Lifetime::Static | Lifetime::Unknown => continue,
        };
        found
            .at(&credential.component, &lifetime, message)
            .label("the lifetime")
            .related_to(credential.token_endpoint.as_ref(), "Salesforce answers here")
            .help(format!("let it live for 120 to {RIGHT} seconds: today longer ones are accepted, but a JWT that leaks stays good for as long as it says"))
            .safe_fix(format!("let it live for {RIGHT} seconds"), shared_lifetime::edit(credential, RIGHT))
            .field("exp");
    }
}
