//! Masks keys and values: YAML, TOML, JSON, properties, and text of unknown notation. Keys remain, and the values of
//! public keys if the file is one that sfcred defines.

use super::comment::comment;
use super::mark::Mask;
use super::value::{self, Class};

/// Keys of `sfcred.yaml`, `sfcred.toml`, baselines and `sfdx-project.json` with public values.
const PUBLIC: &[(Class, &[&str])] = &[
    (
        Class::Words,
        &[
            "orgs",
            "metadata",
            "kind",
            "org_id",
            "callouts_run_as",
            "assignments",
            "users",
            "profile",
            "permission_sets",
            "permission_set_groups",
            "active",
            "api_enabled",
            "exists",
            "other_users",
            "configured_principals",
            "unconfigured_principals",
            "blocked",
            "certificates",
            "certificate",
            "file",
            "protocol",
            "flow",
            "signing_certificate",
            "auth_provider",
            "identity_provider",
            "scope",
            "scopes",
            "principals",
            "per_user_principals",
            "label",
            "external_credential",
            "external_credentials",
            "named_credentials",
            "validity_seconds",
            "client_certificate",
            "callout_status",
            "generate_authorization_header",
            "allowed_namespaces",
            "type",
            "default_scopes",
            "pkce",
            "permitted_users",
            "profiles",
            "client_credentials_user",
            "sub",
            "prn",
            "assigned_to",
            "license",
            "reason",
            "message",
            "Username",
            "Name",
            "exp",
            "nbf",
            "iat",
            "alg",
            "typ",
            "kid",
            "name",
            "username",
            "muting_permission_sets",
            "expires",
            "key_size",
            "external_client_apps",
            "connected_apps",
            "auth_providers",
            // sfcred.toml
            "fail-on",
            "certificate-warning-days",
            "rule",
            "path",
            "component",
            "until",
            "never-allow",
            "baseline",
            "field",
            "severity",
            // sfdx-project.json
            "default",
            "package",
            "namespace",
            "sourceApiVersion",
            "sourceBehaviorOptions",
            "versionName",
            "versionNumber",
            "glob",
            "filename",
            "replaceWithEnv",
            "replaceWithFile",
            "env",
            "allowUnsetEnvVariable",
            // baselines
            "fingerprint",
            "findings",
        ],
    ),
    (
        Class::Url,
        &[
            "my_domain",
            "token_endpoint",
            "url",
            "authorize_url",
            "token_url",
            "callback_url",
            "aud",
            "sfdcLoginUrl",
            "endpoint",
        ],
    ),
    (Class::Key, &["consumer_key", "iss"]),
];

/// Whether a word is a key of a file that sfcred defines.
pub fn is_key(word: &str) -> bool {
    PUBLIC.iter().any(|(_, keys)| keys.contains(&word))
}

fn class(key: &str) -> Class {
    PUBLIC
        .iter()
        .find(|(_, keys)| keys.iter().any(|known| known.eq_ignore_ascii_case(key)))
        .map_or(Class::Hidden, |(class, _)| *class)
}

/// Levels of rules, which the keys of `[rules]` have.
const LEVELS: &[&str] = &["off", "note", "warning", "error"];

struct Scanner<'t, 'a> {
    text: &'t str,
    /// Whether the notation is one that sfcred defines.
    is_public: bool,
    all: &'a mut Vec<Mask>,
    /// How values are shown until the next key.
    class: Class,
    /// The indentation of the last key.
    key_indent: usize,
    /// The table of TOML, such as `[env.uat]`.
    table: &'t str,
}

pub fn masks(text: &str, is_public: bool, all: &mut Vec<Mask>) {
    let mut scanner =
        Scanner { text, is_public, all, class: Class::Hidden, key_indent: 0, table: "" };
    let mut at = 0;
    while at < text.len() {
        at = scanner.line(at);
    }
}

