//! `exp` is a whole number of seconds, and the formula of a claim must return it as text.

use crate::finding::{Edit, Findings};
use crate::model::{Misshape, Workspace, expiry_formula};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let Some(text) = credential.claim("exp") else { continue };
        let Some((misshape, corrected)) = text.known().and_then(Misshape::find) else { continue };
        let message = match misshape {
            Misshape::Unbalanced => {
                "the formula of `exp` has unbalanced parentheses, quotes or braces"
            }
            Misshape::NoFormula => {
                "`exp` contains a formula outside `{!…}`, which is sent literally"
            }
            Misshape::Moment => {
                "the formula of `exp` returns a date and time instead of seconds since 1970"
            }
            Misshape::NoText => {
                "the formula of `exp` returns a number without `Text(…)`, which may be formatted \
                 with separators"
            }
            Misshape::NoFloor => {
                "the formula of `exp` returns a number with decimals because `FLOOR(…)` is missing"
            }
        };
        report(credential, text, message, corrected, found);
    }
}

fn report(
    credential: &crate::model::JwtCredential,
    text: &Text,
    message: &str,
    corrected: Option<String>,
    found: &mut Findings,
) {
    found
        .report(&credential.component, text, message)
        .label("the formula")
        .help(format!("use `{}`", corrected.clone().unwrap_or_else(|| expiry_formula(120))))
        .safe_fix(
            "return whole seconds as text",
            corrected.and_then(|corrected| Edit::replace(text, &corrected)),
        )
        .field("exp");
}
