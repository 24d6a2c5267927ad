//! A JWT that lives for a few seconds is past before it arrives, as soon as two clocks differ.

use super::shared_lifetime;
use crate::finding::Findings;
use crate::model::{Lifetime, Workspace};

const LEAST: i64 = 30;
const RIGHT: i64 = 120;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let Some(lifetime) = credential.lifetime() else { continue };
        let Lifetime::Seconds(seconds) = lifetime.value else { continue };
        if seconds >= LEAST {
            continue;
        }
        let message = match seconds {
            1.. => format!(
                "the JWT lives for {seconds} second{}, too short for clocks that differ and calls that wait",
                if seconds == 1 { "" } else { "s" }
            ),
            0 => "the JWT expires in the second in which it is signed".to_owned(),
            _ => format!("the JWT expires {} seconds before it is signed", seconds.unsigned_abs()),
        };
        found
            .at(&credential.component, &lifetime, message)
            .label("the lifetime")
            .related_to(credential.token_endpoint.as_ref(), "the clock that counts is here")
            .help(format!("let it live for {RIGHT} to 180 seconds"))
            .safe_fix(
                format!("let it live for {RIGHT} seconds"),
                shared_lifetime::edit(credential, RIGHT),
            )
            .field("exp");
    }
}
