//! Living with old findings, and mending: `--baseline`, `--no-allows`, `--fix`, `--diff` and what belongs to them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, Status};
use crate::autofix::{Changed, FixRequest, FixRun, autofix};
use crate::baseline::{Baseline, difference, entries};
use crate::error::Error;
use crate::pipeline::{Baselined, Phase, Report, analyze};
use crate::report::{self, Pair, Style, Version};
use crate::settings::Settings;
use crate::source::{Source, Sources, Span, decode, encode};
use crate::{atomic_write, discover};

#[derive(Debug, Args)]
#[command(next_help_heading = "Fixes")]
pub(super) struct Mend {
    /// Fix what can be fixed mechanically, and report what is left
    #[arg(long, group = "mending", conflicts_with_all = ONLY_SHOWN)]
    fix: bool,
    /// Show as a patch for `git apply` what `--fix` would do; ends with 1 if there is anything to do
    #[arg(long, group = "mending", conflicts_with_all = ONLY_SHOWN)]
    diff: bool,
    /// With `--fix` or `--diff`: also apply fixes whose outcome a person should look at
    #[arg(long, requires = "mending")]
    unsafe_fixes: bool,
    /// Report only what is not in this baseline; what is gone from it is told
    #[arg(long, value_name = "FILE", help_heading = "Old findings")]
    baseline: Option<PathBuf>,
    /// Write all findings into a baseline, so that later runs report only new ones
    #[arg(long, value_name = "FILE", help_heading = "Old findings", conflicts_with_all = ["mending", "baseline", "since", "org", "env", "env_file", "stdin_path"])]
    write_baseline: Option<PathBuf>,
    /// Report what is allowed, too
    #[arg(long, help_heading = "Old findings")]
    no_allows: bool,
}

/// What changes files looks at them as they are, and at all of them.
const ONLY_SHOWN: [&str; 5] = ["since", "org", "env", "env_file", "stdin_path"];

/// What came of a run.
pub(super) enum Came {
    /// A report is to be written, and these lines after it.
    Report(Box<Report>, Vec<u8>),
    /// A patch, and lines to follow it.
    Patch(Status, Vec<u8>, Vec<u8>),
}

/// A file to be written.
struct Rewritten<'a> {
    source: &'a Source,
    changed: &'a Changed,
    /// The one path of the file.
    target: PathBuf,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Mend {
    /// Lints, and does what was asked for besides.
    pub fn run(
        &self,
        paths: &[PathBuf],
        mut settings: Settings,
        style: Style,
        on_phase: &(dyn Fn(Phase) + Sync),
    ) -> Result<Came, Failure> {
        settings.no_allows |= self.no_allows;
        if let Some(path) = &self.write_baseline {
            return write_baseline(path, paths, &settings, style);
        }
        settings.baseline = self.read_baseline(&settings)?;
        if !self.fix && !self.diff {
            return Ok(Came::Report(
                Box::new(crate::pipeline::lint_with_progress(paths, &settings, on_phase)?),
                Vec::new(),
            ));
        }
        let file_set = discover::discover(paths, &settings)?;
        let folder = settings.working_directory.clone();
        let asked: Vec<PathBuf> =
            paths.iter().map(|path| discover::normalized(&folder.join(path))).collect();
        let fix_run = autofix(
            file_set,
            settings,
            &FixRequest {
                also_unsafe: self.unsafe_fixes,
                closed: &|source| discover::closed(&source.path, &asked),
            },
        );
        let files = rewritten(&fix_run)?;
        let mut notes = Vec::new();
        if self.fix {
            write(&files)?;
            report::fix_run(&fix_run, true, style, &mut notes)?;
            drop(files);
            return Ok(Came::Report(Box::new(fix_run.report), notes));
        }
        let mut patches = Vec::new();
        for file in &files {
            match report::patch(&file.pair(&folder, &fix_run.report.sources), style) {
                Ok(patch) => patches.push(patch),
                Err(reason) => writeln!(
                    notes,
                    "not in the patch: {}: {reason}; `--fix` changes it",
                    file.source.name
                )?,
            }
        }
        report::fix_run(&fix_run, false, style, &mut notes)?;
        let status = if files.is_empty() { Status::Clean } else { Status::Findings };
        Ok(Came::Patch(status, patches.concat(), notes))
    }

    fn read_baseline(&self, settings: &Settings) -> Result<Option<Baseline>, Error> {
        let Some(path) = self.baseline.as_ref().or(settings.baseline_file.as_ref()) else {
            return Ok(None);
        };
        match discover::read_baseline(path, &settings.working_directory)? {
            Some(baseline) => Ok(Some(baseline)),
            None => Err(Error::NoBaseline(path.clone())),
        }
    }
}

