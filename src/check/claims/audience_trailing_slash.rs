//! The documented audiences have no trailing slash; whether one is accepted everywhere is unknown.

use crate::finding::{Edit, Findings};
use crate::model::{Host, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience() else { continue };
        for (url, text) in &audience.urls {
            let is_reported_elsewhere = url.scheme != "https"
                || !Host::parse(&url.host).is_salesforce()
                || url.path.to_ascii_lowercase().contains("/services/");
            let base = url.as_str().trim_end_matches('/');
            if is_reported_elsewhere || base == url.as_str() || text.known().is_none() {
                continue;
            }
            found
                .report(
                    &credential.component,
                    text,
                    format!("the audience `{url}` ends with a slash", url = url.as_str()),
                )
                .label("the audience")
                .help(format!("write `{base}`, as Salesforce documents it"))
                .safe_fix("remove the slash from the audience", Edit::replace(text, base))
                .field("aud");
        }
    }
}
