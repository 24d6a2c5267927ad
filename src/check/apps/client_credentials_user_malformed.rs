//! The run-as user of the client credentials flow must be a username of the org.

use crate::finding::Findings;
use crate::model::{Named, Subject, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, app) in workspace.apps() {
        let flow = app.client_credentials();
        let Some(user) = flow.filled_user() else { continue };
        let Some(subject) = Subject::parse(user) else { continue };
        let host = org.my_domain.as_ref();
        let (what, place) = match &subject {
            Subject::Username(username) => {
                let is_described = org.user(username.as_str()).is_some() || org.assigns(username);
                let suffix = host
                    .filter(|_| !is_described)
                    .and_then(|host| username.contradicts(host, &workspace.sandboxes));
                let (Some(suffix), Some(host)) = (suffix, host) else { continue };
                (format!("ends with `.{suffix}`, but the org is `{}`", host.value), Some(host.span))
            }
            Subject::RecordId(_) => ("is the ID of a user, not a username".to_owned(), None),
            Subject::Formula { .. } | Subject::Other(_) => {
                ("does not have the form of a username".to_owned(), None)
            }
        };
        found
            .report(
                &app.component,
                user,
                format!("the run-as user `{user}` of the {} `{}` {what}", app.noun(), app.name()),
            )
            .label("run-as user of the client credentials flow")
            .related_to(place, "the My Domain of the org")
            .help(format!(
                "set `{}` to the *Username* of an integration user of this org (Setup > Users > \
                 Users), which is not the email address",
                flow.user_element
            ))
            .field(flow.user_element);
    }
}
