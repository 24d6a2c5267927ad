//! A URL with a blank, a user, a fragment or no host leads nowhere.

use crate::finding::{Edit, Findings};
use crate::model::{UrlFlaw, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for endpoint in workspace.endpoints() {
        let (Some(flaw), Some(url)) = (endpoint.flaw(), endpoint.url()) else { continue };
        let (what, label) = match flaw {
            UrlFlaw::WhitespaceAround => {
                ("has blanks or line breaks around it", "with the blanks around it")
            }
            UrlFlaw::WhitespaceInside => ("has blanks or line breaks inside", "with a blank inside"),
            UrlFlaw::UserInfo => ("has a user before its host", "with a user before the host"),
            UrlFlaw::Fragment => {
                ("has a fragment (`#`), which is never sent to a server", "with a fragment")
            }
            UrlFlaw::NoHost => ("has no host", "no host in here"),
        };
        let host = if url.host.is_empty() || url.host.contains(char::is_whitespace) {
            String::new()
        } else {
            format!(" on `{}`", url.host)
        };
        let edit = endpoint
            .fixed(flaw)
            .and_then(|right| Edit::replace_trimmed(endpoint.text, &right));
        found
            .at(
                endpoint.component,
                &endpoint.text.outer,
                format!("the {}{host} {what}", endpoint.role.noun()),
            )
            .label(label)
            .help(match flaw {
                UrlFlaw::UserInfo => format!(
                    "leave the user out of {}: who calls is said by the credential",
                    endpoint.role.setup()
                ),
                UrlFlaw::NoHost => {
                    format!("write {} as `https://`, host and path", endpoint.role.setup())
                }
                UrlFlaw::WhitespaceAround | UrlFlaw::WhitespaceInside => {
                    format!("type the URL again, without blanks: {}", endpoint.role.setup())
                }
                UrlFlaw::Fragment => {
                    format!("end the URL before the `#`: {}", endpoint.role.setup())
                }
            })
            .unsafe_fix("take it out of the URL", edit)
            .field(endpoint.role.noun());
    }
}
