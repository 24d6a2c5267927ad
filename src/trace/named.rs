//! Step 2: the named credential.

use crate::model::{Flow, Named, NamedCredential, NamedCredentialModel};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::path::CalloutPath;
use super::step::{Step, listed};

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::NamedCredential, path.failures(Kind::NamedCredential));
    match (path.named, path.missing, path.external) {
        (Some(named), ..) => facts(path, named, &mut step),
        (None, Some(callout), _) => {
            step.fact(
                format!("`{}` is called but is not in these files", callout.name),
                &callout.name,
            );
            if step.failures.is_empty() {
                step.unknown(
                    format!("whether the org has a named credential `{}`", callout.name),
                    "add the folder that contains it, or create it",
                );
            }
        }
        (None, None, Some(external)) => {
            step.unknown(
                format!("the named credential of the callout: none in these files uses `{}`", external.name()),
                "add the folder that contains it, or create one: Apex can only call a named credential",
            );
        }
        (None, None, None) => {}
    }
    step
}

fn facts(path: &CalloutPath<'_>, named: &NamedCredential, step: &mut Step<'_>) {
    let model = match named.model {
        NamedCredentialModel::Secured => "named credential",
        NamedCredentialModel::Legacy => "legacy named credential",
        NamedCredentialModel::Other => "named credential of another kind",
    };
    step.fact(format!("{model} `{}`", named.name()), &named.component);
    if let Some(url) = &named.url {
        step.fact(format!("URL {}", url.as_str()), url);
        if url.known().is_none() && step.failures.is_empty() {
            step.unknown(
                "the URL: it contains a placeholder that is replaced during deployment",
                "run sfcred on the files as deployed, or with `--env`",
            );
        }
    }
    match &named.callout_status {
        Some(status) if status.known() == Some("Enabled") => {
            step.fact("enabled for callouts", status)
        }
        Some(status) => step.fact(format!("`calloutStatus` is `{status}`"), status),
        None => {}
    }
    if let Some(flag) = &named.generate_authorization_header {
        let header = if flag.is_true() {
            "the `Authorization` header is generated"
        } else {
            "the `Authorization` header is not generated"
        };
        step.fact(header, flag);
    }
    if !named.allowed_namespaces.is_empty() {
        let names = named.allowed_namespaces.iter().map(Text::as_str);
        step.fact(
            format!("packages that may call it: {}", listed(names, ", ")),
            &named.allowed_namespaces[0],
        );
    }
    if let Some(reference) = &named.external_credential {
        step.fact(format!("authenticates with the external credential `{reference}`"), reference);
        if path.external.is_none() && step.failures.is_empty() {
            step.unknown(
                format!(
                    "the settings of the external credential `{reference}`: it is not in these files"
                ),
                "add the folder that contains it",
            );
        }
    } else if path.flow == Flow::Unknown && step.failures.is_empty() && !named.is_legacy() {
        step.unknown("how it authenticates", "");
    }
}
