//! A parameter of the token request is written as a custom header, which is not part of the token request.

use crate::finding::Findings;
use crate::model::{ParameterType, Workspace};
use crate::source::Text;

/// Parameters of RFC 6749 with an underscore in their name, which tells them from headers such as `Client-ID`.
const PARAMETERS: &[&str] = &["grant_type", "client_id", "client_secret"];

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let protocol = credential.protocol.as_ref();
        if protocol.and_then(Text::known) != Some("Oauth") {
            continue;
        }
        let headers = credential.parameters_of(ParameterType::AuthHeader);
        for name in headers.filter_map(|header| header.name.as_ref()) {
            // `client_id` alone is what a template leaves as a value, so certainty says nothing here.
            let is_parameter = |known: &&&str| name.as_str().eq_ignore_ascii_case(known);
            let Some(parameter) = PARAMETERS.iter().find(is_parameter) else { continue };
            found
                .report(
                    &credential.component,
                    name,
                    format!(
                        "`{name}` is a custom header, and custom headers are not sent to the token \
                         endpoint"
                    ),
                )
                .label("sent with callouts only")
                .help(help(parameter))
                .field(name.as_str());
        }
    }
}

fn help(parameter: &str) -> &'static str {
    match parameter {
        "grant_type" => {
            "remove it: the variant of the credential determines the grant type (*Authentication \
             Flow Type* in Setup > Security > Named Credentials > External Credentials)"
        }
        _ => {
            "remove it, and enter client id and secret on the principal (*Principals* in Setup > \
             Security > Named Credentials > External Credentials), unless the called API itself \
             requires this header"
        }
    }
}
