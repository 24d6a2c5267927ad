//! In Apex too, `aud` is the authorization server, not the URL that the assertion is posted to.

use crate::finding::{Edit, Findings};
use crate::model::{Host, Url, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for unit in workspace.orgs.iter().flat_map(|org| &org.apex) {
        for (audience, argument) in &unit.audiences {
            let Some(url) = audience.known().map(Url::parse) else { continue };
            let host = Host::parse(&url.host);
            let Some(at) = url
                .path
                .to_ascii_lowercase()
                .find("/services/oauth2")
                .filter(|_| host.is_salesforce() && !host.is_user_interface())
            else {
                continue;
            };
            let base = &url.as_str()[..url.path_start() + at];
            found
                .report(
                    &unit.component,
                    argument,
                    format!(
                        "the audience of this assertion contains the endpoint path `{}`",
                        url.path
                    ),
                )
                .label("the audience")
                .help(format!(
                    "set the audience to `{base}`; the token endpoint belongs in the request, or \
                     in `Auth.JWTBearerTokenExchange`"
                ))
                .safe_fix(
                    "remove the path from the audience",
                    [Edit::Replace(*argument, format!("'{base}'"))],
                )
                .field("aud");
        }
    }
}
