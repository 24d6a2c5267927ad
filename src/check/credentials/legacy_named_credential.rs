//! The legacy model keeps all settings in one file; Salesforce has announced its end of support.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials().filter(|(_, named)| {
        named.is_legacy() && !named.is_generated() && !named.is_for_event_relay()
    }) {
        let place = named.protocol.as_ref().map_or(named.component.place, |protocol| protocol.span);
        found
            .report(
                &named.component,
                &place,
                format!("`{}` is a legacy named credential", named.name()),
            )
            .label("the legacy model keeps all settings in one file")
            .help(format!(
                "replace it with {}, and a named credential of type `SecuredEndpoint` with the \
                 URL; users who make callouts with it then need a permission set that grants the \
                 principal (`sfcred migrate {}` plans it)",
                replacement(named.legacy_protocol()),
                named.name()
            ))
            .field("model");
    }
}

fn replacement(protocol: Option<&str>) -> &'static str {
    match protocol {
        Some("JwtExchange") => {
            "an external credential with the protocol `Oauth` and the variant `JwtBearer` (*OAuth \
             2.0*, *JWT Bearer Flow*)"
        }
        Some("Jwt") => "an external credential with the protocol `Jwt` (*JWT*)",
        Some("Oauth") => {
            "an external credential with the protocol `Oauth` (*OAuth 2.0*) with the same auth \
             provider, or with a flow that needs no user interaction"
        }
        Some("Password") => {
            "an external credential with the protocol `Basic` (*Basic Authentication*)"
        }
        Some("AwsSv4") => {
            "an external credential with the protocol `AwsSv4` (*AWS Signature Version 4*)"
        }
        Some("NoAuthentication") => {
            "an external credential with the protocol `Custom` and the variant `NoAuthentication` \
             (*No Authentication*)"
        }
        _ => "an external credential for the authentication",
    }
}
