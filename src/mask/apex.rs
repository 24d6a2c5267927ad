//! Masks Apex: code remains, comments and strings do not, except strings that name something public.

use std::sync::LazyLock;

use regex::Regex;

use super::comment::comment;
use super::mark::Mask;
use super::value::{self, Class};

/// Strings of requests that say nothing.
const PUBLIC: &[&str] = &[
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "Authorization",
    "Content-Type",
    "Accept",
    "application/json",
    "application/x-www-form-urlencoded",
    "text/xml",
    "application/xml",
    "Bearer ",
    "Basic ",
    "UTF-8",
    "SOAPAction",
    "login",
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "RSA-SHA256",
    "RS256",
    "OAuth ",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];

/// Calls whose arguments are names, users or hosts.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(setHeader|setSub|setIss|setAud|setClientCertificateName|setMethod|getInstance|getOrgDefaults|createExternalCredential)\s*\(|\b(JWS)\s*\(\s*[\w.()]+\s*,|\b(signWithCertificate)\s*\([^;]*,|\b(\w*cert\w*|\w*credential\w*|\w*algorithm\w*|\w*method|\w*header\w*name)\s*=|(callout:)'\s*\+)\s*$")
        .expect("a constant pattern")
});

pub fn masks(text: &str, all: &mut Vec<Mask>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut word = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        match bytes[at] {
            b'/' if rest.starts_with(b"//") => {
                let end = memchr::memchr(b'\n', rest).map_or(text.len(), |n| at + n);
                comment(text, at + 2..end, all);
                at = end;
            }
            b'/' if rest.starts_with(b"/*") => {
                let end =
                    memchr::memmem::find(&rest[2..], b"*/").map_or(text.len(), |n| at + 2 + n);
                comment(text, at + 2..end, all);
                at = (end + 2).min(text.len());
            }
            b'\'' => {
                let mut end = at + 1;
                while end < bytes.len() && !matches!(bytes[end], b'\'' | b'\n') {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                let end = text.floor_char_boundary(end.min(text.len()));
                literal(text, at + 1, end, all);
                at = (end + 1).min(text.len()).max(at + 1);
                while !text.is_char_boundary(at) {
                    at += 1;
                }
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                word = at;
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                if value::is_generated(&text[word..at]) {
                    all.push(Mask::hidden(word..at));
                }
            }
            _ => at += 1,
        }
    }
    let _ = word;
}

fn literal(text: &str, start: usize, end: usize, all: &mut Vec<Mask>) {
    let value = &text[start..end];
    if PUBLIC.contains(&value) || value.trim().is_empty() {
        return;
    }
    let before = &text[text.floor_char_boundary(start.saturating_sub(120))..start - 1];
    let call = CALL.captures(before).and_then(|found| found.iter().skip(1).flatten().next());
    let call = call.map(|call| call.as_str().to_ascii_lowercase());
    let merge_fields = (value.contains("{!") || value.contains("$Credential"))
        && !value.contains("://")
        && !value.starts_with("callout:");
    let class = match call.as_deref() {
        Some("setaud" | "callout:") => Class::Url,
        Some("setiss") => Class::Key,
        Some(_) => Class::Words,
        None if value.contains("://")
            || value.starts_with("callout:")
            || value.starts_with('/') =>
        {
            Class::Url
        }
        None if is_form(value) => return form(value, start, all),
        None if merge_fields => Class::Header,
        None if value.to_ascii_lowercase().contains("callout:") => Class::Url,
        None => Class::Hidden,
    };
    value::mask(value, start, class, all);
}

/// Whether a string is (part of) the body of a form.
fn is_form(value: &str) -> bool {
    static FORM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[&?]?[A-Za-z_]{2,40}=").expect("a constant pattern"));
    FORM.is_match(value) && !value.contains(' ')
}

/// Masks the values of a form like those of a query.
fn form(value: &str, start: usize, all: &mut Vec<Mask>) {
    let lead = usize::from(!value.starts_with(['&', '?']));
    let query = if lead == 1 { format!("?{value}") } else { value.to_owned() };
    all.extend(
        value::hidden_in_urls(&query, true)
            .into_iter()
            .map(|range| Mask::hidden(start + range.start - lead..start + range.end - lead)),
    );
}

#[cfg(test)]
mod tests {
    use super::super::mark::{applied, disjoint};
    use super::*;

    fn shown(text: &str) -> String {
        let mut all = Vec::new();
        masks(text, &mut all);
        applied(text, &disjoint(text, all))
    }

    #[test]
    fn code_and_public_strings_remain() {
        for text in [
            "request.setEndpoint('callout:Spoke_Org/services/data/v62.0/query?q=' + soql);",
            "request.setHeader('X-Api-Key', key); request.setMethod('GET');",
            "new Auth.JWS(jwt, name); jwt.setAud('https://login.salesforce.com');",
            "body = 'grant_type=password&client_secret=' + secret;",
            "'Bearer {!$Credential.OAuthToken}'",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn everything_else_is_masked() {
        for (text, expected) in [
            (
                "setHeader('X-Api-Key', 'hunter'); // hunter",
                "setHeader('X-Api-Key', '••••'); // ••••",
            ),
            (
                "setEndpoint('callout:Spoke/x?key=hunter');",
                "setEndpoint('callout:Spoke/x?key=••••');",
            ),
            (
                "'grant_type=password&client_secret=hunter&x=y'",
                "'grant_type=password&client_secret=••••&x=••••'",
            ),
            ("setClientCertificate('hunter', 'hunter')", "setClientCertificate('••••', '••••')"),
            ("'hunter\n x /* hunter", "'••••\n x /* ••••"),
            (
                "'https://hunter:a/b@acme.example/services?sid=x'",
                "'https://••••@acme.example/services?sid=••••'",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
