//! Salesforce does not log anybody in by name and password in a header.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials() {
        let (Some("Password"), Some(protocol), Some(host)) =
            (named.legacy_protocol(), &named.protocol, named.host())
        else {
            continue;
        };
        if !workspace.is_salesforce_url(named) {
            continue;
        }
        found
            .at(&named.component, protocol, format!("`{}` sends a username and a password to `{host}`, which is {}", named.name(), host.description()))
            .label("password authentication")
            .related_to(named.url.as_ref(), "a Salesforce org is called")
            .help("use an external credential of protocol `Oauth` and variant `JwtBearer` (*OAuth 2.0*, *JWT Bearer Flow*): Salesforce takes a token, no password, and orgs are created with password flows blocked")
            .field("protocol");
    }
}
