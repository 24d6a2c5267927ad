//! Files of any other kind that may contain a secret.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::MAX_FILE_BYTES;
use crate::source::unmarked_utf16;

/// Keys, keystores and settings are far smaller.
const MAX_BYTES: u64 = 1 << 20;
/// A static resource without a suffix of its own is usually an image or a zip, unless it is small.
const MAX_RESOURCE_BYTES: u64 = 64 << 10;
/// No line with a name and a secret is shorter.
pub const MIN_BYTES: u64 = 12;

/// The size up to which a file is searched, and whether a larger one is worth mentioning.
pub fn limit(file_name: &str) -> (u64, bool) {
    let stem = file_name.strip_suffix("-meta.xml").unwrap_or(file_name);
    match stem.rsplit_once('.').map(|(_, suffix)| suffix) {
        // One file contains all labels of an org.
        Some("labels") => (MAX_FILE_BYTES, true),
        Some("resource") => (MAX_RESOURCE_BYTES, false),
        _ => (MAX_BYTES, true),
    }
}

/// Whether a file with this name and these bytes is searched for secrets.
pub fn is_kept(file_name: &str, bytes: &[u8]) -> bool {
    let length = bytes.len() as u64;
    (MIN_BYTES..=limit(file_name).0).contains(&length) && may_hold_secret(file_name, bytes)
}

/// Necessary conditions for a secret in text; the parsers check the details.
static TEXT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x-u)
        PRIVATE\ KEY-----(?:\\[nr]|[\s'"+\\])*(?:Proc-Type|[A-Za-z0-9+/]{16})
        | LS0tLS1CRUdJTi[A-Za-z0-9+/]{16}
        | force://[^\s<>{}$@]{20,}@[A-Za-z0-9]
        | \b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?:!|%21)[A-Za-z0-9._]{32}
        | (?i:sk_live_|rk_live_|sk-|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AIza|GOCSPX-|ya29\.|SG\.|shp(?:at|ca|pa|ss)_|npm_|pat-|do[opr]_v1_|sl\.)[A-Za-z0-9_-]{20}
        "#,
    )
    .expect("a constant pattern")
});
/// The same for settings that have a name: lines, entries of JSON, and elements of metadata.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        (?:secret|passw|passphrase|passcode|pwd|pw|pass|token|key|credentials?|authorization|bearer|auth)[A-Za-z0-9_.-]*["']?[\ \t]*[=:][\ \t]*["']?[^\s"']{4}
        | "[a-z0-9_]*__c"\s*:\s*" | CustomLabels?\b
        "#,
    )
    .expect("a constant pattern")
});
/// Words in each record of a custom metadata type with a secret, or in its name.
static RECORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)secret|passw|passphrase|passcode|pwd|pass_|pw_|token|key|credential|auth|bearer|basic\s|[?&]|&#")
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
pub fn may_hold_secret(file_name: &str, bytes: &[u8]) -> bool {
    if is_binary(bytes) {
        return true;
    }
    if bytes.starts_with(&[0xFF, 0xFE])
        || bytes.starts_with(&[0xFE, 0xFF])
        || unmarked_utf16(bytes).is_some()
    {
        // UTF-16: ASCII text without its zero bytes.
        let ascii: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        return text_may_hold_secret(file_name, &ascii);
    }
    text_may_hold_secret(file_name, bytes)
}

fn text_may_hold_secret(file_name: &str, text: &[u8]) -> bool {
    if TEXT.is_match(text) {
        return true;
    }
    let stem = file_name.strip_suffix("-meta.xml").unwrap_or(file_name);
    match stem.rsplit_once('.').map_or("", |(_, suffix)| suffix) {
        "md" => {
            memchr::memmem::find(text, b"CustomMetadata").is_some()
                && (RECORD.is_match(text) || RECORD.is_match(stem.as_bytes()))
        }
        // Text for people, and formats without names.
        "txt" | "resource" | "key" | "pem" => false,
        _ => NAMED.is_match(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_may_hold_a_secret_are_kept() {
        assert!(may_hold_secret(
            "a.json",
            b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B"
        ));
        assert!(may_hold_secret(
            "a.json",
            b"\"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B"
        ));
        assert!(may_hold_secret("a.json", b"\xFE\xED\xFE\xED\0\0\0\x02"));
        let wide: Vec<u8> = "\u{feff}force://PlatformCLI::5Aep861GqXkPwZnRt@a.b"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(may_hold_secret("a.json", &wide));
        for text in [
            "-----BEGIN PRIVATE KEY-----\n...",
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0B",
            "force://<id>:<secret>:<token>@<host>",
            "00D5g000004XyZaEAK",
        ] {
            assert!(!may_hold_secret("a.txt", text.as_bytes()), "{text}");
        }
        let record = "<CustomMetadata><values><field>Api_Key__c</field>";
        let other = "<CustomMetadata><values><field>Size__c</field>";
        for (name, text, kept) in [
            ("A.B.md-meta.xml", record, true),
            ("A.B.md", record, true),
            ("A.B.md-meta.xml", other, false),
            ("A.Api_Key.md-meta.xml", other, true),
            ("README.md", "Api_Key: 1234567890", false),
            ("build.properties", "sf.password = tulip4711", true),
            ("build.properties", "sf.username = a@acme.example", false),
            ("data.json", "{ \"Api_Key__c\": \"x\" }", true),
            ("package.json", "{ \"name\": \"acme\" }", false),
            ("CustomLabels.labels-meta.xml", "<CustomLabels>", true),
        ] {
            assert_eq!(may_hold_secret(name, text.as_bytes()), kept, "{name} {text}");
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
