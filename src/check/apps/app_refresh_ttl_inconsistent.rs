//! The refresh token policy allows more than the limit that the app enforces.

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, Named, OAUTH_POLICIES, Workspace};
use crate::source::Text;

/// The limit that Salesforce enforces.
const LIMIT: u64 = 30;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let (Some(switch), Some(policy)) =
            (app.oauth_switch("isEnforceRefreshTokenTTL"), app.refresh_token_policy())
        else {
            continue;
        };
        if !switch.is_true() || !exceeds(app, policy) {
            continue;
        }
        found
            .report(
                &app.component,
                policy,
                format!(
                    "the refresh token policy of the {} `{}` (`{policy}`) allows more than the {LIMIT} \
                     days without use that the app enforces",
                    app.noun(),
                    app.name()
                ),
            )
            .label("refresh token policy")
            .related(switch, "idle refresh tokens expire after 30 days")
            .help(
                "choose *Expire refresh token if not used for* 30 days under *Refresh Token \
                 Policy*, so that the policy says what happens",
            )
            .safe_fix("set the policy to 30 days without use", edits(app, policy))
            .field("refresh token policy");
    }
}

/// Whether the policy is known to allow more than the limit.
fn exceeds(app: &App, policy: &Text) -> bool {
    let Some(value) = policy.known().map(str::to_ascii_lowercase) else { return false };
    if value == "infinite" {
        return true;
    }
    let (period, unit) = match app.kind {
        AppKind::ConnectedApp => {
            let mut parts = value.split(':');
            if parts.next() != Some("specific_inactivity") {
                return false;
            }
            (parts.next().map(str::to_owned), parts.next().map(str::to_owned))
        }
        AppKind::ExternalClientApp => {
            if value != "specificinactivity" {
                return false;
            }
            let field =
                |path| app.part(OAUTH_POLICIES)?.get(path)?.known().map(str::to_ascii_lowercase);
            (field("refreshTokenValidityPeriod"), field("refreshTokenValidityUnit"))
        }
    };
    let Some(period) = period.and_then(|period| period.trim().parse::<u64>().ok()) else {
        return false;
    };
    match unit.as_deref().map(str::trim) {
        Some("hours") => period > LIMIT * 24,
        Some("days") => period > LIMIT,
        Some("months") => period > 1,
        _ => false,
    }
}

/// The edits that set the limit, if the values are in one place each.
fn edits(app: &App, policy: &Text) -> Vec<Edit> {
    if app.kind == AppKind::ConnectedApp {
        return Edit::replace(policy, "specific_inactivity:30:DAYS").into_iter().collect();
    }
    let Some(part) = app.part(OAUTH_POLICIES) else { return Vec::new() };
    let mut edits: Vec<Edit> = Edit::replace(policy, "SpecificInactivity").into_iter().collect();
    let mut missing = Vec::new();
    for (path, value) in
        [("refreshTokenValidityPeriod", "30"), ("refreshTokenValidityUnit", "Days")]
    {
        match part.get(path) {
            Some(text) if text.as_str() == value => {}
            Some(text) => edits.extend(Edit::replace(text, value)),
            None => missing.push(format!("<{path}>{value}</{path}>")),
        }
    }
    if !missing.is_empty() {
        edits.push(Edit::LineAfter(policy.element, missing.join("\n")));
    }
    edits
}
