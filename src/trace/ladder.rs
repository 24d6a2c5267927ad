//! What each step and check of a trace connects: the two ends of a row of its picture.
//!
//! Whether a row is ok is decided by its step or check alone.

use crate::model::{
    App, CertificateBody, Flow, Host, Lifetime, Login, Named, Org, PermittedUsers, ProviderKind,
    X509,
};
use crate::rule::{Step as Kind, TokenCheck};
use crate::source::{Certainty, Span, Spanned, Text};

use super::path::CalloutPath;
use super::step::{Step, listed};
use super::target_org::DEFAULT_LIFETIME;

/// One row: a step, or a check of the target org.
#[derive(Clone, Debug)]
pub struct Rung {
    pub kind: Kind,
    pub check: Option<TokenCheck>,
    /// What the left end does with the right one.
    pub action: &'static str,
    pub from: End,
    pub to: End,
}

/// One end of a row: a component, a value that is sent, or what the other side requires.
#[derive(Clone, Debug)]
pub struct End {
    pub label: &'static str,
    pub shown: Shown,
    /// Whether the files contain it.
    pub in_files: bool,
}

#[derive(Clone, Debug)]
pub enum Shown {
    /// A name or value of a file, and its place.
    Value(String, Option<Span>),
    /// Words of sfcred, with values from files in backticks.
    Words(String),
}

/// Who answers the token request, or the callout in a flow without one.
#[derive(Clone, Debug)]
pub enum Answering<'a> {
    Org(&'a str),
    /// The calling org itself.
    OwnOrg,
    /// A host whose metadata is not in the files.
    Salesforce(String),
    ThirdParty(String),
    Unknown,
}

impl End {
    fn value(label: &'static str, text: &Text) -> End {
        let in_files = text.certainty == Certainty::Known;
        End { label, shown: Shown::Value(text.as_str().to_owned(), Some(text.span)), in_files }
    }

    fn name(label: &'static str, name: &str, place: Option<Span>) -> End {
        End { label, shown: Shown::Value(name.to_owned(), place), in_files: true }
    }

    fn words(label: &'static str, words: impl Into<String>) -> End {
        End { label, shown: Shown::Words(words.into()), in_files: true }
    }

    fn missing(label: &'static str) -> End {
        End { label, shown: Shown::Words("not in the files".to_owned()), in_files: false }
    }

    fn stored(label: &'static str) -> End {
        End { label, shown: Shown::Words("stored in the org".to_owned()), in_files: false }
    }

    fn value_or_missing(label: &'static str, text: Option<&Text>) -> End {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => End::value(label, text),
            None => End::missing(label),
        }
    }

    fn absent(mut self) -> End {
        self.in_files = false;
        self
    }
}

/// The rows of a trace, in the order of its steps.
pub fn rungs(path: &CalloutPath<'_>, steps: &[Step<'_>]) -> Vec<Rung> {
    let mut rungs = Vec::new();
    for step in steps {
        let kind = step.kind;
        let whole = step.checks.is_empty()
            || !step.facts.is_empty()
            || !step.unknowns.is_empty()
            || !step.failures.is_empty();
        if whole {
            let (from, action, to) = step_ends(path, kind);
            rungs.push(Rung { kind, check: None, action, from, to });
        }
        for check in &step.checks {
            let (from, action, to) = check_ends(path, check.kind);
            rungs.push(Rung { kind, check: Some(check.kind), action, from, to });
        }
    }
    rungs
}

