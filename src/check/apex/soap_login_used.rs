//! The SOAP API call `login()` is off in new orgs, and is being retired.

use crate::check::shared_soap_login;
use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let logins = shared_soap_login::logins(workspace);
    for login in logins.iter().filter(|login| !login.is_removed()) {
        found
            .report(
                login.component,
                &login.place,
                format!(
                    "{}: this call is disabled by default in new orgs and is retired with Summer '27",
                    login.words
                ),
            )
            .label("SOAP API login")
            .related_to(
                login.version_elsewhere(),
                "the API version",
            )
            .help(
                "use an OAuth flow: call a named credential with an external credential (JWT bearer \
                 or client credentials), and send its token to the SOAP or REST API",
            )
            .field("login()");
    }
}
