//! Step 8: the callout itself, with the access token.

use crate::model::{Flow, HostKind, NamedCredential, ParameterType, Scope};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::path::CalloutPath;
use super::step::Step;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Call, path.failures(Kind::Call));
    if path.flow == Flow::Unknown && step.failures.is_empty() {
        step.note_unknown("what the callout sends", "");
    }
    match path.named.and_then(|named| named.url.as_ref()).filter(|url| !url.is_empty()) {
        Some(url) => {
            let called = path
                .callouts
                .first()
                .map(|callout| callout.path.replace(crate::model::DYNAMIC_PART, "…"))
                .unwrap_or_default();
            let authorization = authorization(path);
            step.fact(format!("calls {}{called}{authorization}", url.as_str()), url);
            headers(path, &mut step);
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

/// The `Authorization` header that the platform generates.
fn authorization(path: &CalloutPath<'_>) -> &'static str {
    if path.named.is_some_and(NamedCredential::header_is_off) {
        return ", without a generated `Authorization` header";
    }
    match path.flow {
        Flow::JwtBearer
        | Flow::JwtAssertion
        | Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::ClientCredentialsIdentityProvider
        | Flow::AuthorizationCode
        | Flow::AuthorizationCodeIdentityProvider => ", with `Authorization: Bearer <token>`",
        Flow::DirectJwt => ", with `Authorization: Bearer <JWT>`",
        Flow::Basic => ", with `Authorization: Basic ••••••`",
        Flow::Aws | Flow::AwsSts | Flow::AwsRolesAnywhere => {
            ", with `Authorization: AWS4-HMAC-SHA256 ••••••`"
        }
        Flow::Custom => ", with the custom headers",
        Flow::NoAuthentication => ", without authentication",
        Flow::Unknown => "",
    }
}

/// The custom headers by name: values can contain secrets.
fn headers(path: &CalloutPath<'_>, step: &mut Step<'_>) {
    let own = path.named.into_iter().flat_map(|named| &named.headers);
    let own = own.filter_map(|header| header.name.as_ref());
    step.facts(
        "headers of the named credential",
        own.map(|name| (format!("header `{name}` of the named credential"), name)),
    );
    let external = path.external.into_iter().flat_map(|external| {
        external.parameters_of(ParameterType::AuthHeader).filter_map(|header| header.name.as_ref())
    });
    step.facts(
        "headers of the external credential",
        external.map(|name| (format!("header `{name}` of the external credential"), name)),
    );
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
