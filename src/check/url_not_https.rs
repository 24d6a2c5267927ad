//! Credentials travel over TLS or not at all.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for endpoint in workspace.endpoints() {
        let Some(url) = endpoint.url().filter(|url| url.scheme == "http") else { continue };
        let scheme = endpoint.text.part("http", 0, "http".len());
        let mendable = url.port.is_none() && url.user_info.is_none();
        found
            .at(
                endpoint.component,
                endpoint.text,
                format!(
                    "the {} on `{}` is called with `http:`, without encryption",
                    endpoint.role.noun(),
                    url.host
                ),
            )
            .label("not encrypted")
            .help(format!("use `https://` in {}", endpoint.role.setup()))
            .safe_fix("use `https`", Edit::replace(&scheme, "https").filter(|_| mendable))
            .field(endpoint.role.noun());
    }
}
