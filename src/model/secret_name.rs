//! Whether a name (of a field, a variable, a property, a header) says that its value is a secret.

use std::sync::LazyLock;

use regex::Regex;

/// What a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretName {
    /// Credentials in general, which may also be a name or a reference.
    Vague,
    /// An API key, token or client secret, which is usually generated.
    Key,
    /// A password, which is often chosen by hand.
    Password,
}

/// Words after the noun that do not change what the value is.
const QUALIFIERS: &[&str] = &[
    "c",
    "r",
    "value",
    "val",
    "text",
    "txt",
    "str",
    "string",
    "literal",
    "const",
    "constant",
    "prod",
    "production",
    "prd",
    "live",
    "sandbox",
    "sbx",
    "dev",
    "development",
    "qa",
    "uat",
    "sit",
    "stage",
    "staging",
    "test",
    "testing",
    "default",
    "plain",
    "old",
    "new",
    "current",
    "primary",
    "secondary",
    "encoded",
    "base64",
    "b64",
    "env",
    "us",
    "eu",
];

/// Words before a noun that make it something public.
const PUBLIC: &[&str] = &[
    // Switches and labels about a secret.
    "is",
    "has",
    "have",
    "show",
    "hide",
    "forgot",
    "forget",
    "reset",
    "change",
    "changed",
    "require",
    "required",
    "requires",
    "enable",
    "enabled",
    "use",
    "uses",
    "allow",
    "missing",
    "invalid",
    "wrong",
    "validate",
    "verify",
    "generate",
    "get",
    "need",
    "needs",
    "no",
    // What cannot be used as it is.
    "encrypted",
    "hashed",
    "masked",
    "public",
    "hidden",
    // Tokens for paging and forms, and keys that identify records.
    "next",
    "nextpage",
    "page",
    "pagination",
    "paging",
    "continuation",
    "sync",
    "csrf",
    "xsrf",
    "antiforgery",
    "cancel",
    "cancellation",
    "skip",
    "delta",
    "cursor",
    "replay",
    "max",
    "min",
    "total",
    "design",
    "translation",
    "foreign",
    "sort",
    "cache",
    "partition",
    "external",
    "unique",
    "map",
    "json",
    "field",
    "object",
    "record",
    "group",
    "idempotency",
    "localization",
    "resource",
    "lookup",
    "license",
    "param",
    "parameter",
    "header",
    "mock",
    "fake",
    "dummy",
    "sample",
];

/// Elements of metadata whose text is always a secret.
pub const SECRET_ELEMENTS: &[&str] = &[
    "consumerSecret",
    "password",
    "oauthToken",
    "oauthRefreshToken",
    "awsAccessSecret",
    "appleClientSecret",
];

/// What makes a `key` a secret.
const SECRET_KEYS: &[&str] = &[
    "api",
    "secret",
    "private",
    "access",
    "auth",
    "authentication",
    "encryption",
    "encrypt",
    "decryption",
    "signing",
    "sign",
    "signature",
    "shared",
    "hmac",
    "subscription",
    "account",
    "master",
    "security",
    "aes",
    "crypto",
    "cipher",
    "integration",
    "service",
    "webhook",
    "client",
    "storage",
    "admin",
    "server",
    "apikey",
    "functions",
    "function",
];

/// Nouns at the end of a word in lower case, such as `clientsecret`, each as the words that it is read as.
const NOUNS: &[(&str, &str, &str)] = &[
    ("apikey", "api", "key"),
    ("secretkey", "secret", "key"),
    ("privatekey", "private", "key"),
    ("accesskey", "access", "key"),
    ("authkey", "auth", "key"),
    ("subscriptionkey", "subscription", "key"),
    ("secret", "", "secret"),
    ("password", "", "password"),
    ("passwd", "", "password"),
    ("passphrase", "", "password"),
    ("token", "", "token"),
];

impl SecretName {
    /// `None` if the name does not say that the value is a secret.
    pub fn of(name: &str) -> Option<SecretName> {
        let words = words(name);
        let end = words
            .iter()
            .rposition(|word| {
                let number = word.trim_start_matches('v').bytes().all(|byte| byte.is_ascii_digit());
                !number && !QUALIFIERS.contains(&word.as_str())
            })
            .map_or(0, |last| last + 1);
        let (noun, before) = words[..end].split_last()?;
        let adjective = before.last().map_or("", String::as_str);
        if PUBLIC.contains(&adjective) || before.first().is_some_and(|first| is_question(first)) {
            return None;
        }
        match noun.as_str() {
            "password" | "passwd" | "passphrase" | "pwd" | "passcode" | "pass" | "pw" => {
                Some(SecretName::Password)
            }
            "secret" | "bearer" => Some(SecretName::Key),
            "token" => Some(SecretName::Key),
            "key" if SECRET_KEYS.contains(&adjective) => Some(SecretName::Key),
            "authorization" | "credential" | "credentials" | "auth" => Some(SecretName::Vague),
            _ => None,
        }
    }
}