/// Writes all findings into a baseline, which then covers them.
fn write_baseline(
    path: &Path,
    paths: &[PathBuf],
    settings: &Settings,
    style: Style,
) -> Result<Came, Failure> {
    let old = discover::read_baseline(path, &settings.working_directory)?;
    let target = discover::normalized(&settings.working_directory.join(path));
    let mut file_set = discover::discover(paths, settings)?;
    let analysis = analyze(&mut file_set, settings);
    let folder = target.parent().map(Path::to_owned).unwrap_or_default();
    let name = discover::relative(&target, &settings.working_directory);
    let new = Baseline { name: name.clone(), folder, entries: Vec::new() };
    let entries = discover::seen_by(&new, &file_set.roots, settings, &file_set.sources, |run| {
        entries(&analysis.findings, old.as_ref(), run)
    });
    atomic_write::write_atomically(&target, report::baseline(&entries).as_bytes())?;
    let mut report = analysis.report(file_set.sources, 0);
    let (left, covered) =
        report.findings.into_iter().partition(|finding| settings.is_never_allowed(finding.rule));
    report.findings = left;
    report.baseline = Some(Baselined { name: name.clone(), findings: covered, gone: Vec::new() });
    let mut notes = Vec::new();
    if !style.quiet {
        let known = old.as_ref().map(|old| old.entries.as_slice()).unwrap_or_default();
        let (added, removed) = difference(known, &entries);
        let kept = entries.len() - added;
        let change = match (&old, added, removed) {
            (None, ..) => "new".to_owned(),
            (Some(_), 0, 0) => "as before".to_owned(),
            (Some(_), added, removed) => {
                format!("{added} added, {removed} taken out, {kept} as before")
            }
        };
        let findings = if entries.len() == 1 { "finding" } else { "findings" };
        writeln!(notes, "wrote {} {findings} to {name}: {change}", entries.len())?;
        if report.findings.iter().any(|finding| settings.is_never_allowed(finding.rule)) {
            writeln!(notes, "what must never be allowed is not among them")?;
        }
    }
    Ok(Came::Report(Box::new(report), notes))
}

/// The new bytes of all changed files, each file once.
///
/// # Errors
/// A file that is not what it was when it was read.
fn rewritten(fix_run: &FixRun) -> Result<Vec<Rewritten<'_>>, Error> {
    let mut files: BTreeMap<PathBuf, Rewritten<'_>> = BTreeMap::new();
    for changed in &fix_run.changed {
        let source = fix_run.report.sources.get(changed.file);
        let meanwhile = || Error::ChangedMeanwhile(source.path.clone());
        let unwritable = |reason: &str| Error::Unwritable {
            path: source.path.clone(),
            reason: reason.to_owned(),
        };
        let (target, before) = discover::read_again(&source.path)?;
        let (text, encoding) = decode(before.clone()).map_err(|_| meanwhile())?;
        if text != changed.text {
            return Err(meanwhile());
        }
        if encode(&text, encoding).as_ref() != Some(&before) {
            return Err(unwritable("its encoding cannot be written back as it was"));
        }
        let after = encode(source.text(), encoding)
            .ok_or_else(|| unwritable("its encoding lacks a character of the fix"))?;
        if files.get(&target).is_some_and(|other| other.after != after) {
            return Err(unwritable(
                "two of the paths lead to it, and each would give it another text; give one of them",
            ));
        }
        files.entry(target.clone()).or_insert(Rewritten { source, changed, target, before, after });
    }
    let mut files: Vec<_> = files.into_values().collect();
    files.sort_by(|left, right| left.source.name.cmp(&right.source.name));
    Ok(files)
}

/// Writes all of them, after a look whether all can be.
fn write(files: &[Rewritten<'_>]) -> Result<(), Error> {
    files.iter().try_for_each(|file| atomic_write::writable(&file.target))?;
    files.iter().try_for_each(|file| atomic_write::write_atomically(&file.target, &file.after))
}

impl Rewritten<'_> {
    fn pair<'s>(&'s self, folder: &Path, sources: &'s Sources) -> Pair<'s> {
        let ranges = |spans: &[Span]| spans.iter().map(|span| span.range()).collect();
        Pair {
            name: name_in_patch(&self.source.path, folder),
            before: Version {
                text: &self.changed.text,
                bytes: &self.before,
                concealed: ranges(&self.changed.concealed),
            },
            after: Version {
                text: self.source.text(),
                bytes: &self.after,
                concealed: ranges(sources.concealed(self.changed.file)),
            },
        }
    }
}

/// The bytes of a path from a folder, with `/`; one that leads out of it begins with `/`.
fn name_in_patch(path: &Path, folder: &Path) -> Vec<u8> {
    let Ok(inside) = path.strip_prefix(folder) else { return b"/".to_vec() };
    let names: Vec<&[u8]> = inside.iter().map(std::ffi::OsStr::as_encoded_bytes).collect();
    names.join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changes_meanwhile_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Maps.cls");
        let text = "public class Maps {\n    // sfcred: allow(claim-missing) reason=\"x\"\n}\n";
        std::fs::write(&path, text).unwrap();
        let named = "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Maps</label></NamedCredential>";
        std::fs::write(folder.path().join("Maps.namedCredential-meta.xml"), named).unwrap();
        let settings = Settings::new(time::macros::date!(2026 - 11 - 22), folder.path().to_owned());
        let file_set = discover::discover(&[".".into()], &settings).unwrap();
        let fix_run =
            autofix(file_set, settings, &FixRequest { also_unsafe: false, closed: &|_| None });
        assert_eq!(rewritten(&fix_run).unwrap().len(), 1);
        std::fs::write(&path, format!("{text}// more\n")).unwrap();
        assert!(matches!(rewritten(&fix_run), Err(Error::ChangedMeanwhile(_))));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(rewritten(&fix_run), Err(Error::Unreadable { .. })));
    }
}
