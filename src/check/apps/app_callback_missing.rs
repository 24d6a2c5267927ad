//! OAuth settings require a callback URL, although the JWT bearer flow never uses it.

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, Named, OAUTH_GLOBALS, Record, Workspace};
use crate::source::{Span, Spanned};

/// The page that Salesforce shows after a login; it reveals nothing.
const SUCCESS_PAGE: &str = "https://login.salesforce.com/services/oauth2/success";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some((settings, place)) = settings(app) else { continue };
        if app.callback.as_ref().is_some_and(|callback| !callback.is_empty()) {
            continue;
        }
        let above = if app.kind == AppKind::ConnectedApp { "oauthConfig/" } else { "" };
        // A slightly misspelled element is reported by another rule.
        if app.callback.is_none()
            && settings.fields.iter().any(|field| {
                field.path.to_lowercase().starts_with(&format!("{above}callback").to_lowercase())
            })
        {
            continue;
        }
        let empty = app.callback.as_ref();
        let edit = match empty {
            Some(callback) => Edit::replace(callback, SUCCESS_PAGE),
            None => first_element(settings, above).map(|first| {
                Edit::LineBefore(first, format!("<callbackUrl>{SUCCESS_PAGE}</callbackUrl>"))
            }),
        };
        found
            .report(
                &app.component,
                &empty.map_or(place, |callback| callback.element),
                format!(
                    "the OAuth settings of the {} `{}` have no callback URL",
                    app.noun(),
                    app.name()
                ),
            )
            .label(if empty.is_some() { "empty" } else { "no `callbackUrl` here" })
            .help(
                "the JWT bearer flow never uses it, but the field is required: any `https:` URL \
                 that you control is fine",
            )
            .unsafe_fix("use the success page of Salesforce", edit)
            .field("callbackUrl");
    }
}

/// The record that should contain the URL, if it is in the files.
fn settings(app: &App) -> Option<(&Record, Span)> {
    match app.kind {
        AppKind::ConnectedApp => Some((app.records.first()?, app.oauth?)),
        AppKind::ExternalClientApp => {
            app.file(OAUTH_GLOBALS).map(|record| (record, record.component.span()))
        }
    }
}

/// The first direct child, if it is a leaf, so that a line can be inserted before it.
fn first_element(record: &Record, above: &str) -> Option<Span> {
    let leaf = |path: &str| path.strip_prefix(above).is_some_and(|rest| !rest.contains('/'));
    record
        .fields
        .iter()
        .find(|field| field.path.starts_with(above))
        .filter(|field| leaf(&field.path))
        .map(|field| field.text.element)
}
