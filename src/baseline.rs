//! A baseline: the findings that a team had when it began. They are counted and not reported; a new one never hides behind them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Mistake};
use crate::finding::Finding;
use crate::fingerprint;
use crate::source::Sources;

pub const SCHEMA: &str =
    "https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-baseline-1.json";

/// One old finding. What a person reads of it, and by which it is told again: the fingerprint and the file.
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
    /// Of rule, component and field: [`fingerprint::of`].
    pub fingerprint: String,
}

/// A baseline as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// As shown.
    pub name: String,
    /// Its files are relative to this folder.
    pub folder: PathBuf,
    pub entries: Vec<Entry>,
}

/// What a baseline must know of a run.
pub struct Run<'a> {
    pub sources: &'a Sources,
    /// A path as entries name it.
    pub name: &'a dyn Fn(&Path) -> String,
    /// Whether there still is a file of that path.
    pub is_there: &'a dyn Fn(&Path) -> bool,
    /// Whether the run looked at everything that could show the entry's fault.
    pub analysis: &'a dyn Fn(&Path, &str) -> bool,
    /// Whether findings of a rule are reported whatever a baseline says.
    pub never: &'a dyn Fn(&str) -> bool,
}

/// Findings, divided by a baseline.
#[derive(Debug, Default)]
pub struct Divided {
    pub reported: Vec<Finding>,
    pub baselined: Vec<Finding>,
    /// What the baseline holds and nobody finds any more.
    pub gone: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    findings: Vec<Entry>,
}

impl Baseline {
    /// Reads what [`crate::report::baseline`] wrote.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn read(name: &str, folder: &Path, text: &str) -> Result<Baseline, Error> {
        let fail = |message: String, start: usize, end: usize, help: &str| {
            let mistakes =
                vec![Mistake { message, start, end, help: Some(help.to_owned()), related: None }];
            Error::Mistakes { name: name.to_owned(), text: text.to_owned(), mistakes }
        };
        let anew = "a baseline is written by `sfcred lint --write-baseline FILE`; delete this one and write it anew, or restore it";
        let file: File = serde_json::from_str(text).map_err(|error| {
            let at = offset(text, error.line(), error.column());
            let said = error.to_string();
            let message = said.split(" at line ").next().unwrap_or_default().to_owned();
            let conflict =
                ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| text[at..].starts_with(mark));
            let help = if conflict {
                "it looks like an unfinished merge: keep the lines of both sides"
            } else {
                anew
            };
            fail(format!("this is no baseline: {message}"), at, at, help)
        })?;
        if file.schema != SCHEMA {
            let at = text.find(&file.schema).unwrap_or_default();
            return Err(fail(
                "this is no baseline that this version of sfcred reads".into(),
                at,
                at + file.schema.len(),
                &format!("its schema is `{SCHEMA}`"),
            ));
        }
        if let Some(entry) = file.findings.iter().find(|entry| !is_fingerprint(&entry.fingerprint))
        {
            let at = text.find(&format!("\"{}\"", entry.fingerprint)).unwrap_or_default();
            return Err(fail(
                "this is no fingerprint".into(),
                at,
                (at + entry.fingerprint.len() + 2).min(text.len()),
                anew,
            ));
        }
        Ok(Baseline { name: name.to_owned(), folder: folder.to_owned(), entries: file.findings })
    }

    /// Takes the findings that it holds out of those to report. Each entry stands for one finding: a second equal one is new. An entry
    /// whose file is gone stands for the same fault of the same component elsewhere; a file without a component is not followed.
    pub fn divide(&self, findings: Vec<Finding>, run: &Run<'_>) -> Divided {
        let mut open: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (index, entry) in self.entries.iter().enumerate().rev() {
            open.entry((entry.fingerprint.clone(), entry.file.clone())).or_default().push(index);
        }
        let mut taken = vec![false; self.entries.len()];
        let mut known: Vec<bool> = Vec::with_capacity(findings.len());
        for finding in &findings {
            let key = (fingerprint::of(finding), file_of(finding, run));
            let index = if (run.never)(finding.rule) {
                None
            } else {
                open.get_mut(&key).and_then(Vec::pop)
            };
            known.push(index.is_some());
            index.iter().for_each(|index| taken[*index] = true);
        }
        let mut moved: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, entry) in self.entries.iter().enumerate().rev() {
            if !taken[index] && !(run.is_there)(&self.folder.join(&entry.file)) {
                moved.entry(&entry.fingerprint).or_default().push(index);
            }
        }
        for (finding, known) in findings.iter().zip(&mut known).filter(|(finding, known)| {
            !**known && finding.component.type_name != "File" && !(run.never)(finding.rule)
        }) {
            if let Some(index) = moved.get_mut(fingerprint::of(finding).as_str()).and_then(Vec::pop)
            {
                *known = true;
                taken[index] = true;
            }
        }
        let mut divided = Divided::default();
        for (finding, known) in findings.into_iter().zip(known) {
            if known { divided.baselined.push(finding) } else { divided.reported.push(finding) }
        }
        let gone = self.entries.iter().zip(taken).filter(|(entry, taken)| {
            !taken && (run.analysis)(&self.folder.join(&entry.file), &entry.rule)
        });
        divided.gone = gone.map(|(entry, _)| entry.clone()).collect();
        divided
    }
}

