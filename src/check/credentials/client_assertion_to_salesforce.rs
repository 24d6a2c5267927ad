//! An assertion can prove a user's consent or a client's identity; Salesforce to Salesforce means the first.

use crate::finding::Findings;
use crate::model::{Flow, Host, Url, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace
        .external_credentials()
        .filter(|(_, credential)| credential.flow() == Flow::JwtAssertion)
    {
        let (Some(variant), Some(endpoint)) = (credential.variant(), credential.token_endpoint())
        else {
            continue;
        };
        let Some(host) = endpoint.known().map(|url| Host::parse(&Url::parse(url).host)) else {
            continue;
        };
        let described = workspace.org_of_host(&host).is_some();
        if !host.is_salesforce() && !described {
            continue;
        }
        found
            .at(&credential.component, variant, format!("`{variant}` uses the JWT as proof of the client, for a client credentials flow at `{host}`"))
            .label("RFC 7523 section 2.2")
            .related(endpoint, "Salesforce answers here")
            .help("choose `JwtBearer` (*JWT Bearer Flow* in Setup > Security > Named Credentials > External Credentials) if `sub` is the user to log in as; keep this flow only for an app that runs client credentials as a user of its own")
            .field("variant");
    }
}