type Ends = (End, &'static str, End);

fn step_ends(path: &CalloutPath<'_>, kind: Kind) -> Ends {
    match kind {
        Kind::Caller => (caller(path), "calls", named(path)),
        Kind::NamedCredential => match path.named.filter(|named| named.is_legacy()) {
            Some(legacy) => (
                named(path),
                "authenticates by",
                End::value_or_missing("Protocol", legacy.protocol.as_ref()),
            ),
            None => (named(path), "authenticates with", external(path)),
        },
        Kind::Access => (permission(path), "may use", principal(path)),
        Kind::ExternalCredential => (
            if path.external.is_some() { external(path) } else { named(path) },
            "authenticates by",
            End::words("Flow", path.flow.label()),
        ),
        Kind::Signing => signing(path),
        Kind::Request => request(path),
        Kind::TargetOrg | Kind::Component => {
            (requested(path.flow), "is accepted by", responding(path))
        }
        Kind::Call => (
            End::words("Authorization", authorization(path)),
            "is sent to",
            End::value_or_missing("URL", path.named.and_then(|named| named.url.as_ref())),
        ),
    }
}

fn caller(path: &CalloutPath<'_>) -> End {
    let callouts =
        if path.callouts.is_empty() { path.missing.as_slice() } else { path.callouts.as_slice() };
    match callouts {
        [] => End::missing("Caller"),
        [one] => End::name("Apex", &one.class.name, Some(one.name.span)),
        [first, rest @ ..] => {
            End::words("Apex", format!("`{}` and {} more callouts", first.class.name, rest.len()))
        }
    }
}

fn named(path: &CalloutPath<'_>) -> End {
    match (path.named, path.missing) {
        (Some(named), _) => {
            let label =
                if named.is_legacy() { "Legacy named credential" } else { "Named credential" };
            End::name(label, named.name(), Some(named.component.place))
        }
        (None, Some(missing)) => End::value("Named credential", &missing.name).absent(),
        (None, None) => End::missing("Named credential"),
    }
}

fn external(path: &CalloutPath<'_>) -> End {
    const LABEL: &str = "External credential";
    let reference = path.named.and_then(|named| named.external_credential.as_ref());
    match (path.external, reference) {
        (Some(external), _) => End::name(LABEL, external.name(), Some(external.component.place)),
        (None, Some(reference)) => End::value(LABEL, reference).absent(),
        (None, None) => End::missing(LABEL),
    }
}

/// The permission set that grants the principal, with a user who has it.
fn permission(path: &CalloutPath<'_>) -> End {
    if path.named.is_some_and(|named| named.is_legacy()) {
        return End::words("Users", "every user");
    }
    let granting = &path.granting;
    let mut held = granting.held.iter().filter_map(|(user, set)| Some((*user, (*set)?)));
    let (set, user) = match (held.next(), granting.sets.first()) {
        (Some((user, set)), _) => (set, Some(user)),
        (None, Some(set)) => (*set, None),
        (None, None) => return End::missing("Permission set"),
    };
    let more = match granting.sets.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let (label, name) = match &set.profile {
        Some(profile) => ("Profile", profile.as_str()),
        None => ("Permission set", set.name()),
    };
    match (user, more.as_str()) {
        (None, "") => End::name(label, name, Some(set.component.place)),
        (None, more) => End::words(label, format!("`{name}`{more}")),
        (Some(user), _) => End::words(label, format!("`{name}`, of `{user}`")),
    }
}

fn principal(path: &CalloutPath<'_>) -> End {
    if let Some(legacy) = path.named.filter(|named| named.is_legacy()) {
        return End::value_or_missing("Identity type", legacy.principal_type.as_ref());
    }
    let Some(external) = path.external else { return End::missing("Principal") };
    let mut principals = external.principals();
    let Some(first) = principals.next() else { return End::missing("Principal") };
    let label = if first.is_per_user() { "Per-user principal" } else { "Principal" };
    match principals.count() {
        0 => End::value(label, first.name),
        more => End::words(label, format!("`{}` and {more} more", first.name)),
    }
}

fn signing(path: &CalloutPath<'_>) -> Ends {
    if let Some(jwt) = path.jwt {
        let claims = jwt.header_claims.iter();
        let mut algorithm = claims.filter(|claim| claim.name.as_str() == "alg");
        let algorithm = algorithm.find_map(|claim| claim.value.as_ref());
        let to = match algorithm {
            Some(algorithm) => End::value("JWT", algorithm),
            None => End::words("JWT", "RS256"),
        };
        return (certificate(path), "signs", to);
    }
    match path.flow {
        Flow::Aws | Flow::AwsSts => {
            (End::stored("Secret access key"), "signs", End::words("Request", "AWS Signature V4"))
        }
        Flow::AwsRolesAnywhere => (
            End::value_or_missing(
                "Certificate",
                path.external.and_then(|external| external.signing_certificate()),
            ),
            "signs",
            End::words("Request", "AWS Signature V4"),
        ),
        Flow::JwtBearer
        | Flow::JwtAssertion
        | Flow::DirectJwt
        | Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::ClientCredentialsIdentityProvider
        | Flow::AuthorizationCode
        | Flow::AuthorizationCodeIdentityProvider
        | Flow::Basic
        | Flow::Custom
        | Flow::NoAuthentication
        | Flow::Unknown => (End::missing("Certificate"), "signs", End::missing("Request")),
    }
}

/// The signing certificate, with the fingerprint of its public key.
fn certificate(path: &CalloutPath<'_>) -> End {
    const LABEL: &str = "Certificate";
    let reference = path.jwt.and_then(|jwt| jwt.signing_certificate.as_ref());
    let Some(reference) = reference.filter(|reference| !reference.is_empty()) else {
        return End::missing(LABEL);
    };
    match path.certificate.map(|certificate| (certificate, certificate.x509())) {
        Some((_, Some(x509))) => {
            End::words(LABEL, format!("`{reference}`, {}", x509.fingerprint()))
        }
        Some((_, None)) => End::value(LABEL, reference),
        None => End::value(LABEL, reference).absent(),
    }
}

fn request(path: &CalloutPath<'_>) -> Ends {
    let endpoint = End::value_or_missing("Token endpoint", super::request::endpoint(path));
    match path.flow {
        Flow::AuthorizationCode | Flow::AuthorizationCodeIdentityProvider => {
            let Some(provider) = path.provider else {
                return (
                    End::missing("Auth provider"),
                    "sends users to",
                    End::missing("Login page"),
                );
            };
            let label = if provider.is_identity() {
                "External auth identity provider"
            } else {
                "Auth provider"
            };
            let from = End::name(label, provider.name(), Some(provider.component().span()));
            let to = match provider.authorize_url() {
                Some(url) => End::value("Login page", url),
                None if provider.kind == ProviderKind::Plugin => {
                    End::words("Login page", "decided by an Apex plug-in").absent()
                }
                None => End::words("Login page", "that of the provider type"),
            };
            (from, "sends users to", to)
        }
        Flow::AwsSts => (
            requested(path.flow),
            "is sent to",
            End::words("Token endpoint", "AWS Security Token Service"),
        ),
        Flow::AwsRolesAnywhere => (
            requested(path.flow),
            "is sent to",
            End::words("Token endpoint", "AWS IAM Roles Anywhere"),
        ),
        Flow::JwtBearer
        | Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::JwtAssertion
        | Flow::ClientCredentialsIdentityProvider
        | Flow::DirectJwt
        | Flow::Aws
        | Flow::Basic
        | Flow::Custom
        | Flow::NoAuthentication
        | Flow::Unknown => (requested(path.flow), "is sent to", endpoint),
    }
}

/// What is sent to obtain a token, or instead of one.
fn requested(flow: Flow) -> End {
    match flow {
        Flow::JwtBearer => End::words("Token request", "JWT bearer assertion"),
        Flow::JwtAssertion => End::words("Token request", "client assertion"),
        Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::ClientCredentialsIdentityProvider => {
            End::words("Token request", "client ID and secret")
        }
        Flow::AuthorizationCode | Flow::AuthorizationCodeIdentityProvider => {
            End::words("Login", "of a user in a browser")
        }
        Flow::AwsSts => End::words("Token request", "AssumeRole"),
        Flow::AwsRolesAnywhere => End::words("Token request", "CreateSession"),
        Flow::DirectJwt => End::words("Token", "the signed JWT"),
        Flow::Aws => End::words("Signature", "AWS Signature V4"),
        Flow::Basic => End::words("Login", "username and password"),
        Flow::Custom => End::words("Login", "custom headers"),
        Flow::NoAuthentication => End::words("Login", "none"),
        Flow::Unknown => End::missing("Login"),
    }
}

fn responding(path: &CalloutPath<'_>) -> End {
    match answering(path) {
        Answering::Org(name) => End::name("Org", name, None),
        Answering::OwnOrg => End::name("Org", &path.calling_org.name, None),
        Answering::Salesforce(host) => {
            End { label: "Org", shown: Shown::Value(host, None), in_files: false }
        }
        Answering::ThirdParty(host) => {
            End { label: "Third party", shown: Shown::Value(host, None), in_files: false }
        }
        Answering::Unknown => End::missing("Server"),
    }
}

/// Who answers; see [`Answering`].
pub fn answering<'a>(path: &CalloutPath<'a>) -> Answering<'a> {
    let described = path.jwt.and_then(|jwt| jwt.described_target);
    let described = described.or_else(|| path.login.and_then(|login| login.target_org));
    let org: Option<&'a Org> =
        path.target_org().or_else(|| described.map(|id| path.workspace.org(id)));
    if let Some(org) = org {
        let is_own = std::ptr::eq(org, path.calling_org);
        return if is_own { Answering::OwnOrg } else { Answering::Org(&org.name) };
    }
    let host = path
        .jwt
        .and_then(|jwt| jwt.token_host())
        .or_else(|| path.login.and_then(Login::token_host))
        .map(|host| host.value)
        .or_else(|| path.provider.and_then(|provider| provider.hosts().next()))
        .or_else(|| path.named.and_then(|named| named.host()));
    let is_placeholder = |host: &Host| host.as_str().is_empty();
    match host.filter(|host| !is_placeholder(host)) {
        Some(host) => match path.workspace.org_of_host(&host).map(|id| path.workspace.org(id)) {
            Some(org) if std::ptr::eq(org, path.calling_org) => Answering::OwnOrg,
            Some(org) => Answering::Org(&org.name),
            None if host.is_salesforce() => Answering::Salesforce(host.as_str().to_owned()),
            None => Answering::ThirdParty(host.as_str().to_owned()),
        },
        None => Answering::Unknown,
    }
}

