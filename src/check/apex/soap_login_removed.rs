//! The SOAP API call `login()` does not exist in the API version of the request.

use crate::check::shared_soap_login::{self, FIRST_WITHOUT_LOGIN};
use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let logins = shared_soap_login::logins(workspace);
    for login in logins.iter().filter(|login| login.is_removed()) {
        let Some((place, version)) = login.version else { continue };
        found
            .report(
                login.component,
                &place,
                format!(
                    "{}: API version `{version}.0` does not have this call, the last version with it is {}.0",
                    login.words,
                    FIRST_WITHOUT_LOGIN - 1
                ),
            )
            .label("the API version")
            .related_to(login.version_elsewhere().map(|_| login.place), "SOAP API login")
            .help(
                "use an OAuth flow: call a named credential with an external credential (JWT bearer \
                 or client credentials), and send its token to the SOAP or REST API",
            )
            .field("login()");
    }
}
