//! Step 7: the checks of the target org, in the order in which it reports errors.

use crate::model::{
    AppKind, Connection, Flow, JwtCredential, Lifetime, Login, MatchedBy, Named, PermittedUsers,
    Scope, Subject, Username, X509,
};
use crate::rule::{Step as Kind, TokenCheck};
use crate::source::{Certainty, Text};

use super::login;
use super::path::CalloutPath;
use super::step::{Check, State, Step, listed};

/// The lifetime in seconds that Salesforce uses if the credential sets none.
pub const DEFAULT_LIFETIME: i64 = 120;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::TargetOrg, path.failures(Kind::TargetOrg));
    let Some(jwt) = path.jwt.filter(|_| path.is_exchange_with_salesforce()) else {
        return without_exchange(path, step);
    };
    if path.connection.is_none() && path.failures_at(TokenCheck::App).is_empty() {
        let key = jwt.issuer_key().filter(|key| !key.is_empty());
        let app = key.map_or("the app".to_owned(), |key| {
            format!("the app with the consumer key `{}`", crate::model::shortened(key.as_str()))
        });
        step.unknown(
            format!("whether the target org issues a token: {app} is not in these files"),
            "add the target org's folder, or describe its app in `sfcred.yaml`: `connected_apps` with `consumer_key`, `certificate`, `scopes`, `permitted_users`",
        );
        step.checks = path.failing_checks();
        audience_without_app(path, jwt, &mut step);
        return step;
    }
    step.checks = path.checks(&TokenCheck::OF_JWT, |check| describe(path, jwt, check));
    step
}

/// The step for flows in which no Salesforce org checks an assertion.
fn without_exchange<'a>(path: &CalloutPath<'a>, mut step: Step<'a>) -> Step<'a> {
    if path.login.is_some() && path.is_to_salesforce() {
        login::checks(path, &mut step);
        return step;
    }
    step.checks = path.failing_checks();
    if !step.checks.is_empty() {
        return step;
    }
    match path.flow {
        Flow::DirectJwt => step.does_not_apply(
            "the JWT goes to the called endpoint; no org issues a token in this flow",
        ),
        Flow::JwtBearer
        | Flow::JwtAssertion
        | Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::ClientCredentialsIdentityProvider => {
            let host = path
                .jwt
                .and_then(JwtCredential::token_host)
                .or_else(|| path.login.and_then(Login::token_host))
                .map(|host| host.as_str().to_owned())
                .filter(|host| !host.is_empty());
            match host {
                Some(host) => step.unknown(
                    format!("the response of `{host}`: it is not a Salesforce org"),
                    "ask its operator what it requires, and which client and key it trusts",
                ),
                None if step.failures.is_empty() => {
                    step.note_unknown("which server issues the token", "");
                }
                None => {}
            }
            step
        }
        Flow::AuthorizationCode | Flow::AuthorizationCodeIdentityProvider => {
            match path.provider {
                Some(_) => step.unknown(
                    "whether the login service accepts the login: it is not a Salesforce org, or a plug-in decides",
                    "log in with the credential in Setup",
                ),
                None => step.note_unknown("which server issues the token", ""),
            }
            step
        }
        Flow::Aws
        | Flow::AwsSts
        | Flow::AwsRolesAnywhere
        | Flow::Basic
        | Flow::Custom
        | Flow::NoAuthentication => step.does_not_apply("no org issues a token in this flow"),
        Flow::Unknown => {
            if step.failures.is_empty() {
                step.note_unknown("which server issues the token", "");
            }
            step
        }
    }
}

/// Adds the audience check, which does not need the app.
fn audience_without_app<'a>(path: &CalloutPath<'a>, jwt: &JwtCredential, step: &mut Step<'a>) {
    if step.checks.iter().any(|check| check.kind == TokenCheck::Audience) {
        return;
    }
    let mut audience = Check::new(TokenCheck::Audience, Vec::new());
    self::audience(path, jwt, &mut audience);
    if audience.state() == State::Ok && !audience.facts.is_empty() {
        step.checks.push(audience);
        step.checks.sort_by_key(|check| check.kind);
    }
}

fn describe(path: &CalloutPath<'_>, jwt: &JwtCredential, check: &mut Check<'_>) {
    let kind = check.kind;
    match (kind, path.connection) {
        (TokenCheck::Audience, _) => audience(path, jwt, check),
        (TokenCheck::Expiry, _) => expiry(path, jwt, check),
        (TokenCheck::App, Some(connection)) => app(path, &connection, check),
        (TokenCheck::Signature, Some(connection)) => signature(path, &connection, check),
        (TokenCheck::Approval, Some(connection)) => approval(&connection, check),
        (TokenCheck::Scopes, Some(connection)) => scopes(&connection, check),
        (TokenCheck::Session, Some(connection)) => session(&connection, check),
        (TokenCheck::Callback | TokenCheck::CodeChallenge | TokenCheck::RunAsUser, _) => {}
        (
            TokenCheck::App
            | TokenCheck::Signature
            | TokenCheck::Approval
            | TokenCheck::Scopes
            | TokenCheck::Session,
            None,
        ) => check.unknown(unknown_without_app(kind), ""),
    }
}

