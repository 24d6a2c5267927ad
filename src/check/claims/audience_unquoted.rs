//! Metadata stores `aud` as JSON, so a single audience needs double quotes. `sfcred.yaml` does not.

use crate::finding::{Edit, Findings, Severity};
use crate::model::{ExternalCredential, Flow, Form, Workspace};
use crate::source::Syntax;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials() {
        let (Some(text), Some(audience)) = (credential.filled_claim("aud"), credential.audience())
        else {
            continue;
        };
        let in_metadata = matches!(text.syntax, Syntax::Xml | Syntax::Cdata);
        if audience.form != Form::Bare || !in_metadata {
            continue;
        }
        let flow = workspace.external_of(credential).map(ExternalCredential::flow);
        let element = if credential.legacy { "jwtAudience" } else { "aud" };
        let finding = found
            .report(
                &credential.component,
                text,
                format!("the audience `{text}` has no quotes, but `{element}` is stored as JSON"),
            )
            .label("the audience")
            .help(format!(
                "write `\"{text}\"` with the double quotes (`&quot;` in XML); in Setup, type it \
                 without them"
            ))
            .safe_fix(
                "put the audience in double quotes",
                Edit::replace(text, &format!("\"{text}\"")),
            )
            .field("aud");
        // A deployment answer is known for the protocol `Jwt` only.
        if flow != Some(Flow::DirectJwt) {
            finding.at_most(Severity::Warning);
        }
    }
}
