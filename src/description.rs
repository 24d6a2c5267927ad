//! Parses `sfcred.yaml`: the orgs of a project, and what their metadata does not contain.

mod fields;
mod yaml;

pub use fields::{Fields, Reader};
pub use yaml::parse as parse_yaml;

use crate::error::{Error, Mistake};
use crate::model::{
    APP_SETTINGS, AUTH_PROVIDER, App, AppKind, AppSetting, Certificate, CertificateBody, Component,
    ExternalCredential, Field, Flow, Grant, Host, IDENTITY_PROVIDER, NamedCredential,
    NamedCredentialModel, OrgKind, Parameter, ParameterType, PermissionSet, PermissionSetGroup,
    PermittedUsers, Record, Url, User,
};
use crate::source::{FileId, Located, Syntax, Text};

/// One `orgs.<name>` entry.
#[derive(Clone, Debug)]
pub struct DescribedOrg {
    pub name: Text,
    /// Folders, files or zips, relative to the description.
    pub metadata: Vec<Text>,
    pub kind: Option<OrgKind>,
    pub my_domain: Option<Located<Host>>,
    /// 15 or 18 characters that start with `00D`.
    pub org_id: Option<Text>,
    pub external_credentials: Vec<ExternalCredential>,
    pub named_credentials: Vec<NamedCredential>,
    pub apps: Vec<App>,
    /// Auth providers and external auth identity providers.
    pub records: Vec<Record>,
    /// Indexes of apps, with the files of their certificates.
    pub app_certificates: Vec<(usize, Text)>,
    /// Certificates with their files.
    pub certificates: Vec<(Certificate, Option<Text>)>,
    pub permission_sets: Vec<PermissionSet>,
    pub groups: Vec<PermissionSetGroup>,
    pub callouts_run_as: Vec<Text>,
    pub users: Option<Vec<User>>,
    pub missing_users: Vec<Text>,
    pub other_users_unknown: bool,
    /// Exports of `sf data query --json`, relative to the description.
    pub exports: Vec<Text>,
}

/// The content of `sfcred.yaml`.
#[derive(Clone, Debug, Default)]
pub struct Description {
    pub orgs: Vec<DescribedOrg>,
}

impl Description {
    /// The certificates and exports that the description names.
    pub fn files(&self) -> impl Iterator<Item = &Text> {
        self.orgs.iter().flat_map(|org| {
            let certificates = org.certificates.iter().filter_map(|(_, file)| file.as_ref());
            let apps = org.app_certificates.iter().map(|(_, file)| file);
            certificates.chain(apps).chain(&org.exports)
        })
    }
}

/// Parses a description.
///
/// # Errors
/// Every mistake in the file, with its location.
pub fn parse(file: FileId, name: &str, text: &str) -> Result<Description, Error> {
    let fail = |mistakes: Vec<Mistake>| Error::mistakes(name, text, mistakes);
    let root = yaml::parse(text).map_err(|mistake| fail(vec![mistake]))?;
    let mut reader = Reader { file, mistakes: Vec::new() };
    let mut orgs = Vec::new();
    if let Some(mut top) = reader.mapping(&root, "a description") {
        if let Some(node) = top.required("orgs", &mut reader) {
            for (key, value) in reader.entries(node, "orgs") {
                orgs.extend(org(key, value, &mut reader));
            }
        }
        top.finish(&mut reader);
    }
    if reader.mistakes.is_empty() { Ok(Description { orgs }) } else { Err(fail(reader.mistakes)) }
}

const KINDS: &[(&str, OrgKind)] = &[
    ("production", OrgKind::Production),
    ("developer", OrgKind::Developer),
    ("sandbox", OrgKind::Sandbox),
    ("scratch", OrgKind::Scratch),
    ("trailhead", OrgKind::Trailhead),
];

