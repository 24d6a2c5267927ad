//! An external client app contains the ID of the org it was created in and is invalid in others.

use crate::finding::Findings;
use crate::model::{App, Named, Org, Workspace, org_id};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps() {
        for (id, text) in app.bound_orgs() {
            let Some((place, what)) = contradiction(workspace, org, app, &id, text) else {
                continue;
            };
            found
                .at(
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
                    "retrieve the app from the org that it is deployed to, or remove \
                     `orgScopedExternalApp` and `oauthLink`: the org fills them in",
                )
                .field(format!("org {id}"));
            break;
        }
    }
}

/// What contradicts the ID: the description, another ID in the same app, or the same ID in the
/// files of another org.
fn contradiction(
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
            .map(|_| (own.span, "but `org_id` in the description is different"));
    }
    let ids = app.bound_orgs();
    if let Some((_, first)) =
        ids.iter().find(|(other, first)| other != id && first.span < text.span)
    {
        return Some((first.span, "and elsewhere to a different one"));
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
        .map(|(_, first)| (first.span, "but so are apps of another org in these files"))
}
