//! A JWT with a lifetime of a few seconds can expire before it arrives if the two clocks differ.

use crate::check::shared_edits;
use crate::finding::Findings;
use crate::model::{Lifetime, Workspace};

const MINIMUM: i64 = 30;
const RECOMMENDED: i64 = 120;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let Some(lifetime) = credential.lifetime() else { continue };
        let Lifetime::Seconds(seconds) = lifetime.value else { continue };
        if seconds >= MINIMUM {
            continue;
        }
        let message = match seconds {
            1.. => format!(
                "the JWT is valid for {seconds} second{}, too short for clock differences and \
                 delayed requests",
                if seconds == 1 { "" } else { "s" }
            ),
            0 => "the JWT expires in the same second in which it is signed".to_owned(),
            _ => format!("the JWT expires {} seconds before it is signed", seconds.unsigned_abs()),
        };
        found
            .report(&credential.component, &lifetime, message)
            .label("the lifetime")
            .related_to(
                credential.token_endpoint.as_ref(),
                "checked against the clock of this host",
            )
            .help(format!("use a lifetime of {RECOMMENDED}-180 seconds"))
            .safe_fix(
                format!("set the lifetime to {RECOMMENDED} seconds"),
                shared_edits::lifetime(credential, RECOMMENDED),
            )
            .field("exp");
    }
}
