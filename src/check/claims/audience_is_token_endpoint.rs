//! `aud` is the authorization server, not the URL that the JWT is posted to.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience() else { continue };
        for (url, text) in &audience.urls {
            let host = Host::parse(&url.host);
            let is_wrong_host = host.is_user_interface()
                || matches!(host.kind(), HostKind::Instance { .. } | HostKind::Foreign);
            let Some(at) = url
                .path
                .to_ascii_lowercase()
                .find("/services/oauth2")
                .filter(|_| !is_wrong_host && text.known().is_some())
            else {
                continue;
            };
            let base = &url.as_str()[..url.path_start() + at];
            found
                .report(
                    &credential.component,
                    text,
                    format!("the audience contains the endpoint path `{}`", url.path),
                )
                .label("the audience")
                .related_to(credential.token_endpoint.as_ref(), "the token endpoint belongs here")
                .help(format!(
                    "set `aud` to `{base}`; the token endpoint stays in `{}`",
                    if credential.legacy { "authTokenEndpointUrl" } else { "AuthProviderUrl" }
                ))
                .safe_fix("remove the path from the audience", Edit::replace(text, base))
                .field("aud");
        }
    }
}
