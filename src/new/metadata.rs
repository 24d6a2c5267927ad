//! The metadata of a setup: credentials, permission sets, the app and the certificate.

use super::answers::Recipe;
use super::setup::{KEY_PLACEHOLDER, PRINCIPAL, Setup, join, label};
use crate::metadata_xml::{
    self, DEFAULT_GROUP, Element, authentication, default_parameter, document, leaf, lookup, node,
    parameter, principal, token_access, url,
};
use crate::model::{AppKind, expiry_formula};

/// The lifetime of a JWT in seconds: the longest that Salesforce accepts is three minutes, and clocks differ.
const LIFETIME: i64 = 180;

/// The type and the full name of a component, and its file relative to the base.
pub struct Written {
    pub type_name: &'static str,
    pub name: String,
    pub path: String,
    pub text: String,
}

/// The components that the calling org needs.
pub fn of_credential(setup: &Setup) -> Vec<Written> {
    let folder = setup.hub_metadata();
    let name = &setup.name;
    let mut all = Vec::new();
    if setup.recipe == Recipe::AuthorizationCode {
        let provider = setup.provider();
        all.push(written(
            &folder,
            ("ExternalAuthIdentityProvider", "externalAuthIdentityProviders"),
            &provider,
            "externalAuthIdentityProvider",
            identity_provider(setup),
        ));
    }
    all.push(written(
        &folder,
        ("ExternalCredential", "externalCredentials"),
        name,
        "externalCredential",
        external_credential(setup),
    ));
    all.push(written(
        &folder,
        ("NamedCredential", "namedCredentials"),
        name,
        "namedCredential",
        named_credential(setup),
    ));
    all.push(written(
        &folder,
        ("PermissionSet", "permissionsets"),
        &setup.callout_set(),
        "permissionset",
        callout_set(setup),
    ));
    all
}

/// The components that the target org needs; none for a service.
pub fn of_app(setup: &Setup) -> Vec<Written> {
    if setup.called().is_none() {
        return Vec::new();
    }
    let folder = setup.app_metadata();
    let app = setup.app.as_str();
    let mut all = vec![written(
        &folder,
        ("PermissionSet", "permissionsets"),
        &setup.access_set(),
        "permissionset",
        access_set(setup),
    )];
    match setup.app_kind {
        AppKind::ConnectedApp => all.push(written(
            &folder,
            ("ConnectedApp", "connectedApps"),
            app,
            "connectedApp",
            connected_app(setup),
        )),
        AppKind::ExternalClientApp => all.extend(
            [
                (metadata_xml::APP, external_client_app(setup)),
                (metadata_xml::APP_SETTINGS, oauth_settings(setup)),
                (metadata_xml::APP_GLOBALS, global_settings(setup)),
                (metadata_xml::APP_OAUTH_POLICIES, oauth_policies(setup)),
                (metadata_xml::APP_POLICIES, policies(setup)),
            ]
            .map(|(file, root)| {
                let kind = (file.type_name, file.folder);
                written(&folder, kind, &file.name(app), file.suffix, root)
            }),
        ),
    }
    all
}

/// The full name of the component with the consumer key of an external client app.
pub fn global_settings_name(app: &str) -> String {
    metadata_xml::APP_GLOBALS.name(app)
}