fn org(name: Text, node: &yaml::Node, reader: &mut Reader) -> Option<DescribedOrg> {
    let mut fields = reader.mapping(node, "an org")?;
    let mut org = DescribedOrg {
        name,
        metadata: fields.text_or_list("metadata", reader),
        kind: fields.choice("kind", KINDS, reader),
        my_domain: fields.text("my_domain", reader).and_then(|text| my_domain(&text, reader)),
        org_id: fields.org_id(reader),
        external_credentials: Vec::new(),
        named_credentials: Vec::new(),
        apps: Vec::new(),
        records: Vec::new(),
        app_certificates: Vec::new(),
        certificates: Vec::new(),
        permission_sets: Vec::new(),
        groups: Vec::new(),
        callouts_run_as: fields.text_or_list("callouts_run_as", reader),
        users: None,
        missing_users: Vec::new(),
        other_users_unknown: fields.choice("other_users", OTHER_USERS, reader).unwrap_or(false),
        exports: fields.text("assignments", reader).into_iter().collect(),
    };
    if let Some(node) = fields.get("users") {
        match reader.scalar(node) {
            Some(export) => org.exports.push(export),
            None => {
                let mut users = Vec::new();
                for (name, node) in reader.entries(node, "users") {
                    let Some((user, exists)) = user(name, node, reader) else { continue };
                    if exists {
                        users.push(user);
                    } else {
                        org.missing_users.push(user.username);
                    }
                }
                org.users = Some(users);
            }
        }
    }
    for (name, node) in fields.entries("certificates", reader) {
        org.certificates.extend(certificate(name, node, reader));
    }
    for (name, node) in fields.entries("external_credentials", reader) {
        org.external_credentials.extend(external_credential(name, node, reader));
    }
    for (name, node) in fields.entries("named_credentials", reader) {
        org.named_credentials.extend(named_credential(name, node, reader));
    }
    for (kind, key) in [
        (AppKind::ConnectedApp, "connected_apps"),
        (AppKind::ExternalClientApp, "external_client_apps"),
    ] {
        for (name, node) in fields.entries(key, reader) {
            let Some((app, certificate)) = app(kind, name, node, reader) else { continue };
            org.app_certificates.extend(certificate.map(|file| (org.apps.len(), file)));
            org.apps.push(app);
        }
    }
    for (name, node) in fields.entries("auth_providers", reader) {
        org.records.extend(auth_provider(name, node, reader));
    }
    for (name, node) in fields.entries("identity_providers", reader) {
        org.records.extend(identity_provider(name, node, reader));
    }
    for (name, node) in fields.entries("permission_sets", reader) {
        org.permission_sets.extend(permission_set(name, node, reader));
    }
    for (name, node) in fields.entries("permission_set_groups", reader) {
        org.groups.extend(group(name, node, reader));
    }
    fields.finish(reader);
    Some(org)
}

fn my_domain(text: &Text, reader: &mut Reader) -> Option<Located<Host>> {
    let host = Host::parse(&Url::parse(text.known()?).host);
    if host.as_str().is_empty() || !host.as_str().contains('.') {
        reader.mistake(
            text.span,
            format!("`{text}` is not a My Domain URL"),
            Some("use a URL such as `https://acme.my.salesforce.com`".into()),
        );
        return None;
    }
    Some(Located::new(host, text.span))
}

const OTHER_USERS: &[(&str, bool)] = &[("none", false), ("unknown", true)];

/// A user, and whether the user exists.
fn user(username: Text, node: &yaml::Node, reader: &mut Reader) -> Option<(User, bool)> {
    if node.is_null() {
        let user = User {
            username,
            profile: None,
            permission_sets: None,
            active: true,
            api_enabled: None,
        };
        return Some((user, true));
    }
    let mut fields = reader.mapping(node, "a user")?;
    let user = User {
        username,
        profile: fields.text("profile", reader),
        permission_sets: fields.texts("permission_sets", reader),
        active: fields.boolean("active", reader).unwrap_or(true),
        api_enabled: fields.boolean("api_enabled", reader),
    };
    let exists = fields.boolean("exists", reader).unwrap_or(true);
    fields.finish(reader);
    Some((user, exists))
}

