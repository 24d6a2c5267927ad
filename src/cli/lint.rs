//! `sfcred lint`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::project::{Project, or_here};
use super::{Failure, Format, Machine, Status, finish};
use crate::report::{self, Context, Style};

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
    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Show errors only, and nothing if there are none (text format)
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    project: Project,
}

const EXAMPLES: &str = "\
Examples:
  sfcred lint
  sfcred lint force-app --quiet
  sfcred lint hub spoke --format json > findings.json
  sfcred lint --today 2027-03-31       what expires by then

A file `sfcred.toml` chooses severities (`[rules]`) and what makes the run fail (`fail-on`).
A file `sfcred.yaml` says which orgs there are and what metadata cannot say: users, assignments.";

impl Lint {
    pub fn run(&self, machine: &Machine<'_>, style: Style, out: &mut dyn Write) -> Result<Status, Failure> {
        let settings = self.project.settings(machine)?;
        let outcome = crate::lint(&or_here(&self.paths), &settings)?;
        let worst = outcome.findings.iter().map(|finding| finding.severity).max();
        let status = if settings.fail_on.fails(worst) { Status::Findings } else { Status::Clean };
        let context = Context { format: self.format.into(), style: Style { quiet: self.quiet, ..style } };
        let ended = finish(report::write(&outcome, &context, out), out, status);
        // The process ends here; to take everything apart first would only take time.
        std::mem::forget(outcome);
        ended
    }
}