fn written(
    folder: &str,
    (type_name, own): (&'static str, &str),
    name: &str,
    suffix: &str,
    root: Element,
) -> Written {
    Written {
        type_name,
        name: name.to_owned(),
        path: join(folder, &format!("{own}/{name}.{suffix}-meta.xml")),
        text: document(root),
    }
}

fn external_credential(setup: &Setup) -> Element {
    let protocol = match setup.recipe {
        Recipe::JwtBearer | Recipe::ClientCredentials | Recipe::AuthorizationCode => "Oauth",
        Recipe::ApiKey => "Custom",
        Recipe::Basic => "Basic",
        Recipe::Aws => "AwsSv4",
    };
    let variant = |name: &str| default_parameter("AuthProtocolVariant", "Oauth", name);
    let endpoint = || default_parameter("AuthProviderUrl", "AuthProviderUrl", &setup.token_url);
    let mut children = vec![leaf("authenticationProtocol", protocol)];
    match setup.recipe {
        Recipe::JwtBearer => {
            let certificate = lookup("certificate", &setup.certificate, "SigningCertificate");
            children.extend([variant("JwtBearer"), endpoint(), certificate]);
            children.extend(claims(setup));
        }
        Recipe::ClientCredentials => {
            children.extend([variant("ClientCredentialsClientSecret"), endpoint()]);
        }
        Recipe::AuthorizationCode => {
            let provider = setup.qualified(&setup.provider());
            let kind = "ExternalAuthIdentityProvider";
            children.push(lookup("externalAuthIdentityProvider", &provider, kind));
            if !setup.scope.is_empty() {
                children.push(default_parameter("AuthParameter", "Scope", &setup.scope));
            }
        }
        Recipe::ApiKey => {
            let value = format!("{{!$Credential.{}.ApiKey}}", setup.qualified(&setup.name));
            children.push(parameter(
                DEFAULT_GROUP,
                "AuthHeader",
                &setup.header,
                vec![leaf("parameterValue", &value), leaf("sequenceNumber", "1")],
            ));
        }
        Recipe::Basic => {}
        Recipe::Aws => children.extend([
            default_parameter("AuthParameter", "AwsRegion", &setup.aws_region),
            default_parameter("AuthParameter", "AwsService", &setup.aws_service),
        ]),
    }
    children.push(principal("NamedPrincipal", PRINCIPAL));
    children.push(leaf("label", &label(&setup.name)));
    node("ExternalCredential", children)
}

fn claims(setup: &Setup) -> Vec<Element> {
    let claim = |kind: &str, description: &str, name: &str, value: &str| {
        let mut children = vec![leaf("description", description)];
        children.push(leaf("parameterGroup", DEFAULT_GROUP));
        children.push(leaf("parameterName", name));
        children.push(leaf("parameterType", kind));
        children.push(leaf("parameterValue", value));
        node("externalCredentialParameters", children)
    };
    let key = setup.consumer_key.as_deref().unwrap_or(KEY_PLACEHOLDER);
    let audience = setup.called_host().accepted_audience().unwrap_or_default();
    let expiry = expiry_formula(LIFETIME);
    let (body, header) = ("JwtBodyClaim", "JwtHeaderClaim");
    vec![
        claim(body, "Issuer", "iss", key),
        claim(body, "Subject", "sub", &setup.integration_user),
        claim(body, "Audience", "aud", &format!("\"{audience}\"")),
        claim(body, "Expiration Time", "exp", &expiry),
        claim(header, "Algorithm", "alg", "RS256"),
        claim(header, "Key ID", "kid", &setup.certificate),
    ]
}

fn named_credential(setup: &Setup) -> Element {
    let sends_formula = setup.recipe == Recipe::ApiKey;
    let reference = setup.qualified(&setup.name);
    node(
        "NamedCredential",
        vec![
            leaf("allowMergeFieldsInBody", "false"),
            leaf("allowMergeFieldsInHeader", if sends_formula { "true" } else { "false" }),
            leaf("calloutStatus", "Enabled"),
            leaf("generateAuthorizationHeader", if sends_formula { "false" } else { "true" }),
            leaf("label", &label(&setup.name)),
            url(&setup.url),
            authentication(&reference),
            leaf("namedCredentialType", "SecuredEndpoint"),
        ],
    )
}

/// Access to the principal, and to the records in which Salesforce keeps its tokens.
fn callout_set(setup: &Setup) -> Element {
    // Tokens of OAuth are renewed on behalf of the caller, in records of the principal. Other protocols only read them.
    let writes = match setup.recipe {
        Recipe::JwtBearer | Recipe::ClientCredentials | Recipe::AuthorizationCode => true,
        Recipe::ApiKey | Recipe::Basic | Recipe::Aws => false,
    };
    let principal = format!("{}-{PRINCIPAL}", setup.qualified(&setup.name));
    let access = token_access(writes, writes);
    let set = metadata_xml::callout_set(&principal, &label(&setup.callout_set()), Some(access));
    node("PermissionSet", set)
}

fn access_set(setup: &Setup) -> Element {
    node(
        "PermissionSet",
        vec![
            leaf("hasActivationRequired", "false"),
            leaf("label", &label(&setup.access_set())),
            node("userPermissions", vec![leaf("enabled", "true"), leaf("name", "ApiEnabled")]),
        ],
    )
}

fn identity_provider(setup: &Setup) -> Element {
    let parameter = |kind: &str, name: &str, value: &str| {
        node(
            "externalAuthIdentityProviderParameters",
            vec![
                leaf("parameterName", name),
                leaf("parameterType", kind),
                leaf("parameterValue", value),
            ],
        )
    };
    node(
        "ExternalAuthIdentityProvider",
        vec![
            leaf("authenticationFlow", "AuthorizationCode"),
            leaf("authenticationProtocol", "OAuth"),
            parameter("AuthorizeUrl", "AuthorizeUrl", &setup.authorize_url),
            parameter("TokenUrl", "TokenUrl", &setup.token_url),
            parameter("IdentityProviderOptions", "PkceEnabled", "true"),
            leaf("label", &label(&setup.provider())),
        ],
    )
}

/// Where a browser returns to. The other flows need none, but an app must have one.
pub fn callback(setup: &Setup) -> String {
    let path = match setup.recipe {
        Recipe::AuthorizationCode => "/services/extidp/callback",
        Recipe::JwtBearer
        | Recipe::ClientCredentials
        | Recipe::ApiKey
        | Recipe::Basic
        | Recipe::Aws => "/services/oauth2/callback",
    };
    format!("{}{path}", setup.hub.my_domain)
}

/// The refresh token scope is required in the bearer flow, although that issues no refresh token.
fn scopes(setup: &Setup) -> &'static [&'static str] {
    match setup.recipe {
        Recipe::JwtBearer | Recipe::AuthorizationCode => &["Api", "RefreshToken"],
        Recipe::ClientCredentials | Recipe::ApiKey | Recipe::Basic | Recipe::Aws => &["Api"],
    }
}

