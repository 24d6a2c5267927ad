//! External client apps, and orgs that close the shared login hosts, are found on their My Domain only.

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
        let (what, place, label) = match reason {
            NeedsMyDomain::ExternalClientApp(app) => (
                format!("the app it meets, `{}`, is an external client app", app.component.name),
                app.component.span(),
                "found on its My Domain only",
            ),
            NeedsMyDomain::Setting(name, text) => {
                (format!("the answering org sets `{name}`"), text.span, "closes the shared hosts")
            }
        };
        let described =
            credential.described_target.and_then(|id| workspace.org(id).my_domain.clone());
        let domain = credential.url_hosts().find(|host| host.is_my_domain()).or(described);
        found
            .at(&credential.component, text, format!("the token endpoint is on the shared host `{}`, but {what}", host.value))
            .label("the token endpoint")
            .related(&place, label)
            .related_to(domain.as_ref(), "the My Domain of the answering org")
            .help(match &domain {
                Some(domain) => format!("use `https://{}/services/oauth2/token`", domain.value),
                None => "use the My Domain of the answering org (Setup > Company Settings > My Domain there) and `/services/oauth2/token`".into(),
            })
            .field("token endpoint");
    }
}
