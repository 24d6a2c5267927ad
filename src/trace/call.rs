//! Step 8: the callout itself, with the access token.

use crate::model::{Flow, HostKind, Scope};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::path::CalloutPath;
use super::step::Step;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Call, path.failures(Kind::Call));
    let sends = path.flow.sends_token();
    match path.named.and_then(|named| named.url.as_ref()).filter(|url| !url.is_empty()) {
        Some(url) => {
            let path = path
                .callouts
                .first()
                .map(|callout| callout.path.replace(crate::model::DYNAMIC_PART, "…"))
                .unwrap_or_default();
            let authorization = if sends { ", with `Authorization: Bearer <token>`" } else { "" };
            step.fact(format!("calls {}{path}{authorization}", url.as_str()), url);
        }
        None if path.named.is_none() => step.note_unknown(
            "the URL of the callout: there is no named credential in these files",
            "",
        ),
        None if step.failures.is_empty() => {
            step.note_unknown("the URL of the callout: the named credential has none", "")
        }
        None => {}
    }
    if path.is_exchange_with_salesforce() {
        scope(path, &mut step);
        host(path, &mut step);
    }
    step
}

fn scope(path: &CalloutPath<'_>, step: &mut Step<'_>) {
    let Some(app) = path.app() else { return };
    let allows_api = |text: &&Text| Scope::parse(text.as_str()).gives_api_access();
    match app.scopes.as_ref().and_then(|scopes| scopes.iter().find(allows_api)) {
        Some(scope) => step.fact(format!("the scope `{scope}` allows API access"), scope),
        None if step.failures.is_empty() => step.note_unknown(
            "whether the token may call the API: the app's scopes are not in these files",
            "",
        ),
        None => {}
    }
}

fn host(path: &CalloutPath<'_>, step: &mut Step<'_>) {
    let Some((jwt, url)) = path.jwt.zip(path.named.and_then(|named| named.host())) else {
        return;
    };
    let Some(token) = jwt.token_host() else { return };
    let same = token.kind().is_same_org(url.kind()) == Some(true);
    if same && matches!(url.kind(), HostKind::MyDomain { .. }) && path.flow == Flow::JwtBearer {
        step.note("the callout goes to the org that issues the token");
    }
}
