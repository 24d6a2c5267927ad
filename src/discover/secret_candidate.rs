//! Files of any other kind that may contain a private key, a keystore, a login URL or a session id.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// Keys and keystores are far smaller.
pub const MAX_BYTES: u64 = 1 << 20;
/// No key, login URL or session id is shorter.
pub const MIN_BYTES: u64 = 48;

/// Necessary conditions for a secret in text; the parsers check the details.
static TEXT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)
        PRIVATE\ KEY-----(?:\\[nr]|[\s'"+\\])*(?:Proc-Type|[A-Za-z0-9+/]{16})
        | force://[^\s<>{}$@]{20,4000}@[A-Za-z0-9]
        | \b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?:!|%21)[A-Za-z0-9._]{32}
        "#,
    )
    .expect("a constant pattern")
});
/// The first bytes of Java keystores, PKCS#12 and PKCS#8.
static BINARY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s-u)\A(?:\xFE\xED\xFE\xED|\xCE\xCE\xCE\xCE|\x30(?:\x80|\x81.|\x82..|\x83...|\x84....|[\x00-\x7F])\x02\x01(?:\x03\x30|\x00\x30))").expect("a constant pattern")
});

/// Whether the bytes are a keystore or a key in DER.
pub fn is_binary(bytes: &[u8]) -> bool {
    BINARY.is_match(bytes)
}

/// Whether the bytes may contain a secret.
pub fn may_hold_secret(bytes: &[u8]) -> bool {
    if is_binary(bytes) {
        return true;
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        // UTF-16: ASCII text without its zero bytes.
        let ascii: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        return TEXT.is_match(&ascii);
    }
    TEXT.is_match(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_may_hold_a_secret_are_kept() {
        assert!(may_hold_secret(b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B"));
        assert!(may_hold_secret(b"\"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B"));
        assert!(may_hold_secret(b"\xFE\xED\xFE\xED\0\0\0\x02"));
        let wide: Vec<u8> = "\u{feff}force://PlatformCLI::5Aep861GqXkPwZnRt@a.b"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(may_hold_secret(&wide));
        for text in [
            "-----BEGIN PRIVATE KEY-----\n...",
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0B",
            "force://<id>:<secret>:<token>@<host>",
            "00D5g000004XyZaEAK",
        ] {
            assert!(!may_hold_secret(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn git_ignored_files_are_not_searched() {
        use crate::options::Options;
        let folder = tempfile::tempdir().unwrap();
        let key = format!(
            "force://PlatformCLI::{}@acme.my.salesforce.com\n",
            "5Aep861GqXkPwZnRt0bYcJ9dLmS2"
        );
        std::fs::write(folder.path().join(".gitignore"), "*.key\n").unwrap();
        std::fs::create_dir(folder.path().join(".github")).unwrap();
        for name in ["a.key", ".env", ".github/b.yml", "c.txt", "d.css"] {
            std::fs::write(folder.path().join(name), &key).unwrap();
        }
        let options = Options::new(time::macros::date!(2026 - 11 - 22), folder.path().to_owned());
        let file_set = super::super::discover(&[".".into()], &options).unwrap();
        let names: Vec<&str> =
            file_set.sources.iter().map(|(_, source)| source.name.as_str()).collect();
        assert_eq!(names, [".env", ".github/b.yml", "c.txt"]);
    }
}
