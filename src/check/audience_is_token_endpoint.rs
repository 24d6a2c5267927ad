//! `aud` names the authorization server, not the URL to which the JWT is posted.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience() else { continue };
        for (url, text) in &audience.urls {
            let host = Host::parse(&url.host);
            let other_fault = host.is_user_interface()
                || matches!(host.kind(), HostKind::Instance { .. } | HostKind::Foreign);
            let Some(at) = url
                .path
                .to_ascii_lowercase()
                .find("/services/oauth2")
                .filter(|_| !other_fault && text.known().is_some())
            else {
                continue;
            };
            let base = &url.as_str()[..url.path_start() + at];
            found
                .at(
                    &credential.component,
                    text,
                    format!("the audience carries the path `{}` of an endpoint", url.path),
                )
                .label("the audience")
                .related_to(credential.token_endpoint.as_ref(), "the URL to post to belongs here")
                .help(format!(
                    "set `aud` to `{base}`; the token endpoint stays in `{}`",
                    if credential.legacy { "authTokenEndpointUrl" } else { "AuthProviderUrl" }
                ))
                .safe_fix("cut the path off the audience", Edit::replace(text, base))
                .field("aud");
        }
    }
}
