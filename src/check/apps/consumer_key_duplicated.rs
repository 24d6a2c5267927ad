//! A consumer key identifies one app in all of Salesforce.

use std::collections::{HashMap, HashSet};

use crate::finding::Findings;
use crate::model::{App, AppKind, ConsumerKey, Named, OrgId, Workspace, without_namespace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let keys = Keys::new(workspace);
    for (org, app) in workspace.apps() {
        let (Some(key), Some(text)) = (app.key(), &app.consumer_key) else { continue };
        if key.is_empty() {
            continue;
        }
        let Some(other) = keys.first_other(&key, app) else { continue };
        let other_org = workspace.org(other.component.org);
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

/// The apps of each key.
#[derive(Default)]
struct Keys<'a> {
    /// The first connected app and the first external client app stand for the others: many apps with one key must not
    /// be compared in pairs.
    first: HashMap<ConsumerKey, [Option<&'a App>; 2]>,
    /// The orgs that have an app of a kind with the key.
    owners: HashSet<(ConsumerKey, OrgId, usize)>,
}

impl<'a> Keys<'a> {
    fn new(workspace: &'a Workspace) -> Keys<'a> {
        let mut keys = Keys::default();
        for (_, app) in workspace.apps() {
            let Some(key) = app.key().filter(|key| !key.is_empty()) else { continue };
            let kind = position(app);
            keys.owners.insert((key.clone(), app.component.org, kind));
            keys.first.entry(key).or_default()[kind].get_or_insert(app);
        }
        keys
    }

    /// The first app with the key that is not the same app, or the other half of a migration.
    fn first_other(&self, key: &ConsumerKey, app: &App) -> Option<&'a App> {
        // One app may be in several package directories, copied trees and folders of orgs.
        let is_same = |other: &App| {
            without_namespace(other.name()).eq_ignore_ascii_case(without_namespace(app.name()))
        };
        // A migration creates an external client app with the key of a connected app in the same org.
        let owns = |org: OrgId, kind: usize| self.owners.contains(&(key.clone(), org, kind));
        let is_migrated = |other: &App| {
            position(other) != position(app)
                && (owns(app.component.org, position(other))
                    || owns(other.component.org, position(app)))
        };
        let candidates = self.first.get(key)?.iter().flatten();
        candidates.copied().find(|other| !is_same(other) && !is_migrated(other))
    }
}

fn position(app: &App) -> usize {
    match app.kind {
        AppKind::ConnectedApp => 0,
        AppKind::ExternalClientApp => 1,
    }
}
