//! Retrieves the credential metadata of an org.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::sf::{Refusal, Sf};
use crate::discover;
use crate::error::{DiscoveryError, Error, PullError};
use crate::options::Options;
use crate::parse;
use crate::source::{Content, Kind, Source, Sources};

/// The types that matter for credentials, with the only member that is of interest if it is not all of them.
pub const TYPES: &[&str] = &[
    "AuthProvider",
    "Certificate",
    "ConnectedApp",
    "ExternalAuthIdentityProvider",
    "ExternalClientApplication",
    "ExternalCredential",
    "ExternalServiceRegistration",
    "ExtlClntAppConfigurablePolicies",
    "ExtlClntAppGlobalOauthSettings",
    "ExtlClntAppOauthConfigurablePolicies",
    "ExtlClntAppOauthSecuritySettings",
    "ExtlClntAppOauthSettings",
    "MutingPermissionSet",
    "NamedCredential",
    "PermissionSet",
    "PermissionSetGroup",
    "RemoteSiteSetting",
    "Settings:ConnectedApp",
    "Settings:ExternalClientApp",
    "Settings:MyDomain",
    "Settings:OauthOidc",
];
/// Read only if asked for, because an org can have thousands of classes.
pub const APEX: &[&str] = &["ApexClass", "ApexTrigger"];

/// Elements whose values are secrets. They are dropped before anything is written.
const SECRET_ELEMENTS: &[&str] = &[
    "appleClientSecret",
    "awsAccessSecret",
    "clientSecret",
    "consumerSecret",
    "ecKey",
    "oauthRefreshToken",
    "oauthToken",
    "password",
];
/// What is left of a secret in the middle of a value. A placeholder is never judged.
const REMOVED: &str = "${REMOVED_BY_SFCRED}";

/// Messages of a retrieve that are kept.
const MAX_NOTES: usize = 20;

/// The metadata of an org.
#[derive(Debug, Default)]
pub struct Metadata {
    /// By path, relative to the folder of the org.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The types that cannot be retrieved, with the reason.
    pub missing: Vec<(String, String)>,
    /// Messages of the org about the retrieve.
    pub notes: Vec<String>,
}

/// A retrieve contains the global OAuth settings of apps, which must not be in a repository: they are read, but not judged.
const FORCE_IGNORE: &str = "**/*.ecaGlblOauth-meta.xml\n";

impl Metadata {
    /// Adds the files beside the metadata: the manifest of what was retrieved, and what is not to be judged.
    pub fn add_companions(&mut self, manifest: String) {
        if self.files.keys().any(|name| name.ends_with(".ecaGlblOauth")) {
            self.files.insert(".forceignore".to_owned(), FORCE_IGNORE.into());
        }
        self.files.insert("package.xml".to_owned(), manifest.into_bytes());
    }
}

/// The types of a retrieve.
pub fn types(with_apex: bool) -> Vec<&'static str> {
    let apex = if with_apex { APEX } else { &[] };
    apex.iter().chain(TYPES).copied().collect()
}

/// The arguments of a retrieve.
pub fn arguments(
    alias: &str,
    types: &[&str],
    folder: &str,
    api_version: Option<&str>,
    minutes: u64,
) -> Vec<String> {
    let mut all: Vec<String> =
        ["project", "retrieve", "start", "--target-org", alias, "--metadata"]
            .map(str::to_owned)
            .into();
    all.extend(types.iter().map(|name| (*name).to_owned()));
    all.extend(
        ["--target-metadata-dir", folder, "--zip-file-name", ZIP, "--wait"].map(str::to_owned),
    );
    all.push(minutes.to_string());
    all.extend(super::versioned(api_version));
    all
}

const ZIP: &str = "org.zip";

