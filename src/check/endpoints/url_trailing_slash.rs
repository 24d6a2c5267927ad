//! A slash at the end of the URL and one at the start of the path result in two.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let (Some(text), Some(url), Some(host)) = (&named.url, named.url_parts(), named.host())
        else {
            continue;
        };
        let other_fault = host.as_str().is_empty()
            || host.is_user_interface()
            || url.path.contains("/services/oauth2");
        let bare = url.query.is_none() && url.fragment.is_none() && url.path.ends_with('/');
        if other_fault || !bare {
            continue;
        }
        let callout = org.callouts_of(named).find(|callout| callout.path.starts_with('/'));
        let needs_slash = org.callouts_of(named).any(|callout| !callout.path.starts_with('/'));
        // After a path, the called system may require the slash, for example in a webhook URL.
        let doubles =
            url.path == "/" || host.is_salesforce() || (callout.is_some() && !needs_slash);
        if !doubles {
            continue;
        }
        let trimmed = url.as_str().trim_end_matches('/');
        found
            .report(
                &named.component,
                text,
                format!(
                    "the URL `{}` ends with `/`, so a path that starts with `/` results in `//`",
                    url.as_str()
                ),
            )
            .label("the URL of the named credential")
            .related_to(callout.map(|callout| callout.name.span), "this path starts with `/`")
            .help(format!("set the URL to `{trimmed}`"))
            .safe_fix("remove the trailing slash", Edit::replace(text, trimmed))
            .field("url");
    }
}
