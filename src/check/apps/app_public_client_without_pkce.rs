//! A public client without PKCE lets whoever intercepts a code redeem it.

use std::collections::HashSet;

use crate::finding::{Edit, Findings, Severity};
use crate::model::{App, AppLogin, Named, Workspace};
use crate::source::{Syntax, Text};

/// The first API version with `isPkceRequired`.
const FIRST_VERSION: u32 = 59;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let refused: HashSet<*const App> = workspace
        .app_logins()
        .filter(|login| login.login.flow.is_authorization_code() && !sends_challenge(login))
        .map(|login| std::ptr::from_ref(login.app))
        .collect();
    for (org, app) in workspace.apps() {
        let (Some(optional), Some(permitted)) =
            (app.oauth_switch("isConsumerSecretOptional"), app.self_authorization())
        else {
            continue;
        };
        let pkce = app.oauth_switch("isPkceRequired");
        let is_required = pkce.is_some_and(|switch| !switch.is_false() && !switch.is_empty());
        if !optional.is_true() || is_required {
            continue;
        }
        let is_sent = !refused.contains(&std::ptr::from_ref(app));
        let is_supported = org.api_version.is_none_or(|version| version >= FIRST_VERSION);
        let edit = edit(optional, pkce).filter(|_| is_sent && is_supported);
        // Before that version, files do not contain the switch.
        let is_shown = pkce.is_some() || is_supported;
        let (noun, name) = (app.noun(), app.name());
        let message = if is_shown {
            format!(
                "the {noun} `{name}` needs no client secret and does not require PKCE, so that anyone who \
                 intercepts an authorization code can redeem it"
            )
        } else {
            format!(
                "the {noun} `{name}` needs no client secret; whether it requires PKCE is not part of \
                 files of an API version before {FIRST_VERSION}"
            )
        };
        let finding = found
            .report(&app.component, optional, message)
            .label("no secret is required")
            .related(&permitted, "users authorize the app themselves")
            .related_to(pkce, "PKCE is not required")
            .help(
                "require PKCE in the OAuth settings of the app, after making sure that its clients \
                 send it; or require the secret if all clients are servers",
            )
            .unsafe_fix("require PKCE", edit)
            .field("isPkceRequired");
        if !is_shown {
            finding.at_most(Severity::Note);
        }
    }
}

/// Whether a browser login is known to send PKCE.
fn sends_challenge(login: &AppLogin<'_>) -> bool {
    let provider = login.login.provider(login.calling_org);
    provider.is_some_and(|provider| provider.sends_code_challenge() == Some(true))
}

fn edit(optional: &Text, pkce: Option<&Text>) -> Option<Edit> {
    if let Some(pkce) = pkce.filter(|pkce| !pkce.is_empty()) {
        return Edit::replace(pkce, "true");
    }
    let is_xml = matches!(optional.syntax, Syntax::Xml | Syntax::Cdata);
    let element = "<isPkceRequired>true</isPkceRequired>".to_owned();
    (is_xml && pkce.is_none()).then_some(Edit::LineAfter(optional.element, element))
}
