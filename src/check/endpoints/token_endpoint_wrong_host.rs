//! Tokens are issued on the My Domain, not on the hosts that serve pages or on an instance.

use crate::finding::{Edit, Findings, Severity};
use crate::model::{Host, HostKind, NamedCredential, Workspace, api_host_for};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for endpoint in workspace.endpoints() {
        let Some(url) = endpoint.url() else { continue };
        let host = Host::parse(&url.host);
        let is_former = host.is_former_sandbox_domain();
        let is_wrong = host.is_user_interface()
            || matches!(host.kind(), HostKind::Instance { .. })
            || is_former
            || host.instance().is_some() && host.is_salesforce();
        let Some(path) = endpoint.role.salesforce_path().filter(|_| is_wrong) else { continue };
        let called = || {
            called(workspace, &endpoint.component.name, endpoint.component.org)
                .find(Host::is_my_domain)
        };
        let correct = api_host_for(&host, called).map(|domain| format!("https://{domain}{path}"));
        let noun = endpoint.role.noun();
        let finding = found
            .report(
                endpoint.component,
                endpoint.text,
                match host.instance().filter(|_| !matches!(host.kind(), HostKind::Instance { .. }))
                {
                    Some(instance) => {
                        format!("the {noun} is on `{host}`, a host of the instance `{instance}`")
                    }
                    None if is_former => host.former_sandbox_domain(),
                    None if noun == "authorize URL" && host.serves_browsers_only() => {
                        format!("the {noun} is on `{host}`, a host without the OAuth endpoints")
                    }
                    None => format!("the {noun} is on `{host}`, {}", host.description()),
                },
            )
            .label(format!("the {noun}"))
            .help(match &correct {
                Some(correct) => format!("set {} to `{correct}`", endpoint.role.setup()),
                None => format!(
                    "set {} to `{path}` on the My Domain of the target org",
                    endpoint.role.setup()
                ),
            })
            .unsafe_fix(
                "use the My Domain of the org",
                correct.and_then(|correct| Edit::replace(endpoint.text, &correct)),
            )
            .field(noun);
        // The files do not show whether the org still has it, and a browser follows redirects.
        let is_authorize_url = noun == "authorize URL";
        let finding = if is_former || is_authorize_url {
            finding.at_most(Severity::Warning)
        } else {
            finding
        };
        if is_authorize_url {
            finding.without_answers();
        }
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
