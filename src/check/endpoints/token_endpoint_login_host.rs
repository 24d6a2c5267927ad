//! The shared login hosts find connected apps but not external client apps, and an org can block
//! logins through them.

use crate::finding::Findings;
use crate::model::{EnvironmentVotes, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in &workspace.jwt_credentials {
        let (Some(text), Some(host)) = (&credential.token_endpoint, credential.token_host()) else {
            continue;
        };
        let is_odd =
            || EnvironmentVotes::new(workspace, credential).contradict_token_endpoint(credential);
        if !host.is_shared_login() || workspace.needs_my_domain(credential).is_some() || is_odd() {
            continue;
        }
        let domain = credential.url_hosts().find(|host| host.is_my_domain());
        found
            .report(
                &credential.component,
                text,
                format!(
                    "the token endpoint is on the shared host `{}`, not on the My Domain of the \
                     target org",
                    host.value
                ),
            )
            .label("the token endpoint")
            .related_to(domain.as_ref(), "the My Domain of the called org")
            .help(match &domain {
                Some(domain) => format!(
                    "use `https://{}/services/oauth2/token`, which works for both connected apps \
                     and external client apps",
                    domain.value
                ),
                None => "use the My Domain of the target org (Setup > My Domain there), which \
                         works for both connected apps and external client apps"
                    .into(),
            })
            .field("token endpoint");
    }
}
