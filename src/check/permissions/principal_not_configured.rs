//! A principal that lacks something in the org cannot log in.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for credential in org.external_credentials.iter().filter(|it| !it.unconfigured.is_empty()) {
            for principal in credential.principals() {
                let Some(place) = credential.lacks_configuration(principal.name.as_str()) else {
                    continue;
                };
                found
                    .report(
                        &credential.component,
                        place,
                        format!(
                            "the principal `{}` of `{}` is not configured in the org",
                            principal.name,
                            credential.name()
                        ),
                    )
                    .label("described as not configured")
                    .related(principal.name, "the principal")
                    .help(format!(
                        "complete it: Setup > Security > Named Credentials > External Credentials \
                         > {} > Principals",
                        credential.name()
                    ))
                    .field(principal.name.as_str());
            }
        }
    }
}