/// Retrieves the types. Those that the CLI or the org does not support are left out, and named in the result.
pub fn retrieve(
    sf: &Sf,
    alias: &str,
    types: &[&str],
    folder: &Path,
    api_version: Option<&str>,
    options: &Options,
) -> Result<Metadata, Error> {
    let mut metadata = Metadata::default();
    let mut rest: Vec<Vec<&str>> = vec![types.to_vec()];
    let mut number = 0;
    let mut last = None;
    while let Some(types) = rest.pop() {
        number += 1;
        let out = folder.join(number.to_string());
        let shown = out.display().to_string();
        let minutes = (sf.patience().as_secs() / 60).max(1);
        let arguments = arguments(alias, &types, &shown, api_version, minutes);
        match sf.json(alias, &arguments)? {
            Ok(result) => {
                take_notes(&result, &mut metadata);
                let zip = out.join(ZIP);
                read(&zip, alias, options, &mut metadata.files)?;
            }
            Err(refusal) => {
                if let Some(error) = refusal.of_org(alias) {
                    return Err(error.into());
                }
                let unknown: Vec<&str> =
                    types.iter().copied().filter(|name| names(&refusal, name)).collect();
                if refusal.is_missing_permission() && types.len() == 1 || !refusal.is_about_types()
                {
                    if refusal.is_missing_permission() && metadata.files.is_empty() {
                        return Err(PullError::NotPermitted {
                            alias: alias.to_owned(),
                            what: "metadata",
                        }
                        .into());
                    }
                    return Err(failed(alias, &refusal));
                }
                last = Some(refusal.clone());
                if types.len() == 1 {
                    metadata.missing.push((types[0].to_owned(), refusal.shown()));
                } else if !unknown.is_empty() && unknown.len() < types.len() {
                    let reason = "this version of the CLI does not support it";
                    let missing =
                        unknown.iter().map(|name| ((*name).to_owned(), reason.to_owned()));
                    metadata.missing.extend(missing);
                    rest.push(types.into_iter().filter(|name| !unknown.contains(name)).collect());
                } else {
                    let (one, other) = types.split_at(types.len() / 2);
                    rest.extend([other.to_vec(), one.to_vec()]);
                }
            }
        }
    }
    match last {
        Some(refusal) if metadata.missing.len() == types.len() => Err(failed(alias, &refusal)),
        _ => {
            metadata.missing.sort();
            Ok(metadata)
        }
    }
}

fn failed(alias: &str, refusal: &Refusal) -> Error {
    let command = "project retrieve start".to_owned();
    PullError::Failed { alias: alias.to_owned(), command, reason: refusal.shown() }.into()
}

/// Whether a refusal names a type. Types can be parts of each other's names.
fn names(refusal: &Refusal, type_name: &str) -> bool {
    let name = type_name.split(':').next().unwrap_or(type_name);
    refusal
        .message
        .split(|character: char| !character.is_ascii_alphanumeric())
        .any(|word| word.eq_ignore_ascii_case(name))
}

