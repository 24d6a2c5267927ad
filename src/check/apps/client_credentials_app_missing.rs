//! A credential logs in with the client credentials flow, which no app of the target org enables.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{App, Flow, Login, Named, Org, OrgId, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    // `client-assertion-to-salesforce` reports that flow.
    let asks =
        |login: &&Login| login.flow.is_client_credentials() && login.flow != Flow::JwtAssertion;
    let mut firsts: HashMap<OrgId, Option<&App>> = HashMap::new();
    for login in workspace.logins.iter().filter(asks) {
        let (Some(id), Some(text)) = (login.target_org, &login.token_endpoint) else { continue };
        let org = workspace.org(id);
        let first = firsts.entry(id).or_insert_with(|| first_without_flow(org));
        let Some(first) = *first else { continue };
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

/// The first app of an org that uses OAuth, if none of them enables the client credentials flow.
fn first_without_flow(org: &Org) -> Option<&App> {
    let apps = || org.apps.iter().filter(|app| app.takes_oauth());
    // `client-credentials-switch-incomplete` reports an app with a run-as user.
    let is_without =
        |app: &App| app.excludes_client_credentials() && app.client_credentials_user().is_none();
    apps().next().filter(|_| apps().all(is_without))
}
