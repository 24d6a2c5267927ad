//! Mends a project in memory: applies fixes over repeated passes, and keeps only those that help and break nothing. It writes nothing.

pub mod edits;

use std::collections::{BTreeMap, HashMap};

use crate::autofix::edits::{Change, apply, changes};
use crate::check;
use crate::description;
use crate::discover::FileSet;
use crate::finding::{Finding, Severity};
use crate::options::Options;
use crate::pipeline::{Analysis, Report, analyze};
use crate::settings::Settings;
use crate::source::{FileId, Kind, Source, Span, encode};

/// Tries after which it ends, done or not. Each mends something or finds out what cannot be mended.
const TRIES: usize = 100;

/// What may be changed.
pub struct FixRequest<'a> {
    /// Fixes that a person must agree to, too.
    pub also_unsafe: bool,
    /// Why a file must stay as it is.
    pub closed: &'a dyn Fn(&Source) -> Option<&'static str>,
}

/// What came of it.
#[derive(Debug)]
pub struct FixRun {
    /// With what is left, and the new texts.
    pub report: Report,
    /// Files whose text is another one now, in order.
    pub changed: Vec<Changed>,
    /// Fixed findings by rule, in the order of names.
    pub fixed: BTreeMap<&'static str, usize>,
    pub refused: Vec<RejectedFix>,
    /// Findings that are left and have a fix that a person must agree to.
    pub unsafe_left: usize,
    /// No fix is left that would have to be tried.
    pub settled: bool,
}

/// A file before it was changed.
#[derive(Debug)]
pub struct Changed {
    pub file: FileId,
    pub text: String,
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

/// Tells a finding again in a changed text.
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

/// Applies fixes until none is left that helps.
pub fn autofix(mut file_set: FileSet, mut options: Options, reach: &FixRequest<'_>) -> FixRun {
    let mut analysis = analyze(&mut file_set, &options);
    let mut work = FixLoop {
        reach,
        before: BTreeMap::new(),
        fixed: BTreeMap::new(),
        refused: BTreeMap::new(),
    };
    let mut limit = usize::MAX;
    let mut settled = false;
    for _ in 0..TRIES {
        let wanted = work.choose(&analysis, &file_set, limit);
        if wanted.is_empty() {
            settled = true;
            break;
        }
        match work.attempt(&wanted, &analysis, &mut file_set, &mut options) {
            Ok(next) => {
                analysis = next;
                limit = limit.saturating_mul(2);
            }
            Err(reason) if wanted.len() == 1 => {
                work.refuse(&wanted[0], &file_set, reason);
                limit = usize::MAX;
            }
            Err(_) => limit = wanted.len() / 2,
        }
    }
    work.finish(analysis, file_set, settled)
}

struct FixLoop<'a> {
    reach: &'a FixRequest<'a>,
    before: BTreeMap<FileId, (String, Vec<Span>)>,
    fixed: BTreeMap<&'static str, usize>,
    refused: BTreeMap<Identity, RejectedFix>,
}

struct Candidate {
    rule: &'static str,
    identity: Identity,
    place: Span,
    changes: Vec<Change>,
}

/// Chosen changes by file and start. They do not conflict, so their order by start is their order by end.
#[derive(Default)]
struct ChosenChanges(BTreeMap<(FileId, u32), Vec<Change>>);

