//! The checks of the target org in the client credentials and the authorization code flow.

use crate::model::{
    App, AppLogin, Host, MatchedBy, Named, PermittedUsers, Provider, Scope, Subject,
};
use crate::rule::TokenCheck;
use crate::source::Text;

use super::path::CalloutPath;
use super::step::{Check, Step, listed};

/// Adds the checks of a login to Salesforce.
pub fn checks<'a>(path: &CalloutPath<'a>, step: &mut Step<'a>) {
    let kinds: &[TokenCheck] = if path.flow.is_client_credentials() {
        &TokenCheck::OF_CLIENT_CREDENTIALS
    } else {
        &TokenCheck::OF_AUTHORIZATION_CODE
    };
    let Some(login) = path.app_login else {
        without_app(path, step);
        return;
    };
    step.checks = path.checks(kinds, |check| describe(path, &login, check));
}

/// The app is not in the files, so only findings are known.
fn without_app<'a>(path: &CalloutPath<'a>, step: &mut Step<'a>) {
    step.checks = path.failing_checks();
    if !step.checks.is_empty() || !step.failures.is_empty() {
        return;
    }
    if path.provider.is_some_and(|provider| provider.is_managed()) {
        step.note("the auth provider has no consumer key of its own: Salesforce manages its app");
        step.unknown("whether the target org allows the app that Salesforce manages", "");
    } else if path.flow.is_client_credentials() {
        step.unknown(
            "whether the target org issues a token: the app with the client credentials flow is not in these files",
            "add the target org's folder, or describe its app in `sfcred.yaml`",
        );
    } else {
        step.unknown(
            "whether the target org issues a token: the app with the consumer key of the auth provider is not in these files",
            "add the target org's folder, or describe its app in `sfcred.yaml`",
        );
    }
}

fn describe(path: &CalloutPath<'_>, login: &AppLogin<'_>, check: &mut Check<'_>) {
    match check.kind {
        TokenCheck::App => app(path, login, check),
        TokenCheck::Callback => callback(path, login, check),
        TokenCheck::CodeChallenge => code_challenge(path, login.app, check),
        TokenCheck::RunAsUser => run_as_user(login, check),
        TokenCheck::Approval => approval(path, login, check),
        TokenCheck::Scopes => scopes(path, login, check),
        TokenCheck::Signature | TokenCheck::Audience | TokenCheck::Expiry | TokenCheck::Session => {
        }
    }
}

fn app(path: &CalloutPath<'_>, login: &AppLogin<'_>, check: &mut Check<'_>) {
    let app = login.app;
    let name = path.named_app().unwrap_or_default();
    match login.matched_by {
        MatchedBy::ConsumerKey => {
            let place = app.consumer_key.as_ref().map_or(app.component.place, |key| key.span);
            check.fact(format!("the consumer key is that of {name}"), &place);
        }
        MatchedBy::Host if login.login.flow.is_authorization_code() => {
            let place = app.callback.as_ref().map_or(app.component.place, |callback| callback.span);
            check.fact(format!("{name} lists the callback URL of the provider"), &place);
            check.note("the consumer key is stored in the org; no file shows it");
        }
        MatchedBy::Host => {
            let flag = app.client_credentials_switch();
            let place = flag.map_or(app.component.place, |flag| flag.span);
            if login.app.uses_client_credentials() {
                check.fact(format!("{name} enables the client credentials flow"), &place);
            }
        }
        MatchedBy::OnlyCandidate | MatchedBy::Issuer | MatchedBy::Description => {
            check.fact(
                format!("{name} is the only one in these files that it can be"),
                &app.component,
            );
            check.unknown(
                format!("whether `{}` is the app of the target org", app.name()),
                "name the orgs and their My Domains in `sfcred.yaml`",
            );
        }
    }
}

