//! The client credentials flow needs all its switches; one of them is off.

use crate::finding::Findings;
use crate::model::{App, AppKind, ClientCredentials, Named, Workspace};
use crate::source::{Span, Spanned, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let flow = app.client_credentials();
        let Some((place, off, message)) = contradiction(app, &flow) else { continue };
        let where_off = match app.kind {
            AppKind::ConnectedApp => "`isClientCredentialEnabled`",
            AppKind::ExternalClientApp => {
                "`isClientCredentialsFlowEnabled` in the OAuth settings (`.ecaGlblOauth`) and in the \
                 policies (`.ecaOauthPlcy`)"
            }
        };
        let is_allowed = flow.settings.is_some_and(|switch| switch.is_true());
        let finding = found
            .report(
                &app.component,
                &place,
                format!("the {} `{}` {message}", app.noun(), app.name()),
            )
            .label("client credentials flow")
            .related_to(off.map(Spanned::span), "off")
            .help(format!(
                "set {where_off} to `true`, or remove the rest of the flow if no caller uses it"
            ))
            .field("client credentials flow");
        finding.only_answers(if is_allowed {
            &["client-credentials-user-missing"]
        } else {
            &["client-credentials-flow-disabled", "client-credentials-user-missing"]
        });
    }
}

/// What is set up, the switch that is off if it is in the files, and words for both.
fn contradiction<'a>(
    app: &App,
    flow: &ClientCredentials<'a>,
) -> Option<(Span, Option<&'a Text>, &'static str)> {
    let user = flow.filled_user();
    if app.kind == AppKind::ConnectedApp {
        let is_off = flow.has_settings && ClientCredentials::is_off(flow.settings);
        return user.filter(|_| is_off).map(|user| {
            (
                user.span,
                flow.settings,
                "has a run-as user for the client credentials flow, but the flow is off",
            )
        });
    }
    if !flow.has_policies {
        return None;
    }
    let enabled = flow.policy.filter(|policy| policy.is_true());
    let settings_off = flow.has_settings && ClientCredentials::is_off(flow.settings);
    if let Some(policy) = enabled.filter(|_| settings_off) {
        let message =
            "enables the client credentials flow in its policies, but not in its OAuth settings";
        return Some((policy.span, flow.settings, message));
    }
    user.filter(|_| ClientCredentials::is_off(flow.policy)).map(|user| {
        (
            user.span,
            flow.policy,
            "has a run-as user for the client credentials flow, but its policies leave the flow off",
        )
    })
}
