//! `login` is the audience of production orgs, `test` that of sandboxes and scratch orgs: the two never mix.

use crate::finding::{Edit, Findings};
use crate::model::{Environment, Host, HostKind, JwtCredential, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience() else { continue };
        let Some((url, text)) = audience.only() else { continue };
        let host = Host::parse(&url.host);
        let Some((target_org, place, what)) = target_org(workspace, credential) else { continue };
        if !host.is_shared_login()
            || url.path.starts_with("/services/")
            || !host.environment().contradicts(target_org)
        {
            continue;
        }
        let Some(right) = target_org.audience() else { continue };
        found
            .at(
                &credential.component,
                text,
                format!("`{host}` is the audience of {}, but {what}", host.environment().orgs()),
            )
            .label("the audience")
            .related(&place, "the org that receives the JWT")
            .help(format!("set `aud` to `{right}`"))
            .safe_fix(format!("use `{right}` as the audience"), Edit::replace(text, right))
            .field("aud");
    }
}

/// The environment that answers: told by the token endpoint, else by what is called, else by the description.
fn target_org(
    workspace: &Workspace,
    credential: &JwtCredential,
) -> Option<(Environment, Span, String)> {
    if let Some(host) = credential.target_host() {
        if matches!(host.kind(), HostKind::Site { .. }) {
            return None;
        }
        if host.accepted_audience().is_some() {
            let says = if host.is_shared_login() {
                format!("`{}` serves {}", host.value, host.environment().orgs())
            } else {
                format!("`{}` is {}", host.value, host.description())
            };
            return Some((host.environment(), host.span, says));
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
        format!("org `{}` is described as one of {}", org.name, org.environment().orgs()),
    ))
}
