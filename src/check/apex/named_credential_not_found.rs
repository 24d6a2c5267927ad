//! Apex calls a named credential that is not in the checked files, although others are.

use std::collections::BTreeSet;

use crate::finding::Findings;
use crate::model::{Named, Workspace};
use crate::nearest::Suggestions;
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in workspace.orgs.iter().filter(|org| !org.named_credentials.is_empty()) {
        let mut reported = BTreeSet::new();
        let mut suggestions = Suggestions::default();
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(name) = callout.plain_name() else { continue };
            if workspace.knows_named_credential(name)
                || org.is_foreign(name)
                || !reported.insert((callout.class.place.file, name.to_ascii_lowercase()))
            {
                continue;
            }
            let near = suggestions.nearest(name, org.named_credentials.iter().map(Named::name));
            let named = near
                .and_then(|near| org.named_credentials.exact(near))
                .map(|position| &org.named_credentials[position]);
            let retrieve = format!(
                "retrieve `NamedCredential:{name}` into the project, or create it under Setup > \
                 Security > Named Credentials"
            );
            let help = match near {
                Some(near) => format!("did you mean `{near}`? Otherwise {retrieve}"),
                None => retrieve,
            };
            found
                .report(
                    &callout.class,
                    &callout.name,
                    format!(
                        "this callout uses `{name}`, but no named credential of that name is in \
                         the checked files"
                    ),
                )
                .label("not in the checked files")
                .related_to(
                    named.map(|named| named.component.span()),
                    "the closest name in the files",
                )
                .help(help)
                .field(name);
        }
    }
}
