//! With unbalanced quotes, the value is a different audience, or not JSON at all.

use crate::finding::{Edit, Findings};
use crate::model::{Form, Workspace};
use crate::source::Syntax;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let (Some(text), Some(audience)) = (credential.filled_claim("aud"), credential.audience())
        else {
            continue;
        };
        let Some((url, _)) = audience.only().filter(|_| audience.form == Form::Malformed) else {
            continue;
        };
        let inner = url.as_str();
        let is_clear = !inner.is_empty()
            && !inner.contains(|mark: char| {
                mark.is_whitespace() || "\"'\\,[]{}\u{201c}\u{201d}".contains(mark)
            });
        let right = if matches!(text.syntax, Syntax::Xml | Syntax::Cdata) {
            format!("\"{inner}\"")
        } else {
            inner.to_owned()
        };
        let help = if is_clear {
            format!("write `{right}`, with nothing else around it")
        } else {
            "write the audience in one pair of straight double quotes".to_owned()
        };
        found
            .report(
                &credential.component,
                text,
                format!("the quotes, brackets or spaces of the audience `{text}` do not match"),
            )
            .label("the audience")
            .help(help)
            .unsafe_fix(
                "write the audience in one pair of double quotes",
                Edit::replace(text, &right).filter(|_| is_clear),
            )
            .field("aud");
    }
}
