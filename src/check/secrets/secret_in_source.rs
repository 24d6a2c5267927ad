//! Salesforce keeps secrets out of metadata files; one in a file is exposed to all its readers.

use crate::finding::{Findings, Severity};
use crate::model::{LeakedSecret, SecretEvidence, SecretKind, Workspace};

/// More places with the same secret are counted.
const MAX_OTHERS: usize = 5;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for secret in &workspace.leaked_secrets {
        let (label, help, most) = match (secret.kind, secret.evidence) {
            (SecretKind::Encrypted { is_certain }, _) => {
                encrypted(secret, is_certain, found);
                continue;
            }
            (SecretKind::Setting, SecretEvidence::Test) => (
                "a secret, unless it is invented",
                "if it is real, revoke it where it was issued; if it is invented, use a value that \
                 says so, such as `test-token`",
                Severity::Note,
            ),
            (SecretKind::Setting, SecretEvidence::Username) => (
                "a secret, if the service takes an API key as the username",
                help(secret),
                Severity::Note,
            ),
            (SecretKind::Setting, SecretEvidence::Name) => {
                ("a secret, according to its name", help(secret), Severity::Warning)
            }
            (SecretKind::Setting, SecretEvidence::PerhapsEncrypted) => (
                "a secret, unless the code that reads it decrypts it",
                help(secret),
                Severity::Note,
            ),
            (SecretKind::Setting, SecretEvidence::ShortLived) => (
                "an access token, which expires within hours",
                "replace it with a value that says that it is invented, and let a named credential \
                 request new tokens; revoke the grant if the token was issued today",
                Severity::Warning,
            ),
            (SecretKind::Setting, SecretEvidence::Value) => {
                ("a secret", help(secret), Severity::Error)
            }
            (
                SecretKind::PrivateKey { .. }
                | SecretKind::Keystore { .. }
                | SecretKind::Session
                | SecretKind::AuthUrl,
                _,
            ) => continue,
        };
        let mut finding = found
            .report(&secret.component, &secret.place, message(secret))
            .label(label)
            .help(help_with_count(secret, help))
            .field(secret.field.clone());
        for (place, what) in secret.others.iter().take(MAX_OTHERS) {
            finding = finding.related(place, what.clone());
        }
        if most < Severity::Error {
            finding.at_most(most);
        }
    }
}

fn message(secret: &LeakedSecret) -> String {
    let (component, what) = (&secret.component, &secret.what);
    if component.type_name == "File" {
        format!("`{}` contains {what}", component.name)
    } else {
        format!("the file of the {} `{}` contains {what}", component.type_name, component.name)
    }
}

fn help(secret: &LeakedSecret) -> &'static str {
    match secret.component.type_name {
        "File" => {
            "revoke it where it was issued, because it stays in the Git history; keep the new one in the \
             secret store of your CI system or in an environment variable"
        }
        "ApexClass" | "CustomMetadata" | "CustomLabel" => {
            "revoke it where it was issued, because it stays in the Git history; if a callout sends it, \
             enter the new one in Setup (in a principal of an external credential) and call a named \
             credential; otherwise keep it in a protected custom setting, and a signing key in Setup > \
             Certificate and Key Management"
        }
        _ => {
            "revoke it where it was issued, because it stays in the Git history; enter the new one in \
             Setup (in a principal of an external credential), and keep it out of the files"
        }
    }
}

/// The advice, with the number of places that are not shown.
fn help_with_count(secret: &LeakedSecret, help: &str) -> String {
    match secret.others.len().saturating_sub(MAX_OTHERS) {
        0 => help.to_owned(),
        1 => format!("{help}; the same secret is in 1 more place"),
        more => format!("{help}; the same secret is in {more} more places"),
    }
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
