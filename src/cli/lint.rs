//! `sfcred lint`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::fix::{Completion, Fix};
use super::inspect::{self, Inspect};
use super::output::Output;
use super::progress::{PATIENCE, with_progress};
use super::project::Project;
use super::selection::Selection;
use super::target_org::TargetOrgs;
use super::{Environment, Failure, Status, finish};
use crate::error::UsageError;
use crate::filter::filter;
use crate::finding::Severity;
use crate::options::Options;
use crate::report::{Printer, Style};
use crate::settings::RuleSelection;

/// Check credential metadata for problems before you deploy or make a callout
///
/// Each finding points at the place in every file involved, quotes the error that Salesforce will
/// report, and explains what to do. The last line lists what was checked, so that an empty
/// result is not mistaken for success.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Lint {
    /// Folders, files and Metadata API zips; `-` for standard input [default: the working
    /// directory]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
    /// Print on standard error which files were read or skipped, and timings
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    target_orgs: TargetOrgs,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    fix: Fix,
    #[command(flatten)]
    inspect: Inspect,
}

const EXAMPLES: &str = "\
Examples:
  sfcred lint                       check everything in this folder
  sfcred lint hub spoke             two orgs, one folder each
  sfcred lint --target-org hub --target-org spoke
                                    two orgs of your Salesforce CLI
  sfcred lint --fix                 apply safe fixes
  sfcred lint --diff                print what `--fix` would change
  sfcred lint --diff | git apply    the same, applied by git
  sfcred lint --statistics          findings per rule
  sfcred lint --today 2027-03-31    certificates that expire by then
  sfcred lint --since origin/main   findings related to this branch
  sfcred lint --env uat             with the values of .env.uat
  sfcred lint --select \"audience-*\" --fail-on note
  sfcred lint -o text -o sarif=out.sarif -o gitlab=cq.json
                                    several reports in one run
  sfcred lint --write-baseline sfcred-baseline.json
                                    record the current findings
  sfcred lint --baseline sfcred-baseline.json
                                    report only new findings
  cat unsaved.cls | sfcred lint - --stdin-path force-app/X.cls

Exit codes:
  0  no findings at or above `fail-on`
  1  findings
  2  could not run (bad arguments, invalid settings, nothing to check)

`sfcred.toml` sets severities (`[rules]`), the severity that fails the run
(`fail-on`), allowed findings (`[[allow]]`), rules that cannot be allowed
(`never-allow`) and a baseline (`baseline`). `sfcred.yaml` describes the orgs
and what metadata does not contain: users and their assignments.";

impl Lint {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
        err: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let paths = self.selection.paths(&self.paths)?;
        let disk = self.project.disk(&paths, &environment.working_directory)?;
        let reports = self.output.reports(&disk, environment)?;
        let mut options = self.project.options(&paths, environment)?;
        self.selection.apply(&mut options, &disk, environment)?;
        if self.inspect.show_settings {
            return finish(
                inspect::settings(&options, self.selection.fail_on.is_some(), out),
                out,
                Status::Clean,
            );
        }
        let style = Style { quiet: self.output.quiet, ..style };
        let visible = self.selection.filter(&paths, &disk, &options)?;
        if self.target_orgs.are_given() && self.fix.changes_files() {
            return Err(UsageError::Options {
                message: "`--target-org` reads orgs, which sfcred does not change".to_owned(),
                hint: "omit `--fix`, `--diff`, `--baseline` and `--write-baseline`, or run `sfcred pull` and lint the folder that it writes".to_owned(),
            }
            .into());
        }
        options.no_allows |= self.fix.no_allows;
        let from_orgs = self.target_orgs.lint(&self.paths, &options, environment, style, err)?;
        let shows_progress = environment.shows_progress() && !style.quiet;
        let terminal =
            shows_progress.then(|| Ok::<_, io::Error>((err.verbatim()?, PATIENCE))).transpose()?;
        let (completion, times) = match from_orgs {
            Some(from_orgs) => {
                (Ok(Completion::Report(Box::new(from_orgs.report), Vec::new())), Vec::new())
            }
            None => with_progress(terminal, |on_phase| {
                self.fix.run(&paths, &disk, options.clone(), style, on_phase)
            }),
        };
        let (mut report, notes) = match completion? {
            Completion::Report(report, notes) => (report, notes),
            Completion::Patch(status, patch, notes) => {
                let written = out.verbatim().and_then(|out| out.write_all(&patch));
                let status = finish(written, out, status)?;
                // A failure to write cannot be reported.
                let _ = err.write_all(&notes);
                return Ok(status);
            }
        };
        if self.verbose {
            // A failure to write cannot be reported.
            let _ = inspect::verbose(&report, &options, &times, style, err);
        }
        if self.inspect.show_files {
            return finish(
                inspect::files(&report, reports.is_json(), style, out),
                out,
                Status::Clean,
            );
        }
        filter(&mut report, &visible)?;
        let is_complete = report.judges_everything && report.filtered.findings == 0;
        if reports.show_callouts() && !is_complete && !self.target_orgs.are_given() {
            let judged = Options {
                judge_everything: true,
                selection: RuleSelection::default(),
                baseline: None,
                ..options.clone()
            };
            report.everything = Some(Box::new(crate::pipeline::lint(&paths, &judged)?));
        }
        let skipped = report.sources.skipped_credentials().next().map(|_| Severity::Error);
        let worst = report.findings.iter().map(|finding| finding.severity).max().max(skipped);
        let status =
            if options.settings.fail_on.fails(worst) { Status::Findings } else { Status::Clean };
        let status = finish(reports.write(&report, environment, style, out)?, out, status)?;
        let _ = err.write_all(&notes);
        Ok(status)
    }
}
