//! The consumer key belongs to an app in one org, but the JWT is sent to another.

use crate::finding::Findings;
use crate::model::{App, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some((issuer, key)) = credential.literal_issuer() else { continue };
        let (Some((owner, app)), Some(target)) = (
            workspace.app_of_another_org(credential),
            credential.described_target.map(|id| workspace.org(id)),
        ) else {
            continue;
        };
        let apps: Vec<&App> = target.apps.iter().filter(|app| app.key().is_some()).collect();
        let only_app = match apps.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let help = match only_app {
            Some(only) => format!(
                "set `iss` to the consumer key of an app in org `{}`, such as `{}` (Setup > App \
                 Manager > {} > View > Manage Consumer Details), or send the JWT to org `{}`",
                target.name,
                only.name(),
                only.name(),
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