impl<'t> Scanner<'t, '_> {
    /// Masks a line, or several if a string continues, and returns where the next one starts.
    fn line(&mut self, start: usize) -> usize {
        let text = self.text;
        let end =
            memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |n| start + n + 1);
        let line = &text[start..end];
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let mut at = start + indent;
        let first = line[indent..].trim_end();
        if first.starts_with("-----BEGIN ")
            || first.starts_with("-----END ")
            || matches!(first, "---" | "...")
        {
            return end;
        }
        if first.starts_with('[') && first.ends_with(']') && !first.contains(['{', '"', ',']) {
            let name = first.trim_matches(['[', ']']);
            if !value::is_generated(name) && name.len() < 80 {
                (self.table, self.class) = (name, Class::Hidden);
                return end;
            }
        }
        let mut may_be_key = true;
        let mut is_first = true;
        while at < text.len() {
            let Some(character) = text[at..].chars().next() else { break };
            match character {
                '\n' => return at + 1,
                '#' if is_first || text[..at].ends_with([' ', '\t']) => {
                    let end = memchr::memchr(b'\n', &text.as_bytes()[at..])
                        .map_or(text.len(), |n| at + n);
                    comment(text, at + 1..end, self.all);
                    at = end;
                    continue;
                }
                '{' | ',' | '[' => {
                    may_be_key = true;
                    at += 1;
                }
                '}' | ']' | ':' | '=' => at += 1,
                '-' | '?' if text[at + 1..].starts_with([' ', '\n']) && may_be_key => at += 1,
                space if space.is_whitespace() => {
                    at += space.len_utf8();
                    continue;
                }
                _ => {
                    let token = self.token(at);
                    let is_key =
                        may_be_key && self.is_followed_by_separator(token.end, token.quoted);
                    if is_key {
                        self.key(token.inside.clone(), at - start);
                    } else if token.word(text) != "export" {
                        // A line that is indented like the last key, and has no key, belongs to nothing.
                        let is_loose = is_first && indent <= self.key_indent && !token.quoted;
                        self.value(token.inside.clone(), is_loose);
                        may_be_key = false;
                    }
                    at = token.end;
                }
            }
            is_first = false;
        }
        at.max(end)
    }

    fn token(&self, at: usize) -> Token {
        let rest = &self.text[at..];
        for quote in ["\"\"\"", "'''"] {
            if let Some(inside) = rest.strip_prefix(quote) {
                let length = inside.find(quote);
                let end = at + 3 + length.unwrap_or(inside.len());
                return Token {
                    inside: at + 3..end,
                    end: end + length.map_or(0, |_| 3),
                    quoted: true,
                };
            }
        }
        if rest.starts_with(['"', '\'']) {
            let quote = rest.as_bytes()[0];
            let mut end = at + 1;
            let bytes = self.text.as_bytes();
            while end < bytes.len() && bytes[end] != quote {
                // In YAML, `''` is a quote, and the next string begins right after it.
                end += if bytes[end] == b'\\' && quote == b'"' { 2 } else { 1 };
            }
            let end = self.text.floor_char_boundary(end.min(bytes.len()));
            return Token { inside: at + 1..end, end: (end + 1).min(bytes.len()), quoted: true };
        }
        let bytes = rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() {
            let next = bytes.get(end + 1).copied().unwrap_or(b'\n');
            match bytes[end] {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b'}' | b']' | b'{' | b'[' if end > 0 => break,
                b':' if matches!(next, b' ' | b'\n' | b'\r' | b'\t') => break,
                b'=' if end > 0 => break,
                _ => end += 1,
            }
        }
        let end = at + end.max(1);
        let end = (end..self.text.len())
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(self.text.len());
        Token { inside: at..end, end, quoted: false }
    }

    fn is_followed_by_separator(&self, at: usize, quoted: bool) -> bool {
        let after = self.text[at..].trim_start_matches([' ', '\t']);
        after.starts_with('=')
            || after.starts_with(':')
                && (quoted
                    || after[1..].is_empty()
                    || after[1..].starts_with([' ', '\t', '\n', '\r', '{', '[', '"']))
    }

    fn key(&mut self, range: std::ops::Range<usize>, indent: usize) {
        let key = &self.text[range.clone()];
        if value::is_generated(key) || key.len() > 80 || key.contains("://") {
            self.all.push(Mask::hidden(range));
            self.class = Class::Hidden;
            return;
        }
        self.key_indent = indent;
        // A value in an environment may be anything.
        let is_known = self.is_public && !self.table.starts_with("env");
        self.class = if is_known { class(key) } else { Class::Hidden };
    }

    fn value(&mut self, range: std::ops::Range<usize>, is_loose: bool) {
        let text = &self.text[range.clone()];
        let is_level = self.is_public
            && self.table == "rules"
            && text.len() <= LEVELS.iter().map(|level| level.len()).max().unwrap_or_default() + 1
            && text.bytes().all(|byte| byte.is_ascii_lowercase());
        if is_level || matches!(text, "|" | ">" | "|-" | ">-" | "|+" | ">+" | "~" | "(" | ")") {
            return;
        }
        let class = match self.class {
            _ if is_loose => Class::Hidden,
            // The keys of `certificates` are the names of certificates.
            Class::Hidden if self.is_public && is_certificate_file(text) => Class::Words,
            class => class,
        };
        value::mask(text, range.start, class, self.all);
    }
}