fn certificate(
    name: Text,
    node: &yaml::Node,
    reader: &mut Reader,
) -> Option<(Certificate, Option<Text>)> {
    let place = name.span;
    let file = certificate_file(node, reader);
    let component = Component::new("Certificate", name.as_str(), place);
    Some((
        Certificate {
            component,
            label: None,
            expiration: None,
            private_key_exportable: None,
            metadata: Some(place),
            body: None,
        },
        file,
    ))
}

/// `{ file: certs/X.crt }`, or the path alone.
fn certificate_file(node: &yaml::Node, reader: &mut Reader) -> Option<Text> {
    if let Some(path) = reader.scalar(node) {
        return Some(path);
    }
    if node.is_null() {
        return None;
    }
    let mut fields = reader.mapping(node, "a certificate")?;
    let file = fields.text("file", reader);
    fields.finish(reader);
    file
}

const PROTOCOLS: &[&str] =
    &["Oauth", "Jwt", "Basic", "Custom", "AwsSv4", "NoAuthentication", "JwtExchange", "Password"];
/// The values of `AuthProtocolVariant`, which `flow` accepts besides the names of the flows.
const VARIANTS: [&str; 7] = [
    "JwtBearer",
    "ClientCredentialsJwtAssertion",
    "ClientCredentialsClientSecret",
    "ClientCredentialsClientSecretBasic",
    "AwsSv4_STS",
    "RolesAnywhere",
    "NoAuthentication",
];

/// The keys of the parameters of AWS flows, and their names in metadata.
pub const AWS_PARAMETERS: &[(&str, &str)] = &[
    ("aws_region", "AwsRegion"),
    ("aws_service", "AwsService"),
    ("aws_account_id", "AwsAccountId"),
    ("aws_trust_anchor_arn", "AwsTrustAnchorArn"),
    ("aws_profile_arn", "AwsProfileArn"),
    ("aws_sts_duration", "AwsStsDuration"),
    ("aws_sts_external_id", "AwsStsExternalId"),
];

/// The flow, and its protocol and variant as if they were written in its place.
fn described_flow(
    fields: &mut Fields<'_>,
    reader: &mut Reader,
) -> (Option<Flow>, Option<Text>, Option<Text>) {
    let words: Vec<&'static str> =
        Flow::ALL.iter().map(|flow| flow.name()).chain(VARIANTS).collect();
    let Some(text) = fields.word("flow", &words, reader) else { return (None, None, None) };
    let Some(flow) = Flow::ALL.into_iter().find(|flow| flow.name() == text.as_str()) else {
        return (None, None, Some(text));
    };
    let written = |word: &str| Text::at(word, text.span, text.syntax).within(text.element);
    let Some((protocol, variant)) = flow.protocol() else { return (None, None, None) };
    (Some(flow), Some(written(protocol)), variant.map(written))
}

