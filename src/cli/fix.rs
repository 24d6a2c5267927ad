//! Fixes and known findings: `--fix`, `--diff`, `--baseline`, `--no-allows` and their companions.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;

use super::file_change::{FileChange, distinct, patches, write};
use super::{Failure, Status};
use crate::autofix::{FixRequest, FixRun, autofix};
use crate::baseline::{Baseline, difference, entries};
use crate::discover::{Disk, Origin};
use crate::error::{DiscoveryError, Error};
use crate::options::Options;
use crate::pipeline::{Baselined, Phase, Report, analyze};
use crate::report::{self, Style};
use crate::source::Span;
use crate::{atomic_write, discover};

#[derive(Debug, Args)]
#[command(next_help_heading = "Fixes")]
pub(super) struct Fix {
    /// Apply safe fixes, and report the remaining findings
    #[arg(long, group = "fixing", conflicts_with_all = NOT_WITH_FIXES)]
    fix: bool,
    /// Print what `--fix` would change as a patch for `git apply`; exit code 1 if there is any
    /// change
    #[arg(long, group = "fixing", conflicts_with_all = NOT_WITH_FIXES)]
    diff: bool,
    /// With `--fix` or `--diff`: also apply unsafe fixes, whose result should be reviewed
    #[arg(long, requires = "fixing")]
    unsafe_fixes: bool,
    /// Report only findings that are not in this baseline, and baseline entries that no longer
    /// occur
    #[arg(long, value_name = "FILE", help_heading = "Known findings")]
    baseline: Option<PathBuf>,
    /// Write all findings to a baseline, so that later runs report only new ones
    #[arg(long, value_name = "FILE", help_heading = "Known findings", conflicts_with_all = ["fixing", "baseline", "since", "org", "env", "env_file", "stdin_path"])]
    write_baseline: Option<PathBuf>,
    /// Report allowed findings too
    #[arg(long, help_heading = "Known findings")]
    pub no_allows: bool,
}

/// Fixes apply to all files on disk, so they cannot be combined with these options.
const NOT_WITH_FIXES: [&str; 5] = ["since", "org", "env", "env_file", "stdin_path"];

/// The result of a run.
pub(super) enum Completion {
    /// A report to print, followed by these lines.
    Report(Box<Report>, Vec<u8>),
    /// A patch to print, followed by these lines.
    Patch(Status, Vec<u8>, Vec<u8>),
}

impl Fix {
    /// Whether files are changed, or findings are compared with a file.
    pub fn changes_files(&self) -> bool {
        self.fix || self.diff || self.baseline.is_some() || self.write_baseline.is_some()
    }

    /// Lints, and fixes or writes a baseline if asked to.
    pub fn run(
        &self,
        paths: &[PathBuf],
        disk: &Disk,
        mut options: Options,
        style: Style,
        on_phase: &(dyn Fn(Phase) + Sync),
    ) -> Result<Completion, Failure> {
        options.no_allows |= self.no_allows;
        if let Some(path) = &self.write_baseline {
            return write_baseline(path, paths, disk, &options, style);
        }
        options.baseline = self.read_baseline(disk, &options)?;
        if !self.fix && !self.diff {
            return Ok(Completion::Report(
                Box::new(crate::pipeline::lint_with_progress(paths, &options, on_phase)?),
                Vec::new(),
            ));
        }
        let file_set = discover::discover(paths, &options)?;
        let folder = options.working_directory.clone();
        let given_paths: Vec<PathBuf> =
            paths.iter().map(|path| discover::normalized(&folder.join(path))).collect();
        let fix_run = autofix(
            file_set,
            options,
            &FixRequest {
                include_unsafe: self.unsafe_fixes,
                wanted: &|_| true,
                write_obstacle: &|source| {
                    discover::write_obstacle(disk, &source.path, &given_paths)
                },
            },
        );
        let files = changed_files(disk, &fix_run)?;
        let mut notes = Vec::new();
        if self.fix {
            write(&files)?;
            report::fix_summary(&fix_run, true, style, &mut notes)?;
            drop(files);
            return Ok(Completion::Report(Box::new(fix_run.report), notes));
        }
        let (patch, missing) = patches(&files, &folder, style);
        for (name, reason) in missing {
            writeln!(notes, "Not in the patch: {name}: {reason}. `--fix` changes it")?;
        }
        report::fix_summary(&fix_run, false, style, &mut notes)?;
        let status = if files.is_empty() { Status::Clean } else { Status::Findings };
        Ok(Completion::Patch(status, patch, notes))
    }

