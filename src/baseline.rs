//! Baselines: files of known findings, which later runs count but do not report.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Mistake};
use crate::finding::Finding;
use crate::fingerprint;
use crate::schema;
use crate::source::{Sources, normalized, relative};

/// The schema that a baseline names.
pub const SCHEMA: &str = schema::BASELINE.url;
/// Part of the schema of a baseline of any version.
const SCHEMA_FAMILY: &str = "/schemas/sfcred-baseline-";

const REWRITE: &str =
    "restore the file, or delete it and write a new one with `sfcred lint --write-baseline FILE`";

/// A known finding, identified by its fingerprint and its file. The other fields are for readers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative to the folder of the baseline, with `/`.
    pub file: String,
    pub rule: String,
    /// `ConnectedApp:Hub_Org`.
    pub component: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// See [`fingerprint::fingerprint`].
    pub fingerprint: String,
}

/// The content of a baseline file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Display name of the file.
    pub name: String,
    /// The folder that entries are relative to.
    pub folder: PathBuf,
    pub entries: Vec<Entry>,
}

/// What a run covers.
pub struct Scope<'a> {
    pub sources: &'a Sources,
    /// The linted paths. Absolute.
    pub roots: &'a [PathBuf],
    /// Whether a file exists.
    pub exists: Box<dyn Fn(&Path) -> bool + 'a>,
    /// Whether a rule is on.
    pub runs: Box<dyn Fn(&str) -> bool + 'a>,
    /// Whether findings of a rule are reported even if a baseline contains them.
    pub never_allowed: Box<dyn Fn(&str) -> bool + 'a>,
}

impl Scope<'_> {
    /// Whether the run would have found an entry if it still occurred.
    fn covers(&self, folder: &Path, entry: &Entry) -> bool {
        let path = normalized(&folder.join(&entry.file));
        (self.runs)(&entry.rule) && self.roots.iter().any(|root| path.starts_with(root))
    }

    /// The file of a finding, as entries name it.
    fn file_of(&self, finding: &Finding, folder: &Path) -> String {
        relative(&self.sources.get(finding.primary.span.file).path, folder)
    }
}

/// Findings of a run, divided by a baseline.
#[derive(Debug, Default)]
pub struct Divided {
    pub reported: Vec<Finding>,
    pub baselined: Vec<Finding>,
    /// Entries that no longer occur.
    pub stale: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    findings: Vec<Entry>,
}

impl Baseline {
    /// Parses a baseline, as written by [`crate::report::baseline`].
    ///
    /// # Errors
    /// The first mistake and its location.
    pub fn read(name: &str, folder: &Path, text: &str) -> Result<Baseline, Error> {
        let fail = |message: String, start: usize, end: usize, help: &str| {
            let mistakes =
                vec![Mistake { message, start, end, help: Some(help.to_owned()), related: None }];
            Error::mistakes(name, text, mistakes)
        };
        // A mistake is shown with its line, so the file must be a baseline, and not any other file.
        if !text.contains(SCHEMA_FAMILY) {
            let reason = format!("not an sfcred baseline: it does not name a schema; {REWRITE}");
            return Err(Error::unreadable(name, reason));
        }
        let file: File = serde_json::from_str(text).map_err(|error| {
            let at = offset(text, error.line(), error.column());
            let error = error.to_string();
            let message = error.split(" at line ").next().unwrap_or_default();
            let conflict =
                ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| text[at..].starts_with(mark));
            let help = if conflict {
                "this looks like an unresolved merge conflict: keep the entries of both sides"
            } else {
                REWRITE
            };
            fail(format!("not an sfcred baseline: {message}"), at, at, help)
        })?;
        if file.schema != SCHEMA {
            let at = text.find(&file.schema).unwrap_or_default();
            return Err(fail(
                "not a baseline of a supported version".into(),
                at,
                at + file.schema.len(),
                &format!("the supported schema is `{SCHEMA}`"),
            ));
        }
        if let Some(entry) = file.findings.iter().find(|entry| !is_fingerprint(&entry.fingerprint))
        {
            let at = text.find(&format!("\"{}\"", entry.fingerprint)).unwrap_or_default();
            return Err(fail(
                "not a fingerprint".into(),
                at,
                (at + entry.fingerprint.len() + 2).min(text.len()),
                REWRITE,
            ));
        }
        Ok(Baseline { name: name.to_owned(), folder: folder.to_owned(), entries: file.findings })
    }

    /// Separates the findings that the baseline contains. Each entry covers one finding; a second equal one is new.
    /// If the file of an entry no longer exists, the entry covers the same finding in another file, because the
    /// component was moved. Files that are not components are not followed.
    pub fn divide(&self, findings: Vec<Finding>, scope: &Scope<'_>) -> Divided {
        let mut open: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (index, entry) in self.entries.iter().enumerate().rev() {
            open.entry((entry.fingerprint.clone(), entry.file.clone())).or_default().push(index);
        }
        let mut taken = vec![false; self.entries.len()];
        let mut known: Vec<bool> = Vec::with_capacity(findings.len());
        for finding in &findings {
            let key = (fingerprint::fingerprint(finding), scope.file_of(finding, &self.folder));
            let index = if (scope.never_allowed)(finding.rule) {
                None
            } else {
                open.get_mut(&key).and_then(Vec::pop)
            };
            known.push(index.is_some());
            index.iter().for_each(|index| taken[*index] = true);
        }
        let mut moved: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, entry) in self.entries.iter().enumerate().rev() {
            if !taken[index] && !(scope.exists)(&self.folder.join(&entry.file)) {
                moved.entry(&entry.fingerprint).or_default().push(index);
            }
        }
        for (finding, known) in findings.iter().zip(&mut known).filter(|(finding, known)| {
            !**known
                && finding.component.type_name != "File"
                && !(scope.never_allowed)(finding.rule)
        }) {
            if let Some(index) =
                moved.get_mut(fingerprint::fingerprint(finding).as_str()).and_then(Vec::pop)
            {
                *known = true;
                taken[index] = true;
            }
        }
        let mut divided = Divided::default();
        for (finding, known) in findings.into_iter().zip(known) {
            if known { divided.baselined.push(finding) } else { divided.reported.push(finding) }
        }
        let stale = self
            .entries
            .iter()
            .zip(taken)
            .filter(|(entry, taken)| !taken && scope.covers(&self.folder, entry));
        divided.stale = stale.map(|(entry, _)| entry.clone()).collect();
        divided
    }
}

