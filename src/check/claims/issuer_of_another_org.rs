//! The consumer key belongs to an app in one org, but the JWT is sent to another.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{App, Named, Org, OrgId, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut only_apps: HashMap<OrgId, Option<&App>> = HashMap::new();
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some((issuer, key)) = credential.literal_issuer() else { continue };
        let (Some((owner, app)), Some(id)) =
            (workspace.app_of_another_org(credential), credential.described_target)
        else {
            continue;
        };
        let target = workspace.org(id);
        let only_app = *only_apps.entry(id).or_insert_with(|| only_app(target));
        let help = match only_app {
            Some(only) => format!(
                "set `iss` to the consumer key of an app in org `{}`, such as `{}` ({}), or send the \
                 JWT to org `{}`",
                target.name,
                only.name(),
                only.setup(SetupPage::ConsumerDetails),
                owner.name
            ),
            None => format!(
                "set `iss` to the consumer key of an app in org `{}`, or send the JWT to org `{}`",
                target.name, owner.name
            ),
        };
        found
            .report(
                &credential.component,
                issuer,
                format!(
                    "the issuer `{key}` is the consumer key of {} `{}` in org `{}`, but the JWT is \
                     sent to org `{}`",
                    app.noun(),
                    app.name(),
                    owner.name,
                    target.name
                ),
            )
            .label("the issuer")
            .related_to(app.consumer_key.as_ref(), format!("the app is in org `{}`", owner.name))
            .related_to(
                credential.token_endpoint.as_ref(),
                format!("the JWT is sent to org `{}`", target.name),
            )
            .related_to(
                only_app.and_then(|only| only.consumer_key.as_ref()),
                format!("an app in org `{}`", target.name),
            )
            .help(help)
            .field("iss");
    }
}

/// The only app of an org whose consumer key is known.
fn only_app(org: &Org) -> Option<&App> {
    let mut apps = org.apps.iter().filter(|app| app.key().is_some());
    apps.next().filter(|_| apps.next().is_none())
}
