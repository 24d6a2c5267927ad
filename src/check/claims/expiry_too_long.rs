//! Salesforce documents three minutes as the maximum lifetime of an assertion.

use crate::check::shared_edits;
use crate::finding::Findings;
use crate::model::{Lifetime, Workspace};

const MAXIMUM: i64 = 300;
const DOCUMENTED: i64 = 180;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(lifetime) = credential.lifetime() else { continue };
        let message = match lifetime.value {
            Lifetime::Seconds(seconds) if seconds > MAXIMUM => format!(
                "the JWT is valid for {seconds} seconds, but Salesforce documents a maximum of \
                 {DOCUMENTED}"
            ),
            Lifetime::Milliseconds => "the formula of `exp` counts milliseconds, which puts the \
                                       expiry thousands of years ahead"
                .to_owned(),
            Lifetime::Seconds(_) | Lifetime::Static | Lifetime::Unknown => continue,
        };
        found
            .report(&credential.component, &lifetime, message)
            .label("the lifetime")
            .related_to(credential.token_endpoint.as_ref(), "a Salesforce token endpoint")
            .help(format!(
                "use a lifetime of 120-{DOCUMENTED} seconds; longer ones are accepted today, but a \
                 leaked JWT can be used until it expires"
            ))
            .safe_fix(
                format!("set the lifetime to {DOCUMENTED} seconds"),
                shared_edits::lifetime(credential, DOCUMENTED),
            )
            .field("exp");
    }
}