fn authorization(path: &CalloutPath<'_>) -> &'static str {
    if path.named.is_some_and(|named| named.header_is_off()) {
        return "not generated";
    }
    match path.flow {
        Flow::JwtBearer
        | Flow::JwtAssertion
        | Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::ClientCredentialsIdentityProvider
        | Flow::AuthorizationCode
        | Flow::AuthorizationCodeIdentityProvider => "Bearer <access token>",
        Flow::DirectJwt => "Bearer <JWT>",
        Flow::Basic => "Basic ••••••",
        Flow::Aws | Flow::AwsSts | Flow::AwsRolesAnywhere => "AWS4-HMAC-SHA256 ••••••",
        Flow::Custom => "custom headers",
        Flow::NoAuthentication => "none",
        Flow::Unknown => "unknown",
    }
}

fn check_ends(path: &CalloutPath<'_>, check: TokenCheck) -> Ends {
    let app = path.app();
    let of_app = |label: &'static str, text: Option<&Text>| match app {
        Some(_) => End::value_or_missing(label, text),
        None => End::missing(label),
    };
    match check {
        TokenCheck::App => (client(path), "identifies", app_end(app)),
        TokenCheck::Callback => {
            let provider = path.provider;
            let from = provider.map_or(End::missing("Callback URL"), |provider| {
                End::words("Callback URL", format!("`{}`", provider.callback_path()))
            });
            let urls = app.map(App::callback_urls).unwrap_or_default();
            let same = urls
                .iter()
                .find(|(url, _)| provider.is_some_and(|provider| provider.is_callback(url)));
            let to = same.or(urls.first()).map(|(_, text)| text);
            (from, "is listed by", of_app("Callback URL of the app", to))
        }
        TokenCheck::CodeChallenge => {
            let sends = path.provider.and_then(|provider| provider.sends_code_challenge());
            let from = match sends {
                Some(true) => End::words("Code challenge", "is sent"),
                Some(false) => End::words("Code challenge", "is not sent"),
                None => End::words("Code challenge", "unknown").absent(),
            };
            let to = match app.map(App::required_code_challenge) {
                Some(Some(_)) => End::words("PKCE", "required"),
                Some(None) => End::words("PKCE", "not required"),
                None => End::missing("PKCE"),
            };
            (from, "is what the app requires", to)
        }
        TokenCheck::Signature => {
            let body = app.and_then(|app| app.certificate.as_ref());
            let to = match body.map(|body| (body, &body.value)) {
                Some((_, CertificateBody::Certificate(x509))) => {
                    End::words("Certificate of the app", key(x509))
                }
                Some(_) => End::words("Certificate of the app", "unreadable").absent(),
                None => End::missing("Certificate of the app"),
            };
            (certificate(path), "is trusted by", to)
        }
        TokenCheck::Audience => (audience(path), "is the login URL of", environment(path)),
        TokenCheck::Expiry => {
            (expiry(path), "is at most", End::words("Documented limit", "180 seconds"))
        }
        TokenCheck::RunAsUser => (
            End::words("Token request", "client credentials"),
            "runs as",
            of_app("Run-as user", app.and_then(App::client_credentials_user)),
        ),
        TokenCheck::Approval => (user(path), "is approved by", approves(app)),
        TokenCheck::Scopes => {
            let scopes = app.and_then(|app| app.scopes.as_ref());
            let to = match scopes.and_then(|scopes| Some((scopes, scopes.first()?))) {
                Some((scopes, first)) => End::name(
                    "Scopes of the app",
                    &listed(scopes.iter().map(Text::as_str), ", "),
                    Some(first.span),
                ),
                None => End::missing("Scopes of the app"),
            };
            (requested_scopes(path), "is granted from", to)
        }
        TokenCheck::Session => {
            let profile = path.connection.as_ref().and_then(|connection| {
                let user = connection.subject_user()?.1;
                user.profile.as_ref()
            });
            (user(path), "may log in by", of_app("Profile", profile))
        }
    }
}