fn callback(path: &CalloutPath<'_>, login: &AppLogin<'_>, check: &mut Check<'_>) {
    let Some(provider) = path.provider else { return };
    let wanted = provider.callback_path();
    let urls = login.app.callback_urls();
    match urls.iter().find(|(url, _)| provider.is_callback(url)) {
        Some((url, text)) => {
            check.fact(format!("the app lists `{}`", url.as_str()), text);
            if login.calling_org.my_domain.is_none() {
                check.note_unknown(
                    format!("whether `{}` is the host of the calling org", Host::parse(&url.host)),
                    "compare it with *Callback URL* of the auth provider in Setup",
                );
            }
        }
        None => check.unknown(
            format!("whether the app lists the callback URL `{wanted}`"),
            "compare it with *Callback URL* of the auth provider in Setup",
        ),
    }
}

fn code_challenge(path: &CalloutPath<'_>, app: &App, check: &mut Check<'_>) {
    let sends = path.provider.and_then(|provider| provider.sends_code_challenge());
    match (app.required_code_challenge(), sends) {
        (Some(required), Some(true)) => {
            check.fact("the app requires PKCE, and a code challenge is sent", required);
        }
        (Some(required), Some(false)) => check.fact("the app requires PKCE", required),
        (Some(required), None) => {
            check.fact("the app requires PKCE", required);
            check.unknown("whether a code challenge is sent: a plug-in decides", "");
        }
        (None, Some(true)) => {
            check.note("a code challenge is sent, and the app does not require it")
        }
        (None, Some(false) | None) => check.note("the app does not require PKCE"),
    }
}

fn run_as_user(login: &AppLogin<'_>, check: &mut Check<'_>) {
    let Some(user) = login.app.client_credentials_user() else {
        check.unknown(
            format!("which user `{}` runs as", login.app.name()),
            "choose *Run As* under Client Credentials Flow in the policies of the app",
        );
        return;
    };
    check.fact(format!("runs as `{user}`"), user);
    match user.known() {
        None => check.unknown(
            format!("which user the flow runs as: `{user}` is replaced during deployment"),
            "run sfcred on the files as deployed, or with `--env`",
        ),
        Some(name) => match login.target_org.user(name) {
            Some(described) if described.active => {
                check.fact("an active user of the target org", &described.username);
            }
            Some(_) => {
                check.unknown(format!("whether `{name}` may log in: the user is inactive"), "")
            }
            None => check.note_unknown(format!("whether `{name}` is an active user"), ""),
        },
    }
}

fn approval(path: &CalloutPath<'_>, login: &AppLogin<'_>, check: &mut Check<'_>) {
    let app = login.app;
    let names = || app.permission_sets.iter().chain(&app.profiles).map(|text| format!("`{text}`"));
    let who =
        if path.flow.is_client_credentials() { "the run-as user" } else { "the user who logs in" };
    match &app.permitted_users {
        PermittedUsers::AdminApproved(place) if names().next().is_none() => {
            check.fact("admin approved users are pre-authorized", place);
            check.unknown(format!("whether {who} is approved: the app lists neither a profile nor a permission set"), "");
        }
        PermittedUsers::AdminApproved(place) => {
            check.fact(format!("approved: {}", listed(names(), ", ")), place);
            let user = app.client_credentials_user().filter(|_| path.flow.is_client_credentials());
            let subject = user.and_then(Subject::parse);
            let approved = subject
                .as_ref()
                .and_then(Subject::username)
                .and_then(|user| login.target_org.approves(app, user));
            match approved {
                Some(true) => check.note(format!("{who} is approved")),
                Some(false) => check.unknown(format!("whether {who} is approved"), ""),
                None => {
                    check.note_unknown(format!("whether {who} has {}", listed(names(), " or ")), "")
                }
            }
        }
        PermittedUsers::SelfAuthorize(text) => check.fact("all users may self-authorize", text),
        PermittedUsers::Default => check.note("all users may self-authorize, which is the default"),
        PermittedUsers::Unknown => check.unknown(
            format!("whether {who} is approved: the policies of the app are not in these files"),
            "retrieve them, or add them to `sfcred.yaml`",
        ),
    }
}