fn external_credential(
    name: Text,
    node: &yaml::Node,
    reader: &mut Reader,
) -> Option<ExternalCredential> {
    let mut fields = reader.mapping(node, "an external credential")?;
    let protocol = fields.word("protocol", PROTOCOLS, reader);
    let (flow, implied_protocol, variant) = described_flow(&mut fields, reader);
    let protocol = protocol.or(implied_protocol);
    let mut parameters = Vec::new();
    let mut add = |kind, key: Option<Text>, value: Option<Text>| {
        let element = value.as_ref().or(key.as_ref()).map_or(name.span, |text| text.element);
        parameters.push(Parameter {
            kind,
            kind_text: None,
            certificate: if kind == ParameterType::SigningCertificate {
                value.clone()
            } else {
                None
            },
            auth_provider: if kind == ParameterType::AuthProvider { value.clone() } else { None },
            identity_provider: if kind == ParameterType::ExternalAuthIdentityProvider {
                value.clone()
            } else {
                None
            },
            name: key,
            value,
            group: None,
            sequence: None,
            permission_set: None,
            element,
        });
    };
    let single = [
        ("token_endpoint", ParameterType::AuthProviderUrl),
        ("signing_certificate", ParameterType::SigningCertificate),
        ("auth_provider", ParameterType::AuthProvider),
        ("identity_provider", ParameterType::ExternalAuthIdentityProvider),
    ];
    if variant.is_some() {
        add(ParameterType::AuthProtocolVariant, protocol.clone(), variant);
    }
    for (key, kind) in single {
        if let Some(value) = fields.text(key, reader) {
            add(kind, None, Some(value));
        }
    }
    if let Some(scope) = fields.text("scope", reader) {
        add(
            ParameterType::AuthParameter,
            Some(Text::at("Scope", scope.element, Syntax::Verbatim)),
            Some(scope),
        );
    }
    for (key, name) in AWS_PARAMETERS {
        if let Some(value) = fields.text(key, reader) {
            let name = Text::at(*name, value.element, Syntax::Verbatim);
            add(ParameterType::AuthParameter, Some(name), Some(value));
        }
    }
    for (key, kind) in
        [("claims", ParameterType::JwtBodyClaim), ("header_claims", ParameterType::JwtHeaderClaim)]
    {
        for (claim, node) in fields.entries(key, reader) {
            let value = claim_value(&claim, node, reader);
            add(kind, Some(claim), value);
        }
    }
    for (key, kind) in [
        ("principals", ParameterType::NamedPrincipal),
        ("per_user_principals", ParameterType::PerUserPrincipal),
    ] {
        for principal in fields.texts(key, reader).unwrap_or_default() {
            add(kind, Some(principal), None);
        }
    }
    if let Some(principal) = fields.text("aws_sts_principal", reader) {
        add(ParameterType::AwsStsPrincipal, Some(principal), None);
    }
    let label = fields.text("label", reader);
    let configured = fields.texts("configured_principals", reader).unwrap_or_default();
    let unconfigured = fields.texts("unconfigured_principals", reader).unwrap_or_default();
    fields.finish(reader);
    let has_no_variant = |flow: &Flow| flow.protocol() == Some(("Oauth", None));
    Some(ExternalCredential {
        component: Component::new("ExternalCredential", name.as_str(), name.span),
        label,
        protocol,
        described_flow: flow.filter(has_no_variant),
        configured,
        unconfigured,
        parameters,
    })
}

/// The value of a claim: a string, or for `aud` also a list of strings.
fn claim_value(claim: &Text, node: &yaml::Node, reader: &mut Reader) -> Option<Text> {
    if let yaml::NodeKind::Sequence(items) = &node.kind {
        if claim.as_str() != "aud" {
            reader.mistake(
                claim.span,
                format!("expected a string for `{claim}`, found a list"),
                None,
            );
            return None;
        }
        let values: Vec<String> = items
            .iter()
            .filter_map(|item| reader.scalar(item))
            .map(|text| text.as_str().to_owned())
            .collect();
        let span = reader.span(node);
        return Some(Text::at(
            serde_json::to_string(&values).unwrap_or_default(),
            span,
            Syntax::Verbatim,
        ));
    }
    if node.is_null() {
        return None;
    }
    let value = reader.scalar(node).map(|text| {
        let end = text.element.end;
        text.within(crate::source::Span { end, ..claim.span })
    });
    if value.is_none() {
        reader.mistake(
            claim.span,
            format!("expected a string for `{claim}`, found {}", node.noun()),
            None,
        );
    }
    value
}

const PRINCIPAL_TYPES: &[&str] = &["NamedUser", "PerUser", "Anonymous"];

