//! The permission sets and profiles that an app approves must exist in its org.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{App, Named, Org, OrgId, PermittedUsers, RecordId, Workspace};
use crate::nearest::Suggestions;
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut of_orgs: HashMap<OrgId, OrgSuggestions<'_>> = HashMap::new();
    for (org, app) in workspace.apps() {
        if !matches!(app.permitted_users, PermittedUsers::AdminApproved(_)) {
            continue;
        }
        report_ids(app, found);
        let suggestions = of_orgs.entry(app.component.org).or_default();
        for set in app
            .permission_sets
            .iter()
            .filter(|set| org.approves_permission_set(app, set) == Some(false))
        {
            let suggestion = suggest_permission_set(org, app, set, suggestions);
            report(app, set, "permission set", suggestion, found);
        }
        for profile in &app.profiles {
            if org.approves_profile(profile, &mut suggestions.custom_profiles) != Some(false) {
                continue;
            }
            let names = org.profiles.iter().map(Named::name);
            let near = suggestions.profiles.nearest(profile.as_str(), names);
            report(
                app,
                profile,
                "profile",
                near.map(|near| format!("did you mean `{near}`?")),
                found,
            );
        }
    }
}

/// Reports record IDs: the metadata lists names, and an ID is different in every org.
fn report_ids(app: &App, found: &mut Findings) {
    let sets =
        app.permission_sets.iter().map(|set| (set, RecordId::PERMISSION_SET, "permission set"));
    let profiles = app.profiles.iter().map(|profile| (profile, RecordId::PROFILE, "profile"));
    for (listed, prefix, what) in sets.chain(profiles) {
        if listed.known().is_none_or(|text| RecordId::parse(text, prefix).is_none()) {
            continue;
        }
        let expected = if app.lists_labels() && prefix == RecordId::PERMISSION_SET {
            "the label"
        } else {
            "the name"
        };
        found
            .report(
                &app.component,
                listed,
                format!(
                    "the {} `{}` approves the {what} `{listed}` by its ID, but {expected} is expected",
                    app.noun(),
                    app.name()
                ),
            )
            .label(format!("the ID of a {what}"))
            .help(format!(
                "write {expected} of the {what}: an ID belongs to one org, and a deployment does not \
                 look it up"
            ))
            .field(format!("{what} {listed}"));
    }
}

/// The suggestions for what the apps of one org approve.
#[derive(Default)]
struct OrgSuggestions<'a> {
    labels: Suggestions<'a>,
    sets: Suggestions<'a>,
    custom_profiles: Suggestions<'a>,
    profiles: Suggestions<'a>,
}

fn report(app: &App, listed: &Text, what: &str, suggestion: Option<String>, found: &mut Findings) {
    let advice = suggestion.unwrap_or_else(|| {
        format!(
            "create the {what}, or list one that the integration user has; ignore this if the \
             {what} is maintained outside these files"
        )
    });
    found
        .report(
            &app.component,
            listed,
            format!(
                "the {} `{}` approves the {what} `{listed}`, which is not in the checked files",
                app.noun(),
                app.name()
            ),
        )
        .label(format!("no {what} with this name"))
        .help(advice)
        .field(format!("{what} {listed}"));
}

/// Suggests the intended permission set: the label was used instead of the name, or a similar name.
fn suggest_permission_set<'a>(
    org: &'a Org,
    app: &App,
    listed: &Text,
    suggestions: &mut OrgSuggestions<'a>,
) -> Option<String> {
    if let Some(set) = org.permission_set_labeled(listed.as_str()) {
        return Some(format!(
            "`{listed}` is a label: an external client app needs the API name, `{}`",
            set.name()
        ));
    }
    let sets = &org.permission_sets;
    let labels = sets.iter().filter_map(|set| set.label.as_ref().map(Text::as_str));
    let label =
        app.lists_labels().then(|| suggestions.labels.nearest(listed.as_str(), labels)).flatten();
    label
        .or_else(|| suggestions.sets.nearest(listed.as_str(), sets.iter().map(Named::name)))
        .map(|near| format!("did you mean `{near}`?"))
}
