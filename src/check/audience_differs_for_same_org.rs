//! Two credentials log in to one org, and do not agree what its audience is.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Host, JwtCredential, Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut first: HashMap<String, (&JwtCredential, Host, Text)> = HashMap::new();
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some((target_org, audience, text)) = credential.plausible_audience() else { continue };
        let Some((other, other_audience, other_text)) = first.get(target_org.as_str()) else {
            first.insert(target_org.as_str().to_owned(), (credential, audience, text));
            continue;
        };
        let copy =
            other.name() == credential.name() && other.component.org == credential.component.org;
        if *other_audience == audience || copy {
            continue;
        }
        found
            .at(
                &credential.component,
                &text,
                format!("`{}` logs in to `{target_org}` with the audience `{audience}`, and `{}` with `{other_audience}`", credential.name(), other.name()),
            )
            .label("one audience")
            .related(other_text, "another for the same org")
            .help(
                "use the one that is known to work in both: sources disagree whether a My Domain is accepted as audience, so if one of the two credentials fails, look here first",
            )
            .field("aud");
    }
}
