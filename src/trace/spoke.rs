//! Step 7: what the answering org checks, in the order in which it complains.

use crate::model::{
    Handshake, JwtCredential, Lifetime, Meeting, Named, PermittedUsers, Scope, Subject, Username,
    X509,
};
use crate::rule::{Rungs, Step as Kind};
use crate::source::{Certainty, Text};

use super::chain::Chain;
use super::step::{Rung, State, Step};

/// What Salesforce sets where nothing is said, in seconds.
pub const DEFAULT_LIFETIME: i64 = 120;

pub fn step<'a>(chain: &Chain<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Spoke, chain.stops(Kind::Spoke));
    let Some(jwt) = chain.jwt.filter(|_| chain.is_exchange_with_salesforce()) else {
        elsewhere(chain, &mut step);
        return step;
    };
    if chain.handshake.is_none() && chain.stops_at(Rungs::App).is_empty() {
        let key = jwt.issuer_key().filter(|key| !key.is_empty());
        let app = key.map_or("the app".to_owned(), |key| {
            format!("the app with the consumer key `{}`", crate::model::shortened(key.as_str()))
        });
        step.unknown(
            format!("what the answering org says: {app} is not in these files"),
            "give the answering org's folder too, or describe its app in `sfcred.yaml`: `connected_apps` with `consumer_key`, `certificate`, `scopes`, `permitted_users`",
        );
        step.rungs = Rungs::ALL
            .into_iter()
            .map(|kind| Rung::new(kind, chain.stops_at(kind)))
            .filter(|rung| !rung.stops.is_empty())
            .collect();
        audience_alone(chain, jwt, &mut step);
        return step;
    }
    step.rungs = Rungs::ALL.into_iter().map(|kind| rung(chain, jwt, kind)).collect();
    step
}

/// Where nobody of Salesforce's checks an assertion.
fn elsewhere<'a>(chain: &Chain<'a>, step: &mut Step<'a>) {
    step.rungs = Rungs::ALL
        .into_iter()
        .map(|kind| Rung::new(kind, chain.stops_at(kind)))
        .filter(|rung| !rung.stops.is_empty())
        .collect();
    let host = chain
        .jwt
        .and_then(JwtCredential::token_host)
        .map(|host| host.as_str().to_owned())
        .filter(|host| !host.is_empty());
    match (chain.jwt, host) {
        (Some(_), Some(host)) if chain.flow == crate::model::Flow::DirectJwt => step.note(format!(
            "the JWT goes to whom the named credential calls; `{host}` issues no token in this flow"
        )),
        (Some(_), Some(host)) if !chain.is_to_salesforce() => step.unknown(
            format!("what `{host}` answers: it is not a Salesforce org"),
            "ask who runs it which claims it wants, and which key it trusts",
        ),
        (Some(_), None) if chain.flow == crate::model::Flow::JwtBearer && step.rungs.is_empty() => {
            step.unsaid("who answers", "")
        }
        (Some(_), _) | (None, _) => {
            if chain.external.is_some()
                || chain.named.is_some_and(crate::model::NamedCredential::is_legacy)
            {
                step.note("no JWT bearer assertion is exchanged with a Salesforce org");
            } else {
                step.unsaid("who answers", "");
            }
        }
    }
}

/// The audience can be judged without the app.
fn audience_alone<'a>(chain: &Chain<'a>, jwt: &JwtCredential, step: &mut Step<'a>) {
    if step.rungs.iter().any(|rung| rung.kind == Rungs::Audience) {
        return;
    }
    let mut audience = Rung::new(Rungs::Audience, Vec::new());
    self::audience(chain, jwt, &mut audience);
    if audience.state() == State::Ok && !audience.facts.is_empty() {
        step.rungs.push(audience);
        step.rungs.sort_by_key(|rung| rung.kind);
    }
}

fn rung<'a>(chain: &Chain<'a>, jwt: &'a JwtCredential, kind: Rungs) -> Rung<'a> {
    let mut rung = Rung::new(kind, chain.stops_at(kind));
    match (kind, chain.handshake) {
        (Rungs::Audience, _) => audience(chain, jwt, &mut rung),
        (Rungs::Expiry, _) => expiry(chain, jwt, &mut rung),
        (Rungs::App, Some(handshake)) => app(&handshake, &mut rung),
        (Rungs::Signature, Some(handshake)) => signature(chain, &handshake, &mut rung),
        (Rungs::Approval, Some(handshake)) => approval(&handshake, &mut rung),
        (Rungs::Scopes, Some(handshake)) => scopes(&handshake, &mut rung),
        (Rungs::Session, Some(handshake)) => session(&handshake, &mut rung),
        (
            Rungs::App | Rungs::Signature | Rungs::Approval | Rungs::Scopes | Rungs::Session,
            None,
        ) => rung.unknown(unmet(kind), ""),
    }
    rung
}

