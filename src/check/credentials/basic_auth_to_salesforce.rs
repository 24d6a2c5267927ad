//! Salesforce accepts neither a username and password in a header, nor, in new orgs, the password grant.

use crate::finding::Findings;
use crate::model::{Flow, Host, Named, NamedCredential, Org, Url, Workspace, find_named};
use crate::source::Text;

/// Token, revocation and introspection endpoints accept client id and secret as basic authentication.
const CLIENT_ENDPOINTS: &str = "/services/oauth2/";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(external) = org.external_of(named).filter(|other| other.flow() == Flow::Basic)
        else {
            continue;
        };
        let (Some(host), Some(url)) = (named.host(), &named.url) else { continue };
        if named.header_is_off() || !is_api(workspace, &host) || authenticates_client(org, named) {
            continue;
        }
        let place = external.protocol.as_ref().map_or(external.component.place, |text| text.span);
        found
            .report(
                &named.component,
                url,
                format!(
                    "`{}` sends a username and a password to `{host}`, which is {}",
                    named.name(),
                    host.description()
                ),
            )
            .label("calls a Salesforce org")
            .related(&place, "basic authentication")
            .help(
                "use an external credential with the protocol `Oauth` and the variant `JwtBearer` \
                 or `ClientCredentialsClientSecret` (*OAuth 2.0* in Setup > Security > Named \
                 Credentials > External Credentials): Salesforce expects an access token",
            )
            .field("protocol");
    }
    for org in &workspace.orgs {
        for unit in &org.apex {
            for grant in &unit.password_grants {
                let Some(endpoint) = &grant.endpoint else { continue };
                let Some(host) = host_of(org, endpoint).filter(|host| is_api(workspace, host))
                else {
                    continue;
                };
                found
                    .report(
                        &unit.component,
                        &grant.place,
                        format!(
                            "this class logs in to `{host}` with a username and a password, which \
                             new orgs block"
                        ),
                    )
                    .label("the username-password flow")
                    .related(endpoint, "the request is sent here")
                    .help(
                        "call a named credential whose external credential gets the token with \
                         the JWT bearer or client credentials flow (Setup > Security > Named \
                         Credentials)",
                    )
                    .field("grant_type");
            }
        }
    }
}

/// The host of a URL, or of the named credential that is called.
fn host_of(org: &Org, endpoint: &Text) -> Option<Host> {
    let text = endpoint.known()?;
    let is_callout = text.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("callout:"));
    if !is_callout {
        return Some(Host::parse(&Url::parse(text).host));
    }
    let name = text[8..].split(['/', '?', '#']).next()?.trim();
    find_named(&org.named_credentials, name)?.host()
}

fn is_api(workspace: &Workspace, host: &Host) -> bool {
    host.is_org() || workspace.org_of_host(host).is_some()
}

/// Whether all that is called are endpoints at which an app authenticates with its id and secret.
fn authenticates_client(org: &Org, named: &NamedCredential) -> bool {
    let base = named.url_parts().map(|url| url.value.path).unwrap_or_default();
    if base.starts_with(CLIENT_ENDPOINTS) {
        return true;
    }
    let mut callouts = org.callouts_of(named).filter(|callout| !callout.in_test).peekable();
    callouts.peek().is_some()
        && callouts.all(|callout| callout.path.to_ascii_lowercase().starts_with(CLIENT_ENDPOINTS))
}
