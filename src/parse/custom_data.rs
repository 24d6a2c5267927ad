//! Secrets in records of custom metadata types and in custom labels.

use super::leaked_secrets::query;
use super::reader::Reader;
use super::xml::{self, Element, Fault};
use crate::model::{
    Component, LabelValue, LeakedSecret, SecretEvidence, SecretName, bare_secret, evidence_of,
    looks_secret, may_be_encrypted,
};
use crate::source::{FileId, MetadataName, Source, Text};

/// Reads a file if its root element is one of a record or of labels.
///
/// # Errors
///
/// If the file has the suffix of such metadata, but is not well-formed.
pub fn read(
    file: FileId,
    source: &Source,
    reader: &mut Reader<'_>,
) -> Result<Vec<LabelValue>, Box<Fault>> {
    let text = source.text();
    if !text.contains("CustomMetadata") && !text.contains("CustomLabel") {
        return Ok(Vec::new());
    }
    let root = match xml::parse(file, text, |_| true) {
        Ok(root) => root,
        Err(fault) if is_metadata(source) => return Err(fault),
        Err(_) => return Ok(Vec::new()),
    };
    Ok(match root.name.as_str() {
        "CustomMetadata" => {
            record(&root, source, reader);
            Vec::new()
        }
        "CustomLabels" => {
            root.children("labels").filter_map(|element| label(element, reader)).collect()
        }
        "CustomLabel" => label(&root, reader).into_iter().collect(),
        _ => Vec::new(),
    })
}

/// The metadata type by the suffix of a file.
pub fn type_name(source: &Source) -> &'static str {
    if source.file_name().contains(".label") { "CustomLabels" } else { "CustomMetadata" }
}

/// Whether a file is meant to be metadata. Markdown shares the suffix of records in the format of the Metadata API.
fn is_metadata(source: &Source) -> bool {
    let name = source.file_name();
    let suffixes = [".md-meta.xml", ".labels-meta.xml", ".label-meta.xml", ".labels"];
    suffixes.iter().any(|suffix| name.ends_with(suffix))
        || (name.ends_with(".md") && source.text().trim_start().starts_with("<?xml"))
}

/// A record, `Weather_Setting.Default.md-meta.xml`.
fn record(root: &Element, source: &Source, reader: &mut Reader<'_>) {
    let name = MetadataName::from_file_name(source.file_name()).0;
    let component = Component::new("CustomMetadata", name.clone(), root.name_span);
    let record_name = name.rsplit('.').next().unwrap_or(&name);
    for element in root.children("values") {
        let (Some(field), Some(value)) =
            (reader.child(element, "field"), reader.child(element, "value"))
        else {
            continue;
        };
        let field = field.as_str();
        // A setting with a field for any value has the name of the value in the name of its record.
        let named = SecretName::of(field)
            .or_else(|| SecretName::of(record_name).filter(|_| is_general(field)));
        let what = format!("the value of the field `{field}`");
        if !value_is_secret(&component, what, field, named, &value, reader) {
            let mut found = Vec::new();
            query(&component, &value, reader, &mut found);
            reader.leaked_secrets.append(&mut found);
        }
    }
}

/// Whether the name of a field says nothing about its value, such as `Value__c`.
fn is_general(field: &str) -> bool {
    ["value", "text", "string", "setting"].iter().any(|word| {
        let folded = field.to_ascii_lowercase();
        folded.strip_suffix("__c").unwrap_or(&folded).trim_end_matches("_value").ends_with(word)
    })
}

fn label(element: &Element, reader: &mut Reader<'_>) -> Option<LabelValue> {
    let name = reader.child(element, "fullName")?.as_str().to_owned();
    let value = reader.child(element, "value")?;
    let component = Component::new("CustomLabel", name.clone(), element.name_span);
    let what = format!("the value of the label `{name}`");
    if value_is_secret(&component, what.clone(), "value", SecretName::of(&name), &value, reader) {
        return None;
    }
    // What is sent as a secret is one whatever its name is.
    let known = value.known()?;
    let looks_generated = evidence_of(SecretName::Key, known).is_some();
    let is_password = || evidence_of(SecretName::Password, known) == Some(SecretEvidence::Value);
    if !looks_generated && !is_password() {
        return None;
    }
    let place = bare(&value);
    reader.secrets.push(value.outer);
    let secret =
        LeakedSecret::setting(&component, what, "value", place.span, known, SecretEvidence::Value);
    Some(LabelValue { name, looks_generated, secret })
}

/// Reports a value if its name, or a scheme such as `Bearer` in it, shows that it is a secret.
fn value_is_secret(
    component: &Component,
    what: String,
    field: &str,
    name: Option<SecretName>,
    value: &Text,
    reader: &mut Reader<'_>,
) -> bool {
    let Some(known) = value.known() else { return false };
    let has_scheme = ["bearer ", "basic "].iter().any(|scheme| {
        known.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let evidence = name.and_then(|name| evidence_of(name, known)).or_else(|| {
        let sent = has_scheme && looks_secret(bare_secret(known));
        evidence_of(SecretName::Key, known).filter(|_| sent)
    });
    let Some(mut evidence) = evidence else { return false };
    let place = bare(value);
    if evidence == SecretEvidence::Value && may_be_encrypted(place.as_str()) {
        evidence = SecretEvidence::PerhapsEncrypted;
    }
    reader.secrets.push(value.outer);
    let secret = LeakedSecret::setting(component, what, field, place.span, known, evidence);
    reader.leaked_secrets.push(secret);
    true
}

/// The secret without the scheme before it.
fn bare(value: &Text) -> Text {
    let (text, secret) = (value.as_str(), bare_secret(value.as_str()));
    let start = secret.as_ptr() as usize - text.as_ptr() as usize;
    value.part(secret, start, start + secret.len())
}