/// What identifies the app.
fn client(path: &CalloutPath<'_>) -> End {
    if let Some(jwt) = path.jwt {
        return End::value_or_missing("iss", jwt.issuer());
    }
    match path.provider.and_then(|provider| provider.consumer_key()) {
        Some(key) => End::value("Consumer key", key),
        None => End::stored("Client ID"),
    }
}

fn app_end(app: Option<&App>) -> End {
    let Some(app) = app else { return End::missing("App") };
    let label = match app.kind {
        crate::model::AppKind::ConnectedApp => "Connected app",
        crate::model::AppKind::ExternalClientApp => "External client app",
    };
    End::name(label, app.name(), Some(app.component.place))
}

fn key(x509: &X509) -> String {
    format!("public key {}", x509.fingerprint())
}

/// The audiences, without the quotes around them in a claim.
fn audience(path: &CalloutPath<'_>) -> End {
    let text = path.jwt.and_then(|jwt| jwt.filled_claim("aud"));
    let audience = path.jwt.and_then(|jwt| jwt.audience());
    match audience.zip(text).filter(|(audience, _)| !audience.value.urls.is_empty()) {
        Some((audience, text)) => {
            let urls = audience.value.urls.iter().map(|(url, _)| url.as_str());
            End::name("aud", &listed(urls, ", "), Some(text.span))
        }
        None => End::value_or_missing("aud", text),
    }
}

