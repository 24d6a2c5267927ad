//! The consumer key of an auth provider is not the key of any app in the org that users log in to.

use crate::finding::{Findings, Severity};
use crate::model::{App, Named, Org, Provider, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, provider) in workspace.providers().filter(|(_, provider)| provider.is_to_salesforce()) {
        let (Some(text), Some(key)) = (provider.consumer_key(), provider.key()) else { continue };
        if !key.is_possible() || workspace.has_app_with_key(&key) {
            continue;
        }
        let Some((org, app, reason)) = intended_app(workspace, &provider) else { continue };
        let place = if org.name.is_empty() {
            "these files".to_owned()
        } else {
            format!("the files of org `{}`", org.name)
        };
        let finding = found
            .report(
                provider.component(),
                text,
                format!(
                    "the auth provider `{}` logs in with the consumer key `{key}`, which is not \
                     the key of any app in {place}",
                    provider.name()
                ),
            )
            .label("the consumer key")
            .related_to(app.consumer_key.as_ref(), format!("{reason}: `{}`", app.name()))
            .help(format!(
                "copy key and secret of the app from {} into Setup > Identity > Auth. Providers > \
                 {}; an app that was created again has a new key",
                app.setup(SetupPage::ConsumerDetails),
                provider.name()
            ))
            .field("consumer key");
        // A shared login host leads to every org, also to one that is not among the files.
        if workspace.org_of_provider(&provider).is_none() {
            finding.at_most(Severity::Warning);
        }
    }
}

/// The app that was meant: one whose callback URL names the provider, or an app of the target org.
fn intended_app<'a>(
    workspace: &'a Workspace,
    provider: &Provider<'_>,
) -> Option<(&'a Org, &'a App, &'static str)> {
    let target_org = workspace.org_of_provider(provider);
    let mut named = workspace
        .apps_that_call_back(provider)
        .filter(|(org, _)| target_org.is_none_or(|target_org| std::ptr::eq(*org, target_org)));
    if let Some((org, app)) = named.next() {
        let is_only = named.next().is_none() && !app.key_is_unknown();
        return is_only.then_some((org, app, "the app whose callback URL names the auth provider"));
    }
    let org = target_org?;
    let apps = org.oauth_apps();
    let app = org.apps.iter().find(|app| app.takes_oauth())?;
    (apps.listed && !apps.has_unknown_key).then_some((org, app, "an app of that org"))
}
