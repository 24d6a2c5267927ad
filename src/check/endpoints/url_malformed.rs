//! A URL with whitespace, a user, a fragment or no host cannot be called.

use crate::finding::{Edit, Findings};
use crate::model::{UrlFlaw, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for endpoint in workspace.endpoints() {
        let (Some(flaw), Some(url)) = (endpoint.flaw(), endpoint.url()) else { continue };
        let (what, label) = match flaw {
            UrlFlaw::WhitespaceAround => ("has whitespace around it", "surrounded by whitespace"),
            UrlFlaw::WhitespaceInside => ("contains whitespace", "whitespace in the URL"),
            UrlFlaw::UserInfo => ("has a user before its host", "user before the host"),
            UrlFlaw::Fragment => {
                ("has a fragment (`#`), which is never sent to a server", "fragment")
            }
            UrlFlaw::NoHost => ("has no host", "no host"),
        };
        let host = if url.host.is_empty() || url.host.contains(char::is_whitespace) {
            String::new()
        } else {
            format!(" on `{}`", url.host)
        };
        let edit =
            endpoint.fixed(flaw).and_then(|right| Edit::replace_trimmed(endpoint.text, &right));
        found
            .report(
                endpoint.component,
                &endpoint.text.outer,
                format!("the {}{host} {what}", endpoint.role.noun()),
            )
            .label(label)
            .help(match flaw {
                UrlFlaw::UserInfo => format!(
                    "remove the user from {}: the credential determines the user",
                    endpoint.role.setup()
                ),
                UrlFlaw::NoHost => {
                    format!("write {} as `https://`, host and path", endpoint.role.setup())
                }
                UrlFlaw::WhitespaceAround | UrlFlaw::WhitespaceInside => {
                    format!("enter the URL again without whitespace: {}", endpoint.role.setup())
                }
                UrlFlaw::Fragment => {
                    format!("end the URL before the `#`: {}", endpoint.role.setup())
                }
            })
            .unsafe_fix("remove it from the URL", edit)
            .field(endpoint.role.noun());
    }
}
