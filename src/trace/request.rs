//! Step 6: the request to the token endpoint.

use crate::model::{ExternalCredential, Flow, ParameterType};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::path::CalloutPath;
use super::step::Step;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Request, path.failures(Kind::Request));
    let body = match path.flow {
        Flow::JwtBearer => {
            Some("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer &assertion=<JWT>")
        }
        Flow::JwtAssertion => Some(
            "grant_type=client_credentials &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer &client_assertion=<JWT>",
        ),
        Flow::ClientCredentials => {
            Some("grant_type=client_credentials &client_id=<id> &client_secret=<secret>")
        }
        Flow::ClientCredentialsBasic | Flow::ClientCredentialsIdentityProvider => {
            Some("grant_type=client_credentials")
        }
        Flow::AuthorizationCode
        | Flow::AuthorizationCodeIdentityProvider
        | Flow::DirectJwt
        | Flow::Basic
        | Flow::Aws
        | Flow::AwsSts
        | Flow::AwsRolesAnywhere
        | Flow::Custom
        | Flow::NoAuthentication
        | Flow::Unknown => None,
    };
    let Some(body) = body else {
        if path.flow == Flow::Unknown {
            step.note_unknown("the token request", "");
        } else if path.flow.is_authorization_code() {
            step.note(
                "depends on the login: a user logs in through a browser, and the token is then refreshed",
            );
        } else {
            step.note("no token is requested in this flow");
        }
        return step;
    };
    match endpoint(path) {
        Some(text) => {
            step.fact(format!("POST {}", text.as_str()), text);
            if text.known().is_none() && step.failures.is_empty() {
                step.unknown(format!("the token endpoint: `{text}` is replaced during deployment"), "run sfcred on the files as deployed, or with `--env`");
            }
        }
        None if step.failures.is_empty() => {
            step.unknown("the token endpoint: the credential has none", "set Identity Provider URL to the target org's `https://<my domain>/services/oauth2/token`")
        }
        None => {}
    }
    step.note("Content-Type: application/x-www-form-urlencoded");
    step.note(body);
    if let Some(jwt) = path.jwt {
        for scope in &jwt.scopes {
            step.fact(format!("&scope={scope}"), scope);
        }
    }
    for parameter in extra_parameters(path.external) {
        if let (Some(name), Some(value)) = (&parameter.name, &parameter.value) {
            step.fact(format!("&{name}={}", value.as_str()), value);
        }
    }
    step
}

fn endpoint<'a>(path: &CalloutPath<'a>) -> Option<&'a Text> {
    let text = match (path.jwt, path.external) {
        (Some(jwt), _) => jwt.token_endpoint.as_ref(),
        (None, Some(external)) => external.token_endpoint(),
        (None, None) => path.named.and_then(|named| named.token_endpoint.as_ref()),
    };
    text.filter(|text| !text.is_empty())
}

/// The other parameters of the request, except the scope, which is listed before.
fn extra_parameters(
    external: Option<&ExternalCredential>,
) -> impl Iterator<Item = &crate::model::Parameter> {
    let is_scope = |name: &Text| name.as_str().eq_ignore_ascii_case("scope");
    external
        .into_iter()
        .flat_map(|external| external.parameters_of(ParameterType::AuthParameter))
        .filter(move |parameter| {
            parameter.name.as_ref().is_some_and(|name| {
                !is_scope(name) && !name.as_str().to_ascii_lowercase().contains("secret")
            }) && parameter.value.as_ref().is_some_and(|value| !value.is_empty())
        })
}
