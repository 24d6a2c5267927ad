//! An `exp` that does not move with the clock is right once, and past for ever after.

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
        let what = match seconds {
            Some(seconds) => format!("`exp` is the number {seconds}, which is {seconds} seconds after the start of 1970 and not from now"),
            None if text.as_str().starts_with("{!") => "the formula of `exp` does not look at the clock, so every JWT carries the same date".to_owned(),
            None => format!("`exp` is the fixed date `{text}`, so every JWT carries the same date"),
        };
        let right = expiry_formula(seconds.unwrap_or(120));
        found
            .at(&credential.component, &lifetime, what)
            .label("the same at every moment")
            .help(format!("set `exp` to `{right}`, or type the seconds into Expiration under JWT Claims in {}", credential.setup_path()))
            .safe_fix("count from the moment of signing", Edit::replace(text, &right))
            .field("exp");
    }
}