fn named_credential(name: Text, node: &yaml::Node, reader: &mut Reader) -> Option<NamedCredential> {
    let mut fields = reader.mapping(node, "a named credential")?;
    let component = Component::new("NamedCredential", name.as_str(), name.span);
    let protocol = fields.word("protocol", PROTOCOLS, reader);
    let model = if protocol.is_some() {
        NamedCredentialModel::Legacy
    } else {
        NamedCredentialModel::Secured
    };
    let mut named = NamedCredential::new(component, model);
    named.protocol = protocol;
    named.url = fields.text("url", reader);
    named.external_credential = fields.text("external_credential", reader);
    named.token_endpoint = fields.text("token_endpoint", reader);
    named.jwt_signing_certificate = fields.text("signing_certificate", reader);
    named.oauth_scope = fields.text("scope", reader);
    named.jwt_validity_seconds = fields.text("validity_seconds", reader);
    named.client_certificate = fields.text("client_certificate", reader);
    named.auth_provider = fields.text("auth_provider", reader);
    named.principal_type = fields.word("principal_type", PRINCIPAL_TYPES, reader);
    named.aws_region = fields.text("aws_region", reader);
    named.aws_service = fields.text("aws_service", reader);
    named.allow_merge_fields_in_header = fields.text("allow_merge_fields_in_header", reader);
    named.allow_merge_fields_in_body = fields.text("allow_merge_fields_in_body", reader);
    named.callout_status = fields.text("callout_status", reader);
    named.generate_authorization_header = fields.text("generate_authorization_header", reader);
    named.allowed_namespaces = fields.texts("allowed_namespaces", reader).unwrap_or_default();
    named.label = fields.text("label", reader);
    for (claim, node) in fields.entries("claims", reader) {
        let value = claim_value(&claim, node, reader);
        let slot = match claim.as_str() {
            "iss" => &mut named.jwt_issuer,
            "sub" => &mut named.jwt_text_subject,
            "aud" => &mut named.jwt_audience,
            other => {
                reader.mistake(
                    claim.span,
                    format!("unknown claim `{other}` for a legacy named credential"),
                    Some("only `iss`, `sub` and `aud` can be set".into()),
                );
                continue;
            }
        };
        *slot = value;
    }
    fields.finish(reader);
    Some(named)
}

const PERMITTED: &[&str] = &["admin_approved", "self_authorize"];

const PROVIDER_TYPES: &[&str] = &["Salesforce", "OpenIdConnect", "Custom"];
const BOOLEANS: &[&str] = &["true", "false"];

const IDENTITY_PROVIDER_FLOWS: &[&str] = &["AuthorizationCode", "ClientCredentials"];
const CLIENT_AUTHENTICATION: &[&str] = &["ClientSecretBasic", "ClientSecretPost"];

/// An external auth identity provider, parameter by parameter, as in metadata.
fn identity_provider(name: Text, node: &yaml::Node, reader: &mut Reader) -> Option<Record> {
    let mut fields = reader.mapping(node, "an external auth identity provider")?;
    let flow = fields.word("flow", IDENTITY_PROVIDER_FLOWS, reader);
    let parameters = [
        ("AuthorizeUrl", "AuthorizeUrl", fields.text("authorize_url", reader)),
        ("TokenUrl", "TokenUrl", fields.text("token_url", reader)),
        (
            "ClientAuthentication",
            "ClientAuthentication",
            fields.word("client_authentication", CLIENT_AUTHENTICATION, reader),
        ),
        ("PkceEnabled", "IdentityProviderOptions", fields.word("pkce", BOOLEANS, reader)),
    ];
    fields.finish(reader);
    let field = |path: &str, text: Text| Field { path: path.to_owned(), text };
    let mut all: Vec<Field> =
        flow.into_iter().map(|flow| field("authenticationFlow", flow)).collect();
    for (name, kind, value) in parameters {
        let Some(value) = value else { continue };
        let word = |word: &str| Text::at(word, value.element, Syntax::Verbatim);
        all.push(field("externalAuthIdentityProviderParameters/parameterName", word(name)));
        all.push(field("externalAuthIdentityProviderParameters/parameterType", word(kind)));
        all.push(field("externalAuthIdentityProviderParameters/parameterValue", value));
    }
    let component = Component::new(IDENTITY_PROVIDER, name.as_str(), name.span);
    Some(Record { component, fields: all })
}