fn scopes(path: &CalloutPath<'_>, login: &AppLogin<'_>, check: &mut Check<'_>) {
    let app = login.app;
    let Some((first, scopes)) =
        app.scopes.as_ref().and_then(|scopes| Some((scopes.first()?, scopes)))
    else {
        check.unknown(
            format!("which scopes `{}` has", app.name()),
            "retrieve the app's OAuth settings, or add them to `sfcred.yaml`: `scopes: [Api]`",
        );
        return;
    };
    check.fact(format!("the app lists {}", listed(scopes.iter().map(Text::as_str), ", ")), first);
    if path.flow.is_authorization_code() {
        match login.login.requested_scopes(login.calling_org) {
            Some(requested) => {
                let words = requested.iter().map(Text::as_str);
                check.note(format!("requested: {}", listed(words, ", ")));
            }
            None => check.note("no scope is requested, so all scopes of the app are granted"),
        }
        return;
    }
    if app.lists(|scope| scope.gives_api_access() && scope != Scope::Full) != Some(true) {
        check.unknown(
            "whether the token may call an API: the client credentials flow does not grant `full`",
            "",
        );
    }
}

/// What the platform sends in the authorization code flow.
pub fn authorization_request(path: &CalloutPath<'_>, step: &mut Step<'_>) {
    let Some(provider) = path.provider else {
        if step.failures.is_empty() {
            step.unknown(
                "where users log in: the auth provider is not in these files",
                "add the folder that contains it",
            );
        }
        return;
    };
    step.fact(format!("{} `{}`", provider.noun(), provider.name()), provider.component());
    if provider.kind == crate::model::ProviderKind::Plugin {
        step.unknown("what is sent: the Apex plug-in of the auth provider decides", "");
        return;
    }
    urls(&provider, step);
    let scope = path
        .login
        .and_then(|login| login.requested_scopes(path.calling_org))
        .map(|scopes| listed(scopes.iter().map(Text::as_str), " "))
        .filter(|scope| !scope.is_empty());
    let scope = scope.map_or(String::new(), |scope| format!(" &scope={scope}"));
    let challenge = match provider.sends_code_challenge() {
        Some(true) => " &code_challenge=<challenge> &code_challenge_method=S256",
        Some(false) | None => "",
    };
    step.note(format!(
        "a user logs in once: response_type=code &client_id=<key> &redirect_uri=<callback>{scope}{challenge}"
    ));
    step.note(if provider.sends_secret_in_header() {
        "then: grant_type=authorization_code &code=<code>, with `Authorization: Basic ••••••`"
    } else {
        "then: grant_type=authorization_code &code=<code> &client_id=<key> &client_secret=••••••"
    });
    step.note("later: grant_type=refresh_token &refresh_token=••••••");
    step.note(
        "key, secret and login are stored in the org; no file shows whether a user has logged in",
    );
}

fn urls(provider: &Provider<'_>, step: &mut Step<'_>) {
    match (provider.authorize_url(), provider.token_url()) {
        (None, None) if provider.is_to_salesforce() => {
            step.note("no URLs are set, so users log in at `login.salesforce.com`");
        }
        (None, None) => step.note("no URLs are set: the type of the auth provider decides"),
        (authorize, token) => {
            for (what, url) in [("authorizes at", authorize), ("POST", token)] {
                let Some(url) = url else { continue };
                step.fact(format!("{what} {}", url.as_str()), url);
                if url.known().is_none() && step.failures.is_empty() {
                    step.unknown(
                        format!("where users log in: `{url}` is replaced during deployment"),
                        "run sfcred on the files as deployed, or with `--env`",
                    );
                }
            }
        }
    }
}