/// The entries for findings, in order, with those of an older baseline that this run could not judge.
pub fn entries(findings: &[Finding], old: Option<&Baseline>, run: &Run<'_>) -> Vec<Entry> {
    let entry = |finding: &Finding| Entry {
        file: file_of(finding, run),
        rule: finding.rule.to_owned(),
        component: format!("{}:{}", finding.component.type_name, finding.component.name),
        field: finding.field.clone(),
        fingerprint: fingerprint::of(finding),
    };
    let mut entries: Vec<Entry> =
        findings.iter().filter(|finding| !(run.never)(finding.rule)).map(entry).collect();
    entries.extend(
        old.iter()
            .flat_map(|old| {
                old.entries
                    .iter()
                    .filter(|entry| !(run.analysis)(&old.folder.join(&entry.file), &entry.rule))
            })
            .cloned(),
    );
    entries.sort();
    entries
}

/// How many entries are in `new` and not in `old`, and the reverse.
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

fn file_of(finding: &Finding, run: &Run<'_>) -> String {
    (run.name)(&run.sources.get(finding.primary.span.file).path)
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The byte at a line and column of serde_json, which counts bytes from 1; 0 is the end of the line before.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> Mistake {
        match Baseline::read("b.json", Path::new(""), text) {
            Err(Error::Mistakes { mut mistakes, .. }) => mistakes.remove(0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_no_baseline_is_pointed_at() {
        assert!(mistake("").message.starts_with("this is no baseline"));
        let text = format!("{{\n  \"schema\": \"{SCHEMA}\",\n<<<<<<< HEAD\n  \"findings\": []\n}}");
        let conflict = mistake(&text);
        assert_eq!(&text[conflict.start..conflict.start + 7], "<<<<<<<");
        assert!(conflict.help.unwrap().contains("merge"));
        assert!(mistake("{ \"schema\": \"x\", \"findings\": [] }").message.contains("version"));
        let entry = format!(
            "{{\"schema\":\"{SCHEMA}\",\"findings\":[{{\"file\":\"a\",\"rule\":\"b\",\"component\":\"c:d\",\"fingerprint\":\"no\"}}]}}"
        );
        assert_eq!(&entry[mistake(&entry).start..mistake(&entry).end], "\"no\"");
        assert!(mistake("{\"name\": \"package\"}").message.contains("unknown field"));
    }

    #[test]
    fn what_was_added_and_removed_is_counted() {
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
