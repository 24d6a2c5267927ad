//! The flows of external and named credentials: how a credential obtains what it sends.

/// How a credential obtains what it sends with a callout.
///
/// Match without `_`, so that a new flow does not compile until every rule, trace step and error page has decided what
/// it means there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// RFC 7523 section 2.1: a signed assertion is exchanged for an access token.
    JwtBearer,
    /// Client credentials (RFC 6749 section 4.4) with the client secret in the request body.
    ClientCredentials,
    /// Client credentials with the client secret in an `Authorization: Basic` header.
    ClientCredentialsBasic,
    /// Client credentials, and a signed assertion authenticates the client (RFC 7523 section 2.2).
    JwtAssertion,
    /// Client credentials whose request is defined by an external auth identity provider.
    ClientCredentialsIdentityProvider,
    /// Authorization code (RFC 6749 section 4.1) by an auth provider: a user logs in with a browser.
    AuthorizationCode,
    /// Authorization code by an external auth identity provider.
    AuthorizationCodeIdentityProvider,
    /// The signed JWT itself is the bearer token.
    DirectJwt,
    /// AWS Signature Version 4 with an access key.
    Aws,
    /// AWS Signature Version 4 with temporary keys of the Security Token Service.
    AwsSts,
    /// AWS Signature Version 4 with temporary keys that a certificate obtains.
    AwsRolesAnywhere,
    /// A username and a password in an `Authorization: Basic` header.
    Basic,
    /// Custom headers, such as an API key.
    Custom,
    /// Nothing is sent.
    NoAuthentication,
    Unknown,
}

impl Flow {
    pub const ALL: [Flow; 15] = [
        Flow::JwtBearer,
        Flow::ClientCredentials,
        Flow::ClientCredentialsBasic,
        Flow::JwtAssertion,
        Flow::ClientCredentialsIdentityProvider,
        Flow::AuthorizationCode,
        Flow::AuthorizationCodeIdentityProvider,
        Flow::DirectJwt,
        Flow::Aws,
        Flow::AwsSts,
        Flow::AwsRolesAnywhere,
        Flow::Basic,
        Flow::Custom,
        Flow::NoAuthentication,
        Flow::Unknown,
    ];

