//! Apex sets the `Authorization` header that the named credential already generates.

use crate::finding::Findings;
use crate::model::{Workspace, find_named};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(header) = callout.authorization else { continue };
            let Some(named) =
                callout.name.known().and_then(|name| find_named(&org.named_credentials, name))
            else {
                continue;
            };
            let Some(source) = org.generates_authorization(named) else { continue };
            let finding = found
                .report(
                    &callout.class,
                    &header,
                    format!(
                        "this request sets `Authorization`, but the named credential `{}` already \
                         generates it",
                        callout.name
                    ),
                )
                .label("set in code")
                .related(&callout.name, "the named credential is called here")
                .related(&source.span(), "the header is generated here")
                .help(
                    "remove the `setHeader` call; if the header must come from code, set \
                     `generateAuthorizationHeader` to false (*Generate Authorization Header* in \
                     Setup), unless other requests need the generated header: those need a named \
                     credential of their own",
                )
                .field(callout.name.as_str());
            if workspace.calls_another_system(named) {
                finding.without_answers();
            }
        }
    }
}
