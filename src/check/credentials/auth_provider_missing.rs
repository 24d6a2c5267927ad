//! A browser login needs the name of its auth provider or external auth identity provider.

use std::collections::HashSet;

use crate::finding::{Edit, Findings, Severity};
use crate::model::{DeviationKind, ExternalCredential, Named, ParameterType, Workspace};
use crate::source::{Span, Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let invalid: HashSet<Span> = workspace
        .deviations
        .iter()
        .filter(|deviation| matches!(deviation.kind, DeviationKind::Element))
        .map(|deviation| deviation.component.place)
        .collect();
    for (_, named) in workspace.named_credentials() {
        let is_set = named.auth_provider.as_ref().is_some_and(|provider| !provider.is_empty());
        if named.legacy_protocol() != Some("Oauth") || is_set || named.component.is_installed() {
            continue;
        }
        // `unknown-element` says how to write what was meant, which may be another protocol.
        if invalid.contains(&named.component.place) {
            continue;
        }
        let Some(protocol) = &named.protocol else { continue };
        found
            .report(
                &named.component,
                protocol,
                format!(
                    "the legacy named credential `{}` uses the protocol `Oauth`, but has no auth \
                     provider to log in with",
                    named.name()
                ),
            )
            .label("OAuth needs an auth provider")
            .help(
                "set `authProvider` to the name of an auth provider (*Authentication Provider* in \
                 Setup > Security > Named Credentials)",
            )
            .field("auth provider");
    }
    for (org, credential) in workspace.external_credentials() {
        if org.flow_of_external(credential).is_authorization_code() {
            check_external(credential, found);
        }
    }
}

/// The parameter of a provider refers to it by an element of its own.
fn check_external(credential: &ExternalCredential, found: &mut Findings) {
    for parameter in &credential.parameters {
        let (what, element, reference) = match parameter.kind {
            ParameterType::AuthProvider => {
                ("auth provider", "authProvider", &parameter.auth_provider)
            }
            ParameterType::ExternalAuthIdentityProvider => (
                "external auth identity provider",
                "externalAuthIdentityProvider",
                &parameter.identity_provider,
            ),
            _ => continue,
        };
        let filled = |text: &&Text| !text.is_empty();
        let in_metadata = parameter.name.as_ref().is_some_and(is_metadata);
        let is_set = reference.as_ref().is_some_and(|name| !name.is_empty());
        if is_set || !in_metadata || credential.component.is_installed() {
            continue;
        }
        let value = parameter.value.as_ref().filter(filled);
        let place = value.map_or(parameter.element, |value| value.span);
        let finding = found
            .report(
                &credential.component,
                &place,
                format!(
                    "the external credential `{}` has a parameter of type `{}` that names no {what} \
                     in `<{element}>`",
                    credential.name(),
                    element_type(parameter.kind),
                ),
            )
            .field(element);
        match value {
            Some(value) => {
                let added = format!("<{element}>{}</{element}>", value.raw());
                finding
                    .label("the name belongs in its own element")
                    .help(format!("write `{added}` instead of `<parameterValue>`"))
                    .unsafe_fix(
                        format!("name the {what} in `<{element}>`"),
                        (value.known().is_some() && value.syntax == Syntax::Xml)
                            .then_some(Edit::Replace(value.element, added)),
                    );
            }
            // An auth provider is not part of a managed package, and is chosen after the installation.
            None => {
                finding
                    .label(format!("no {what}"))
                    .help(format!("add `<{element}>` with the name of the {what}"))
                    .at_most(Severity::Warning);
            }
        }
    }
}

fn is_metadata(text: &Text) -> bool {
    matches!(text.syntax, Syntax::Xml | Syntax::Cdata)
}

fn element_type(kind: ParameterType) -> &'static str {
    if kind == ParameterType::AuthProvider {
        "AuthProvider"
    } else {
        "ExternalAuthIdentityProvider"
    }
}
