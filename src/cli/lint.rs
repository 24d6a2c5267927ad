//! `sfcred lint`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::mend::{Came, Mend};
use super::output::Output;
use super::project::{Project, or_here};
use super::{Failure, Machine, Status, finish};
use crate::report::Style;

/// Look for what will fail, in files, before anything is deployed or called
///
/// Each finding points at the bytes in every file involved, says what Salesforce will say at run time, and what to do. The last line
/// counts what was looked at, so that silence is not mistaken for success.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Lint {
    /// Folders, files and metadata API zips; the working directory if there are none
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    mend: Mend,
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

A file `sfcred.toml` chooses severities (`[rules]`) and what makes the run fail
(`fail-on`), allows single findings (`[[allow]]`), names a baseline (`baseline`)
and what nobody may allow (`never-allow`).
A file `sfcred.yaml` says which orgs there are and what metadata cannot say:
users, assignments.";

impl Lint {
    pub fn run(&self, machine: &Machine<'_>, style: Style, out: &mut dyn Write, err: &mut dyn Write) -> Result<Status, Failure> {
        let reports = self.output.reports(machine)?;
        let settings = self.project.settings(machine)?;
        let style = Style { quiet: self.output.quiet, ..style };
        let fail_on = settings.fail_on;
        let (outcome, notes) = match self.mend.run(&or_here(&self.paths), settings, style, out)? {
            Came::Outcome(outcome, notes) => (outcome, notes),
            Came::Patch(status, notes) => {
                // Nobody is left to tell if this fails.
                let _ = err.write_all(&notes);
                return Ok(status);
            }
        };
        let worst = outcome.findings.iter().map(|finding| finding.severity).max();
        let status = if fail_on.fails(worst) { Status::Findings } else { Status::Clean };
        let status = finish(reports.write(&outcome, machine, style, out)?, out, status)?;
        let _ = err.write_all(&notes);
        Ok(status)
    }
}
