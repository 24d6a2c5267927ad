//! Salesforce does not accept a username and password in an HTTP header.

use crate::check::shared_soap_login;
use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials() {
        let (Some("Password"), Some(protocol), Some(host)) =
            (named.legacy_protocol(), &named.protocol, named.host())
        else {
            continue;
        };
        // A URL of the SOAP API belongs to `soap-login-used`.
        if !workspace.is_salesforce_url(named) || shared_soap_login::sends_password_to_soap(named) {
            continue;
        }
        let sends = named.generate_authorization_header.as_ref().is_none_or(|flag| flag.is_true());
        let verb = if sends { "sends" } else { "holds" };
        let to = if sends { "to" } else { "for" };
        found
            .report(
                &named.component,
                protocol,
                format!(
                    "`{}` {verb} a username and a password {to} `{host}`, which is {}",
                    named.name(),
                    host.description()
                ),
            )
            .label("password authentication")
            .related_to(named.url.as_ref(), "calls a Salesforce org")
            .help(
                "use an external credential with the protocol `Oauth` and the variant `JwtBearer` \
                 (*OAuth 2.0*, *JWT Bearer Flow*): Salesforce expects a token, not a password, and \
                 new orgs block password flows",
            )
            .field("protocol");
    }
}
