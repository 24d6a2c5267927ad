//! The pipeline: discover, parse, link, check. [`lint`] runs it on disk, [`analyze`] on files that are already read.

use std::path::PathBuf;

use crate::baseline;
use crate::check;
use crate::discover::{self, FileSet};
use crate::error::{DiscoveryError, Error};
use crate::explain;
use crate::finding::Finding;
use crate::link;
use crate::model::{Org, Workspace};
use crate::options::Options;
use crate::parse;
use crate::replacements;
use crate::source::Sources;

/// The result of a lint run.
#[derive(Debug)]
pub struct Report {
    pub sources: Sources,
    pub workspace: Workspace,
    /// The reported findings, sorted by file and position.
    pub findings: Vec<Finding>,
    /// Findings that an allow suppresses.
    pub allowed: Vec<Finding>,
    /// Findings that the baseline suppresses, if the run has one.
    pub baseline: Option<Baselined>,
    /// How many findings `--fix` removed.
    pub fixed: usize,
    /// How many rules the settings turn off.
    pub rules_off: usize,
    /// Whether all rules judged all files, so that a callout without a finding can be called ok.
    pub judges_everything: bool,
    /// The same files judged by all rules, if a format needs it and this run does not do it.
    pub everything: Option<Box<Report>>,
    /// The given paths in which nothing was found.
    pub empty_paths: Vec<String>,
    /// Findings hidden by `--org`, `--since` or `--stdin-path`.
    pub filtered: Filtered,
    /// Name of the `--env` environment whose `replacements` were applied.
    pub environment: Option<String>,
}

/// The findings that a baseline suppresses.
#[derive(Debug)]
pub struct Baselined {
    /// The baseline's file, as shown.
    pub name: String,
    pub findings: Vec<Finding>,
    /// Entries of the baseline that no longer occur.
    pub stale: Vec<baseline::Entry>,
}

/// How many findings are hidden, and by which options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    pub findings: usize,
    pub by: Vec<String>,
}

/// The phases of a run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Discover,
    Parse,
    Link,
    Check,
}

/// Lints everything under some paths.
///
/// # Errors
/// If the run was not possible, for example because a path does not exist. Faults of the project are findings, not
/// errors.
pub fn lint(paths: &[PathBuf], options: &Options) -> Result<Report, Error> {
    lint_with_progress(paths, options, &|_| {})
}

/// Lints files in memory, by their paths relative to the working directory of the options. Touches no disk.
///
/// # Errors
/// If the run was not possible, for example because there is nothing to lint.
pub fn lint_in_memory(
    files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    options: &Options,
) -> Result<Report, Error> {
    let mut files = discover::from_memory(files, options)?;
    let analysis = analyze(&mut files, options);
    Ok(analysis.report(files.sources, 0))
}

/// Like [`lint`], and calls `on_phase` at the start of each phase.
///
/// # Errors
/// If the run was not possible.
pub fn lint_with_progress(
    paths: &[PathBuf],
    options: &Options,
    on_phase: &(dyn Fn(Phase) + Sync),
) -> Result<Report, Error> {
    on_phase(Phase::Discover);
    let mut files = discover::discover(paths, options)?;
    let replaced = options
        .environment
        .as_ref()
        .map(|environment| {
            let needed = replacements::files_needed(&files.sources, environment);
            let texts = discover::read_texts(&discover::disk(paths, options), needed);
            replacements::apply(&mut files.sources, environment, &texts)
        })
        .transpose()?;
    let mut analysis = analyze_with_progress(&mut files, options, on_phase);
    if let Some(replaced) = replaced {
        let baselined = analysis.baseline.as_mut().map(|baseline| &mut baseline.findings);
        let found = [&mut analysis.findings, &mut analysis.allowed].into_iter().chain(baselined);
        replaced.restore(&mut files.sources, found, |finding| {
            check::rule(finding.rule).is_some_and(|rule| rule.page().head.judges_source)
        });
    }
    if analysis.is_empty() {
        return Err(DiscoveryError::NothingToLint {
            paths: paths.to_vec(),
            seen: files.sources.seen,
            skipped: files.sources.skipped.len(),
        }
        .into());
    }
    let environment = options.environment.as_ref();
    let environment = environment.map(|environment| environment.shown().to_owned());
    let empty_paths = empty_paths(paths, &files, options);
    Ok(Report { environment, empty_paths, ..analysis.report(files.sources, 0) })
}

