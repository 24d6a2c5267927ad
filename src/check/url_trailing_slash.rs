//! A slash at the end of the URL and one at the start of the path make two.

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
        let as_it_is = org.callouts_of(named).any(|callout| !callout.path.starts_with('/'));
        // Behind a path the slash may be what the called system asks for, as in a web hook.
        let doubles = url.path == "/" || host.is_salesforce() || (callout.is_some() && !as_it_is);
        if !doubles {
            continue;
        }
        let right = url.as_str().trim_end_matches('/');
        found
            .at(
                &named.component,
                text,
                format!(
                    "the URL `{}` ends in `/`, so a path that begins with `/` is joined with two",
                    url.as_str()
                ),
            )
            .label("the URL of the named credential")
            .related_to(callout.map(|callout| callout.name.span), "this path begins with `/`")
            .help(format!("set the URL to `{right}`"))
            .safe_fix("leave the last slash out", Edit::replace(text, right))
            .field("url");
    }
}
