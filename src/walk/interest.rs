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

/// The few words that the rules about Apex need, in lower case: Apex does not mind upper and lower case, and plain words
/// are found many times faster than patterns.
static APEX: LazyLock<Regex> = LazyLock::new(|| {
    let words = ["callout:", r"\$credential", "setendpoint", r"auth\.jw", "grant-type", "'exp'", "exp\"", r#"exp\\""#, "setaud", "force://", "private key-----", "sfcred:", "00d"];
    Regex::new(&format!("(?-u){}", words.join("|"))).expect("constant words")
});
static PERMISSIONS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u)externalCredentialPrincipal|UserExternalCredential|ApiEnabled|&#").expect("a constant pattern"));
static PROFILE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)externalCredentialPrincipal|UserExternalCredential|loginIpRanges|loginHours|ApiEnabled|&#").expect("a constant pattern"));
/// Decides from the bytes alone. UTF-16 is always wanted, because its bytes are not those of the pattern.
pub fn of(kind: Kind, bytes: Vec<u8>) -> Interest {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Interest::Whole(bytes);
    }
    // A word may be written in character references, and then a byte search cannot see it.
    let wanted = match kind {
        Kind::Apex => APEX.is_match(&bytes.to_ascii_lowercase()),
        Kind::PermissionSet | Kind::MutingPermissionSet => PERMISSIONS.is_match(&bytes),
        Kind::Profile => PROFILE.is_match(&bytes),
        _ => true,
    };
    if wanted {
        return Interest::Whole(bytes);
    }
    if matches!(kind, Kind::Apex | Kind::Profile) {
        return Interest::None { label: None };
    }
    match label(&bytes) {
        Some(label) => Interest::None { label: Some(label) },
        // With a prefix, in a CDATA section, beside a comment, or not there at all: the parser will tell.
        None => Interest::Whole(bytes),
    }
}

fn label(bytes: &[u8]) -> Option<String> {
    let start = memchr::memmem::find(bytes, b"<label>")? + "<label>".len();
    let length = memchr::memchr(b'<', &bytes[start..])?;
    let closed = bytes[start + length..].starts_with(b"</label>");
    let text = std::str::from_utf8(&bytes[start..start + length]).ok()?;
    let label = quick_xml::escape::unescape(text).ok()?.trim().to_owned();
    (closed && !label.is_empty()).then_some(label)
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
