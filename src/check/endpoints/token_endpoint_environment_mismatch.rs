//! Everything but the token endpoint is for the other environment.

use crate::finding::{Edit, Findings};
use crate::model::{EnvironmentVotes, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(text), Some(host)) = (&credential.token_endpoint, credential.token_host()) else {
            continue;
        };
        if !EnvironmentVotes::new(workspace, credential).contradict_token_endpoint(credential) {
            continue;
        }
        let environment = host.environment();
        let domain = credential.url_hosts().find(|host| host.is_my_domain());
        let audience = credential.audience().map(|audience| audience.span);
        let correct =
            domain.as_ref().map(|domain| format!("https://{}/services/oauth2/token", domain.value));
        found
            .report(
                &credential.component,
                text,
                format!(
                    "the token endpoint `{}` is for {}, but the other values of this credential \
                     are for {}",
                    host.value,
                    environment.orgs(),
                    environment.opposite().orgs()
                ),
            )
            .label("the token endpoint")
            .related_to(domain.as_ref(), "the called org")
            .related_to(audience.as_ref(), "the audience")
            .help(match &correct {
                Some(correct) => format!("set the token endpoint to `{correct}`"),
                None => "set the token endpoint to `/services/oauth2/token` on the My Domain of \
                         the target org"
                    .to_owned(),
            })
            .unsafe_fix(
                "use the My Domain of the called org",
                correct.and_then(|correct| Edit::replace(text, &correct)),
            )
            .field("token endpoint");
    }
}
