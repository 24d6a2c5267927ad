//! A local external client app can be used only in its own org.

use std::collections::HashSet;

use crate::finding::Findings;
use crate::model::{App, Named, Org, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let logins = workspace.app_logins().map(|connection| {
        let login = connection.login;
        (&login.component, login.target_org, connection.app, connection.target_org)
    });
    let exchanges = workspace.connections().map(|connection| {
        let credential = connection.credential;
        let target_org = credential.described_target;
        (&credential.component, target_org, connection.app, connection.target_org)
    });
    let mut reported = HashSet::new();
    for (component, user, app, own) in logins.chain(exchanges) {
        let Some(user) = user.map(|id| workspace.org(id)) else { continue };
        if !std::ptr::eq(user, own) && reported.insert(app.component.place.file) {
            report(own, app, user, component.place, found);
        }
    }
    if reported.is_empty() {
        check_described_users(workspace, found);
    }
}

/// An org that the description lists without any component, in files without any credential, is listed because its users
/// log in with an app in the files. With a local app, they cannot.
fn check_described_users(workspace: &Workspace, found: &mut Findings) {
    let is_user = |org: &&Org| org.component_count() == 0 && org.my_domain.is_some();
    let has_credentials =
        |org: &Org| !org.external_credentials.is_empty() || !org.named_credentials.is_empty();
    let Some(user) = workspace.orgs.iter().find(is_user) else { return };
    if workspace.orgs.iter().any(has_credentials) {
        return;
    }
    for (org, app) in workspace.apps() {
        let is_for_browsers = app.self_authorization().is_some()
            && !app.has_certificate()
            && !app.uses_client_credentials();
        if is_for_browsers {
            report(org, app, user, user.place().unwrap_or(app.component.place), found);
        }
    }
}

fn report(own: &Org, app: &App, user: &Org, place: Span, found: &mut Findings) {
    let Some(state) = app.local_distribution() else { return };
    found
        .report(
            &app.component,
            state,
            format!(
                "the external client app `{}` is local to org `{}`, so a login to org `{}` cannot \
                 use it",
                app.name(),
                own.name,
                user.name
            ),
        )
        .label("usable in its own org only")
        .related(&place, format!("a login to org `{}`", user.name))
        .help(
            "create an app in the org that users log in to, or package this one (`distributionState` \
             `Packaged`) and install it there",
        )
        .field("distribution state");
}
