//! Step 4: the external credential, with its flow and JWT claims.

use crate::model::{Flow, Named};
use crate::rule::Step as Kind;

use super::path::CalloutPath;
use super::step::Step;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::ExternalCredential, path.failures(Kind::ExternalCredential));
    let flow = describe_flow(path.flow);
    match (path.external, path.named) {
        (Some(external), _) => {
            let place = external.flow_text();
            let text = format!("external credential `{}`: {flow}", external.name());
            match place {
                Some(place) => step.fact(text, place),
                None => step.fact(text, &external.component),
            }
        }
        (None, Some(named)) if named.is_legacy() => match &named.protocol {
            Some(protocol) => step.fact(format!("protocol `{protocol}`: {flow}"), protocol),
            None => step.note(flow),
        },
        (None, _) => {
            if step.failures.is_empty() {
                step.note_unknown(
                    "the flow and the claims: no external credential in these files",
                    "",
                );
            }
            return step;
        }
    }
    if path.flow == Flow::Unknown && step.failures.is_empty() {
        step.unknown(
            "which flow the credential uses",
            "choose the authentication flow type in Setup, or set it in the files",
        );
    }
    if let Some(jwt) = path.jwt {
        for name in ["iss", "sub", "aud"] {
            if let Some(value) = jwt
                .claim(name)
                .filter(|value| value.certainty == crate::source::Certainty::Placeholder)
            {
                step.unknown(
                    format!("the value of `{name}`: `{value}` is replaced during deployment"),
                    "run sfcred on the files as deployed, or with `--env`",
                );
            }
        }
        let missing: Vec<&str> = ["iss", "sub", "aud"]
            .into_iter()
            .filter(|name| jwt.filled_claim(name).is_none())
            .collect();
        if !missing.is_empty() && step.failures.is_empty() && !path.is_to_salesforce() {
            step.note(format!(
                "no {}: some non-Salesforce endpoints do not require it",
                missing.join(", ")
            ));
        }
    }
    step
}

pub fn describe_flow(flow: Flow) -> &'static str {
    match flow {
        Flow::JwtBearer => "OAuth, JWT bearer: a signed JWT is exchanged for an access token",
        Flow::JwtAssertion => "OAuth, client credentials with a JWT assertion",
        Flow::ClientCredentials => "OAuth, client credentials with the secret in the body",
        Flow::ClientCredentialsBasic => {
            "OAuth, client credentials with the secret in an `Authorization: Basic` header"
        }
        Flow::ClientCredentialsIdentityProvider => {
            "OAuth, client credentials by an external auth identity provider"
        }
        Flow::DirectJwt => "the signed JWT itself is sent as the bearer token",
        Flow::AuthorizationCode => {
            "OAuth, authorization code by an auth provider: a user logs in with a browser"
        }
        Flow::AuthorizationCodeIdentityProvider => {
            "OAuth, authorization code by an external auth identity provider: a user logs in with a browser"
        }
        Flow::Basic => "username and password",
        Flow::Aws => "AWS Signature Version 4 with an access key",
        Flow::AwsSts => "AWS Signature Version 4 with temporary keys of the Security Token Service",
        Flow::AwsRolesAnywhere => "AWS Signature Version 4 with keys of IAM Roles Anywhere",
        Flow::Custom => "custom headers",
        Flow::NoAuthentication => "no authentication",
        Flow::Unknown => "an unknown flow",
    }
}
