//! If the audience is a My Domain, it must be that of the target org.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, Workspace};
use crate::source::Located;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential.audience().filter(|audience| {
            !audience.contains_accepted_audience(credential.target_host().as_deref())
        }) else {
            continue;
        };
        let mut own: Vec<Located<Host>> = credential.target_domains();
        own.extend(credential.described_target.and_then(|id| workspace.org(id).my_domain.clone()));
        let is_site = credential
            .token_host()
            .is_some_and(|host| matches!(host.kind(), HostKind::Site { .. }));
        for (url, text) in &audience.urls {
            let host = Host::parse(&url.host);
            let Some(target) =
                own.first().filter(|_| host.is_my_domain() && !is_site && text.known().is_some())
            else {
                continue;
            };
            if own.iter().any(|domain| domain.value == host)
                || url.path.to_ascii_lowercase().contains("/services/oauth2")
            {
                continue;
            }
            let right = target.accepted_audience();
            found
                .report(
                    &credential.component,
                    text,
                    format!(
                        "the audience is the My Domain `{host}`, but the JWT is sent to `{}`",
                        target.value
                    ),
                )
                .label("the audience")
                .related(target, "the JWT is sent to this org")
                .help(match right {
                    Some(right) => format!(
                        "set `aud` to `{right}`, which every source accepts for {}",
                        target.description()
                    ),
                    None => format!("set `aud` to `https://{}`", target.value),
                })
                .unsafe_fix(
                    "use the audience of the org",
                    right.and_then(|right| Edit::replace(text, right)),
                )
                .field("aud");
        }
    }
}
