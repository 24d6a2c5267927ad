//! A consumer key identifies one app in all of Salesforce.

use crate::finding::Findings;
use crate::model::{Named, Workspace, without_namespace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps() {
        let (Some(key), Some(text)) = (app.key(), &app.consumer_key) else { continue };
        if key.is_empty() {
            continue;
        }
        let Some((other_org, _, other)) = workspace.apps_with_key(&key).next() else { continue };
        let other_org = workspace.org(other_org);
        // One app may be in several package directories, copied trees and folders of orgs.
        if without_namespace(other.name()).eq_ignore_ascii_case(without_namespace(app.name())) {
            continue;
        }
        let place = if std::ptr::eq(org, other_org) {
            String::new()
        } else {
            format!(" of org `{}`", other_org.name)
        };
        found
            .report(
                &app.component,
                text,
                format!(
                    "the {} `{}` has the same consumer key, `{key}`, as the {} `{}`{place}",
                    app.noun(),
                    app.name(),
                    other.noun(),
                    other.name()
                ),
            )
            .label("the same key")
            .related_to(other.consumer_key.as_ref(), "also used here")
            .help(
                "a key belongs to one app across all orgs: remove `consumerKey` from the app that \
                 is to be created, and let the org generate one",
            )
            .field("consumerKey");
    }
}
