//! A My Domain as audience is at best the answering org's own.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, Workspace};
use crate::source::Located;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(audience) = credential
            .audience()
            .filter(|audience| !audience.holds_a_right_one(credential.target_host().as_deref()))
        else {
            continue;
        };
        let mut own: Vec<Located<Host>> = credential.target_domains();
        own.extend(credential.described_target.and_then(|id| workspace.org(id).my_domain.clone()));
        let at_a_site = credential
            .token_host()
            .is_some_and(|host| matches!(host.kind(), HostKind::Site { .. }));
        for (url, text) in &audience.urls {
            let host = Host::parse(&url.host);
            let Some(target_org) =
                own.first().filter(|_| host.is_my_domain() && !at_a_site && text.known().is_some())
            else {
                continue;
            };
            if own.iter().any(|domain| domain.value == host)
                || url.path.to_ascii_lowercase().contains("/services/oauth2")
            {
                continue;
            }
            let right = target_org.accepted_audience();
            found
                .at(
                    &credential.component,
                    text,
                    format!(
                        "the audience is the My Domain `{host}`, but the JWT goes to `{}`",
                        target_org.value
                    ),
                )
                .label("the audience")
                .related(target_org, "the org that receives the JWT")
                .help(match right {
                    Some(right) => format!(
                        "set `aud` to `{right}`, which every source accepts for {}",
                        target_org.description()
                    ),
                    None => format!("set `aud` to `https://{}`", target_org.value),
                })
                .unsafe_fix(
                    "use the audience of the org",
                    right.and_then(|right| Edit::replace(text, right)),
                )
                .field("aud");
        }
    }
}
