//! An external client app contains the ID of the org it was created in and is invalid in others.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{App, Host, Named, Org, RecordId, Workspace};
use crate::source::{Span, Text};

/// The apps bound to each org ID: the index and My Domain of the org whose files contain the app, and the place of the
/// ID. Only the first of each org.
type Bound<'a> = HashMap<String, Vec<(usize, &'a Host, Span)>>;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut bound = Bound::new();
    for (index, org) in workspace.orgs.iter().enumerate() {
        let Some(host) = &org.my_domain else { continue };
        for (id, text) in org.apps.iter().flat_map(App::bound_orgs) {
            let places = bound.entry(id).or_default();
            if places.last().is_none_or(|(last, ..)| *last != index) {
                places.push((index, &host.value, text.span));
            }
        }
    }
    for (org, app) in workspace.apps() {
        // An app for packages refers to the settings of the org that it was created in.
        if app.is_for_packages() {
            continue;
        }
        for (id, text) in app.bound_orgs() {
            let Some((place, what)) = contradiction(&bound, org, app, &id, text) else {
                continue;
            };
            found
                .report(
                    &app.component,
                    text,
                    format!(
                        "the external client app `{}` is bound to org `{id}`, {what}",
                        app.name()
                    ),
                )
                .label("created in this org")
                .related(&place, "conflicts with this")
                .help(
                    "retrieve the app from the org that it is deployed to, or create it there first: \
                     the org writes `orgScopedExternalApp` and `oauthLink` itself",
                )
                .field(format!("org {id}"));
            break;
        }
    }
}

/// What contradicts the ID: the description, another ID in the same app, or the same ID in the
/// files of another org.
fn contradiction(
    bound: &Bound<'_>,
    org: &Org,
    app: &App,
    id: &str,
    text: &Text,
) -> Option<(Span, &'static str)> {
    if let Some(own) = &org.org_id {
        return own
            .known()
            .and_then(|own| RecordId::organization(own.trim()))
            .filter(|own| own.short() != id)
            .map(|_| (own.span, "but `org_id` in the description is different"));
    }
    let ids = app.bound_orgs();
    if let Some((_, first)) =
        ids.iter().find(|(other, first)| other != id && first.span < text.span)
    {
        return Some((first.span, "and elsewhere to a different one"));
    }
    let domain = org.my_domain.as_ref()?;
    let own = app.component.org.0;
    let first = bound
        .get(id)?
        .iter()
        .take_while(|(index, ..)| *index < own)
        .find(|(_, host, _)| **host != domain.value);
    first.map(|(.., place)| (*place, "but so are apps of another org in these files"))
}
