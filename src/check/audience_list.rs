//! One org answers, so one audience is enough; a list of several is documented for others.

use crate::finding::Findings;
use crate::model::{Form, Workspace};
use crate::source::Syntax;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(text), Some(audience)) = (credential.filled_claim("aud"), credential.audience())
        else {
            continue;
        };
        if audience.form != Form::List || audience.urls.len() < 2 {
            continue;
        }
        let target_org = credential.target_host();
        let right = target_org.as_ref().and_then(|host| host.accepted_audience());
        found
            .at(
                &credential.component,
                text,
                format!(
                    "the audience is a list of {}, and Salesforce documents one",
                    audience.urls.len()
                ),
            )
            .label("the audiences")
            .related_to(target_org.as_ref(), "the org that receives the JWT")
            .help(match right {
                Some(right) if matches!(text.syntax, Syntax::Xml | Syntax::Cdata) => {
                    format!("set `aud` to `\"{right}\"` alone")
                }
                Some(right) => format!("set `aud` to `{right}` alone"),
                None => "set `aud` to the one audience of the answering org".to_owned(),
            })
            .field("aud");
    }
}
