//! The JWT header and claims as they would be sent.

use std::collections::HashMap;

use crate::model::{Claim, JwtCredential, Lifetime, Subject, registered_claim, shortened};
use crate::source::{Certainty, Span, Text};

use super::path::CalloutPath;
use super::step::MAX_LISTED;
use super::target_org::DEFAULT_LIFETIME;

/// The maximum number of members with the same registered name.
const MAX_OF_NAME: usize = 3;

/// The JWT that is signed.
#[derive(Clone, Debug)]
pub struct Jwt {
    pub header: Vec<Entry>,
    pub claims: Vec<Entry>,
    /// Members of both that are not listed.
    pub more: usize,
}

/// One member of the header or of the claims.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub value: Value,
    /// A remark on the value, such as that it is shortened, computed, or filled in later.
    pub note: Option<String>,
    /// What the claim is for.
    pub meaning: &'static str,
    /// The place that sets it, if a file does.
    pub place: Option<Span>,
    /// What sets it, if no file does.
    pub origin: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<String>),
    Number(i64),
}

pub fn build(path: &CalloutPath<'_>, credential: &JwtCredential) -> Jwt {
    let (header, more_header) = header(path, credential);
    let (claims, more_claims) = claims(path, credential);
    Jwt { header, claims, more: more_header + more_claims }
}

/// The members with a value, and how many are left out. Of those with one name, the last is sent, so the last are listed.
fn entries(
    path: &CalloutPath<'_>,
    credential: &JwtCredential,
    claims: &[Claim],
) -> (Vec<Entry>, usize) {
    let mut of_name: HashMap<&'static str, usize> = HashMap::new();
    let mut listed = Vec::new();
    let mut more = 0;
    for claim in claims.iter().rev().filter(|claim| has_value(claim)) {
        let registered = registered_claim(claim.name.as_str()).map_or("", |(name, _)| name);
        let known = of_name.entry(registered).or_default();
        *known += 1;
        if *known <= if registered.is_empty() { MAX_LISTED } else { MAX_OF_NAME } {
            listed.extend(entry(path, credential, claim));
        } else {
            more += 1;
        }
    }
    listed.reverse();
    (listed, more)
}

/// A claim without value is not sent.
fn has_value(claim: &Claim) -> bool {
    claim.value.as_ref().is_some_and(|value| !value.is_empty())
}

fn header(path: &CalloutPath<'_>, credential: &JwtCredential) -> (Vec<Entry>, usize) {
    let (mut entries, more) = entries(path, credential, &credential.header_claims);
    if !entries.iter().any(|entry| entry.name == "alg") {
        let entry = Entry {
            name: "alg".into(),
            value: Value::Text("RS256".into()),
            note: Some("the default".into()),
            meaning: meaning("alg"),
            place: None,
            origin: Some("the platform's default".into()),
        };
        entries.insert(0, entry);
    }
    (entries, more)
}

fn claims(path: &CalloutPath<'_>, credential: &JwtCredential) -> (Vec<Entry>, usize) {
    let (mut entries, more) = entries(path, credential, &credential.body_claims);
    if entries.iter().any(|entry| entry.name == "exp") {
        return (entries, more);
    }
    let described = credential
        .validity_seconds
        .as_ref()
        .and_then(|text| Some((text.known()?.parse::<i64>().ok()?, text.span)));
    let (seconds, place, origin) = match described {
        Some((seconds, place)) => (seconds, Some(place), None),
        None => (
            DEFAULT_LIFETIME,
            None,
            Some("added by the platform; the default lifetime is 120 seconds".to_owned()),
        ),
    };
    entries.push(Entry {
        name: "exp".into(),
        value: Value::Number(signed_at(path).saturating_add(seconds)),
        note: Some(after(path, seconds)),
        meaning: meaning("exp"),
        place,
        origin,
    });
    (entries, more)
}

/// The assumed time of signing: midnight UTC of the run's "today".
fn signed_at(path: &CalloutPath<'_>) -> i64 {
    path.workspace.today.midnight().assume_utc().unix_timestamp()
}

fn after(path: &CalloutPath<'_>, seconds: i64) -> String {
    let today = path.workspace.today;
    match seconds {
        0 => format!("the time of signing, here {today} 00:00 UTC"),
        seconds if seconds < 0 => format!("{} s before signing, here {today} 00:00 UTC", -seconds),
        seconds => format!("{seconds} s after signing, here {today} 00:00 UTC"),
    }
}

fn entry(path: &CalloutPath<'_>, credential: &JwtCredential, claim: &Claim) -> Option<Entry> {
    let text = claim.value.as_ref().filter(|value| !value.is_empty())?;
    let name = claim.name.raw().trim_end_matches(['\n', '\r']).to_owned();
    let (value, note) = value(path, credential, &name, text);
    Some(Entry { meaning: meaning(&name), name, value, note, place: Some(text.span), origin: None })
}

