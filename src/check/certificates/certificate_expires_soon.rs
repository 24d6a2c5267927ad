//! A certificate in use is about to expire.

use time::{Date, Duration};

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for signing in workspace.signings() {
        let Some((end, place)) =
            signing.certificate.end().filter(|(end, _)| is_soon(workspace, *end))
        else {
            continue;
        };
        let mut finding = found
            .report(
                signing.credential,
                signing.reference,
                format!(
                    "the credential signs with `{}`, which expires on {end} ({})",
                    signing.certificate.name(),
                    days(workspace, end)
                ),
            )
            .label("signs with this certificate")
            .related(&place, format!("valid until {end}"));
        for other in &signing.others {
            let label = format!("`{}` signs with it too", other.credential.name);
            finding = finding.related(other.reference, label);
        }
        finding
            .help(
                "create the next certificate in Setup > Security > Certificate and Key Management \
                 now; select it in the credential and upload its public part to the app at the \
                 same time, because an app holds one certificate",
            )
            .field("signing certificate");
    }
    for (app, certificate, x509) in workspace.verified_only() {
        let end = x509.not_after.date();
        if is_soon(workspace, end) {
            found
                .report(
                    &app.component,
                    certificate,
                    format!(
                        "the {} `{}` verifies with a certificate that expires on {end} ({})",
                        app.noun(),
                        app.name(),
                        days(workspace, end)
                    ),
                )
                .label(format!("valid until {end}"))
                .help(
                    "replace the certificate on the credential that signs and on the app at the \
                     same time; Salesforce reportedly ignores the date of an app's certificate for \
                     this flow, but do not rely on that",
                )
                .field("certificate");
        }
    }
}

fn is_soon(workspace: &Workspace, end: Date) -> bool {
    let last = workspace
        .today
        .checked_add(Duration::days(i64::from(workspace.certificate_warning_days)))
        .unwrap_or(Date::MAX);
    workspace.today <= end && end <= last
}

fn days(workspace: &Workspace, end: Date) -> String {
    match (end - workspace.today).whole_days() {
        0 => "today".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}
