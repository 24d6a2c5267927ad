//! A committed private key belongs to the certificate of an app.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

/// More apps with one key are not listed: a finding for each key times each app would be out of proportion.
const MAX_APPS: usize = 20;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        let mut apps = workspace.apps_opened_by(secret).take(MAX_APPS);
        let Some(app) = apps.next() else { continue };
        let mut finding = found
            .report(
                &secret.component,
                &secret.place,
                format!(
                    "this private key belongs to the certificate of the {} `{}`: anyone who has it \
                     can log in as any user that the app approves",
                    app.noun(),
                    app.name()
                ),
            )
            .label("a private key")
            .related_to(
                app.certificate.as_ref().map(|certificate| certificate.span),
                "the certificate with the same key",
            );
        for other in apps {
            finding = finding.related_to(
                other.certificate.as_ref().map(|certificate| certificate.span),
                format!("the {} `{}` has the same key", other.noun(), other.name()),
            );
        }
        finding
            .help(
                "create a new key pair and replace the certificate of the app now; then remove this \
                 file from the repository, and let CI read the new key from its secret store",
            )
            .field(format!("private key of {}", app.name()));
    }
}
