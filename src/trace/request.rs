//! Step 6: the request to the token endpoint.

use crate::model::{ExternalCredential, Flow, ParameterType};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::login;
use super::path::CalloutPath;
use super::step::Step;

const SECRET_IN_BODY: &str = "grant_type=client_credentials &client_id=<id> &client_secret=••••••";
const SECRET_IN_HEADER: &str = "Authorization: Basic ••••••";
const CLIENT_CREDENTIALS: &str = "grant_type=client_credentials";
const STORED_IN_PRINCIPAL: &str =
    "client ID and secret are stored in the principal; no file shows them";
const STORED_IN_PROVIDER: &str =
    "client ID and secret are stored in the external auth identity provider; no file shows them";

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Request, path.failures(Kind::Request));
    let lines: &[&str] = match path.flow {
        Flow::JwtBearer => {
            &["grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer &assertion=<JWT>"]
        }
        Flow::JwtAssertion => &[
            "grant_type=client_credentials &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer &client_assertion=<JWT>",
        ],
        Flow::ClientCredentials => &[SECRET_IN_BODY, STORED_IN_PRINCIPAL],
        Flow::ClientCredentialsBasic => {
            &[SECRET_IN_HEADER, CLIENT_CREDENTIALS, STORED_IN_PRINCIPAL]
        }
        Flow::ClientCredentialsIdentityProvider
            if path.provider.is_some_and(|provider| !provider.sends_secret_in_header()) =>
        {
            &[SECRET_IN_BODY, STORED_IN_PROVIDER]
        }
        Flow::ClientCredentialsIdentityProvider => {
            &[SECRET_IN_HEADER, CLIENT_CREDENTIALS, STORED_IN_PROVIDER]
        }
        Flow::AuthorizationCode | Flow::AuthorizationCodeIdentityProvider => {
            login::authorization_request(path, &mut step);
            return step;
        }
        Flow::AwsSts => {
            step.note(
                "temporary keys are requested from the AWS Security Token Service (AssumeRole)",
            );
            return step;
        }
        Flow::AwsRolesAnywhere => {
            step.note("temporary keys are requested from AWS IAM Roles Anywhere (CreateSession)");
            return step;
        }
        Flow::DirectJwt | Flow::Basic | Flow::Aws | Flow::Custom | Flow::NoAuthentication => {
            return step.does_not_apply("no token is requested in this flow");
        }
        Flow::Unknown => {
            if step.failures.is_empty() {
                step.note_unknown("the token request", "");
            }
            return step;
        }
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
    for line in lines {
        step.note(*line);
    }
    let scopes = path
        .jwt
        .map(|jwt| jwt.scopes.as_slice())
        .or_else(|| path.login.map(|login| login.scopes.as_slice()));
    let scopes = scopes.unwrap_or_default().iter();
    step.facts("scopes", scopes.map(|scope| (format!("&scope={scope}"), scope)));
    let parameters = extra_parameters(path.external).filter_map(|parameter| {
        let (name, value) = (parameter.name.as_ref()?, parameter.value.as_ref()?);
        Some((format!("&{name}={}", value.as_str()), value))
    });
    step.facts("parameters", parameters);
    step
}

pub fn endpoint<'a>(path: &CalloutPath<'a>) -> Option<&'a Text> {
    let text = match (path.jwt, path.external) {
        (Some(jwt), _) => jwt.token_endpoint.as_ref(),
        (None, _) if path.login.is_some() => {
            path.login.and_then(|login| login.token_endpoint.as_ref())
        }
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
