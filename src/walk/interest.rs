//! Large files that say nothing about credentials are dropped before anybody parses them.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::source::Kind;

/// Whether a file's text is wanted.
pub enum Interest {
    Whole(Vec<u8>),
    /// A permission set is still a permission set: its label is kept.
    None {
        label: Option<String>,
    },
}

/// The few words that the rules about Apex need.
static APEX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)callout:|\$Credential\b|\.setEndpoint\s*\(|Auth\.JW|grant-type|'exp'|\bexp\\?\x22:|setAud\s*\(|force://|PRIVATE KEY-----|sfcred:|\b00D[a-z0-9]{12}(?:[a-z0-9]{3})?(?:!|%21)",
    )
    .expect("a constant pattern")
});
static PERMISSIONS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u)externalCredentialPrincipal|UserExternalCredential|ApiEnabled").expect("a constant pattern"));
static PROFILE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)externalCredentialPrincipal|UserExternalCredential|loginIpRanges|loginHours|ApiEnabled").expect("a constant pattern"));
static LABEL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u)<(?:[A-Za-z_][A-Za-z0-9_.-]*:)?label\s*>([^<]{0,400})</").expect("a constant pattern"));

/// Decides from the bytes alone. UTF-16 is always wanted, because its bytes are not those of the pattern.
pub fn of(kind: Kind, bytes: Vec<u8>) -> Interest {
    let pattern = match kind {
        Kind::Apex => &APEX,
        Kind::PermissionSet | Kind::MutingPermissionSet => &PERMISSIONS,
        Kind::Profile => &PROFILE,
        _ => return Interest::Whole(bytes),
    };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || pattern.is_match(&bytes) {
        return Interest::Whole(bytes);
    }
    if kind == Kind::Apex {
        return Interest::None { label: None };
    }
    // A word may be written in character references, and then a byte search cannot see it.
    if memchr::memmem::find(&bytes, b"&#").is_some() {
        return Interest::Whole(bytes);
    }
    if kind == Kind::Profile {
        return Interest::None { label: None };
    }
    let label = LABEL.captures(&bytes).and_then(|found| {
        let text = std::str::from_utf8(found.get(1)?.as_bytes()).ok()?;
        quick_xml::escape::unescape(text).ok().map(|label| label.trim().to_owned())
    });
    match label {
        Some(label) if !label.is_empty() => Interest::None { label: Some(label) },
        // In a CDATA section, beside a comment, or not there at all: the parser will tell.
        _ => Interest::Whole(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_set_without_interest_keeps_its_label() {
        let Interest::None { label } = of(Kind::PermissionSet, b"<PermissionSet><label>A &amp; B</label></PermissionSet>".to_vec()) else { panic!() };
        assert_eq!(label.as_deref(), Some("A & B"));
        assert!(matches!(of(Kind::Apex, b"'CALLOUT:X'".to_vec()), Interest::Whole(_)));
        assert!(matches!(of(Kind::Apex, b"class X {}".to_vec()), Interest::None { .. }));
        assert!(matches!(of(Kind::ConnectedApp, Vec::new()), Interest::Whole(_)));
    }
}
