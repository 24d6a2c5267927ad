//! `sfcred.yaml`: which orgs there are, and what metadata cannot say. Pure: text in, orgs or every mistake out.

mod fields;
mod yaml;

use fields::{Fields, Reading};

use crate::error::{Error, Mistake};
use crate::model::{
    App, AppKind, Certificate, Component, ExternalCredential, Grant, Host, NamedCredential,
    NamedCredentialModel, OrgKind, Parameter, ParameterType, PermissionSet, PermissionSetGroup,
    PermittedUsers, Url, User,
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
    /// 15 or 18 characters that begin with `00D`.
    pub org_id: Option<Text>,
    pub external_credentials: Vec<ExternalCredential>,
    pub named_credentials: Vec<NamedCredential>,
    pub apps: Vec<App>,
    /// With the file that each app's certificate is in, by app.
    pub app_certificates: Vec<(usize, Text)>,
    /// With the file that each certificate is in.
    pub certificates: Vec<(Certificate, Option<Text>)>,
    pub permission_sets: Vec<PermissionSet>,
    pub groups: Vec<PermissionSetGroup>,
    pub callouts_run_as: Vec<Text>,
    pub users: Option<Vec<User>>,
    /// Exports of `sf data query --json`, relative to the description.
    pub exports: Vec<Text>,
}

/// A whole description.
#[derive(Clone, Debug, Default)]
pub struct Description {
    pub orgs: Vec<DescribedOrg>,
}

impl Description {
    /// The files that the description names besides metadata: certificates and exports.
    pub fn files(&self) -> impl Iterator<Item = &Text> {
        self.orgs.iter().flat_map(|org| {
            let certificates = org.certificates.iter().filter_map(|(_, file)| file.as_ref());
            let apps = org.app_certificates.iter().map(|(_, file)| file);
            certificates.chain(apps).chain(&org.exports)
        })
    }
}

/// Reads a description.
///
/// # Errors
/// Every mistake in the file, with its place and, where a word is nearly right, the right one.
pub fn parse(file: FileId, name: &str, text: &str) -> Result<Description, Error> {
    let fail = |mistakes: Vec<Mistake>| Error::mistakes(name, text, mistakes);
    let root = yaml::parse(text).map_err(|mistake| fail(vec![mistake]))?;
    let mut reading = Reading { file, mistakes: Vec::new() };
    let mut orgs = Vec::new();
    if let Some(mut top) = reading.mapping(&root, "a description") {
        if let Some(node) = top.required("orgs", &mut reading) {
            for (key, value) in reading.entries(node, "orgs") {
                orgs.extend(org(key, value, &mut reading));
            }
        }
        top.finish(&mut reading);
    }
    if reading.mistakes.is_empty() { Ok(Description { orgs }) } else { Err(fail(reading.mistakes)) }
}

const KINDS: &[(&str, OrgKind)] = &[
    ("production", OrgKind::Production),
    ("developer", OrgKind::Developer),
    ("sandbox", OrgKind::Sandbox),
    ("scratch", OrgKind::Scratch),
    ("trailhead", OrgKind::Trailhead),
];