/// The first fault is told already: the issuer finds no app.
fn unmet(kind: Rungs) -> &'static str {
    match kind {
        Rungs::Signature => "whether the signature verifies: no app is found",
        Rungs::Approval => "whether the user is let in: no app is found",
        Rungs::Scopes => "which scopes there are: no app is found",
        Rungs::Session => "what the session may do: no app is found",
        Rungs::App | Rungs::Audience | Rungs::Expiry => "which app is meant",
    }
}

fn app(handshake: &Handshake<'_>, rung: &mut Rung<'_>) {
    let app = handshake.app;
    let org = if handshake.spoke.name.is_empty() {
        String::new()
    } else {
        format!(" in org `{}`", handshake.spoke.name)
    };
    match (handshake.meeting, &app.consumer_key) {
        (Meeting::Issuer, Some(key)) => rung.fact(
            format!("`iss` is the consumer key of the {} `{}`{org}", app.noun(), app.name()),
            key,
        ),
        (Meeting::Issuer | Meeting::Host | Meeting::Description, _) => {
            rung.fact(format!("the {} `{}`{org}", app.noun(), app.name()), &app.component);
            let missing_issuer = handshake.credential.issuer().is_none();
            if missing_issuer {
                rung.unknown(
                    "which app the JWT names: it has no `iss`",
                    "set `iss` to the consumer key of the app",
                );
            } else if app.key_is_unknown() {
                rung.unknown(
                    format!("whether `iss` is the consumer key of `{}`: the key is not in the files", app.name()),
                    format!("retrieve the app, or write its key into `sfcred.yaml`: `connected_apps: {{ {}: {{ consumer_key: … }} }}`", app.name()),
                );
            } else {
                rung.unknown(
                    format!(
                        "whether `iss` is the consumer key of `{}`: `iss` is not known yet",
                        app.name()
                    ),
                    "",
                );
            }
        }
    }
}

fn signature(chain: &Chain<'_>, handshake: &Handshake<'_>, rung: &mut Rung<'_>) {
    let app = handshake.app;
    let trusted = app
        .certificate
        .as_ref()
        .and_then(|certificate| certificate.x509().map(|x509| (certificate.span, x509)));
    let signing: Option<&X509> = chain.certificate.and_then(crate::model::Certificate::x509);
    match (trusted, signing) {
        (Some((place, trusted)), Some(signing)) if trusted.same_key(signing) => rung
            .fact(format!("the app trusts the key that signs, {}…", trusted.fingerprint()), &place),
        (Some((place, trusted)), Some(_)) => {
            rung.fact(format!("the app trusts another key, {}…", trusted.fingerprint()), &place);
            rung.unknown("whether the signature verifies: the certificates differ", "");
        }
        (Some((place, trusted)), None) => {
            rung.fact(format!("the app trusts the key {}…", trusted.fingerprint()), &place);
            rung.unknown(
                "whether the signature verifies: the key that signs is not known",
                "give the certificate of the calling org too (`certs/…crt`)",
            );
        }
        (None, _) => rung.unknown(
            format!(
                "whether the signature verifies: the certificate of `{}` is not in these files",
                app.name()
            ),
            "retrieve the app with its certificate, or describe it: `certificate: { file: … }`",
        ),
    }
}

fn audience(chain: &Chain<'_>, jwt: &JwtCredential, rung: &mut Rung<'_>) {
    let Some(text) = jwt.filled_claim("aud") else {
        rung.unknown("whether the audience is right: the JWT has no `aud`", "");
        return;
    };
    match jwt.audience() {
        Some(audience) => {
            let urls: Vec<&str> = audience.urls.iter().map(|(url, _)| url.as_str()).collect();
            let environment = jwt
                .spoke_host()
                .filter(|host| host.is_my_domain())
                .map(|host| format!(" for {}", host.description()));
            let environment = environment.or_else(|| {
                chain
                    .handshake
                    .map(|handshake| format!(" for {}", handshake.spoke_environment().orgs()))
                    .filter(|words| words.len() > 5)
            });
            rung.fact(format!("`{}`{}", urls.join("`, `"), environment.unwrap_or_default()), text);
        }
        None => {
            rung.unknown("whether the audience is right: `aud` is filled in or computed later", "")
        }
    }
}

fn expiry(chain: &Chain<'_>, jwt: &JwtCredential, rung: &mut Rung<'_>) {
    match jwt.lifetime().map(|lifetime| (lifetime.value, lifetime.span)) {
        Some((Lifetime::Seconds(seconds), place)) => {
            rung.fact(format!("{seconds} seconds after signing"), &place)
        }
        Some((Lifetime::Milliseconds, place)) => {
            rung.fact("thousands of years ahead: it counts in milliseconds", &place)
        }
        Some((Lifetime::Static, place)) => rung.fact("the same moment for every JWT", &place),
        Some((Lifetime::Unknown, place)) => {
            rung.fact("a formula that is not understood here", &place);
            rung.unknown("when the JWT expires", "");
        }
        None if jwt.filled_claim("exp").is_some() => {
            rung.unknown("when the JWT expires: a deployment fills in `exp`", "")
        }
        None if chain.jwt.is_some_and(|jwt| jwt.legacy) => rung.note("set by the platform"),
        None => rung.note(format!(
            "{DEFAULT_LIFETIME} seconds after signing, which Salesforce sets where nothing is said"
        )),
    }
}

