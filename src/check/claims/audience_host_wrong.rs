//! Lightning, Setup, Visualforce, instance and non-Salesforce hosts are not authorization servers.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience().filter(|audience| {
            !audience.contains_accepted_audience(credential.target_host().as_deref())
        }) else {
            continue;
        };
        for (url, text) in &audience.urls {
            let host = Host::parse(&url.host);
            let own = credential.token_host().is_some_and(|token| token.value == host);
            let wrong = host.is_user_interface()
                || matches!(host.kind(), HostKind::Instance { .. } | HostKind::Foreign);
            if !wrong || own || host.as_str().is_empty() || text.known().is_none() {
                continue;
            }
            let target = credential.target_host();
            let right = target.as_ref().and_then(|host| host.accepted_audience());
            found
                .report(
                    &credential.component,
                    text,
                    format!(
                        "`{host}` is {}; no org accepts it as the audience of a JWT",
                        host.description()
                    ),
                )
                .label("the audience")
                .related_to(target.as_ref(), "the JWT is sent to this org")
                .help(match right {
                    Some(right) => format!("set `aud` to `{right}`"),
                    None => "set `aud` to `https://login.salesforce.com` (production, Developer \
                             Edition), `https://test.salesforce.com` (sandbox, scratch org), or \
                             the site URL for users of an Experience Cloud site"
                        .into(),
                })
                .unsafe_fix(
                    "use the audience of the org",
                    right.and_then(|right| Edit::replace(text, right)),
                )
                .field("aud");
        }
    }
}