/// The unknown of a check if no app matches the issuer. The missing app itself is a finding.
fn unknown_without_app(kind: TokenCheck) -> &'static str {
    match kind {
        TokenCheck::Signature => "whether the signature verifies: no app is found",
        TokenCheck::Approval => "whether the user is approved: no app is found",
        TokenCheck::Scopes => "which scopes the token has: no app is found",
        TokenCheck::Session => "whether the session is restricted: no app is found",
        TokenCheck::App
        | TokenCheck::Callback
        | TokenCheck::CodeChallenge
        | TokenCheck::Audience
        | TokenCheck::Expiry
        | TokenCheck::RunAsUser => "which app the JWT is for",
    }
}

fn app(path: &CalloutPath<'_>, connection: &Connection<'_>, check: &mut Check<'_>) {
    let app = connection.app;
    let name = path.named_app().unwrap_or_default();
    match (connection.matched_by, &app.consumer_key) {
        (MatchedBy::Issuer, Some(key)) => {
            check.fact(format!("`iss` is the consumer key of {name}"), key);
        }
        (
            MatchedBy::Issuer
            | MatchedBy::ConsumerKey
            | MatchedBy::Host
            | MatchedBy::Description
            | MatchedBy::OnlyCandidate,
            _,
        ) => {
            check.fact(name, &app.component);
            let missing_issuer = connection.credential.issuer().is_none();
            if missing_issuer {
                check.unknown(
                    "which app the JWT is for: it has no `iss`",
                    "set `iss` to the consumer key of the app",
                );
            } else if app.key_is_unknown() {
                check.unknown(
                    format!("whether `iss` is the consumer key of `{}`: the key is not in the files", app.name()),
                    format!(
                        "retrieve the app, or add its key to `sfcred.yaml`: `{}: {{ {}: {{ consumer_key: … }} }}`",
                        match app.kind {
                            AppKind::ConnectedApp => "connected_apps",
                            AppKind::ExternalClientApp => "external_client_apps",
                        },
                        app.name()
                    ),
                );
            } else {
                check.unknown(
                    format!(
                        "whether `iss` is the consumer key of `{}`: `iss` is unknown",
                        app.name()
                    ),
                    "",
                );
            }
        }
    }
}

fn signature(path: &CalloutPath<'_>, connection: &Connection<'_>, check: &mut Check<'_>) {
    let app = connection.app;
    let trusted = app
        .certificate
        .as_ref()
        .and_then(|certificate| certificate.x509().map(|x509| (certificate.span, x509)));
    let signing: Option<&X509> = path.certificate.and_then(crate::model::Certificate::x509);
    match (trusted, signing) {
        (Some((place, trusted)), Some(signing)) if trusted.same_key(signing) => check
            .fact(format!("the app trusts the signing key, {}…", trusted.fingerprint()), &place),
        (Some((place, trusted)), Some(_)) => {
            check.fact(format!("the app trusts a different key, {}…", trusted.fingerprint()), &place);
            check.unknown("whether the signature verifies: the certificates differ", "");
        }
        (Some((place, trusted)), None) => {
            check.fact(format!("the app trusts the key {}…", trusted.fingerprint()), &place);
            check.unknown(
                "whether the signature verifies: the signing key is unknown",
                "add the certificate of the calling org (`certs/…crt`)",
            );
        }
        (None, _) => check.unknown(
            format!(
                "whether the signature verifies: the certificate of `{}` is not in these files",
                app.name()
            ),
            "retrieve the app with its certificate, or add it to `sfcred.yaml`: `certificate: { file: … }`",
        ),
    }
}

fn audience(path: &CalloutPath<'_>, jwt: &JwtCredential, check: &mut Check<'_>) {
    let Some(text) = jwt.filled_claim("aud") else {
        check.unknown("whether the audience is right: the JWT has no `aud`", "");
        return;
    };
    match jwt.audience() {
        Some(audience) => {
            let urls = audience.urls.iter().map(|(url, _)| format!("`{}`", url.as_str()));
            let environment = jwt
                .target_host()
                .filter(|host| host.is_my_domain())
                .map(|host| format!(" for {}", host.description()));
            let environment = environment.or_else(|| {
                path.connection
                    .map(|connection| format!(" for {}", connection.target_environment().orgs()))
                    .filter(|words| words.len() > 5)
            });
            check.fact(format!("{}{}", listed(urls, ", "), environment.unwrap_or_default()), text);
        }
        None => {
            check.unknown("whether the audience is right: `aud` is a placeholder or a formula", "")
        }
    }
}