impl SecretName {
    /// The same for a parameter of a URL or form, where a plain `key` is usually an API key.
    pub fn of_parameter(name: &str) -> Option<SecretName> {
        let is_key = ["key", "sig", "signature"].iter().any(|key| key.eq_ignore_ascii_case(name));
        SecretName::of(name).or(is_key.then_some(SecretName::Vague))
    }
}

fn is_question(word: &str) -> bool {
    ["is", "has", "show", "hide", "enable", "require", "use", "reset", "forgot"].contains(&word)
}

/// The words of a name in lower case: `Client_Secret__c`, `clientSecret`, `X-API-KEY` and `APIKey` are split.
fn words(name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut characters = name.trim().chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
        let begins = character.is_uppercase()
            && (before.is_lowercase() || (before.is_uppercase() && next_is_lower));
        if begins || !character.is_alphanumeric() {
            found.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    found.push(word);
    found.into_iter().filter(|word| !word.is_empty()).flat_map(split_noun).collect()
}

/// Splits the noun off a compound such as `clientsecret`.
fn split_noun(word: String) -> Vec<String> {
    for (ending, adjective, noun) in NOUNS {
        if let Some(rest) = word.strip_suffix(ending) {
            return [rest, adjective, noun]
                .into_iter()
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect();
        }
    }
    vec![word]
}

/// Headers that carry a secret.
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)authorization|(?:^|[-_])auth(?:$|[-_])|api[-_]?key|apikey|(?:^|[-_])key$|token|secret|passw|credential|signature|session").expect("a constant pattern")
});

/// Whether a header of this name carries a secret.
pub fn is_secret_header(name: &str) -> bool {
    HEADER.is_match(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_recognized_in_every_spelling() {
        for name in [
            "Client_Secret__c",
            "clientSecret",
            "client_secret",
            "CLIENT_SECRET",
            "clientsecret",
            "ns__ClientSecret__c",
            "ClientSecretProd__c",
            "Client_Secret_2__c",
            "API_Key__c",
            "APIKey__c",
            "apikey",
            "x-api-key",
            "WEATHER_API_KEY",
            "Api_Key_Sandbox__c",
            "accessToken",
            "Bearer_Token__c",
            "Token__c",
            "Secret_Key__c",
            "privateKey",
            "consumerSecret",
            "Ocp-Apim-Subscription-Key",
            "SECRET",
        ] {
            assert_eq!(SecretName::of(name), Some(SecretName::Key), "{name}");
        }
        for name in ["Password__c", "sf.password", "DB_PASSWORD", "userPwd", "dbpassword", "PASSWD"]
        {
            assert_eq!(SecretName::of(name), Some(SecretName::Password), "{name}");
        }
        assert_eq!(SecretName::of("Credentials__c"), Some(SecretName::Vague));
    }

    #[test]
    fn names_of_what_belongs_to_a_secret_are_not_secrets() {
        for name in [
            "Token_Url__c",
            "Token_Endpoint__c",
            "tokenType",
            "Token_Expiry__c",
            "maxTokens",
            "Max_Token__c",
            "nextPageToken",
            "nextpagetoken",
            "CSRF_Token",
            "Password_Policy__c",
            "passwordLabel",
            "Is_Password__c",
            "isPassword",
            "Forgot_Password",
            "Reset_Password",
            "Secret_Name__c",
            "Client_Id__c",
            "Consumer_Key__c",
            "consumerKey",
            "Public_Key__c",
            "Key__c",
            "External_Key__c",
            "sortKey",
            "Api_Key_Header__c",
            "Encrypted_Password__c",
            "Password_Hash__c",
            "passwordHint",
            "Username__c",
            "cacheKey",
            "Author__c",
            "monkey",
            "keyword",
            "",
            "__c",
        ] {
            assert_eq!(SecretName::of(name), None, "{name}");
        }
    }
}