/// An auth provider, field by field, as in metadata.
fn auth_provider(name: Text, node: &yaml::Node, reader: &mut Reader) -> Option<Record> {
    let mut fields = reader.mapping(node, "an auth provider")?;
    let values = [
        ("providerType", fields.word("type", PROVIDER_TYPES, reader)),
        ("authorizeUrl", fields.text("authorize_url", reader)),
        ("tokenUrl", fields.text("token_url", reader)),
        ("consumerKey", fields.text("consumer_key", reader)),
        ("defaultScopes", fields.text("default_scopes", reader)),
        ("isPkceEnabled", fields.word("pkce", BOOLEANS, reader)),
    ];
    fields.finish(reader);
    let fields = values
        .into_iter()
        .filter_map(|(path, text)| Some(Field { path: path.to_owned(), text: text? }))
        .collect();
    Some(Record { component: Component::new(AUTH_PROVIDER, name.as_str(), name.span), fields })
}

fn app(
    kind: AppKind,
    name: Text,
    node: &yaml::Node,
    reader: &mut Reader,
) -> Option<(App, Option<Text>)> {
    let noun =
        if kind == AppKind::ConnectedApp { "a connected app" } else { "an external client app" };
    let type_name =
        if kind == AppKind::ConnectedApp { "ConnectedApp" } else { "ExternalClientApplication" };
    let mut fields = reader.mapping(node, noun)?;
    let certificate = fields.get("certificate").and_then(|node| certificate_file(node, reader));
    let has_none = |text: &&Text| text.known() == Some("none");
    let none = certificate.as_ref().filter(has_none).map(|text| text.span);
    let certificate = certificate.filter(|_| none.is_none());
    let permitted_users = match fields.word("permitted_users", PERMITTED, reader) {
        None => PermittedUsers::Unknown,
        Some(text) if text.as_str() == "admin_approved" => PermittedUsers::AdminApproved(text.span),
        Some(text) if text.as_str() == "self_authorize" => PermittedUsers::SelfAuthorize(text),
        Some(_) => PermittedUsers::Unknown,
    };
    let profiles = fields.texts("profiles", reader);
    let permission_sets = fields.texts("permission_sets", reader);
    let app = App {
        component: Component::new(type_name, name.as_str(), name.span),
        kind,
        label: fields.text("label", reader),
        oauth: Some(name.span),
        blocked: fields.word("blocked", &["true", "false"], reader),
        consumer_key: fields.text("consumer_key", reader),
        certificate: none.map(|place| Located::new(CertificateBody::Empty, place)),
        callback: fields.text("callback_url", reader),
        scopes: fields.texts("scopes", reader),
        permitted_users,
        policies: profiles.is_some() || permission_sets.is_some(),
        profiles: profiles.unwrap_or_default(),
        permission_sets: permission_sets.unwrap_or_default(),
        records: Vec::new(),
        described: app_settings(kind, &name, &mut fields, reader),
    };
    fields.finish(reader);
    Some((app, certificate))
}

const SESSION_LEVELS: &[&str] = &["STANDARD", "HIGH_ASSURANCE"];

/// The settings and policies of an app, in the types of its files.
fn app_settings(
    kind: AppKind,
    name: &Text,
    fields: &mut Fields<'_>,
    reader: &mut Reader,
) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    let mut run_as = None;
    let mut switch = None;
    for setting in APP_SETTINGS {
        let value = match setting.key {
            "client_credentials" | "pkce_required" => fields.word(setting.key, BOOLEANS, reader),
            "session_level" => fields.word(setting.key, SESSION_LEVELS, reader),
            key => fields.text(key, reader),
        };
        match setting.key {
            "client_credentials" => switch.clone_from(&value),
            "client_credentials_user" => run_as.clone_from(&value),
            _ => {}
        }
        let Some(text) = value else { continue };
        add_setting(&mut records, setting, kind, name, &text);
    }
    // A run-as user enables the flow.
    if let (None, Some(user)) = (&switch, run_as.filter(|user| !user.is_empty())) {
        let on = Text::at("true", user.span, Syntax::Verbatim);
        for setting in APP_SETTINGS.iter().filter(|setting| setting.key == "client_credentials") {
            add_setting(&mut records, setting, kind, name, &on);
        }
    }
    records
}

