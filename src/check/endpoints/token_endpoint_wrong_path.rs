//! Salesforce exchanges a JWT only at `/services/oauth2/token`.

use crate::finding::{Edit, Findings};
use crate::model::{HostKind, Workspace};

const PATH: &str = "/services/oauth2/token";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(text), Some(url), Some(host)) =
            (&credential.token_endpoint, credential.token_url(), credential.token_host())
        else {
            continue;
        };
        let other_fault = host.as_str().is_empty()
            || host.is_user_interface()
            || matches!(host.kind(), HostKind::Instance { .. })
            || text.as_str().contains(char::is_whitespace);
        let at_a_site = matches!(host.kind(), HostKind::Site { .. } | HostKind::Foreign)
            && url.path.ends_with(PATH);
        if other_fault || at_a_site || url.path == PATH {
            continue;
        }
        let path = if url.path.is_empty() {
            "no path".to_owned()
        } else {
            format!("the path `{}`", url.path)
        };
        let correct = format!("{}{PATH}", url.origin());
        found
            .report(
                &credential.component,
                text,
                format!(
                    "the token endpoint has {path}, but Salesforce exchanges a JWT at `{PATH}`"
                ),
            )
            .label("the token endpoint")
            .help(format!(
                "set {} to `https://{}{PATH}`",
                if credential.legacy {
                    "`authTokenEndpointUrl`"
                } else {
                    "`AuthProviderUrl` (*Identity Provider URL* in Setup)"
                },
                host.value
            ))
            .unsafe_fix(format!("use the path `{PATH}`"), Edit::replace(text, &correct))
            .field("token endpoint");
    }
}
