//! Applies fixes in memory, in repeated passes. A fix is kept only if it removes its finding and
//! causes no new error. `cli` writes the changed files to disk.

pub mod edits;

use std::collections::{BTreeMap, HashMap};

use crate::autofix::edits::{Change, apply, changes};
use crate::check;
use crate::description;
use crate::discover::FileSet;
use crate::finding::{Finding, Fix, Severity};
use crate::options::Options;
use crate::pipeline::{Analysis, Report, analyze};
use crate::settings::Settings;
use crate::source::{FileId, Kind, Source, Span, encode};

/// The maximum number of passes. Each applies or rejects at least one fix, or halves the batch.
const MAX_PASSES: usize = 100;

/// Which fixes to apply, and to which files.
pub struct FixRequest<'a> {
    /// Also apply unsafe fixes.
    pub include_unsafe: bool,
    /// Whether to fix this finding.
    pub wanted: &'a dyn Fn(&Finding) -> bool,
    /// The reason why a file cannot be changed, if there is one.
    pub write_obstacle: &'a dyn Fn(&Source) -> Option<&'static str>,
}

/// The result of applying fixes.
#[derive(Debug)]
pub struct FixRun {
    /// The remaining findings, with the new text of the files.
    pub report: Report,
    /// The files whose text changed, in order.
    pub changed: Vec<Changed>,
    /// The number of fixed findings of each rule.
    pub fixed_by_rule: BTreeMap<&'static str, usize>,
    pub rejected: Vec<RejectedFix>,
    /// The number of remaining findings with an unsafe fix that was not requested.
    pub remaining_unsafe: usize,
    /// Whether every fix was applied or rejected before `MAX_PASSES`.
    pub complete: bool,
}

/// The original text of a changed file.
#[derive(Debug)]
pub struct Changed {
    pub file: FileId,
    pub text: String,
    /// The spans that held secrets in the original text.
    pub concealed: Vec<Span>,
}

/// A fix that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectedFix {
    pub rule: &'static str,
    pub file: String,
    pub line: usize,
    pub reason: String,
}

/// Identifies a finding across changes of the text. It contains no offset.
type Identity = (&'static str, FileId, String, String, String);

fn identity(finding: &Finding) -> Identity {
    (
        finding.rule,
        finding.primary.span.file,
        finding.component.name.clone(),
        finding.field.clone(),
        finding.message.clone(),
    )
}

/// Applies fixes until none is left to try.
///
/// All fixes of a pass are applied at once. If the result is worse, the batch is halved until the
/// fix at fault is alone and is rejected.
pub fn autofix(mut file_set: FileSet, mut options: Options, request: &FixRequest<'_>) -> FixRun {
    let mut analysis = analyze(&mut file_set, &options);
    let mut fix_loop = FixLoop {
        request,
        originals: BTreeMap::new(),
        fixed_by_rule: BTreeMap::new(),
        rejected: BTreeMap::new(),
    };
    let mut limit = usize::MAX;
    let mut complete = false;
    for _ in 0..MAX_PASSES {
        let candidates = fix_loop.select(&analysis, &file_set, limit);
        if candidates.is_empty() {
            complete = true;
            break;
        }
        match fix_loop.try_apply(&candidates, &analysis, &mut file_set, &mut options) {
            Ok(next) => {
                analysis = next;
                limit = limit.saturating_mul(2);
            }
            Err(reason) if candidates.len() == 1 => {
                fix_loop.reject(&candidates[0], &file_set, reason);
                limit = usize::MAX;
            }
            Err(_) => limit = candidates.len() / 2,
        }
    }
    fix_loop.finish(analysis, file_set, complete)
}

struct FixLoop<'a> {
    request: &'a FixRequest<'a>,
    originals: BTreeMap<FileId, (String, Vec<Span>)>,
    fixed_by_rule: BTreeMap<&'static str, usize>,
    rejected: BTreeMap<Identity, RejectedFix>,
}

struct Candidate {
    rule: &'static str,
    identity: Identity,
    place: Span,
    changes: Vec<Change>,
}

