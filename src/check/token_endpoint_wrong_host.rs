//! Tokens are given out by the My Domain, not by the hosts that serve pages, nor by an instance.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, NamedCredential, Role, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for endpoint in workspace.endpoints().filter(|endpoint| endpoint.role != Role::Callout) {
        let Some(url) = endpoint.url() else { continue };
        let host = Host::parse(&url.host);
        if !host.is_user_interface() && !matches!(host.kind(), HostKind::Instance { .. }) {
            continue;
        }
        let called = called(workspace, &endpoint.component.name, endpoint.component.org)
            .find(Host::is_my_domain);
        let right = called
            .or_else(|| host.my_domain())
            .map(|domain| format!("https://{domain}/services/oauth2/token"));
        found
            .at(
                endpoint.component,
                endpoint.text,
                format!("the token endpoint is on `{host}`, {}", host.description()),
            )
            .label("the token endpoint")
            .help(match &right {
                Some(right) => format!("set {} to `{right}`", endpoint.role.setup()),
                None => format!(
                    "set {} to the My Domain of the answering org and `/services/oauth2/token`",
                    endpoint.role.setup()
                ),
            })
            .unsafe_fix(
                "use the My Domain of the org",
                right.and_then(|right| Edit::replace(endpoint.text, &right)),
            )
            .field("token endpoint");
    }
}

/// The hosts that are called with a credential of this name.
fn called<'a>(
    workspace: &'a Workspace,
    name: &'a str,
    org: crate::model::OrgId,
) -> impl Iterator<Item = Host> + 'a {
    let org = workspace.org(org);
    let users = org
        .external_credentials
        .iter()
        .filter(move |credential| credential.component.name == name)
        .flat_map(|credential| org.users_of(credential));
    let own = org.named_credentials.iter().filter(move |named| named.component.name == name);
    users.chain(own).filter_map(NamedCredential::host)
}
