//! Secrets in files of settings: properties, environment files, scripts, and JSON of the Salesforce CLI.

use std::sync::LazyLock;

use regex::Regex;

use super::reader::Reader;
use crate::model::{
    Component, LeakedSecret, SecretEvidence, SecretName, evidence_of, is_random, may_be_password,
};
use crate::source::{FileId, Source, Span, Syntax, Text};

/// `sf.password = …`, `export API_KEY="…"`, `API_KEY: …`.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xm)
        ^[\ \t]*(?:(?:export|set|ENV|ARG|env|-)[\ \t]+)?["']?(?:\$env:)?([A-Za-z][A-Za-z0-9_.-]*)["']?[\ \t]*[=:][\ \t]*
        (?: "([^"\r\n]*)" | '([^'\r\n]*)' | ([^\s"'\#][^\r\n]*?) );?(?:[\ \t]+\#[^\r\n]*)?[\ \t]*\r?$
        "#,
    )
    .expect("a constant pattern")
});
/// Entries of JSON with a name that can be one of a secret.
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        "(accessToken|refreshToken|access_token|refresh_token|clientSecret|client_secret|password|sfdxAuthUrl|[A-Za-z][A-Za-z0-9_]*__c)"
        \s*:\s*"((?:[^"\\\r\n]|\\.)*)"
        "#,
    )
    .expect("a constant pattern")
});

/// What a file says about its lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Every line is a setting.
    Settings,
    /// Lines can also be code or the keys of a structure.
    Script,
    Json,
    /// Text for people, and what sfcred does not know.
    Other,
}

/// Finds the secrets of a file by the names of its settings.
pub fn read(file: FileId, source: &Source, reader: &mut Reader<'_>) {
    let name = source.file_name();
    let component = Component::new("File", name, Span::new(file, 0, 0));
    let text = source.text();
    match format(name) {
        Format::Other => {}
        Format::Json => entries(file, text, &component, reader),
        format => lines(file, text, format, &component, reader),
    }
}

fn format(file_name: &str) -> Format {
    let name = file_name.to_ascii_lowercase();
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    if name.starts_with(".env") {
        return Format::Settings;
    }
    match suffix {
        "properties" | "env" | "ini" | "cfg" | "conf" => Format::Settings,
        "yml" | "yaml" | "sh" | "bash" | "zsh" | "ps1" | "bat" | "cmd" => Format::Script,
        "json" => Format::Json,
        _ if ["jenkinsfile", "dockerfile", "makefile"].contains(&name.as_str()) => Format::Script,
        _ => Format::Other,
    }
}

/// `.env.example` and the like have values that show what belongs there.
fn is_template(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    ["example", "sample", "template", "dist"].iter().any(|word| name.contains(word))
}

fn lines(file: FileId, text: &str, format: Format, component: &Component, reader: &mut Reader<'_>) {
    for found in LINE.captures_iter(text) {
        let Some(name) = found.get(1).map(|name| name.as_str()) else { continue };
        let Some(value) = found.get(2).or(found.get(3)).or(found.get(4)) else { continue };
        let Some(kind) = SecretName::of(name) else { continue };
        let value_text = value.as_str().trim_end();
        let span = Span::new(file, value.start(), value.start() + value_text.len());
        let strict = format == Format::Script || is_template(&component.name);
        add(component, name, kind, value_text, span, strict, reader);
    }
}

fn entries(file: FileId, text: &str, component: &Component, reader: &mut Reader<'_>) {
    let is_login = ["\"instanceUrl\"", "\"instance_url\"", "\"loginUrl\"", "\"orgId\""]
        .iter()
        .any(|name| text.contains(name));
    for found in ENTRY.captures_iter(text) {
        let (Some(name), Some(value)) = (found.get(1), found.get(2)) else { continue };
        let name = name.as_str();
        if !is_login && !name.ends_with("__c") {
            continue;
        }
        let Some(kind) = SecretName::of(name) else { continue };
        let span = Span::new(file, value.start(), value.end());
        add(component, name, kind, value.as_str(), span, false, reader);
    }
}

fn add(
    component: &Component,
    name: &str,
    kind: SecretName,
    value: &str,
    span: Span,
    strict: bool,
    reader: &mut Reader<'_>,
) {
    let text = Text::at(value, span, Syntax::Verbatim).replaced_in(reader.replaced);
    let Some(known) = text.known() else { return };
    // The Ant migration tool logs in with `sf.password`, whatever it looks like.
    let chosen = kind == SecretName::Password && name.starts_with("sf.") && may_be_password(known);
    let word = chosen.then_some(SecretEvidence::Name);
    let Some(evidence) = evidence_of(kind, known).or(word) else { return };
    if strict && (evidence != SecretEvidence::Value || !is_random(known)) {
        return;
    }
    reader.secrets.push(span);
    let what = format!("the value of `{name}`");
    reader.leaked_secrets.push(LeakedSecret::setting(component, what, name, span, known, evidence));
}
