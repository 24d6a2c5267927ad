//! Salesforce keeps secrets out of metadata files; one in a file is exposed to all its readers.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in
        workspace.leaked_secrets.iter().filter(|secret| secret.kind == SecretKind::Setting)
    {
        let component = &secret.component;
        found
            .report(
                component,
                &secret.place,
                format!(
                    "the file of the {} `{}` contains {}",
                    component.type_name, component.name, secret.what
                ),
            )
            .label("a secret")
            .help(
                "revoke it where it was issued, because it stays in the Git history; enter the new \
                 one in Setup (in a principal of an external credential), and keep it out of the \
                 files",
            )
            .field(secret.field.clone());
    }
}