fn org(name: Text, node: &yaml::Node, reading: &mut Reading) -> Option<DescribedOrg> {
    let mut fields = reading.mapping(node, "an org")?;
    let mut org = DescribedOrg {
        name,
        metadata: fields.text_or_list("metadata", reading),
        kind: fields.choice("kind", KINDS, reading),
        my_domain: fields.text("my_domain", reading).and_then(|text| my_domain(&text, reading)),
        org_id: fields.org_id(reading),
        external_credentials: Vec::new(),
        named_credentials: Vec::new(),
        apps: Vec::new(),
        app_certificates: Vec::new(),
        certificates: Vec::new(),
        permission_sets: Vec::new(),
        groups: Vec::new(),
        callouts_run_as: fields.text_or_list("callouts_run_as", reading),
        users: None,
        exports: fields.text("assignments", reading).into_iter().collect(),
    };
    if let Some(node) = fields.take("users") {
        match reading.scalar(node) {
            Some(export) => org.exports.push(export),
            None => {
                org.users = Some(
                    reading
                        .entries(node, "users")
                        .into_iter()
                        .filter_map(|(name, node)| user(name, node, reading))
                        .collect(),
                )
            }
        }
    }
    for (name, node) in fields.entries("certificates", reading) {
        org.certificates.extend(certificate(name, node, reading));
    }
    for (name, node) in fields.entries("external_credentials", reading) {
        org.external_credentials.extend(external_credential(name, node, reading));
    }
    for (name, node) in fields.entries("named_credentials", reading) {
        org.named_credentials.extend(named_credential(name, node, reading));
    }
    for (kind, key) in [
        (AppKind::ConnectedApp, "connected_apps"),
        (AppKind::ExternalClientApp, "external_client_apps"),
    ] {
        for (name, node) in fields.entries(key, reading) {
            let Some((app, certificate)) = app(kind, name, node, reading) else { continue };
            org.app_certificates.extend(certificate.map(|file| (org.apps.len(), file)));
            org.apps.push(app);
        }
    }
    for (name, node) in fields.entries("permission_sets", reading) {
        org.permission_sets.extend(permission_set(name, node, reading));
    }
    for (name, node) in fields.entries("permission_set_groups", reading) {
        org.groups.extend(group(name, node, reading));
    }
    fields.finish(reading);
    Some(org)
}

fn my_domain(text: &Text, reading: &mut Reading) -> Option<Located<Host>> {
    let host = Host::parse(&Url::parse(text.known()?).host);
    if host.as_str().is_empty() || !host.as_str().contains('.') {
        reading.mistake(
            text.span,
            format!("`{text}` is no My Domain"),
            Some("write it as `https://acme.my.salesforce.com`".into()),
        );
        return None;
    }
    Some(Located::new(host, text.span))
}

fn user(username: Text, node: &yaml::Node, reading: &mut Reading) -> Option<User> {
    if node.is_null() {
        return Some(User { username, profile: None, permission_sets: None, active: true });
    }
    let mut fields = reading.mapping(node, "a user")?;
    let user = User {
        username,
        profile: fields.text("profile", reading),
        permission_sets: fields.texts("permission_sets", reading),
        active: fields.boolean("active", reading).unwrap_or(true),
    };
    fields.finish(reading);
    Some(user)
}