/// The selected changes by file and start. They do not conflict, so their order by start is their order by end.
#[derive(Default)]
struct SelectedChanges(BTreeMap<(FileId, u32), Vec<Change>>);

impl SelectedChanges {
    fn add(&mut self, change: &Change) {
        let place = change.span;
        self.0.entry((place.file, place.start)).or_default().push(change.clone());
    }

    fn conflict_with(&self, change: &Change) -> bool {
        let place = change.span;
        self.0
            .range((place.file, 0)..=(place.file, place.end))
            .rev()
            .take_while(|(_, others)| others.iter().any(|other| other.span.end >= place.start))
            .flat_map(|(_, others)| others)
            .any(|other| change.conflicts_with(other))
    }
}

impl FixLoop<'_> {
    /// The fixes of the next pass, in the order of the findings: at most `limit`, without conflicts. The others are
    /// left for later passes.
    fn select(&mut self, analysis: &Analysis, file_set: &FileSet, limit: usize) -> Vec<Candidate> {
        let mut selected: Vec<Candidate> = Vec::new();
        let mut taken = SelectedChanges::default();
        for finding in &analysis.findings {
            let may_apply = |fix: &&Fix| {
                (fix.is_safe() || self.request.include_unsafe) && (self.request.wanted)(finding)
            };
            let Some(fix) = finding.fix.as_ref().filter(may_apply) else {
                continue;
            };
            let identity = identity(finding);
            if selected.len() == limit || self.rejected.contains_key(&identity) {
                continue;
            }
            let candidate = Candidate {
                rule: finding.rule,
                identity,
                place: finding.primary.span,
                changes: changes(fix, &file_set.sources),
            };
            let obstacle = candidate.changes.iter().find_map(|change| {
                (self.request.write_obstacle)(file_set.sources.get(change.span.file))
            });
            let overlaps = candidate.changes.iter().enumerate().any(|(index, change)| {
                candidate.changes[..index].iter().any(|other| change.overlaps(other))
            });
            match obstacle {
                Some(reason) => self.reject(&candidate, file_set, reason.to_owned()),
                None if overlaps => {
                    self.reject(&candidate, file_set, "its changes overlap".to_owned())
                }
                None if candidate.changes.iter().any(|change| taken.conflict_with(change)) => {}
                None => {
                    candidate.changes.iter().for_each(|change| taken.add(change));
                    selected.push(candidate);
                }
            }
        }
        selected
    }

    fn reject(&mut self, candidate: &Candidate, file_set: &FileSet, reason: String) {
        let source = file_set.sources.get(candidate.place.file);
        let line = file_set.sources.position(candidate.place.file, candidate.place.start).line;
        self.rejected.insert(
            candidate.identity.clone(),
            RejectedFix { rule: candidate.rule, file: source.name.clone(), line, reason },
        );
    }

    /// Applies all candidates, or none of them and returns the reason.
    fn try_apply(
        &mut self,
        candidates: &[Candidate],
        analysis: &Analysis,
        file_set: &mut FileSet,
        options: &mut Options,
    ) -> Result<Analysis, String> {
        let mut files: BTreeMap<FileId, Vec<Change>> = BTreeMap::new();
        for change in candidates.iter().flat_map(|candidate| &candidate.changes) {
            files.entry(change.span.file).or_default().push(change.clone());
        }
        let mut texts = Vec::new();
        for (file, changes) in files {
            let source = file_set.sources.get(file);
            let text = apply(file, source.text(), &changes);
            if encode(&text, source.encoding).is_none() {
                return Err(
                    "the encoding of the file cannot represent a character of the fix".to_owned()
                );
            }
            texts.push((file, text, file_set.sources.concealed(file).to_vec()));
        }
        let allows = options.settings.allows.clone();
        let mut old: Vec<_> = texts
            .into_iter()
            .map(|(file, text, concealed)| (file, file_set.sources.rewrite(file, text), concealed))
            .collect();
        let next = reparse(&old, file_set, options).and_then(|()| {
            let next = analyze(file_set, options);
            is_better(candidates, analysis, &next).map(|()| next)
        });
        match next {
            Ok(next) => {
                for (file, text, concealed) in old {
                    self.originals.entry(file).or_insert((text, concealed));
                }
                for candidate in candidates {
                    *self.fixed_by_rule.entry(candidate.rule).or_default() += 1;
                }
                Ok(next)
            }
            Err(reason) => {
                options.settings.allows = allows;
                for (file, text, concealed) in &mut old {
                    *text = file_set.sources.rewrite(*file, std::mem::take(text));
                    file_set.sources.conceal(concealed.drain(..));
                }
                // The original text was valid, so reading it again cannot fail.
                let _ = reparse(&old, file_set, options);
                Err(reason)
            }
        }
    }

    fn finish(self, analysis: Analysis, file_set: FileSet, complete: bool) -> FixRun {
        let remaining_unsafe = analysis
            .findings
            .iter()
            .filter(|finding| {
                !self.request.include_unsafe
                    && finding.fix.as_ref().is_some_and(|fix| !fix.is_safe())
            })
            .count();
        let changed = self
            .originals
            .into_iter()
            .filter(|(file, (text, _))| file_set.sources.get(*file).text() != text);
        let changed =
            changed.map(|(file, (text, concealed))| Changed { file, text, concealed }).collect();
        let mut rejected: Vec<RejectedFix> = self.rejected.into_values().collect();
        rejected.sort();
        let fixed = self.fixed_by_rule.values().sum();
        FixRun {
            report: analysis.report(file_set.sources, fixed),
            changed,
            fixed_by_rule: self.fixed_by_rule,
            rejected,
            remaining_unsafe,
            complete,
        }
    }
}