/// The entries of a new baseline in `folder`, in order: one for each finding, and those of the old baseline that
/// this run does not cover.
pub fn entries(
    folder: &Path,
    findings: &[Finding],
    old: Option<&Baseline>,
    scope: &Scope<'_>,
) -> Vec<Entry> {
    let entry = |finding: &Finding| entry(finding, scope.file_of(finding, folder));
    let mut entries: Vec<Entry> =
        findings.iter().filter(|finding| !(scope.never_allowed)(finding.rule)).map(entry).collect();
    entries.extend(
        old.iter()
            .flat_map(|old| old.entries.iter().filter(|entry| !scope.covers(&old.folder, entry)))
            .cloned(),
    );
    entries.sort();
    entries
}

/// The entry of a finding. `file` is relative to the folder of the baseline.
pub fn entry(finding: &Finding, file: String) -> Entry {
    Entry {
        file,
        rule: finding.rule.to_owned(),
        component: format!("{}:{}", finding.component.type_name, finding.component.name),
        field: finding.field.clone(),
        fingerprint: fingerprint::fingerprint(finding),
    }
}

/// How many entries were added and removed.
pub fn difference(old: &[Entry], new: &[Entry]) -> (usize, usize) {
    let mut counts: HashMap<(&str, &str), isize> = HashMap::new();
    for (entries, step) in [(new, 1), (old, -1)] {
        for entry in entries {
            *counts.entry((&entry.fingerprint, &entry.file)).or_default() += step;
        }
    }
    let sum = |sign: isize| counts.values().map(|count| (count * sign).max(0).unsigned_abs()).sum();
    (sum(1), sum(-1))
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The byte at a line and column of serde_json, which counts bytes from 1. Column 0 is the end of the previous line.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ConfigError;

    fn mistake(text: &str) -> Mistake {
        match Baseline::read("b.json", Path::new(""), text) {
            Err(Error::Config(ConfigError::Mistakes { mut mistakes, .. })) => mistakes.remove(0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn mistakes_are_located() {
        for text in ["", "{\"name\": \"package\"}", "{ \"schema\": \"x\", \"findings\": [] }"] {
            let error = Baseline::read("b.json", Path::new(""), text).unwrap_err().to_string();
            assert!(error.contains("not an sfcred baseline"), "{error}");
        }
        let text = format!("{{\n  \"schema\": \"{SCHEMA}\",\n<<<<<<< HEAD\n  \"findings\": []\n}}");
        let conflict = mistake(&text);
        assert_eq!(&text[conflict.start..conflict.start + 7], "<<<<<<<");
        assert!(conflict.help.unwrap().contains("merge"));
        let newer = format!("{{ \"schema\": \"a{SCHEMA_FAMILY}9.json\", \"findings\": [] }}");
        assert!(mistake(&newer).message.contains("version"));
        let entry = format!(
            "{{\"schema\":\"{SCHEMA}\",\"findings\":[{{\"file\":\"a\",\"rule\":\"b\",\"component\":\"c:d\",\"fingerprint\":\"no\"}}]}}"
        );
        assert_eq!(&entry[mistake(&entry).start..mistake(&entry).end], "\"no\"");
        let other = format!("{{\"name\": \"{SCHEMA}\"}}");
        assert!(mistake(&other).message.contains("unknown field"));
    }

    #[test]
    fn added_and_removed_entries_are_counted() {
        let entry = |print: &str| Entry {
            file: "f".into(),
            rule: "r".into(),
            component: "c".into(),
            field: String::new(),
            fingerprint: print.into(),
        };
        assert_eq!(
            difference(&[entry("a"), entry("b")], &[entry("a"), entry("a"), entry("c")]),
            (2, 1)
        );
    }
}
