//! Every app that uses OAuth has a callback URL, though the JWT bearer flow never calls it.

use crate::finding::{Edit, Findings};
use crate::model::{App, AppKind, Named, OAUTH_GLOBALS, Record, Workspace};
use crate::source::{Span, Spanned};

/// A page of Salesforce's own that ends a login and gives nothing away.
const HARMLESS: &str = "https://login.salesforce.com/services/oauth2/success";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some((settings, place)) = settings(app) else { continue };
        if app.callback.as_ref().is_some_and(|callback| !callback.is_empty()) {
            continue;
        }
        let above = if app.kind == AppKind::ConnectedApp { "oauthConfig/" } else { "" };
        // Under a slightly wrong name it is there, and the wrong name is another rule's business.
        if app.callback.is_none()
            && settings.fields.iter().any(|field| {
                field.path.to_lowercase().starts_with(&format!("{above}callback").to_lowercase())
            })
        {
            continue;
        }
        let empty = app.callback.as_ref();
        let edit = match empty {
            Some(callback) => Edit::replace(callback, HARMLESS),
            None => first_element(settings, above).map(|first| {
                Edit::LineBefore(first, format!("<callbackUrl>{HARMLESS}</callbackUrl>"))
            }),
        };
        found
            .at(&app.component, &empty.map_or(place, |callback| callback.element), format!("the OAuth settings of the {} `{}` have no callback URL", app.noun(), app.name()))
            .label(if empty.is_some() { "empty" } else { "no `callbackUrl` here" })
            .help("the JWT bearer flow never uses it, and yet it is a required field: any `https:` address of your own will do")
            .unsafe_fix("use a page of Salesforce's own", edit)
            .field("callbackUrl");
    }
}

/// The record that would hold the URL, if it is in the files.
fn settings(app: &App) -> Option<(&Record, Span)> {
    match app.kind {
        AppKind::ConnectedApp => Some((app.records.first()?, app.oauth?)),
        AppKind::ExternalClientApp => {
            app.part(OAUTH_GLOBALS).map(|record| (record, record.component.span()))
        }
    }
}

/// The first leaf that stands directly below, so that a line can be put before it.
fn first_element(record: &Record, above: &str) -> Option<Span> {
    let leaf = |path: &str| path.strip_prefix(above).is_some_and(|rest| !rest.contains('/'));
    record
        .fields
        .iter()
        .find(|field| field.path.starts_with(above))
        .filter(|field| leaf(&field.path))
        .map(|field| field.text.element)
}
