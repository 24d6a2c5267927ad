//! Apex calls a named credential that is not among those in the files.

use std::collections::BTreeSet;

use crate::finding::Findings;
use crate::model::{Named, Workspace, is_api_name};
use crate::nearest::nearest;
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in workspace.orgs.iter().filter(|org| !org.named_credentials.is_empty()) {
        let mut said = BTreeSet::new();
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(name) = callout
                .name
                .known()
                .filter(|name| is_api_name(name) && callout.name.raw() == *name)
            else {
                continue;
            };
            if workspace.knows_named_credential(name)
                || org.is_foreign(name)
                || !said.insert((callout.class.place.file, name.to_ascii_lowercase()))
            {
                continue;
            }
            let near = nearest(name, org.named_credentials.iter().map(|named| named.name()));
            let named = near
                .and_then(|near| org.named_credentials.iter().find(|named| named.name() == near));
            let help = match near {
                Some(near) => {
                    format!(
                        "did you mean `{near}`? Otherwise retrieve `NamedCredential:{name}` into the project, or create it under Setup > Security > Named Credentials"
                    )
                }
                None => format!(
                    "retrieve `NamedCredential:{name}` into the project, or create it under Setup > Security > Named Credentials"
                ),
            };
            found
                .at(&callout.class, &callout.name, format!("this callout names `{name}`, and no named credential of that name is in the files given"))
                .label("not in the files given")
                .related_to(named.map(|named| named.component.span()), "the nearest name in the files")
                .help(help)
                .field(name);
        }
    }
}