fn approval(handshake: &Handshake<'_>, rung: &mut Rung<'_>) {
    let app = handshake.app;
    let subject = handshake.credential.subject();
    match &app.permitted_users {
        PermittedUsers::AdminApproved(place) => {
            rung.fact("admin approved users are pre-authorized", place)
        }
        PermittedUsers::SelfAuthorize(text) => rung.fact("all users may self-authorize", text),
        PermittedUsers::Default => rung.note("all users may self-authorize, which is the default"),
        PermittedUsers::Unknown => {}
    }
    let mut listed: Vec<&Text> = app.permission_sets.iter().chain(&app.profiles).collect();
    listed.sort_by_key(|text| text.span);
    let names: Vec<String> = listed.iter().map(|text| format!("`{text}`")).collect();
    if let (Some(first), true) = (listed.first(), rung.stops.is_empty()) {
        rung.fact(format!("approved: {}", names.join(", ")), *first);
    }
    let Some(subject) = subject else {
        rung.unknown("who logs in: the JWT has no `sub`", "");
        return;
    };
    if subject.certainty != Certainty::Known {
        rung.unknown(
            format!("who logs in: a deployment fills in `{subject}`"),
            "run this over the files as they are deployed",
        );
        return;
    }
    let login = handshake.credential.login();
    let Some(username) = login.as_ref().and_then(Subject::username) else {
        rung.unknown(
            format!("who logs in: `{subject}` is the running user's in the calling org"),
            "see that every such user is one of the answering org's, and approved there",
        );
        return;
    };
    approved(handshake, username, subject, &names, rung);
}

fn approved(
    handshake: &Handshake<'_>,
    username: &Username,
    subject: &Text,
    names: &[String],
    rung: &mut Rung<'_>,
) {
    let (app, spoke) = (handshake.app, handshake.spoke);
    match spoke.approves(app, username) {
        Some(true) => rung.fact(format!("`{username}` is one of the approved"), spoke.user(username.as_str()).map_or(&subject.span, |user| &user.username.span)),
        Some(false) => rung.unknown(format!("whether `{username}` is approved"), ""),
        None if matches!(app.permitted_users, PermittedUsers::AdminApproved(_)) && !names.is_empty() => rung.unknown(
            format!("whether `{username}` has {}", names.join(" or ")),
            format!("say it in `sfcred.yaml`, org `{}`: `users: {{ {username}: {{ {} }} }}`", org_name(&spoke.name), user_words(handshake)),
        ),
        None => rung.unknown(
            format!("whether the app `{}` lets `{username}` in: its policies are not in these files", app.name()),
            "retrieve them, or describe them: `permitted_users: admin_approved`, and `permission_sets` or `profiles`",
        ),
    }
}

/// What a description would say of a user who is let in.
fn user_words(handshake: &Handshake<'_>) -> String {
    let app = handshake.app;
    match (app.permission_sets.first(), app.profiles.first()) {
        (Some(set), _) => format!("permission_sets: [{}]", set.as_str().replace(' ', "_")),
        (None, Some(profile)) => format!("profile: {profile}"),
        (None, None) => "profile: …".to_owned(),
    }
}

fn org_name(name: &str) -> &str {
    if name.is_empty() { "spoke" } else { name }
}

fn scopes(handshake: &Handshake<'_>, rung: &mut Rung<'_>) {
    let app = handshake.app;
    if let Some(scopes) = app.scopes.as_ref()
        && let Some(first) = scopes.first()
    {
        let names: Vec<&str> = scopes.iter().map(Text::as_str).collect();
        rung.fact(names.join(", "), first);
    }
    if app.lists(|scope| scope == Scope::RefreshToken) != Some(true) {
        rung.unknown(
            format!("whether `{}` has the scopes it needs, `refresh_token` among them", app.name()),
            "retrieve the app's OAuth settings, or describe them: `scopes: [Api, RefreshToken]`",
        );
    }
}

fn session(handshake: &Handshake<'_>, rung: &mut Rung<'_>) {
    match handshake.subject_profile() {
        Some((_, named, profile))
            if profile.login_ip_ranges.is_empty() && profile.login_hours.is_none() =>
        {
            rung.fact(
                format!("the profile `{named}` limits neither addresses nor hours"),
                &profile.component,
            );
        }
        Some((_, named, _)) => rung.fact(format!("the profile `{named}` limits logins"), named),
        None => rung.note("nothing in these files limits addresses, hours or the session"),
    }
}
