//! An assertion can authorize acting as a user or authenticate a client. Between Salesforce orgs,
//! the first is intended.

use crate::finding::Findings;
use crate::model::{Flow, Host, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace
        .external_credentials()
        .filter(|(_, credential)| credential.flow() == Flow::JwtAssertion)
    {
        let (Some(variant), Some(endpoint)) = (credential.variant(), credential.token_endpoint())
        else {
            continue;
        };
        let Some(host) = Host::of_url(endpoint) else { continue };
        let described = workspace.org_of_host(&host).is_some();
        if !host.is_salesforce() && !described {
            continue;
        }
        found
            .report(
                &credential.component,
                variant,
                format!(
                    "`{variant}` uses the JWT to authenticate the client, for a client credentials \
                     flow at `{host}`"
                ),
            )
            .label("RFC 7523 section 2.2")
            .related(endpoint, "this is a Salesforce token endpoint")
            .help(
                "use `JwtBearer` (*JWT Bearer Flow* in Setup > Security > Named Credentials > \
                 External Credentials) if `sub` is the user to log in as; keep this flow only for \
                 an app that runs the client credentials flow with its own run-as user",
            )
            .field("variant");
    }
}
