//! `sfcred lint`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use time::Date;
use time::macros::format_description;

use super::{Failure, Format, Machine, Status, finish};
use crate::report::{self, Context, Style};
use crate::settings::Settings;
use crate::{check, walk};

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
    /// Judge certificates as of this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    today: Option<Date>,
    /// Show errors only, and nothing if there are none (text format)
    #[arg(short, long)]
    quiet: bool,
    /// Settings, instead of the nearest `sfcred.toml` upward from here
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Threads that read files; 0 leaves the choice to the machine
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
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
        let settings = self.settings(machine)?;
        let here = [PathBuf::from(".")];
        let paths = if self.paths.is_empty() { &here } else { self.paths.as_slice() };
        let outcome = crate::lint(paths, &settings)?;
        let worst = outcome.findings.iter().map(|finding| finding.severity).max();
        let status = if settings.fail_on.fails(worst) { Status::Findings } else { Status::Clean };
        let context = Context { format: self.format.into(), style: Style { quiet: self.quiet, ..style } };
        finish(report::write(&outcome, &context, out), out, status)
    }

    fn settings(&self, machine: &Machine<'_>) -> Result<Settings, Failure> {
        let folder = &machine.working_directory;
        let mut settings = Settings::new(self.today.unwrap_or(machine.today), folder.clone());
        settings.threads = self.threads;
        let file = match &self.config {
            Some(path) => Some(walk::read_settings(path, folder)?),
            None => walk::settings_file(folder)?,
        };
        if let Some((name, text)) = file {
            let rules: Vec<&str> = check::RULES.iter().map(|rule| rule.name).collect();
            settings.read(&name, &text, &rules)?;
        }
        Ok(settings)
    }
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(|_| "write a day as 2026-11-22".to_owned())
}