impl ChosenChanges {
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
    /// Fixes that do not disturb each other, in the order of findings; the others wait for the next pass.
    fn choose(&mut self, analysis: &Analysis, file_set: &FileSet, limit: usize) -> Vec<Candidate> {
        let mut chosen: Vec<Candidate> = Vec::new();
        let mut taken = ChosenChanges::default();
        for finding in &analysis.findings {
            let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safe || self.reach.also_unsafe)
            else {
                continue;
            };
            let identity = identity(finding);
            if chosen.len() == limit || self.refused.contains_key(&identity) {
                continue;
            }
            let wanted = Candidate {
                rule: finding.rule,
                identity,
                place: finding.primary.span,
                changes: changes(fix, &file_set.sources),
            };
            let closed = wanted
                .changes
                .iter()
                .find_map(|change| (self.reach.closed)(file_set.sources.get(change.span.file)));
            let overlap = wanted.changes.iter().enumerate().any(|(index, change)| {
                wanted.changes[..index].iter().any(|other| change.overlaps(other))
            });
            match closed {
                Some(reason) => self.refuse(&wanted, file_set, reason.to_owned()),
                None if overlap => self.refuse(&wanted, file_set, "its changes overlap".to_owned()),
                None if wanted.changes.iter().any(|change| taken.conflict_with(change)) => {}
                None => {
                    wanted.changes.iter().for_each(|change| taken.add(change));
                    chosen.push(wanted);
                }
            }
        }
        chosen
    }

    fn refuse(&mut self, wanted: &Candidate, file_set: &FileSet, reason: String) {
        let source = file_set.sources.get(wanted.place.file);
        let line = file_set.sources.position(wanted.place.file, wanted.place.start).line;
        self.refused.insert(
            wanted.identity.clone(),
            RejectedFix { rule: wanted.rule, file: source.name.clone(), line, reason },
        );
    }

    /// Applies all or none of them, and says why none.
    fn attempt(
        &mut self,
        wanted: &[Candidate],
        analysis: &Analysis,
        file_set: &mut FileSet,
        options: &mut Options,
    ) -> Result<Analysis, String> {
        let mut files: BTreeMap<FileId, Vec<Change>> = BTreeMap::new();
        for change in wanted.iter().flat_map(|wanted| &wanted.changes) {
            files.entry(change.span.file).or_default().push(change.clone());
        }
        let mut texts = Vec::new();
        for (file, changes) in files {
            let source = file_set.sources.get(file);
            let text = apply(file, source.text(), &changes);
            if encode(&text, source.encoding).is_none() {
                return Err("the encoding of the file lacks a character of it".to_owned());
            }
            texts.push((file, text, file_set.sources.concealed(file).to_vec()));
        }
        let allows = options.settings.allows.clone();
        let mut old: Vec<_> = texts
            .into_iter()
            .map(|(file, text, concealed)| (file, file_set.sources.rewrite(file, text), concealed))
            .collect();
        let next = reread(&old, file_set, options).and_then(|()| {
            let next = analyze(file_set, options);
            is_better(wanted, analysis, &next).map(|()| next)
        });
        match next {
            Ok(next) => {
                for (file, text, concealed) in old {
                    self.before.entry(file).or_insert((text, concealed));
                }
                wanted.iter().for_each(|wanted| *self.fixed.entry(wanted.rule).or_default() += 1);
                Ok(next)
            }
            Err(reason) => {
                options.settings.allows = allows;
                for (file, text, concealed) in &mut old {
                    *text = file_set.sources.rewrite(*file, std::mem::take(text));
                    file_set.sources.conceal(concealed.drain(..));
                }
                // What could be read before can be read again.
                let _ = reread(&old, file_set, options);
                Err(reason)
            }
        }
    }

    fn finish(self, analysis: Analysis, file_set: FileSet, settled: bool) -> FixRun {
        let unsafe_left = analysis
            .findings
            .iter()
            .filter(|finding| {
                !self.reach.also_unsafe && finding.fix.as_ref().is_some_and(|fix| !fix.safe)
            })
            .count();
        let changed = self
            .before
            .into_iter()
            .filter(|(file, (text, _))| file_set.sources.get(*file).text() != text);
        let changed =
            changed.map(|(file, (text, concealed))| Changed { file, text, concealed }).collect();
        let mut refused: Vec<RejectedFix> = self.refused.into_values().collect();
        refused.sort();
        let fixed = self.fixed.values().sum();
        FixRun {
            report: analysis.report(file_set.sources, fixed),
            changed,
            fixed: self.fixed,
            refused,
            unsafe_left,
            settled,
        }
    }
}

/// Reads descriptions and settings anew that have another text.
fn reread<T>(
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
                .map_err(|error| format!("it would break the description: {error}"))?;
        }
        if source.kind == Kind::Toml {
            let known = check::rule_names();
            let fresh = Settings::parse(&source.name, source.text(), &known)
                .map_err(|error| format!("it would break the settings: {error}"))?;
            options.settings.allows = fresh.allows;
        }
    }
    Ok(())
}

/// Every finding that was to be fixed is gone, and no error is new.
fn is_better(wanted: &[Candidate], before: &Analysis, after: &Analysis) -> Result<(), String> {
    let count = |analysis: &Analysis| {
        let mut counts: HashMap<Identity, usize> = HashMap::new();
        analysis
            .findings
            .iter()
            .for_each(|finding| *counts.entry(identity(finding)).or_default() += 1);
        counts
    };
    let (old, new) = (count(before), count(after));
    if wanted.iter().any(|wanted| {
        new.get(&wanted.identity).copied().unwrap_or_default()
            >= old.get(&wanted.identity).copied().unwrap_or_default()
    }) {
        return Err("it would not help".to_owned());
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
    let mut brought: Vec<_> = new
        .iter()
        .filter(|(key, count)| **count > old.get(*key).copied().unwrap_or_default())
        .map(|(key, _)| key)
        .collect();
    brought.sort();
    match brought.first() {
        None => Ok(()),
        Some((rule, ..)) => Err(format!("it would bring an error of `{rule}`")),
    }
}
