//! The audience is a base URL; whether a slash at its end does harm, nobody has proved.

use crate::finding::{Edit, Findings};
use crate::model::{Host, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience() else { continue };
        for (url, text) in &audience.urls {
            let judged_elsewhere = url.scheme != "https"
                || !Host::parse(&url.host).is_salesforce()
                || url.path.to_ascii_lowercase().contains("/services/");
            let base = url.as_str().trim_end_matches('/');
            if judged_elsewhere || base == url.as_str() || text.known().is_none() {
                continue;
            }
            found
                .at(
                    &credential.component,
                    text,
                    format!("the audience `{url}` ends in a slash", url = url.as_str()),
                )
                .label("the audience")
                .help(format!("write `{base}`: that is the form in which Salesforce documents it"))
                .safe_fix("cut the slash off the audience", Edit::replace(text, base))
                .field("aud");
        }
    }
}