fn value(
    path: &CalloutPath<'_>,
    credential: &JwtCredential,
    name: &str,
    text: &Text,
) -> (Value, Option<String>) {
    let typed = text.as_str();
    match text.certainty {
        Certainty::Placeholder => {
            return (
                Value::Text(typed.to_owned()),
                Some("a placeholder that is replaced during deployment".into()),
            );
        }
        Certainty::Unfilled => {
            return (
                Value::Text(typed.to_owned()),
                Some("a template placeholder that was not filled in".into()),
            );
        }
        Certainty::Known => {}
    }
    match name {
        "aud" => audience(typed),
        "exp" | "iat" | "nbf" => moment(path, typed),
        "iss" if is_key(typed) => (Value::Text(shortened(typed)), Some("shortened here".into())),
        "sub" => subject(path, credential, typed),
        _ => (Value::Text(typed.to_owned()), formula(typed)),
    }
}

fn formula(typed: &str) -> Option<String> {
    typed.contains("{!").then(|| "a formula, evaluated in the org".to_owned())
}

/// An audience written as a JSON list or string is sent as a list or string.
fn audience(typed: &str) -> (Value, Option<String>) {
    if let Ok(mut list) = serde_json::from_str::<Vec<String>>(typed) {
        let more = list.len().saturating_sub(MAX_LISTED);
        list.truncate(MAX_LISTED);
        return (Value::List(list), (more > 0).then(|| format!("and {more} more values")));
    }
    let text = serde_json::from_str::<String>(typed).unwrap_or_else(|_| typed.to_owned());
    (Value::Text(text), formula(typed))
}

fn moment(path: &CalloutPath<'_>, typed: &str) -> (Value, Option<String>) {
    match Lifetime::parse(typed) {
        Lifetime::Seconds(seconds) => {
            (Value::Number(signed_at(path).saturating_add(seconds)), Some(after(path, seconds)))
        }
        Lifetime::Milliseconds => {
            (Value::Text(typed.to_owned()), Some("a formula that counts in milliseconds".into()))
        }
        Lifetime::Static => match typed.trim_matches('"').parse() {
            Ok(number) => (Value::Number(number), Some("the same for every JWT".into())),
            Err(_) => (Value::Text(typed.to_owned()), Some("the same for every JWT".into())),
        },
        Lifetime::Unknown => (Value::Text(typed.to_owned()), formula(typed)),
    }
}

/// Whether the issuer looks like a consumer key, not a name or a URL. Keys are shortened in output.
fn is_key(typed: &str) -> bool {
    typed.len() >= 20
        && typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
}

/// The subject; a formula for the running user's username is resolved if that user is known.
fn subject(
    path: &CalloutPath<'_>,
    credential: &JwtCredential,
    typed: &str,
) -> (Value, Option<String>) {
    let is_username_formula = matches!(credential.login(), Some(Subject::Formula { user_field: Some(field) }) if field.eq_ignore_ascii_case("Username"));
    match path.calling_org.callouts_run_as.as_slice() {
        [user] if is_username_formula && user.known().is_some() => (
            Value::Text(user.as_str().to_owned()),
            Some(format!("{typed} of the user the callout runs as")),
        ),
        _ => (Value::Text(typed.to_owned()), formula(typed)),
    }
}

/// What a claim or header member means: RFC 7519 for claims, RFC 7515 for the header, and RFC 7523
/// for their meaning to a token endpoint.
fn meaning(name: &str) -> &'static str {
    match registered_claim(name).map(|(known, _)| known).filter(|known| *known == name) {
        Some("iss") => {
            "issuer of the JWT; for Salesforce, the consumer key of the app (RFC 7519 4.1.1)"
        }
        Some("sub") => {
            "subject: the user to log in; for Salesforce, a username of the target org (RFC 7519 4.1.2)"
        }
        Some("aud") => {
            "audience: the recipient of the JWT; for Salesforce, the login URL of the target org (RFC 7519 4.1.3)"
        }
        Some("exp") => {
            "expiration time in seconds since 1970; the JWT is rejected after it (RFC 7519 4.1.4)"
        }
        Some("nbf") => {
            "not before, in seconds since 1970; the JWT is rejected until then (RFC 7519 4.1.5)"
        }
        Some("iat") => "issued at, in seconds since 1970 (RFC 7519 4.1.6)",
        Some("jti") => "JWT id: unique per JWT, to prevent replay (RFC 7519 4.1.7)",
        Some("alg") => "signature algorithm; Salesforce accepts RS256 (RFC 7515 4.1.1)",
        Some("kid") => {
            "key id; Salesforce ignores it and uses the app's certificate (RFC 7515 4.1.4)"
        }
        Some("typ") => "type of the token (RFC 7515 4.1.9)",
        _ if name == "prn" => {
            "principal: the old name of `sub`, reported to take precedence over it"
        }
        _ if name == "scope" => "scopes: some token endpoints read them here; Salesforce does not",
        _ => "a custom claim, interpreted by the token endpoint",
    }
}