/// How many days a refresh token is valid: only authorization code uses one.
fn refresh_days(setup: &Setup) -> &'static str {
    if setup.recipe == Recipe::AuthorizationCode { "90" } else { "1" }
}

fn is_on(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// The certificate of the app, or an empty element that `sfcred new --resume` fills in.
fn app_certificate(setup: &Setup) -> Option<Element> {
    let body = setup.certificate_body.as_deref().unwrap_or_default();
    setup.signs().then(|| leaf("certificate", body))
}

fn connected_app(setup: &Setup) -> Element {
    let uses_secret = setup.recipe == Recipe::ClientCredentials;
    let mut oauth = vec![leaf("callbackUrl", &callback(setup))];
    oauth.extend(app_certificate(setup));
    if let Some(key) = &setup.consumer_key {
        oauth.push(leaf("consumerKey", key));
    }
    oauth.push(leaf("isAdminApproved", "true"));
    oauth.push(leaf("isClientCredentialEnabled", is_on(uses_secret)));
    oauth.push(leaf("isConsumerSecretOptional", "false"));
    oauth.push(leaf("isIntrospectAllTokens", "false"));
    if setup.recipe == Recipe::AuthorizationCode {
        oauth.push(leaf("isPkceRequired", "true"));
    }
    oauth.push(leaf("isSecretRequiredForRefreshToken", "true"));
    if uses_secret {
        oauth.push(leaf("oauthClientCredentialUser", &setup.integration_user));
    }
    oauth.extend(scopes(setup).iter().map(|scope| leaf("scopes", scope)));
    node(
        "ConnectedApp",
        vec![
            leaf("contactEmail", &setup.contact_email),
            leaf("label", &label(&setup.app)),
            node("oauthConfig", oauth),
            node(
                "oauthPolicy",
                vec![
                    leaf("ipRelaxation", "ENFORCE"),
                    leaf(
                        "refreshTokenPolicy",
                        &format!("specific_lifetime:{}:DAYS", refresh_days(setup)),
                    ),
                ],
            ),
            // Not its API name.
            leaf("permissionSetName", &label(&setup.access_set())),
        ],
    )
}

fn external_client_app(setup: &Setup) -> Element {
    node(
        "ExternalClientApplication",
        vec![
            leaf("contactEmail", &setup.contact_email),
            leaf("distributionState", "Local"),
            leaf("isProtected", "false"),
            leaf("label", &label(&setup.app)),
        ],
    )
}

fn oauth_settings(setup: &Setup) -> Element {
    let mut children = vec![leaf("commaSeparatedOauthScopes", &scopes(setup).join(", "))];
    children.push(leaf("externalClientApplication", &setup.app));
    // The element is newer than the type.
    if setup.api_version.as_str() >= "62.0" {
        children.push(leaf("isFirstPartyAppEnabled", "false"));
    }
    children.push(leaf("label", &metadata_xml::APP_SETTINGS.name(&setup.app)));
    node("ExtlClntAppOauthSettings", children)
}

fn global_settings(setup: &Setup) -> Element {
    let mut children = vec![leaf("callbackUrl", &callback(setup))];
    children.extend(app_certificate(setup));
    children.push(leaf("externalClientApplication", &setup.app));
    children.push(leaf(
        "isClientCredentialsFlowEnabled",
        is_on(setup.recipe == Recipe::ClientCredentials),
    ));
    children.push(leaf("isConsumerSecretOptional", "false"));
    children.push(leaf("isIntrospectAllTokens", "false"));
    children.push(leaf("isPkceRequired", "true"));
    children.push(leaf("isSecretRequiredForRefreshToken", "true"));
    children.push(leaf("label", &global_settings_name(&setup.app)));
    children.push(leaf("shouldRotateConsumerKey", "false"));
    children.push(leaf("shouldRotateConsumerSecret", "false"));
    node("ExtlClntAppGlobalOauthSettings", children)
}

fn oauth_policies(setup: &Setup) -> Element {
    let uses_secret = setup.recipe == Recipe::ClientCredentials;
    let mut children = Vec::new();
    if uses_secret {
        children.push(leaf("clientCredentialsFlowUser", &setup.integration_user));
    }
    children.push(leaf("commaSeparatedPermissionSet", &setup.access_set()));
    children.push(leaf("externalClientApplication", &setup.app));
    children.push(leaf("ipRelaxationPolicyType", "Enforce"));
    children.push(leaf("isClientCredentialsFlowEnabled", is_on(uses_secret)));
    children.push(leaf("label", &metadata_xml::APP_OAUTH_POLICIES.name(&setup.app)));
    children.push(leaf("permittedUsersPolicyType", "AdminApprovedPreAuthorized"));
    children.push(leaf("refreshTokenPolicyType", "SpecificLifetime"));
    children.push(leaf("refreshTokenValidityPeriod", refresh_days(setup)));
    children.push(leaf("refreshTokenValidityUnit", "Days"));
    children.push(leaf("requiredSessionLevel", "STANDARD"));
    node("ExtlClntAppOauthConfigurablePolicies", children)
}

fn policies(setup: &Setup) -> Element {
    node(
        "ExtlClntAppConfigurablePolicies",
        vec![
            leaf("externalClientApplication", &setup.app),
            leaf("isEnabled", "true"),
            leaf("isOauthPluginEnabled", "true"),
            leaf("label", &metadata_xml::APP_POLICIES.name(&setup.app)),
        ],
    )
}

/// `.crt-meta.xml`, as a retrieve would write it.
pub fn certificate(setup: &Setup, expires: &str, bits: usize) -> String {
    document(node(
        "Certificate",
        vec![
            leaf("caSigned", "false"),
            leaf("encryptedWithPlatformEncryption", "false"),
            leaf("expirationDate", expires),
            leaf("keySize", &bits.to_string()),
            leaf("masterLabel", &label(&setup.certificate)),
            leaf("privateKeyExportable", "false"),
        ],
    ))
}

/// The manifest of components of one org.
pub fn manifest(written: &[Written], api_version: &str) -> String {
    let mut types: Vec<Element> = Vec::new();
    let mut names: Vec<&str> = written.iter().map(|one| one.type_name).collect();
    names.sort_unstable();
    names.dedup();
    for type_name in names {
        let members = written.iter().filter(|one| one.type_name == type_name);
        let mut children: Vec<Element> = members.map(|one| leaf("members", &one.name)).collect();
        children.push(leaf("name", type_name));
        types.push(node("types", children));
    }
    types.push(leaf("version", api_version));
    document(node("Package", types))
}