    /// The name in page heads and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Flow::JwtBearer => "jwt-bearer",
            Flow::ClientCredentials => "client-credentials",
            Flow::ClientCredentialsBasic => "client-credentials-basic",
            Flow::JwtAssertion => "jwt-assertion",
            Flow::ClientCredentialsIdentityProvider => "client-credentials-identity-provider",
            Flow::AuthorizationCode => "authorization-code",
            Flow::AuthorizationCodeIdentityProvider => "authorization-code-identity-provider",
            Flow::DirectJwt => "direct-jwt",
            Flow::Aws => "aws",
            Flow::AwsSts => "aws-sts",
            Flow::AwsRolesAnywhere => "aws-roles-anywhere",
            Flow::Basic => "basic",
            Flow::Custom => "custom",
            Flow::NoAuthentication => "no-authentication",
            Flow::Unknown => "unknown",
        }
    }

    /// The name in pictures.
    pub fn label(self) -> &'static str {
        match self {
            Flow::JwtBearer => "OAuth: JWT bearer",
            Flow::JwtAssertion => "OAuth: client credentials, JWT assertion",
            Flow::ClientCredentials => "OAuth: client credentials, secret in body",
            Flow::ClientCredentialsBasic => "OAuth: client credentials, secret in header",
            Flow::ClientCredentialsIdentityProvider => {
                "OAuth: client credentials, identity provider"
            }
            Flow::AuthorizationCode => "OAuth: authorization code",
            Flow::AuthorizationCodeIdentityProvider => {
                "OAuth: authorization code, identity provider"
            }
            Flow::DirectJwt => "JWT as bearer token",
            Flow::Aws => "AWS Signature V4: access key",
            Flow::AwsSts => "AWS Signature V4: STS",
            Flow::AwsRolesAnywhere => "AWS Signature V4: Roles Anywhere",
            Flow::Basic => "username and password",
            Flow::Custom => "custom headers",
            Flow::NoAuthentication => "no authentication",
            Flow::Unknown => "unknown",
        }
    }

    /// The protocol of an external credential with this flow, and its `AuthProtocolVariant`.
    pub fn protocol(self) -> Option<(&'static str, Option<&'static str>)> {
        Some(match self {
            Flow::JwtBearer => ("Oauth", Some("JwtBearer")),
            Flow::ClientCredentials => ("Oauth", Some("ClientCredentialsClientSecret")),
            Flow::ClientCredentialsBasic => ("Oauth", Some("ClientCredentialsClientSecretBasic")),
            Flow::JwtAssertion => ("Oauth", Some("ClientCredentialsJwtAssertion")),
            Flow::ClientCredentialsIdentityProvider
            | Flow::AuthorizationCode
            | Flow::AuthorizationCodeIdentityProvider => ("Oauth", None),
            Flow::DirectJwt => ("Jwt", None),
            Flow::Aws => ("AwsSv4", None),
            Flow::AwsSts => ("AwsSv4", Some("AwsSv4_STS")),
            Flow::AwsRolesAnywhere => ("AwsSv4", Some("RolesAnywhere")),
            Flow::Basic => ("Basic", None),
            Flow::Custom => ("Custom", None),
            Flow::NoAuthentication => ("Custom", Some("NoAuthentication")),
            Flow::Unknown => return None,
        })
    }

    /// Whether an access token is requested with `grant_type=client_credentials`.
    pub fn is_client_credentials(self) -> bool {
        match self {
            Flow::ClientCredentials
            | Flow::ClientCredentialsBasic
            | Flow::JwtAssertion
            | Flow::ClientCredentialsIdentityProvider => true,
            Flow::JwtBearer
            | Flow::AuthorizationCode
            | Flow::AuthorizationCodeIdentityProvider
            | Flow::DirectJwt
            | Flow::Aws
            | Flow::AwsSts
            | Flow::AwsRolesAnywhere
            | Flow::Basic
            | Flow::Custom
            | Flow::NoAuthentication
            | Flow::Unknown => false,
        }
    }

    /// Whether the credential itself has the token endpoint, at which the platform requests a token.
    pub fn has_token_endpoint(self) -> bool {
        match self {
            Flow::JwtBearer
            | Flow::ClientCredentials
            | Flow::ClientCredentialsBasic
            | Flow::JwtAssertion => true,
            Flow::ClientCredentialsIdentityProvider
            | Flow::AuthorizationCode
            | Flow::AuthorizationCodeIdentityProvider
            | Flow::DirectJwt
            | Flow::Aws
            | Flow::AwsSts
            | Flow::AwsRolesAnywhere
            | Flow::Basic
            | Flow::Custom
            | Flow::NoAuthentication
            | Flow::Unknown => false,
        }
    }

    /// Whether a user logs in with a browser.
    pub fn is_authorization_code(self) -> bool {
        matches!(self, Flow::AuthorizationCode | Flow::AuthorizationCodeIdentityProvider)
    }

    pub fn is_aws(self) -> bool {
        matches!(self, Flow::Aws | Flow::AwsSts | Flow::AwsRolesAnywhere)
    }

    /// Whether the platform signs a JWT.
    pub fn signs_jwt(self) -> bool {
        matches!(self, Flow::JwtBearer | Flow::JwtAssertion | Flow::DirectJwt)
    }

    /// Whether an access token of OAuth is obtained, which is stored in `UserExternalCredential`.
    pub fn obtains_token(self) -> bool {
        self == Flow::JwtBearer || self.is_client_credentials() || self.is_authorization_code()
    }

    /// Whether what it obtains is sent as a bearer token.
    pub fn sends_token(self) -> bool {
        self == Flow::DirectJwt || self.obtains_token()
    }

    /// Whether the platform generates an `Authorization` header from the flow alone.
    pub fn generates_authorization(self) -> bool {
        match self {
            Flow::JwtBearer
            | Flow::ClientCredentials
            | Flow::ClientCredentialsBasic
            | Flow::JwtAssertion
            | Flow::ClientCredentialsIdentityProvider
            | Flow::AuthorizationCode
            | Flow::AuthorizationCodeIdentityProvider
            | Flow::DirectJwt
            | Flow::Aws
            | Flow::AwsSts
            | Flow::AwsRolesAnywhere
            | Flow::Basic => true,
            Flow::Custom | Flow::NoAuthentication | Flow::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flow_has_the_name_that_page_heads_use() {
        #[derive(serde::Deserialize)]
        struct Head {
            flow: Flow,
        }
        for flow in Flow::ALL {
            let head: Head = toml::from_str(&format!("flow = \"{}\"", flow.name())).unwrap();
            assert_eq!(head.flow, flow);
        }
    }
}