/// The remarks of the org, such as that a type is not available in its edition.
fn take_notes(result: &Value, metadata: &mut Metadata) {
    let messages = match result.get("messages") {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    let texts = messages
        .iter()
        .filter_map(|message| message.get("problem").or(Some(message))?.as_str())
        // Not every org has all settings, so a missing one is not reported.
        .filter(|text| !(text.contains("Settings") && text.contains("cannot be found")));
    for text in texts {
        let refusal = Refusal { name: String::new(), message: text.to_owned() };
        if metadata.notes.len() < MAX_NOTES && !metadata.notes.contains(&refusal.shown()) {
            metadata.notes.push(refusal.shown());
        }
    }
}

/// Reads a zip, without secrets.
fn read(
    zip: &Path,
    alias: &str,
    options: &Options,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Error> {
    let unreadable = |reason: String| PullError::Metadata { alias: alias.to_owned(), reason };
    let folder = zip.parent().unwrap_or(zip).to_owned();
    let options = Options::new(options.today, folder.clone());
    let found = match discover::discover(&[PathBuf::from(ZIP)], &options) {
        Ok(found) => found,
        Err(Error::Discovery(DiscoveryError::NothingToLint { .. })) => return Ok(()),
        // Nothing was retrieved.
        Err(Error::Discovery(DiscoveryError::NoSuchPath(_))) => return Ok(()),
        Err(error) => return Err(unreadable(error.to_string()).into()),
    };
    let mut sources = found.sources;
    remove_secrets(&mut sources);
    for (_, source) in sources.iter() {
        let Some(name) = name_of(source, zip) else { continue };
        let bytes = match &source.content {
            Content::Text(text) => text.clone().into_bytes(),
            Content::Binary(bytes) => bytes.clone(),
            Content::Irrelevant { .. } => continue,
            Content::Unreadable(reason) => {
                return Err(unreadable(format!("{name}: {reason}")).into());
            }
        };
        files.entry(name).or_insert(bytes);
    }
    Ok(())
}

/// The path of a file below the folder of its org; `None` if it is not metadata. Nothing else in a zip is written, such as
/// settings or ignore files.
fn name_of(source: &Source, zip: &Path) -> Option<String> {
    let is_metadata = source.kind.is_metadata()
        && !matches!(source.kind, Kind::Description | Kind::SecretCandidate);
    if !is_metadata && !matches!(source.kind, Kind::CertificateBody | Kind::Apex) {
        return None;
    }
    let inside = source.path.strip_prefix(zip).ok()?.to_str()?.replace('\\', "/");
    let inside = inside.strip_prefix("unpackaged/").unwrap_or(&inside);
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part
                .chars()
                .any(|character| character.is_control() || "<>:\"|?*".contains(character))
    };
    let parts: Vec<&str> = inside.split('/').collect();
    (parts.len() >= 2 && parts.iter().all(|part| is_plain(part))).then(|| inside.to_owned())
}

/// Removes the elements that hold secrets, and what looks like a secret in any other value.
fn remove_secrets(sources: &mut Sources) {
    let files: Vec<_> = sources
        .iter()
        .filter(|(_, source)| source.kind.is_xml() && !source.text().is_empty())
        .map(|(file, source)| (file, without_secret_elements(source.text())))
        .collect();
    for (file, text) in files {
        sources.rewrite(file, text);
    }
    let mut secrets = parse::parse(sources).secrets;
    secrets.sort_unstable_by_key(|span| (span.file, span.start, span.end));
    for of_file in secrets.chunk_by(|one, other| one.file == other.file) {
        let Some(file) = of_file.first().map(|span| span.file) else { continue };
        let text = sources.get(file).text();
        let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
        for span in of_file {
            let range = span.range();
            let (Some(before), Some(value)) = (text.get(end..range.start), text.get(range.clone()))
            else {
                continue;
            };
            if !value.trim().is_empty() {
                kept.push_str(before);
                kept.push_str(REMOVED);
                end = range.end;
            }
        }
        kept.push_str(text.get(end..).unwrap_or_default());
        sources.rewrite(file, kept);
    }
}

/// A text without the elements in [`SECRET_ELEMENTS`]. Works on damaged XML, too: an element that does not end takes the
/// rest of the file with it.
fn without_secret_elements(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        kept.push_str(before);
        let name = tag[1..]
            .split(|character: char| !character.is_ascii_alphanumeric() && character != ':')
            .next()
            .unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or(name);
        if !SECRET_ELEMENTS.iter().any(|secret| secret.eq_ignore_ascii_case(local)) {
            kept.push('<');
            rest = &tag[1..];
            continue;
        }
        let is_empty = tag.find('>').is_some_and(|end| tag[..end].ends_with('/'));
        let end = if is_empty {
            tag.find('>').map(|end| end + 1)
        } else {
            let close = format!("</{name}");
            tag.find(&close).and_then(|at| Some(at + tag[at..].find('>')? + 1))
        };
        rest = end.map_or("", |end| &tag[end..]);
    }
    kept.push_str(rest);
    kept
}

/// The manifest of a retrieve.
pub fn manifest(types: &[&str], api_version: &str) -> String {
    let mut lines = vec![
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
        "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">".to_owned(),
    ];
    let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in types {
        let (name, member) = name.split_once(':').unwrap_or((name, "*"));
        members.entry(name).or_default().push(member);
    }
    for (name, members) in members {
        lines.push("    <types>".to_owned());
        lines.extend(members.iter().map(|member| format!("        <members>{member}</members>")));
        lines.push(format!("        <name>{name}</name>"));
        lines.push("    </types>".to_owned());
    }
    lines.push(format!("    <version>{api_version}</version>"));
    lines.push("</Package>\n".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_with_secrets_are_dropped_from_any_text() {
        for (text, kept) in [
            ("<a><consumerSecret>x</consumerSecret><b>y</b></a>", "<a><b>y</b></a>"),
            ("<a><m:consumerSecret k='v'>x</m:consumerSecret ><b/></a>", "<a><b/></a>"),
            ("<a><ConsumerSecret/><b>y</b></a>", "<a><b>y</b></a>"),
            ("<a><oauthToken><![CDATA[<x>]]></oauthToken></a>", "<a></a>"),
            ("<a><clientSecret>x", "<a>"),
            (
                "<a><consumerSecretOptional>true</consumerSecretOptional></a>",
                "<a><consumerSecretOptional>true</consumerSecretOptional></a>",
            ),
        ] {
            assert_eq!(without_secret_elements(text), kept, "{text}");
        }
    }

    #[test]
    fn the_manifest_has_every_type_once() {
        let text = manifest(&types(true), "67.0");
        assert_eq!(text.matches("<name>Settings</name>").count(), 1);
        assert!(text.contains("<members>MyDomain</members>"));
        assert_eq!(text.matches("<name>").count(), TYPES.len() + APEX.len() - 3);
    }
}
