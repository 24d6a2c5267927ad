//! The token endpoint belongs in the external credential; the URL is the base URL of the API.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;

const PATH: &str = "/services/oauth2";

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let (Some(text), Some(url)) = (&named.url, named.url_parts()) else { continue };
        let Some((prefix, rest)) = split(&url.path) else { continue };
        if !workspace.is_salesforce_url(named) || !org.flow_of(named).sends_token() {
            continue;
        }
        let base_url = format!("{}{prefix}", url.origin());
        let holder = org
            .external_of(named)
            .and_then(|credential| credential.token_endpoint())
            .or(named.token_endpoint.as_ref());
        found
            .report(
                &named.component,
                text,
                format!(
                    "the URL of the named credential has the path `{PATH}{rest}`, which issues \
                     tokens and serves no API"
                ),
            )
            .label("the URL of the named credential")
            .related_to(holder, "the token endpoint belongs here")
            .help(format!("set the URL to `{base_url}`, and add the path of the API in Apex"))
            .safe_fix("remove the token endpoint path", Edit::replace(text, &base_url))
            .field("url");
    }
}

/// The path before and after `/services/oauth2`; `None` for an API there, such as `/userinfo`.
fn split(path: &str) -> Option<(&str, &str)> {
    let at = path.to_ascii_lowercase().find(PATH)?;
    let (prefix, rest) = (path.get(..at)?, path.get(at + PATH.len()..)?);
    let first = rest.trim_matches('/').split('/').next().unwrap_or_default();
    let issues_tokens =
        ["", "token", "authorize"].iter().any(|word| first.eq_ignore_ascii_case(word));
    (issues_tokens && (rest.is_empty() || rest.starts_with('/'))).then_some((prefix, rest))
}
