//! An access token of one org is not valid in another.

use crate::finding::Findings;
use crate::model::{Host, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let endpoint = if named.is_legacy() {
            named.token_endpoint.as_ref()
        } else {
            org.external_of(named).and_then(|credential| {
                let provided =
                    || workspace.login_at(&credential.component)?.token_endpoint.as_ref();
                credential.token_endpoint().or_else(provided)
            })
        };
        let (Some(text), Some(called), Some(endpoint)) = (&named.url, named.host(), endpoint)
        else {
            continue;
        };
        let Some(token) = Host::of_url(endpoint) else { continue };
        if called.kind().is_same_org(token.kind()) != Some(false)
            || !org.flow_of(named).sends_token()
        {
            continue;
        }
        found
            .report(
                &named.component,
                text,
                format!(
                    "the named credential calls `{called}`, but its token comes from `{token}`, \
                     which is a different org"
                ),
            )
            .label("the called org")
            .related(endpoint, "this org issues the token")
            .help(
                "use the same My Domain in both places: only the org that issues a token accepts \
                 it",
            )
            .field("url");
    }
}
