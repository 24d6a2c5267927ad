//! Salesforce compares the audience with its own `https` URLs.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience() else { continue };
        for (url, text) in &audience.urls {
            let host = Host::parse(&url.host);
            let own = credential.token_host().is_some_and(|token| token.value == host);
            let is_wrong_host = !own
                && (host.is_user_interface()
                    || matches!(host.kind(), HostKind::Instance { .. } | HostKind::Foreign));
            if url.scheme == "https" || is_wrong_host || text.known().is_none() {
                continue;
            }
            let typed = url.as_str();
            let rest =
                typed.split_once("://").map_or(typed.trim_start_matches('/'), |(_, rest)| rest);
            let message = if url.scheme.is_empty() {
                format!("the audience `{typed}` has no `https://`")
            } else {
                format!("the audience `{typed}` starts with `{}:`, not with `https:`", url.scheme)
            };
            let has_endpoint_path = url.path.to_ascii_lowercase().contains("/services/oauth2");
            found
                .report(&credential.component, text, message)
                .label("the audience")
                .related_to(credential.token_endpoint.as_ref(), "the JWT is sent to this org")
                .help(format!("set `aud` to `https://{rest}`"))
                .safe_fix(
                    "use `https:`",
                    Edit::replace(text, &format!("https://{rest}")).filter(|_| !has_endpoint_path),
                )
                .field("aud");
        }
    }
}
