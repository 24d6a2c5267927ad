//! Salesforce issues tokens only at `/services/oauth2/token`, and users log in at `/services/oauth2/authorize`.

use std::collections::HashSet;

use crate::finding::{Edit, Findings};
use crate::model::{Endpoint, Host, HostKind, Named, Url, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let to_salesforce = to_salesforce(workspace);
    for endpoint in workspace.endpoints() {
        let (Some(expected), Some(url)) = (endpoint.role.salesforce_path(), endpoint.url()) else {
            continue;
        };
        let host = Host::parse(&url.host);
        if !to_salesforce.contains(&endpoint.component.place) || is_right(&endpoint, &url, &host) {
            continue;
        }
        let path = if url.path.is_empty() {
            "no path".to_owned()
        } else {
            format!("the path `{}`", url.path)
        };
        let what = match endpoint.role.noun() {
            "authorize URL" => "users log in",
            _ => "Salesforce issues tokens",
        };
        let correct = format!("{}{expected}", url.origin());
        found
            .report(
                endpoint.component,
                endpoint.text,
                format!("the {} has {path}, but {what} at `{expected}`", endpoint.role.noun()),
            )
            .label(format!("the {}", endpoint.role.noun()))
            .help(format!("set {} to `https://{host}{expected}`", endpoint.role.setup()))
            .unsafe_fix(
                format!("use the path `{expected}`"),
                Edit::replace(endpoint.text, &correct),
            )
            .field(endpoint.role.noun());
    }
}

/// The credentials and providers that log in to Salesforce. Plug-ins decide about their URLs themselves.
fn to_salesforce(workspace: &Workspace) -> HashSet<Span> {
    let exchanges = workspace.jwt_credentials_to_salesforce().map(Named::component);
    let logins = workspace
        .logins
        .iter()
        .filter(|login| login.flow.has_token_endpoint())
        .filter(|login| login.is_to_salesforce(workspace.org(login.component.org)))
        .map(Named::component);
    let providers = workspace
        .providers()
        .filter(|(_, provider)| provider.is_to_salesforce())
        .map(|(_, provider)| &provider.record.component);
    exchanges.chain(logins).chain(providers).map(|component| component.place).collect()
}

/// Whether the path is right, or the URL has a fault that another rule reports.
fn is_right(endpoint: &Endpoint<'_>, url: &Url, host: &Host) -> bool {
    let Some(expected) = endpoint.role.salesforce_path() else { return true };
    let other_fault = host.as_str().is_empty()
        || host.is_user_interface()
        || matches!(host.kind(), HostKind::Instance { .. })
        || endpoint.text.as_str().contains(char::is_whitespace);
    // The URL of a site has a prefix, and the authorize URL of a site can end with an experience ID.
    let at_a_site = matches!(host.kind(), HostKind::Site { .. } | HostKind::Foreign);
    let is_expected = match endpoint.role.noun() {
        "authorize URL" => url.path.contains(expected),
        _ => url.path == expected || (at_a_site && url.path.ends_with(expected)),
    };
    other_fault || is_expected
}
