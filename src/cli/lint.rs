//! `sfcred lint`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::autofix::{Came, Mend};
use super::filter::Narrow;
use super::output::Output;
use super::project::Project;
use super::show::{self, Show};
use super::watch::{MOMENT, watched};
use super::{Failure, Machine, Status, finish};
use crate::filter::filter;
use crate::report::Style;

/// Look for what will fail, in files, before anything is deployed or called
///
/// Each finding points at the bytes in every file involved, says what Salesforce will say at run time, and what to do. The last line
/// counts what was looked at, so that silence is not mistaken for success.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Lint {
    /// Folders, files and metadata API zips; the working directory if there are none; `-` for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
    /// Say on standard error what was read, what was skipped and how long it took
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    filter: Narrow,
    #[command(flatten)]
    autofix: Mend,
    #[command(flatten)]
    show: Show,
}

const EXAMPLES: &str = "\
Examples:
  sfcred lint
  sfcred lint force-app --quiet
  sfcred lint hub spoke --format json > findings.json
  sfcred lint -o text -o sarif=out.sarif -o gitlab=cq.json
                                       several reports in one run
  sfcred lint --statistics             how often each rule found something
  sfcred lint --today 2027-03-31       what expires by then
  sfcred lint --diff                   what `--fix` would change, as a patch
  sfcred lint --fix                    change it
  sfcred lint --diff | git apply       the same, by git
  sfcred lint --write-baseline sfcred-baseline.json
                                       remember what is found today
  sfcred lint --baseline sfcred-baseline.json
                                       and report only what is new
  sfcred lint --since origin/main      only what this branch touches
  sfcred lint --select 'audience-*' --fail-on note
  sfcred lint --env uat                as it would be deployed with the values of .env.uat
  sfcred lint - --stdin-path force-app/X.externalCredential-meta.xml < unsaved.xml

Exit status: 0 nothing found at or above `fail-on`, 1 findings, 2 there was no run.

A file `sfcred.toml` chooses severities (`[rules]`) and what makes the run fail
(`fail-on`), allows single findings (`[[allow]]`), names a baseline (`baseline`)
and what nobody may allow (`never-allow`).
A file `sfcred.yaml` says which orgs there are and what metadata cannot say:
users, assignments.";

impl Lint {
    pub fn run(
        &self,
        machine: &Machine<'_>,
        style: Style,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Result<Status, Failure> {
        let reports = self.output.reports(machine)?;
        let mut settings = self.project.settings(machine)?;
        let paths = self.filter.paths(&self.paths)?;
        self.filter.apply(&mut settings, machine)?;
        if self.show.show_settings {
            return finish(
                show::settings(&settings, self.filter.fail_on.is_some(), out),
                out,
                Status::Clean,
            );
        }
        let style = Style { quiet: self.output.quiet, ..style };
        let shown = self.filter.shown(&paths, &settings)?;
        let terminal = (machine.shows_progress() && !style.quiet).then_some((&mut *err, MOMENT));
        let (came, times) =
            watched(terminal, |on_phase| self.autofix.run(&paths, settings.clone(), style, on_phase));
        let (mut report, notes) = match came? {
            Came::Report(report, notes) => (report, notes),
            Came::Patch(status, patch, notes) => {
                let status = finish(out.write_all(&patch), out, status)?;
                // Nobody is left to tell if this fails.
                let _ = err.write_all(&notes);
                return Ok(status);
            }
        };
        if self.verbose {
            // Nobody is left to tell if this fails.
            let _ = show::verbose(&report, &settings, &times, style, err);
        }
        if self.show.show_files {
            return finish(show::files(&report, reports.is_json(), style, out), out, Status::Clean);
        }
        filter(&mut report, &shown)?;
        let worst = report.findings.iter().map(|finding| finding.severity).max();
        let status = if settings.fail_on.fails(worst) { Status::Findings } else { Status::Clean };
        let status = finish(reports.write(&report, machine, style, out)?, out, status)?;
        let _ = err.write_all(&notes);
        // The process ends here; to take everything apart first would only take time.
        std::mem::forget(report);
        Ok(status)
    }
}
