//! `exp` is a whole number of seconds, and a claim's formula must give it as text.

use crate::finding::{Edit, Findings};
use crate::model::{Misshape, Workspace, expiry_formula};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let Some(text) = credential.claim("exp") else { continue };
        let Some((misshape, right)) = text.known().and_then(Misshape::of) else { continue };
        let what = match misshape {
            Misshape::Unbalanced => {
                "the formula of `exp` has parentheses, quotes or braces that do not match"
            }
            Misshape::NoFormula => {
                "`exp` holds a formula outside `{!…}`, which is sent as it stands"
            }
            Misshape::Moment => {
                "the formula of `exp` comes to a date and time, not to seconds since 1970"
            }
            Misshape::NoText => {
                "the formula of `exp` comes to a number without `Text(…)`, which may be written with separators"
            }
            Misshape::NoFloor => {
                "the formula of `exp` comes to a number with decimals, because `FLOOR(…)` is missing"
            }
        };
        report(credential, text, what, right, found);
    }
}

fn report(
    credential: &crate::model::JwtCredential,
    text: &Text,
    what: &str,
    right: Option<String>,
    found: &mut Findings,
) {
    found
        .at(&credential.component, text, what)
        .label("the formula")
        .help(format!("write it as `{}`", right.clone().unwrap_or_else(|| expiry_formula(120))))
        .safe_fix("give whole seconds as text", right.and_then(|right| Edit::replace(text, &right)))
        .field("exp");
}
