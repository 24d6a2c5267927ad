//! External client apps, and orgs that block the shared login hosts, are reachable only on their My
//! Domain.

use crate::finding::Findings;
use crate::model::{NeedsMyDomain, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in &workspace.jwt_credentials {
        let (Some(text), Some(host)) = (&credential.token_endpoint, credential.token_host()) else {
            continue;
        };
        let Some(reason) = workspace.needs_my_domain(credential).filter(|_| host.is_shared_login())
        else {
            continue;
        };
        let (cause, place, label) = match reason {
            NeedsMyDomain::ExternalClientApp(app) => (
                format!("the app `{}` is an external client app", app.component.name),
                app.component.span(),
                "reachable only on its My Domain",
            ),
            NeedsMyDomain::Setting(name, text) => {
                (format!("the target org sets `{name}`"), text.span, "blocks the shared hosts")
            }
        };
        let described =
            credential.described_target.and_then(|id| workspace.org(id).my_domain.clone());
        let domain = credential.url_hosts().find(|host| host.is_my_domain()).or(described);
        found
            .report(
                &credential.component,
                text,
                format!("the token endpoint is on the shared host `{}`, but {cause}", host.value),
            )
            .label("the token endpoint")
            .related(&place, label)
            .related_to(domain.as_ref(), "the My Domain of the target org")
            .help(match &domain {
                Some(domain) => format!("use `https://{}/services/oauth2/token`", domain.value),
                None => "use `/services/oauth2/token` on the My Domain of the target org (Setup > \
                         Company Settings > My Domain there)"
                    .into(),
            })
            .field("token endpoint");
    }
}
