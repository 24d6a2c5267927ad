//! The OAuth flows as far as error messages distinguish them, and what an error proves in each.

use serde::Deserialize;

use crate::model::Flow;

/// A family of flows that send the same kind of token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowFamily {
    JwtBearer,
    ClientCredentials,
    AuthorizationCode,
    RefreshToken,
    Password,
}

impl FlowFamily {
    pub const ALL: [FlowFamily; 5] = [
        FlowFamily::JwtBearer,
        FlowFamily::ClientCredentials,
        FlowFamily::AuthorizationCode,
        FlowFamily::RefreshToken,
        FlowFamily::Password,
    ];

    pub fn name(self) -> &'static str {
        match self {
            FlowFamily::JwtBearer => "jwt-bearer",
            FlowFamily::ClientCredentials => "client-credentials",
            FlowFamily::AuthorizationCode => "authorization-code",
            FlowFamily::RefreshToken => "refresh-token",
            FlowFamily::Password => "password",
        }
    }

    /// The name of the flow in a sentence: "in the … flow".
    pub fn title(self) -> &'static str {
        match self {
            FlowFamily::JwtBearer => "JWT bearer",
            FlowFamily::ClientCredentials => "client credentials",
            FlowFamily::AuthorizationCode => "authorization code (browser)",
            FlowFamily::RefreshToken => "refresh token",
            FlowFamily::Password => "username-password",
        }
    }

    /// The token requests that a credential with this flow makes; empty if it makes none, or if the
    /// flow is unknown. A browser login is renewed with its refresh token.
    pub fn of(flow: Flow) -> &'static [FlowFamily] {
        match flow {
            Flow::JwtBearer => &[FlowFamily::JwtBearer],
            Flow::JwtAssertion
            | Flow::ClientCredentials
            | Flow::ClientCredentialsBasic
            | Flow::ClientCredentialsIdentityProvider => &[FlowFamily::ClientCredentials],
            Flow::AuthorizationCode | Flow::AuthorizationCodeIdentityProvider => {
                &[FlowFamily::AuthorizationCode, FlowFamily::RefreshToken]
            }
            Flow::DirectJwt
            | Flow::Basic
            | Flow::Aws
            | Flow::AwsSts
            | Flow::AwsRolesAnywhere
            | Flow::Custom
            | Flow::NoAuthentication
            | Flow::Unknown => &[],
        }
    }
}

/// What an error proves in each family of flows, besides what it proves in all of them. Every family
/// is named, so that no page leaves one undecided.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProvesByFlow {
    jwt_bearer: InFlow,
    client_credentials: InFlow,
    authorization_code: InFlow,
    refresh_token: InFlow,
    password: InFlow,
}

/// What an error proves in one family of flows.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum InFlow {
    Proves(Vec<String>),
    /// The error cannot appear in this flow.
    Impossible(Impossible),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Impossible {
    Impossible,
}

impl ProvesByFlow {
    /// What the error proves in this flow; `None` if it cannot appear there.
    pub fn get(&self, flow: FlowFamily) -> Option<&[String]> {
        let in_flow = match flow {
            FlowFamily::JwtBearer => &self.jwt_bearer,
            FlowFamily::ClientCredentials => &self.client_credentials,
            FlowFamily::AuthorizationCode => &self.authorization_code,
            FlowFamily::RefreshToken => &self.refresh_token,
            FlowFamily::Password => &self.password,
        };
        match in_flow {
            InFlow::Proves(proofs) => Some(proofs),
            InFlow::Impossible(Impossible::Impossible) => None,
        }
    }
}
