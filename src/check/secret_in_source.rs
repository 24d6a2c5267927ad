//! Metadata keeps secrets outside of files; one that stands in a file is known to all who can read it.

use crate::finding::Findings;
use crate::model::{SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in workspace.leaked_secrets.iter().filter(|secret| secret.kind == SecretKind::Setting) {
        let component = &secret.component;
        found
            .at(component, &secret.place, format!("{} stands in the file of the {} `{}`", secret.what, component.type_name, component.name))
            .label("a secret")
            .help("revoke it where it was issued: it stays in the history; keep the new one in Setup (an external credential's principal takes it), and out of the files")
            .field(secret.field.clone());
    }
}