/// Parses changed descriptions and settings files again.
fn reparse<T>(
    changed: &[(FileId, String, T)],
    file_set: &mut FileSet,
    options: &mut Options,
) -> Result<(), String> {
    for (file, ..) in changed {
        let source = file_set.sources.get(*file);
        if let Some(described) =
            file_set.descriptions.iter_mut().find(|described| described.file == *file)
        {
            described.description = description::parse(*file, &source.name, source.text())
                .map_err(|error| format!("it would make the description invalid: {error}"))?;
        }
        if source.kind == Kind::Toml {
            let known = check::rule_names();
            let fresh = Settings::parse(&source.name, source.text(), &known)
                .map_err(|error| format!("it would make the settings invalid: {error}"))?;
            options.settings.allows = fresh.allows;
        }
    }
    Ok(())
}

/// Checks that every candidate's finding is gone and no error is new; else returns the reason.
fn is_better(candidates: &[Candidate], before: &Analysis, after: &Analysis) -> Result<(), String> {
    let count = |analysis: &Analysis| {
        let mut counts: HashMap<Identity, usize> = HashMap::new();
        analysis
            .findings
            .iter()
            .for_each(|finding| *counts.entry(identity(finding)).or_default() += 1);
        counts
    };
    let (old, new) = (count(before), count(after));
    if candidates.iter().any(|candidate| {
        new.get(&candidate.identity).copied().unwrap_or_default()
            >= old.get(&candidate.identity).copied().unwrap_or_default()
    }) {
        return Err("it would not remove the finding".to_owned());
    }
    let errors = |analysis: &Analysis| {
        let mut counts: HashMap<_, usize> = HashMap::new();
        for finding in
            analysis.findings.iter().filter(|finding| finding.severity == Severity::Error)
        {
            *counts
                .entry((finding.rule, finding.component.type_name, finding.component.name.clone()))
                .or_default() += 1;
        }
        counts
    };
    let (old, new) = (errors(before), errors(after));
    let mut new_errors: Vec<_> = new
        .iter()
        .filter(|(key, count)| **count > old.get(*key).copied().unwrap_or_default())
        .map(|(key, _)| key)
        .collect();
    new_errors.sort();
    match new_errors.first() {
        None => Ok(()),
        Some((rule, ..)) => Err(format!("it would cause an error of `{rule}`")),
    }
}
