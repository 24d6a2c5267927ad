//! An `exp` that does not depend on the current time gives every JWT the same expiry.

use crate::finding::{Edit, Findings};
use crate::model::{Lifetime, Workspace, expiry_formula};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in
        workspace.signing_credentials().filter(|credential| credential.validity_seconds.is_none())
    {
        let Some(text) = credential.claim("exp") else { continue };
        let Some(lifetime) =
            credential.lifetime().filter(|lifetime| lifetime.value == Lifetime::Static)
        else {
            continue;
        };
        let seconds: Option<i64> =
            text.as_str().parse().ok().filter(|number| (30..=300).contains(number));
        let message = match seconds {
            Some(seconds) => format!(
                "`exp` is the number {seconds}, which means {seconds} seconds after the start of \
                 1970, not from now"
            ),
            None if text.as_str().starts_with("{!") => {
                "the formula of `exp` does not use the current time, so every JWT has the same \
                 expiry"
                    .to_owned()
            }
            None => format!("`exp` is the fixed date `{text}`, so every JWT has the same expiry"),
        };
        let formula = expiry_formula(seconds.unwrap_or(120));
        found
            .report(&credential.component, &lifetime, message)
            .label("fixed expiry")
            .help(format!(
                "set `exp` to `{formula}`, or enter the seconds as Expiration under JWT Claims in \
                 {}",
                credential.setup_path()
            ))
            .safe_fix("compute the expiry from the time of signing", Edit::replace(text, &formula))
            .field("exp");
    }
}