fn certificate(
    name: Text,
    node: &yaml::Node,
    reading: &mut Reading,
) -> Option<(Certificate, Option<Text>)> {
    let place = name.span;
    let file = certificate_file(node, reading);
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
fn certificate_file(node: &yaml::Node, reading: &mut Reading) -> Option<Text> {
    if let Some(path) = reading.scalar(node) {
        return Some(path);
    }
    if node.is_null() {
        return None;
    }
    let mut fields = reading.mapping(node, "a certificate")?;
    let file = fields.text("file", reading);
    fields.finish(reading);
    file
}

const PROTOCOLS: &[&str] =
    &["Oauth", "Jwt", "Basic", "Custom", "AwsSv4", "NoAuthentication", "JwtExchange", "Password"];
const FLOWS: &[&str] = &[
    "JwtBearer",
    "ClientCredentialsJwtAssertion",
    "ClientCredentialsClientSecret",
    "ClientCredentialsClientSecretBasic",
    "NoAuthentication",
];

fn external_credential(
    name: Text,
    node: &yaml::Node,
    reading: &mut Reading,
) -> Option<ExternalCredential> {
    let mut fields = reading.mapping(node, "an external credential")?;
    let protocol = fields.word("protocol", PROTOCOLS, reading);
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
    let flow = fields.word("flow", FLOWS, reading);
    if flow.is_some() {
        add(ParameterType::AuthProtocolVariant, protocol.clone(), flow);
    }
    for (key, kind) in single {
        if let Some(value) = fields.text(key, reading) {
            add(kind, None, Some(value));
        }
    }
    if let Some(scope) = fields.text("scope", reading) {
        add(
            ParameterType::AuthParameter,
            Some(Text::at("Scope", scope.element, Syntax::Verbatim)),
            Some(scope),
        );
    }
    for (key, kind) in
        [("claims", ParameterType::JwtBodyClaim), ("header_claims", ParameterType::JwtHeaderClaim)]
    {
        for (claim, node) in fields.entries(key, reading) {
            let value = claim_value(&claim, node, reading);
            add(kind, Some(claim), value);
        }
    }
    for (key, kind) in [
        ("principals", ParameterType::NamedPrincipal),
        ("per_user_principals", ParameterType::PerUserPrincipal),
    ] {
        for principal in fields.texts(key, reading).unwrap_or_default() {
            add(kind, Some(principal), None);
        }
    }
    let label = fields.text("label", reading);
    fields.finish(reading);
    Some(ExternalCredential {
        component: Component::new("ExternalCredential", name.as_str(), name.span),
        label,
        protocol,
        parameters,
    })
}

/// A claim's value: a text, or for `aud` a list of texts.
fn claim_value(claim: &Text, node: &yaml::Node, reading: &mut Reading) -> Option<Text> {
    if let yaml::NodeKind::Sequence(items) = &node.kind {
        if claim.as_str() != "aud" {
            reading.mistake(claim.span, format!("`{claim}` takes one text, not a list"), None);
            return None;
        }
        let values: Vec<String> = items
            .iter()
            .filter_map(|item| reading.scalar(item))
            .map(|text| text.as_str().to_owned())
            .collect();
        let span = reading.span(node);
        return Some(Text::at(
            serde_json::to_string(&values).unwrap_or_default(),
            span,
            Syntax::Verbatim,
        ));
    }
    if node.is_null() {
        return None;
    }
    let value = reading.scalar(node).map(|text| {
        let end = text.element.end;
        text.within(crate::source::Span { end, ..claim.span })
    });
    if value.is_none() {
        reading.mistake(claim.span, format!("`{claim}` takes a text, not {}", node.noun()), None);
    }
    value
}

fn named_credential(
    name: Text,
    node: &yaml::Node,
    reading: &mut Reading,
) -> Option<NamedCredential> {
    let mut fields = reading.mapping(node, "a named credential")?;
    let component = Component::new("NamedCredential", name.as_str(), name.span);
    let protocol = fields.word("protocol", PROTOCOLS, reading);
    let model = if protocol.is_some() {
        NamedCredentialModel::Legacy
    } else {
        NamedCredentialModel::Secured
    };
    let mut named = NamedCredential::new(component, model);
    named.protocol = protocol;
    named.url = fields.text("url", reading);
    named.external_credential = fields.text("external_credential", reading);
    named.token_endpoint = fields.text("token_endpoint", reading);
    named.jwt_signing_certificate = fields.text("signing_certificate", reading);
    named.oauth_scope = fields.text("scope", reading);
    named.jwt_validity_seconds = fields.text("validity_seconds", reading);
    named.client_certificate = fields.text("client_certificate", reading);
    named.auth_provider = fields.text("auth_provider", reading);
    named.callout_status = fields.text("callout_status", reading);
    named.generate_authorization_header = fields.text("generate_authorization_header", reading);
    named.allowed_namespaces = fields.texts("allowed_namespaces", reading).unwrap_or_default();
    named.label = fields.text("label", reading);
    for (claim, node) in fields.entries("claims", reading) {
        let value = claim_value(&claim, node, reading);
        let slot = match claim.as_str() {
            "iss" => &mut named.jwt_issuer,
            "sub" => &mut named.jwt_text_subject,
            "aud" => &mut named.jwt_audience,
            other => {
                reading.mistake(
                    claim.span,
                    format!("a legacy named credential has no claim `{other}`"),
                    Some("only `iss`, `sub` and `aud` can be set".into()),
                );
                continue;
            }
        };
        *slot = value;
    }
    fields.finish(reading);
    Some(named)
}

const PERMITTED: &[&str] = &["admin_approved", "self_authorize"];

fn app(
    kind: AppKind,
    name: Text,
    node: &yaml::Node,
    reading: &mut Reading,
) -> Option<(App, Option<Text>)> {
    let noun =
        if kind == AppKind::ConnectedApp { "a connected app" } else { "an external client app" };
    let type_name =
        if kind == AppKind::ConnectedApp { "ConnectedApp" } else { "ExternalClientApplication" };
    let mut fields = reading.mapping(node, noun)?;
    let certificate = fields.take("certificate").and_then(|node| certificate_file(node, reading));
    let permitted_users = match fields.word("permitted_users", PERMITTED, reading) {
        None => PermittedUsers::Unknown,
        Some(text) if text.as_str() == "admin_approved" => PermittedUsers::AdminApproved(text.span),
        Some(text) if text.as_str() == "self_authorize" => PermittedUsers::SelfAuthorize(text),
        Some(_) => PermittedUsers::Unknown,
    };
    let profiles = fields.texts("profiles", reading);
    let permission_sets = fields.texts("permission_sets", reading);
    let app = App {
        component: Component::new(type_name, name.as_str(), name.span),
        kind,
        label: fields.text("label", reading),
        oauth: Some(name.span),
        consumer_key: fields.text("consumer_key", reading),
        certificate: None,
        callback: fields.text("callback_url", reading),
        scopes: fields.texts("scopes", reading),
        permitted_users,
        policies: profiles.is_some() || permission_sets.is_some(),
        profiles: profiles.unwrap_or_default(),
        permission_sets: permission_sets.unwrap_or_default(),
        records: Vec::new(),
    };
    fields.finish(reading);
    Some((app, certificate))
}

fn permission_set(name: Text, node: &yaml::Node, reading: &mut Reading) -> Option<PermissionSet> {
    let mut set = PermissionSet {
        described_only: true,
        ..PermissionSet::new(Component::new("PermissionSet", name.as_str(), name.span))
    };
    if node.is_null() {
        return Some(set);
    }
    let mut fields = reading.mapping(node, "a permission set")?;
    let principals = fields.texts("principals", reading).unwrap_or_default();
    set.grants = principals
        .into_iter()
        .map(|reference| Grant { element: reference.span, enabled: true, switch: None, reference })
        .collect();
    set.assigned_to = fields.texts("assigned_to", reading);
    set.label = fields.text("label", reading);
    set.license = fields.text("license", reading);
    fields.finish(reading);
    Some(set)
}

fn group(name: Text, node: &yaml::Node, reading: &mut Reading) -> Option<PermissionSetGroup> {
    let component = Component::new("PermissionSetGroup", name.as_str(), name.span);
    let mut fields: Fields<'_> = reading.mapping(node, "a permission set group")?;
    let group = PermissionSetGroup {
        component,
        label: fields.text("label", reading),
        members: fields.texts("permission_sets", reading).unwrap_or_default(),
        muting: Vec::new(),
        assigned_to: fields.texts("assigned_to", reading),
    };
    fields.finish(reading);
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
    fn wrong_types_are_mistakes() {
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
            mistakes("orgs:\n  hub:\n    my_domain: acme\n")[0].message.contains("no My Domain")
        );
        assert_eq!(mistakes("orgs:\n  hub:\n    a: 1\n    b: 2\n").len(), 2);
    }

    #[test]
    fn a_whole_setup_is_read() {
        let text = "orgs:\n  hub:\n    external_credentials:\n      S: { protocol: Oauth, flow: JwtBearer, claims: { aud: https://test.salesforce.com }, principals: [P] }\n";
        let description = parse(FileId(0), "sfcred.yaml", text).unwrap();
        let credential = &description.orgs[0].external_credentials[0];
        assert_eq!(credential.flow(), crate::model::Flow::JwtBearer);
        assert_eq!(credential.principals().count(), 1);
    }
}