    fn read_baseline(&self, disk: &Disk, options: &Options) -> Result<Option<Baseline>, Error> {
        let settings_file = options.settings_path();
        let (path, origin) = match (&self.baseline, &options.settings.baseline_file) {
            (Some(path), _) => (path, Origin::CommandLine),
            (None, Some(path)) => (path, Origin::File(&settings_file)),
            (None, None) => return Ok(None),
        };
        match discover::read_baseline(disk, path, origin, &options.working_directory)? {
            Some(baseline) => Ok(Some(baseline)),
            None => Err(DiscoveryError::NoBaseline(path.clone()).into()),
        }
    }
}

/// Writes all findings to a baseline, which then suppresses them.
fn write_baseline(
    path: &Path,
    paths: &[PathBuf],
    disk: &Disk,
    options: &Options,
    style: Style,
) -> Result<Completion, Failure> {
    let folder = &options.working_directory;
    let old = discover::read_baseline(disk, path, Origin::CommandLine, folder)?;
    let target = discover::normalized(&options.working_directory.join(path));
    let mut file_set = discover::discover(paths, options)?;
    let analysis = analyze(&mut file_set, options);
    let folder = target.parent().map(Path::to_owned).unwrap_or_default();
    let name = discover::relative(&target, &options.working_directory);
    let scope = discover::baseline_scope(disk, &file_set.roots, options, &file_set.sources);
    let entries = entries(&folder, &analysis.findings, old.as_ref(), &scope);
    drop(scope);
    atomic_write::write_atomically(&disk.target(&target)?, report::baseline(&entries).as_bytes())?;
    let mut report = analysis.report(file_set.sources, 0);
    let (never_allowed, covered) = report
        .findings
        .into_iter()
        .partition(|finding| options.settings.is_never_allowed(finding.rule));
    report.findings = never_allowed;
    report.baseline = Some(Baselined { name: name.clone(), findings: covered, stale: Vec::new() });
    let mut notes = Vec::new();
    if !style.quiet {
        let known = old.as_ref().map(|old| old.entries.as_slice()).unwrap_or_default();
        let (added, removed) = difference(known, &entries);
        let kept = entries.len() - added;
        let change = match (&old, added, removed) {
            (None, ..) => "new baseline".to_owned(),
            (Some(_), 0, 0) => "unchanged".to_owned(),
            (Some(_), added, removed) => {
                format!("{added} added, {removed} removed, {kept} unchanged")
            }
        };
        let findings = if entries.len() == 1 { "finding" } else { "findings" };
        writeln!(notes, "Wrote {} {findings} to {name} ({change})", entries.len())?;
        if !report.findings.is_empty() {
            writeln!(notes, "Findings of `never-allow` rules are not in it")?;
        }
    }
    Ok(Completion::Report(Box::new(report), notes))
}

/// All changed files, each file once.
///
/// # Errors
/// If a file changed after it was read.
fn changed_files(disk: &Disk, fix_run: &FixRun) -> Result<Vec<FileChange>, Error> {
    let sources = &fix_run.report.sources;
    let changes = fix_run.changed.iter().map(|changed| {
        FileChange::replaced(
            disk,
            sources.get(changed.file),
            (&changed.text, ranges(&changed.concealed)),
            (sources.get(changed.file).text(), ranges(sources.concealed(changed.file))),
        )
    });
    distinct(changes.collect::<Result<_, Error>>()?)
}

fn ranges(spans: &[Span]) -> Vec<Range<usize>> {
    spans.iter().map(|span| span.range()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::WriteError;

    #[test]
    fn a_file_that_changed_on_disk_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Maps.cls");
        let text = "public class Maps {\n    // sfcred: allow(claim-missing) reason=\"x\"\n}\n";
        std::fs::write(&path, text).unwrap();
        let named = "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Maps</label></NamedCredential>";
        std::fs::write(folder.path().join("Maps.namedCredential-meta.xml"), named).unwrap();
        let options = Options::new(time::macros::date!(2026 - 11 - 22), folder.path().to_owned());
        let paths = [PathBuf::from(".")];
        let disk = discover::disk(&paths, &options);
        let file_set = discover::discover(&paths, &options).unwrap();
        let fix_run = autofix(
            file_set,
            options,
            &FixRequest { include_unsafe: false, wanted: &|_| true, write_obstacle: &|_| None },
        );
        assert_eq!(changed_files(&disk, &fix_run).unwrap().len(), 1);
        std::fs::write(&path, format!("{text}// more\n")).unwrap();
        assert!(matches!(
            changed_files(&disk, &fix_run),
            Err(Error::Write(WriteError::ChangedOnDisk(_)))
        ));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(
            changed_files(&disk, &fix_run),
            Err(Error::Discovery(DiscoveryError::Unreadable { .. }))
        ));
    }
}
