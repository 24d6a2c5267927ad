//! An external client app carries the id of the org it was made in, and points at nothing elsewhere.

use crate::finding::Findings;
use crate::model::{App, Named, Org, Workspace, org_id};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps() {
        for (id, text) in app.bound_orgs() {
            let Some((place, what)) = contradicting(workspace, org, app, &id, text) else {
                continue;
            };
            found
                .at(&app.component, text, format!("the external client app `{}` is bound to the org `{id}`, {what}", app.name()))
                .label("made in this org")
                .related(&place, "told here")
                .help("retrieve the app from the org that it is deployed to, or take `orgScopedExternalApp` and `oauthLink` out: the org fills them in")
                .field(format!("org {id}"));
            break;
        }
    }
}

/// What says that the org is another one: the description, the app itself, or the same id in another org's files.
fn contradicting(
    workspace: &Workspace,
    org: &Org,
    app: &App,
    id: &str,
    text: &Text,
) -> Option<(Span, &'static str)> {
    if let Some(own) = &org.org_id {
        return own
            .known()
            .and_then(org_id)
            .filter(|own| own != id)
            .map(|_| (own.span, "which is not the org described"));
    }
    let ids = app.bound_orgs();
    if let Some((_, first)) =
        ids.iter().find(|(other, first)| other != id && first.span < text.span)
    {
        return Some((first.span, "and at another place to a different one"));
    }
    let domain = org.my_domain.as_ref()?;
    let others =
        workspace.orgs.iter().take_while(|other| !std::ptr::eq(*other, org)).filter(|other| {
            other.my_domain.as_ref().is_some_and(|host| host.value != domain.value)
        });
    others
        .flat_map(|other| &other.apps)
        .flat_map(App::bound_orgs)
        .find(|(other, _)| other == id)
        .map(|(_, first)| (first.span, "as are apps of another org here"))
}
