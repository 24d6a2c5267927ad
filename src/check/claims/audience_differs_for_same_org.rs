//! Two credentials log in to the same org with different audiences.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Host, JwtCredential, Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut first: HashMap<String, (&JwtCredential, Host, Text)> = HashMap::new();
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some((target, audience, text)) = credential.plausible_audience() else { continue };
        let Some((other, other_audience, other_text)) = first.get(target.as_str()) else {
            first.insert(target.as_str().to_owned(), (credential, audience, text));
            continue;
        };
        let is_copy =
            other.name() == credential.name() && other.component.org == credential.component.org;
        if *other_audience == audience || is_copy {
            continue;
        }
        found
            .report(
                &credential.component,
                &text,
                format!(
                    "`{}` logs in to `{target}` with the audience `{audience}`, but `{}` with \
                     `{other_audience}`",
                    credential.name(),
                    other.name()
                ),
            )
            .label("one audience")
            .related(other_text, "another audience for the same org")
            .help(
                "use the one that is known to work in both: sources disagree whether a My Domain \
                 is accepted as the audience, so if one of the two credentials fails, check this \
                 first",
            )
            .field("aud");
    }
}