fn is_certificate_file(value: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'_' | b'-');
    [".crt", ".cer", ".pem"].iter().any(|end| value.ends_with(end)) && value.bytes().all(is_plain)
}

/// A key or a value.
struct Token {
    /// Without quotes.
    inside: std::ops::Range<usize>,
    end: usize,
    quoted: bool,
}

impl Token {
    fn word<'t>(&self, text: &'t str) -> &'t str {
        &text[self.inside.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::super::mark::{applied, disjoint};
    use super::*;

    fn shown(text: &str, is_public: bool) -> String {
        let mut all = Vec::new();
        masks(text, is_public, &mut all);
        applied(text, &disjoint(text, all))
    }

    #[test]
    fn keys_and_public_values_remain() {
        for text in [
            "orgs:\n  hub:\n    kind: sandbx\n    my_domain: https://acme.my.salesforce.com\n    users:\n      a@acme.example: { profile: Minimum Access - Salesforce }\n",
            "fail-on = \"warning\"\n\n[rules]\nclaim-missing = \"of\"\n\n[[allow]]\nrule = \"claim-missing\"\npath = \"force-app/**\"\n",
            "{\n  \"packageDirectories\": [{ \"path\": \"force-app\", \"default\": true }],\n  \"sourceApiVersion\": \"62.0\"\n}\n",
            "metadata:\n  - a\n  - b\n",
        ] {
            assert_eq!(shown(text, true), text);
        }
    }

    #[test]
    fn everything_else_is_masked() {
        for (text, expected) in [
            ("password: hunter # hunter\nkind: x", "password: •••• # ••••\nkind: x"),
            ("a: { password: *hunter, kind: x }", "a: { password: ••••, kind: x }"),
            ("password: \"hunter\n  more", "password: \"••••"),
            ("secret: |\n  hunter\n  hunter two\n", "secret: |\n  ••••\n  ••••\n"),
            ("kind: x\nhunter\n", "kind: x\n••••\n"),
            ("[env.uat]\nfile = \"hunter\"\n", "[env.uat]\nfile = \"••••\"\n"),
            ("[env]\nuat = { file = \"hunter\" }\n", "[env]\nuat = { file = \"••••\" }\n"),
            (
                "{ \"replacements\": [{ \"stringToReplace\": \"hunter\" }] }",
                "{ \"replacements\": [{ \"stringToReplace\": \"••••\" }] }",
            ),
        ] {
            assert_eq!(shown(text, true), expected);
        }
        assert_eq!(
            shown("export KIND=hunter\nkind: hunter\n", false),
            "export KIND=••••\nkind: ••••\n"
        );
        assert_eq!(shown("-----BEGIN X-----\nhunter hunter\n", false), "-----BEGIN X-----\n••••\n");
    }
}
