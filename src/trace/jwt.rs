//! The header and claims as they would be sent.

use crate::model::{Claim, JwtCredential, Lifetime, Subject, registered_claim, shortened};
use crate::source::{Certainty, Span, Text};

use super::path::CalloutPath;
use super::target_org::DEFAULT_LIFETIME;

/// What is signed.
#[derive(Clone, Debug)]
pub struct Jwt {
    pub header: Vec<Entry>,
    pub claims: Vec<Entry>,
}

/// One member of header or claim set.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub value: Value,
    /// What is to be known of the value: shortened, computed, filled in later.
    pub note: Option<String>,
    /// What the claim is for.
    pub meaning: &'static str,
    /// Where it comes from, where a file says it.
    pub place: Option<Span>,
    /// Where it comes from, in words, where no file says it.
    pub origin: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<String>),
    Number(i64),
}

pub fn of(path: &CalloutPath<'_>, credential: &JwtCredential) -> Jwt {
    Jwt { header: header(path, credential), claims: claims(path, credential) }
}

fn header(path: &CalloutPath<'_>, credential: &JwtCredential) -> Vec<Entry> {
    let mut entries: Vec<Entry> = credential
        .header_claims
        .iter()
        .filter_map(|claim| entry(path, credential, claim))
        .collect();
    if !entries.iter().any(|entry| entry.name == "alg") {
        let entry = Entry {
            name: "alg".into(),
            value: Value::Text("RS256".into()),
            note: Some("the default".into()),
            meaning: meaning("alg"),
            place: None,
            origin: Some("the platform's default; no file says it".into()),
        };
        entries.insert(0, entry);
    }
    entries
}

fn claims(path: &CalloutPath<'_>, credential: &JwtCredential) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        credential.body_claims.iter().filter_map(|claim| entry(path, credential, claim)).collect();
    if entries.iter().any(|entry| entry.name == "exp") {
        return entries;
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
            Some(
                "the platform adds it; 120 seconds are the default where nothing is said"
                    .to_owned(),
            ),
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
    entries
}

/// Midnight in UTC of the day that counts as today.
fn signed_at(path: &CalloutPath<'_>) -> i64 {
    path.workspace.today.midnight().assume_utc().unix_timestamp()
}

fn after(path: &CalloutPath<'_>, seconds: i64) -> String {
    let today = path.workspace.today;
    match seconds {
        0 => format!("the moment of signing, here {today} 00:00 UTC"),
        seconds if seconds < 0 => format!("{} s before signing, here {today} 00:00 UTC", -seconds),
        seconds => format!("{seconds} s after signing, here {today} 00:00 UTC"),
    }
}

/// A claim without value is not sent.
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
                Some("a placeholder: a deployment fills it in".into()),
            );
        }
        Certainty::Unfilled => {
            return (
                Value::Text(typed.to_owned()),
                Some("a template's blank that nobody filled in".into()),
            );
        }
        Certainty::Known => {}
    }
    match name {
        "aud" => (audience(typed), formula(typed)),
        "exp" | "iat" | "nbf" => moment(path, typed),
        "iss" if is_key(typed) => (Value::Text(shortened(typed)), Some("shortened here".into())),
        "sub" => subject(path, credential, typed),
        _ => (Value::Text(typed.to_owned()), formula(typed)),
    }
}

fn formula(typed: &str) -> Option<String> {
    typed.contains("{!").then(|| "a formula: the org computes it".to_owned())
}

/// A list or a text of JSON is sent as such.
fn audience(typed: &str) -> Value {
    if let Ok(list) = serde_json::from_str::<Vec<String>>(typed) {
        return Value::List(list);
    }
    Value::Text(serde_json::from_str::<String>(typed).unwrap_or_else(|_| typed.to_owned()))
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

/// Keys are shortened everywhere; a name or an address is none.
fn is_key(typed: &str) -> bool {
    typed.len() >= 20
        && typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
}

/// The username of the running user, where it is asked for and known.
fn subject(
    path: &CalloutPath<'_>,
    credential: &JwtCredential,
    typed: &str,
) -> (Value, Option<String>) {
    let asked = matches!(credential.login(), Some(Subject::Formula { user_field: Some(field) }) if field.eq_ignore_ascii_case("Username"));
    match path.calling_org.callouts_run_as.as_slice() {
        [user] if asked && user.known().is_some() => (
            Value::Text(user.as_str().to_owned()),
            Some(format!("{typed} of the user that callouts run as")),
        ),
        _ => (Value::Text(typed.to_owned()), formula(typed)),
    }
}

/// By RFC 7519 for claims, RFC 7515 for the header, RFC 7523 for what they mean to a token endpoint.
fn meaning(name: &str) -> &'static str {
    match registered_claim(name).map(|(known, _)| known).filter(|known| *known == name) {
        Some("iss") => {
            "issuer: who made the JWT; for Salesforce the consumer key of the app (RFC 7519 4.1.1)"
        }
        Some("sub") => {
            "subject: who logs in; for Salesforce a username of the answering org (RFC 7519 4.1.2)"
        }
        Some("aud") => {
            "audience: whom the JWT is for; the login service of the answering org (RFC 7519 4.1.3)"
        }
        Some("exp") => {
            "expiration time: seconds since 1970 after which it is refused (RFC 7519 4.1.4)"
        }
        Some("nbf") => "not before: seconds since 1970 until which it is refused (RFC 7519 4.1.5)",
        Some("iat") => "issued at: seconds since 1970 when it was made (RFC 7519 4.1.6)",
        Some("jti") => "JWT id: a number used once, against replay (RFC 7519 4.1.7)",
        Some("alg") => "algorithm of the signature; Salesforce verifies RS256 (RFC 7515 4.1.1)",
        Some("kid") => {
            "key id: which key signed; Salesforce takes the app's certificate instead (RFC 7515 4.1.4)"
        }
        Some("typ") => "type of the token (RFC 7515 4.1.9)",
        _ if name == "prn" => "principal: the old name of `sub`, which is said to win over it",
        _ if name == "scope" => "scopes: some token endpoints read them here; Salesforce does not",
        _ => "a claim of the credential's own: what it means is for the token endpoint to say",
    }
}