fn add_setting(
    records: &mut Vec<Record>,
    setting: &AppSetting,
    kind: AppKind,
    name: &Text,
    value: &Text,
) {
    for (type_name, path) in setting.fields(kind) {
        let field = Field { path: path.to_owned(), text: value.clone() };
        match records.iter_mut().find(|record| record.component.type_name == type_name) {
            Some(record) => record.fields.push(field),
            None => records.push(Record {
                component: Component::new(type_name, name.as_str(), name.span),
                fields: vec![field],
            }),
        }
    }
}

fn permission_set(name: Text, node: &yaml::Node, reader: &mut Reader) -> Option<PermissionSet> {
    let mut set = PermissionSet {
        described_only: true,
        ..PermissionSet::new(Component::new("PermissionSet", name.as_str(), name.span))
    };
    if node.is_null() {
        return Some(set);
    }
    let mut fields = reader.mapping(node, "a permission set")?;
    let principals = fields.texts("principals", reader).unwrap_or_default();
    set.grants = principals
        .into_iter()
        .map(|reference| Grant { element: reference.span, enabled: true, switch: None, reference })
        .collect();
    set.assigned_to = fields.texts("assigned_to", reader);
    set.label = fields.text("label", reader);
    set.license = fields.text("license", reader);
    set.profile = fields.text("profile", reader);
    fields.finish(reader);
    Some(set)
}

fn group(name: Text, node: &yaml::Node, reader: &mut Reader) -> Option<PermissionSetGroup> {
    let component = Component::new("PermissionSetGroup", name.as_str(), name.span);
    let mut fields: Fields<'_> = reader.mapping(node, "a permission set group")?;
    let group = PermissionSetGroup {
        component,
        label: fields.text("label", reader),
        members: fields.texts("permission_sets", reader).unwrap_or_default(),
        muting: Vec::new(),
        assigned_to: fields.texts("assigned_to", reader),
    };
    fields.finish(reader);
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ConfigError;

    fn mistakes(text: &str) -> Vec<Mistake> {
        match parse(FileId(0), "sfcred.yaml", text) {
            Err(Error::Config(ConfigError::Mistakes { mistakes, .. })) => mistakes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn unknown_keys_are_mistakes_with_suggestions() {
        let text = "orgs:\n  hub:\n    external_credential:\n      A: {}\n";
        let found = &mistakes(text)[0];
        assert_eq!(&text[found.start..found.end], "external_credential");
        assert_eq!(found.help.as_deref(), Some("did you mean `external_credentials`?"));
        assert!(mistakes("org: {}\n").iter().any(|mistake| mistake.message.contains("`org`")));
    }

    #[test]
    fn wrong_types_and_values_are_mistakes() {
        assert!(mistakes("orgs: [a]\n")[0].message.contains("mapping"));
        assert!(
            mistakes("orgs:\n  hub:\n    kind: sandbx\n")[0].help.as_deref()
                == Some("did you mean `sandbox`?")
        );
        assert!(
            mistakes("orgs:\n  hub:\n    users:\n      a@b.c: { active: maybe }\n")[0]
                .message
                .contains("true or false")
        );
        assert!(
            mistakes("orgs:\n  hub:\n    my_domain: acme\n")[0].message.contains("not a My Domain")
        );
        assert_eq!(mistakes("orgs:\n  hub:\n    a: 1\n    b: 2\n").len(), 2);
    }

    #[test]
    fn a_complete_setup_is_parsed() {
        let text = "orgs:\n  hub:\n    external_credentials:\n      S: { protocol: Oauth, flow: JwtBearer, claims: { aud: https://test.salesforce.com }, principals: [P] }\n";
        let description = parse(FileId(0), "sfcred.yaml", text).unwrap();
        let credential = &description.orgs[0].external_credentials[0];
        assert_eq!(credential.flow(), crate::model::Flow::JwtBearer);
        assert_eq!(credential.principals().count(), 1);
    }
}
