//! Tokens are issued on the My Domain, not on the hosts that serve pages or on an instance.

use crate::finding::{Edit, Findings};
use crate::model::{Host, HostKind, NamedCredential, Role, Workspace, api_host_for};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for endpoint in workspace.endpoints().filter(|endpoint| endpoint.role != Role::Callout) {
        let Some(url) = endpoint.url() else { continue };
        let host = Host::parse(&url.host);
        if !host.is_user_interface() && !matches!(host.kind(), HostKind::Instance { .. }) {
            continue;
        }
        let called = || {
            called(workspace, &endpoint.component.name, endpoint.component.org)
                .find(Host::is_my_domain)
        };
        let correct = api_host_for(&host, called)
            .map(|domain| format!("https://{domain}/services/oauth2/token"));
        found
            .report(
                endpoint.component,
                endpoint.text,
                format!("the token endpoint is on `{host}`, {}", host.description()),
            )
            .label("the token endpoint")
            .help(match &correct {
                Some(correct) => format!("set {} to `{correct}`", endpoint.role.setup()),
                None => format!(
                    "set {} to `/services/oauth2/token` on the My Domain of the target org",
                    endpoint.role.setup()
                ),
            })
            .unsafe_fix(
                "use the My Domain of the org",
                correct.and_then(|correct| Edit::replace(endpoint.text, &correct)),
            )
            .field("token endpoint");
    }
}

/// The hosts that are called with this credential.
fn called<'a>(
    workspace: &'a Workspace,
    name: &'a str,
    org: crate::model::OrgId,
) -> impl Iterator<Item = Host> + 'a {
    let org = workspace.org(org);
    let users = org
        .external_credentials
        .exact(name)
        .into_iter()
        .flat_map(|position| org.users_of(&org.external_credentials[position]));
    let own = org.named_credentials.exact(name).map(|position| &org.named_credentials[position]);
    users.chain(own).filter_map(NamedCredential::host)
}
