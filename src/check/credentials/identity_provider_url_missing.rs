//! An external auth identity provider needs the URLs of its flow.

use crate::finding::Findings;
use crate::model::{Flow, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, provider) in workspace.providers().filter(|(_, provider)| provider.is_identity()) {
        let record = provider.record;
        // A description may omit what it does not know.
        if !provider.lists_all_parameters() || record.component.is_installed() {
            continue;
        }
        let flow = provider.identity_provider_flow();
        let needs_login = flow == Flow::AuthorizationCodeIdentityProvider;
        if !needs_login && flow != Flow::ClientCredentialsIdentityProvider {
            continue;
        }
        let urls = [
            ("AuthorizeUrl", provider.authorize_url().is_none() && needs_login),
            ("TokenUrl", provider.token_url().is_none()),
        ];
        let missing: Vec<String> = urls
            .into_iter()
            .filter(|(_, is_missing)| *is_missing)
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let place =
            record.get("authenticationFlow").map_or(record.component.place, |text| text.span);
        found
            .report(
                &record.component,
                &place,
                format!(
                    "the external auth identity provider `{}` has no {}",
                    provider.name(),
                    missing.join(" and no ")
                ),
            )
            .label("this flow needs it")
            .help(
                "add a parameter of that type with the URL (*Authorize Endpoint URL* and *Token \
                 Endpoint URL* in Setup > Security > Named Credentials > External Auth Identity \
                 Providers)",
            )
            .field("urls");
    }
}
