//! `login` is the audience of production orgs, `test` that of sandboxes and scratch orgs.

use crate::finding::{Edit, Findings};
use crate::model::{Environment, EnvironmentVotes, Host, HostKind, JwtCredential, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience() else { continue };
        let Some((url, text)) = audience.only() else { continue };
        let host = Host::parse(&url.host);
        let Some((environment, place, reason)) = target_environment(workspace, credential) else {
            continue;
        };
        if !host.is_shared_login()
            || url.path.starts_with("/services/")
            || !host.environment().contradicts(environment)
        {
            continue;
        }
        let Some(right) = environment.audience() else { continue };
        let votes = EnvironmentVotes::new(workspace, credential);
        if votes.contradict_token_endpoint(credential) {
            continue;
        }
        let is_clear = votes.favor(environment);
        found
            .report(
                &credential.component,
                text,
                format!("`{host}` is the audience of {}, but {reason}", host.environment().orgs()),
            )
            .label("the audience")
            .related(&place, "the JWT is sent to this org")
            .help(if is_clear {
                format!("set `aud` to `{right}`")
            } else {
                format!(
                    "set `aud` to `{right}`, or change what contradicts it: the files do not show \
                     which of the two is right"
                )
            })
            .safe_fix(
                format!("use `{right}` as the audience"),
                Edit::replace(text, right).filter(|_| is_clear),
            )
            .field("aud");
    }
}

/// The environment of the target org with its place and reason: from the token endpoint, else from
/// the connection, else from the description.
fn target_environment(
    workspace: &Workspace,
    credential: &JwtCredential,
) -> Option<(Environment, Span, String)> {
    if let Some(host) = credential.target_host() {
        if matches!(host.kind(), HostKind::Site { .. }) {
            return None;
        }
        if host.accepted_audience().is_some() {
            let reason = if host.is_shared_login() {
                format!("`{}` serves {}", host.value, host.environment().orgs())
            } else {
                format!("`{}` is {}", host.value, host.description())
            };
            return Some((host.environment(), host.span, reason));
        }
        if host.environment() != Environment::Unknown {
            return None;
        }
    }
    let org = workspace
        .connection_of(credential)
        .map(|connection| connection.target_org)
        .or_else(|| credential.described_target.map(|id| workspace.org(id)))?;
    let place = org
        .place()
        .or_else(|| credential.token_endpoint.as_ref().map(|text| text.span))
        .unwrap_or(credential.flow);
    Some((
        org.environment(),
        place,
        format!("the target org `{}` is one of the {}", org.name, org.environment().orgs()),
    ))
}
