//! Files of no kind of their own: looked through for what must not be in them, and kept only then.

use std::path::Path;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::{Collected, read_into, relative, source};
use crate::source::{Kind, Skipped};

/// Keys and keystores are far smaller.
const MAX_LOOSE_BYTES: u64 = 1 << 20;
/// No key, login URL or session id is shorter.
const MIN_LOOSE_BYTES: u64 = 48;

/// What a file of no kind of its own must hold to be kept; the parsers look closer.
static LOOSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)
        PRIVATE\ KEY-----(?:\\[nr]|[\s'"+\\])*(?:Proc-Type|[A-Za-z0-9+/]{16})
        | force://[^\s<>{}$@]{20,4000}@[A-Za-z0-9]
        | \b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?:!|%21)[A-Za-z0-9._]{32}
        "#,
    )
    .expect("a constant pattern")
});
/// Java keystores, PKCS#12 and PKCS#8, by their first bytes.
static BINARY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s-u)\A(?:\xFE\xED\xFE\xED|\xCE\xCE\xCE\xCE|\x30(?:\x80|\x81.|\x82..|\x83...|\x84....|[\x00-\x7F])\x02\x01(?:\x03\x30|\x00\x30))").expect("a constant pattern")
});

/// A file of no kind of its own is kept only for what must not be in it.
pub fn keep(
    path: &Path,
    working_directory: &Path,
    length: u64,
    collected: &mut Collected,
    buffer: &mut Vec<u8>,
) {
    let name = relative(path, working_directory);
    if length > MAX_LOOSE_BYTES {
        collected.skipped.push(Skipped { name, reason: "too large to be searched for secrets" });
        return;
    }
    if length < MIN_LOOSE_BYTES {
        return;
    }
    match read_into(path, buffer) {
        Ok(Ok(bytes)) if may_hold_secret(bytes) => collected.sources.push(source(
            path.to_owned(),
            name,
            Kind::SecretCandidate,
            Ok(bytes),
            true,
        )),
        Ok(_) => {}
        Err(_) => collected.skipped.push(Skipped { name, reason: "cannot be read" }),
    }
}

/// Whether the bytes are those of a keystore or a key in DER.
pub fn is_binary(bytes: &[u8]) -> bool {
    BINARY.is_match(bytes)
}

/// Whether a file of no kind of its own holds something that must not be there. UTF-16 is looked through without its zeros.
pub fn may_hold_secret(bytes: &[u8]) -> bool {
    if is_binary(bytes) {
        return true;
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let filter: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        return LOOSE.is_match(&filter);
    }
    LOOSE.is_match(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_hold_a_secret_is_kept() {
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
    fn what_git_ignores_is_not_looked_at() {
        use crate::settings::Settings;
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
        let settings = Settings::new(time::macros::date!(2026 - 11 - 22), folder.path().to_owned());
        let file_set = super::super::discover(&[".".into()], &settings).unwrap();
        let names: Vec<&str> =
            file_set.sources.iter().map(|(_, source)| source.name.as_str()).collect();
        assert_eq!(names, [".env", ".github/b.yml", "c.txt"]);
    }
}