fn expiry(path: &CalloutPath<'_>, jwt: &JwtCredential, check: &mut Check<'_>) {
    match jwt.lifetime().map(|lifetime| (lifetime.value, lifetime.span)) {
        Some((Lifetime::Seconds(seconds), place)) => {
            check.fact(format!("{seconds} seconds after signing"), &place)
        }
        Some((Lifetime::Milliseconds, place)) => check
            .fact("thousands of years ahead, because the formula counts in milliseconds", &place),
        Some((Lifetime::Static, place)) => check.fact("the same time for every JWT", &place),
        Some((Lifetime::Unknown, place)) => {
            check.fact("a formula that sfcred does not understand", &place);
            check.unknown("when the JWT expires", "");
        }
        None if jwt.filled_claim("exp").is_some() => {
            check.unknown("when the JWT expires: `exp` is replaced during deployment", "")
        }
        None if path.jwt.is_some_and(|jwt| jwt.legacy) => check.note("set by the platform"),
        None => {
            check.note(format!("{DEFAULT_LIFETIME} seconds after signing, the Salesforce default"))
        }
    }
}

fn approval(connection: &Connection<'_>, check: &mut Check<'_>) {
    let app = connection.app;
    let subject = connection.credential.subject();
    match &app.permitted_users {
        PermittedUsers::AdminApproved(place) => {
            check.fact("admin approved users are pre-authorized", place)
        }
        PermittedUsers::SelfAuthorize(text) => check.fact("all users may self-authorize", text),
        PermittedUsers::Default => check.note("all users may self-authorize, which is the default"),
        PermittedUsers::Unknown => {}
    }
    let mut holders: Vec<&Text> = app.permission_sets.iter().chain(&app.profiles).collect();
    holders.sort_by_key(|text| text.span);
    let names: Vec<String> = holders.iter().map(|text| format!("`{text}`")).collect();
    if let (Some(first), true) = (holders.first(), check.failures.is_empty()) {
        check.fact(format!("approved: {}", listed(&names, ", ")), *first);
    }
    let Some(subject) = subject else {
        check.unknown("which user logs in: the JWT has no `sub`", "");
        return;
    };
    if subject.certainty != Certainty::Known {
        check.unknown(
            format!("which user logs in: `{subject}` is replaced during deployment"),
            "run sfcred on the files as deployed, or with `--env`",
        );
        return;
    }
    let login = connection.credential.login();
    let Some(username) = login.as_ref().and_then(Subject::username) else {
        check.unknown(
            format!(
                "which user logs in: `{subject}` depends on the running user of the calling org"
            ),
            "make sure that every such user exists in the target org and is approved there",
        );
        return;
    };
    approved(connection, username, subject, &names, check);
}

fn approved(
    connection: &Connection<'_>,
    username: &Username,
    subject: &Text,
    names: &[String],
    check: &mut Check<'_>,
) {
    let (app, target_org) = (connection.app, connection.target_org);
    match target_org.approves(app, username) {
        Some(true) => check.fact(format!("`{username}` is approved"), target_org.user(username.as_str()).map_or(&subject.span, |user| &user.username.span)),
        Some(false) => check.unknown(format!("whether `{username}` is approved"), ""),
        None if matches!(app.permitted_users, PermittedUsers::AdminApproved(_)) && !names.is_empty() => check.unknown(
            format!("whether `{username}` has {}", listed(names, " or ")),
            format!("in `sfcred.yaml`, add to org `{}`: `users: {{ {username}: {{ {} }} }}`", org_name(&target_org.name), user_entry(connection)),
        ),
        None => check.unknown(
            format!("whether the app `{}` approves `{username}`: its policies are not in these files", app.name()),
            "retrieve them, or add them to `sfcred.yaml`: `permitted_users: admin_approved`, and `permission_sets` or `profiles`",
        ),
    }
}

/// The `sfcred.yaml` entry of a user who is approved.
fn user_entry(connection: &Connection<'_>) -> String {
    let app = connection.app;
    match (app.permission_sets.first(), app.profiles.first()) {
        (Some(set), _) => format!("permission_sets: [{}]", set.as_str().replace(' ', "_")),
        (None, Some(profile)) => format!("profile: {profile}"),
        (None, None) => "profile: …".to_owned(),
    }
}

fn org_name(name: &str) -> &str {
    if name.is_empty() { "target" } else { name }
}

fn scopes(connection: &Connection<'_>, check: &mut Check<'_>) {
    let app = connection.app;
    if let Some(scopes) = app.scopes.as_ref()
        && let Some(first) = scopes.first()
    {
        check.fact(listed(scopes.iter().map(Text::as_str), ", "), first);
    }
    if app.lists(|scope| scope == Scope::RefreshToken) != Some(true) {
        check.unknown(
            format!("whether `{}` has the required scopes, including `refresh_token`", app.name()),
            "retrieve the app's OAuth settings, or add them to `sfcred.yaml`: `scopes: [Api, RefreshToken]`",
        );
    }
}

fn session(connection: &Connection<'_>, check: &mut Check<'_>) {
    match connection.subject_profile() {
        Some((_, named, profile))
            if profile.login_ip_ranges.is_empty() && profile.login_hours.is_none() =>
        {
            check.fact(
                format!("the profile `{named}` restricts neither IP addresses nor login hours"),
                &profile.component,
            );
        }
        Some((_, named, _)) => check.fact(format!("the profile `{named}` restricts logins"), named),
        None => check.note_unknown(
            "whether the profile of the user restricts IP addresses or login hours",
            "",
        ),
    }
}
