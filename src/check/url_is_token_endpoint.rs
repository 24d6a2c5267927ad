//! The token endpoint belongs to the external credential; the URL is where the API answers.

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
        let right = format!("{}{prefix}", url.origin());
        let holder = org
            .external_of(named)
            .and_then(|credential| credential.token_endpoint())
            .or(named.token_endpoint.as_ref());
        found
            .at(&named.component, text, format!("the URL of the named credential has the path `{PATH}{rest}`, where tokens are handed out and no API answers"))
            .label("the URL of the named credential")
            .related_to(holder, "the token endpoint belongs here")
            .help(format!("set the URL to `{right}`, and let Apex add the path of the API"))
            .safe_fix("leave the path of the token endpoint out", Edit::replace(text, &right))
            .field("url");
    }
}

/// What stands before and after `/services/oauth2`; nothing for what is an API there, such as `/userinfo`.
fn split(path: &str) -> Option<(&str, &str)> {
    let at = path.to_ascii_lowercase().find(PATH)?;
    let (prefix, rest) = (path.get(..at)?, path.get(at + PATH.len()..)?);
    let first = rest.trim_matches('/').split('/').next().unwrap_or_default();
    let hands_out = ["", "token", "authorize"].iter().any(|word| first.eq_ignore_ascii_case(word));
    (hands_out && (rest.is_empty() || rest.starts_with('/'))).then_some((prefix, rest))
}
