//! A Salesforce org is documented to accept one audience; lists are for other servers.

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
        let target = credential.target_host();
        let right = target.as_ref().and_then(|host| host.accepted_audience());
        found
            .report(
                &credential.component,
                text,
                format!(
                    "the audience is a list of {}, but Salesforce documents a single audience",
                    audience.urls.len()
                ),
            )
            .label("the audiences")
            .related_to(target.as_ref(), "the JWT is sent to this org")
            .help(match right {
                Some(right) if matches!(text.syntax, Syntax::Xml | Syntax::Cdata) => {
                    format!("set `aud` to just `\"{right}\"`")
                }
                Some(right) => format!("set `aud` to just `{right}`"),
                None => "set `aud` to the audience of the target org".to_owned(),
            })
            .field("aud");
    }
}
