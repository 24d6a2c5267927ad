//! Salesforce keeps secrets out of metadata files; one in a file is exposed to all its readers.

use crate::finding::{Findings, Severity};
use crate::model::{LeakedSecret, SecretKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        match secret.kind {
            SecretKind::Setting => exposed(secret, found),
            SecretKind::Encrypted { is_certain } => encrypted(secret, is_certain, found),
            SecretKind::PrivateKey { .. }
            | SecretKind::Keystore { .. }
            | SecretKind::Session
            | SecretKind::AuthUrl => {}
        }
    }
}

fn exposed(secret: &LeakedSecret, found: &mut Findings) {
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
            "revoke it where it was issued, because it stays in the Git history; enter the new one \
             in Setup (in a principal of an external credential), and keep it out of the files",
        )
        .field(secret.field.clone());
}

/// Only that org can decrypt it, but a deployment stores it as if it were the secret.
fn encrypted(secret: &LeakedSecret, is_certain: bool, found: &mut Findings) {
    let component = &secret.component;
    let (how, caution) = if is_certain {
        ("as the org encrypted it for an old retrieval", "")
    } else {
        ("in a form that looks encrypted by an org", "; if it is not encrypted, revoke it")
    };
    found
        .report(
            component,
            &secret.place,
            format!(
                "the file of the {} `{}` contains {} {how}; deploying it overwrites the real one",
                component.type_name, component.name, secret.what
            ),
        )
        .label("an encrypted secret")
        .help(format!(
            "keep the file out of deployments (`.forceignore`) or remove the value, and enter the \
             secret once in Setup > Identity > Auth. Providers{caution}"
        ))
        .at_most(Severity::Warning)
        .field(secret.field.clone());
}
