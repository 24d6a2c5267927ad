//! A credential logs in with the client credentials flow, which no app of the target org enables.

use crate::finding::Findings;
use crate::model::{App, Flow, Login, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    // `client-assertion-to-salesforce` reports that flow.
    let asks =
        |login: &&Login| login.flow.is_client_credentials() && login.flow != Flow::JwtAssertion;
    for login in workspace.logins.iter().filter(asks) {
        let (Some(org), Some(text)) = (login.target_org, &login.token_endpoint) else { continue };
        let org = workspace.org(org);
        let mut apps = org.apps.iter().filter(|app| app.takes_oauth()).peekable();
        let Some(first) = apps.peek().copied() else { continue };
        if !apps.all(App::excludes_client_credentials) {
            continue;
        }
        found
            .report(
                &login.component,
                text,
                format!(
                    "the {} `{}` uses the client credentials flow, but no app in the files of org \
                     `{}` enables it",
                    login.noun(),
                    login.name(),
                    org.name
                ),
            )
            .label("the token endpoint of this org")
            .related(&first.component, "an app of this org, without the flow")
            .help(
                "enable the flow in the app whose consumer key is stored in the principal \
                 (*Enable Client Credentials Flow*), and set its *Run As* user; or retrieve that \
                 app into the project",
            )
            .field("token endpoint");
    }
}
