//! The client credentials flow is available only on the My Domain of an org.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for login in workspace.logins.iter().filter(|login| login.flow.is_client_credentials()) {
        let (Some(text), Some(host)) = (&login.token_endpoint, login.token_host()) else {
            continue;
        };
        if !host.is_shared_login() {
            continue;
        }
        let domain = login.url_hosts().find(|host| host.is_my_domain());
        let correct =
            domain.as_ref().map(|domain| format!("https://{}/services/oauth2/token", domain.value));
        found
            .report(
                &login.component,
                text,
                format!(
                    "the client credentials flow is not available on the shared host `{}`, only on \
                     the My Domain of the target org",
                    host.value
                ),
            )
            .label("the token endpoint")
            .related_to(domain.as_ref(), "the My Domain of the called org")
            .help(match &correct {
                Some(correct) => format!("set the token endpoint to `{correct}`"),
                None => "set the token endpoint to `/services/oauth2/token` on the My Domain of \
                         the target org (Setup > My Domain there)"
                    .to_owned(),
            })
            .unsafe_fix(
                "use the My Domain of the called org",
                correct.and_then(|correct| Edit::replace(text, &correct)),
            )
            .field("token endpoint");
    }
}
