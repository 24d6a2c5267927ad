//! The consumer key belongs to an app of an org, and the JWT goes to another one.

use crate::finding::Findings;
use crate::model::{App, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some((issuer, key)) = credential.literal_issuer() else { continue };
        let (Some((owner, app)), Some(target_org)) = (
            workspace.app_of_another_org(credential),
            credential.described_target.map(|id| workspace.org(id)),
        ) else {
            continue;
        };
        let apps: Vec<&App> = target_org.apps.iter().filter(|app| app.key().is_some()).collect();
        let right = match apps.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let help = match right {
            Some(right) => format!(
                "set `iss` to the consumer key of an app in org `{}`, as that of `{}` (Setup > App Manager > {} > View > Manage Consumer Details), or post to org `{}`",
                target_org.name,
                right.name(),
                right.name(),
                owner.name
            ),
            None => format!(
                "set `iss` to the consumer key of an app in org `{}`, or post to org `{}`",
                target_org.name, owner.name
            ),
        };
        found
            .at(
                &credential.component,
                issuer,
                format!("the issuer `{key}` is the consumer key of {} `{}` in org `{}`, but the JWT goes to org `{}`", app.noun(), app.name(), owner.name, target_org.name),
            )
            .label("the issuer")
            .related_to(app.consumer_key.as_ref(), format!("the app is in org `{}`", owner.name))
            .related_to(credential.token_endpoint.as_ref(), format!("org `{}` answers here", target_org.name))
            .related_to(right.and_then(|right| right.consumer_key.as_ref()), format!("an app of org `{}`", target_org.name))
            .help(help)
            .field("iss");
    }
}