/// The given folders and zips that contain no file to lint.
fn empty_paths(paths: &[PathBuf], files: &FileSet, options: &Options) -> Vec<String> {
    let holds_something = |path: &&PathBuf| {
        let root = crate::source::normalized(&options.working_directory.join(path));
        files.sources.iter().any(|(_, source)| source.path.starts_with(&root))
    };
    paths
        .iter()
        .filter(|path| !holds_something(path))
        .map(|path| path.display().to_string())
        .collect()
}

/// The result of checking a set of files.
#[derive(Debug)]
pub struct Analysis {
    pub workspace: Workspace,
    pub findings: Vec<Finding>,
    pub allowed: Vec<Finding>,
    pub baseline: Option<Baselined>,
    pub rules_off: usize,
    pub judges_everything: bool,
}

/// The result of checking a set of files again, after some of them changed; `cache` has the others.
pub fn analyze_again(files: &mut FileSet, options: &Options, cache: &mut parse::Cache) -> Analysis {
    let parsed = cache.parse(&files.sources);
    check_parsed(parsed, files, options, &|_| {})
}

/// Parses, links and checks files that are already read.
pub fn analyze(files: &mut FileSet, options: &Options) -> Analysis {
    analyze_with_progress(files, options, &|_| {})
}

fn analyze_with_progress(
    files: &mut FileSet,
    options: &Options,
    on_phase: &(dyn Fn(Phase) + Sync),
) -> Analysis {
    on_phase(Phase::Parse);
    let parsed = parse::parse(&files.sources);
    check_parsed(parsed, files, options, on_phase)
}

fn check_parsed(
    parsed: parse::Parsed,
    files: &mut FileSet,
    options: &Options,
    on_phase: &(dyn Fn(Phase) + Sync),
) -> Analysis {
    files.sources.conceal(parsed.secrets.iter().copied());
    #[cfg(feature = "forced-panic")]
    files.sources.iter().for_each(|(_, source)| {
        crate::source::fail_if_asked("on-the-main-thread", source.text());
    });
    on_phase(Phase::Link);
    let workspace = link::link(parsed, files, options);
    on_phase(Phase::Check);
    let (mut findings, mut allowed) = check::check(&workspace, &files.sources, options);
    explain::keep_possible_answers(&mut findings, &workspace);
    explain::keep_possible_answers(&mut allowed, &workspace);
    let rules_off = check::rules_off(options);
    let judges_everything = options.judge_everything
        || rules_off == 0
            && check::RULES.iter().all(|rule| options.selection.runs(rule.name))
            && workspace.context_count() == 0;
    let Some(baseline) = &options.baseline else {
        return Analysis {
            workspace,
            findings,
            allowed,
            baseline: None,
            rules_off,
            judges_everything,
        };
    };
    let disk = discover::disk(&files.roots, options);
    let scope = discover::baseline_scope(&disk, &files.roots, options, &files.sources);
    let divided = baseline.divide(findings, &scope);
    let baselined = Baselined {
        name: baseline.name.clone(),
        findings: divided.baselined,
        stale: divided.stale,
    };
    Analysis {
        workspace,
        findings: divided.reported,
        allowed,
        baseline: Some(baselined),
        rules_off,
        judges_everything,
    }
}

impl Analysis {
    /// Whether the files contain nothing that any rule checks.
    fn is_empty(&self) -> bool {
        let has_content = |org: &Org| org.component_count() > 0 || !org.apex.is_empty();
        self.findings.is_empty()
            && self.allowed.is_empty()
            && self.baseline.as_ref().is_none_or(|baseline| baseline.findings.is_empty())
            && self.workspace.unreadable.is_empty()
            && !self.workspace.orgs.iter().any(has_content)
    }

    pub fn report(self, sources: Sources, fixed: usize) -> Report {
        let Analysis { workspace, findings, allowed, baseline, rules_off, judges_everything } =
            self;
        Report {
            sources,
            workspace,
            findings,
            allowed,
            baseline,
            fixed,
            rules_off,
            judges_everything,
            everything: None,
            empty_paths: Vec::new(),
            filtered: Filtered::default(),
            environment: None,
        }
    }
}
