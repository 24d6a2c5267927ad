//! A named principal uses a fixed subject, a per-user principal a formula; the other field is
//! ignored.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials() {
        if !matches!(named.legacy_protocol(), Some("JwtExchange" | "Jwt")) {
            continue;
        }
        let filled =
            |text: &Option<crate::source::Text>| text.as_ref().is_some_and(|text| !text.is_empty());
        let (fixed, formula) =
            (filled(&named.jwt_text_subject), filled(&named.jwt_formula_subject));
        let Some(kind) = &named.principal_type else { continue };
        let (subject, ignored, used) = match kind.known() {
            Some("PerUser") if fixed && !formula => {
                (&named.jwt_text_subject, "jwtTextSubject", "jwtFormulaSubject")
            }
            Some("NamedUser") if formula && !fixed => {
                (&named.jwt_formula_subject, "jwtFormulaSubject", "jwtTextSubject")
            }
            _ => continue,
        };
        let Some(subject) = subject else { continue };
        let value = match used {
            "jwtFormulaSubject" => {
                "a formula such as `$User.Username`, or set `principalType` to `NamedUser` \
                 (*Identity Type*: *Named Principal*)"
            }
            _ => {
                "the username of the integration user, or set `principalType` to `PerUser` \
                 (*Identity Type*: *Per User*)"
            }
        };
        found
            .report(
                &named.component,
                subject,
                format!(
                    "`{}` has the principal type `{kind}`, which uses `{used}`, but only \
                     `{ignored}` is set",
                    named.name()
                ),
            )
            .label(format!("ignored for `{kind}`"))
            .related(kind, "the principal type")
            .help(format!("set `{used}` to {value}"))
            .field("sub");
    }
}