/// The org that the audience has to fit.
fn environment(path: &CalloutPath<'_>) -> End {
    let host = path.jwt.and_then(|jwt| jwt.target_host());
    match host {
        Some(host) => {
            let label = if host.value.is_my_domain() { "My Domain" } else { "Host" };
            End::name(label, host.value.as_str(), Some(host.span))
        }
        None => match path.target_org().map(|org| org.environment().orgs()) {
            Some(words) if !words.is_empty() => End::words("Org", words),
            Some(_) | None => End::missing("My Domain"),
        },
    }
}

fn expiry(path: &CalloutPath<'_>) -> End {
    let lifetime = path.jwt.and_then(|jwt| jwt.lifetime());
    match lifetime.map(|lifetime| (lifetime.value, lifetime.span)) {
        Some((Lifetime::Seconds(seconds), _)) => {
            End::words("exp", format!("{seconds} seconds after signing"))
        }
        Some((Lifetime::Milliseconds, _)) => End::words("exp", "thousands of years ahead"),
        Some((Lifetime::Static, _)) => End::words("exp", "the same for every JWT"),
        Some((Lifetime::Unknown, _)) => End::words("exp", "an unknown formula").absent(),
        None if path.jwt.is_some_and(|jwt| jwt.filled_claim("exp").is_some()) => {
            End::words("exp", "replaced during deployment").absent()
        }
        None if path.jwt.is_some_and(|jwt| jwt.legacy) => End::words("exp", "set by the platform"),
        None => End::words("exp", format!("{DEFAULT_LIFETIME} seconds after signing")),
    }
}

/// The user who logs in.
fn user(path: &CalloutPath<'_>) -> End {
    if let Some(jwt) = path.jwt {
        return End::value_or_missing("sub", jwt.subject());
    }
    match path.app() {
        Some(app) if path.flow.is_client_credentials() => {
            End::value_or_missing("Run-as user", app.client_credentials_user())
        }
        Some(_) | None => End::words("User", "who logs in"),
    }
}

fn approves(app: Option<&App>) -> End {
    let Some(app) = app else { return End::missing("Permitted users") };
    let mut holders: Vec<&Text> = app.permission_sets.iter().chain(&app.profiles).collect();
    holders.sort_by_key(|text| text.span);
    match &app.permitted_users {
        PermittedUsers::AdminApproved(_) => match holders.first() {
            Some(first) => {
                let names = listed(holders.iter().map(|text| text.as_str()), ", ");
                End::name("Pre-authorized", &names, Some(first.span))
            }
            None => End::words("Pre-authorized", "none in the files").absent(),
        },
        PermittedUsers::SelfAuthorize(_) | PermittedUsers::Default => {
            End::words("Permitted users", "all may self-authorize")
        }
        PermittedUsers::Unknown => End::missing("Permitted users"),
    }
}

fn requested_scopes(path: &CalloutPath<'_>) -> End {
    const LABEL: &str = "Requested scopes";
    let requested = path.login.map(|login| login.requested_scopes(path.calling_org));
    let own = path.jwt.map(|jwt| jwt.scopes.clone()).filter(|scopes| !scopes.is_empty());
    match requested.flatten().or(own) {
        Some(scopes) if !scopes.is_empty() => End::name(
            LABEL,
            &listed(scopes.iter().map(Text::as_str), ", "),
            scopes.first().map(|scope| scope.span),
        ),
        Some(_) | None => End::words("Access token", "with the scopes that the app lists"),
    }
}
