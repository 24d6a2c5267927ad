//! `sfcred diagnose`.

use std::io::{Read, Write};
use std::path::PathBuf;

use clap::Args;

use super::project::{Project, or_here};
use super::{Failure, Format, Machine, Status, finish};
use crate::diagnose::{self, Diagnosis, Reading};
use crate::discover;
use crate::error::Error;
use crate::pipeline::{Report, lint};
use crate::report::{self, Context, Style};
use crate::settings::Settings;

/// Find out what a message or a log means, and what in the files led to it
///
/// Reads whatever is at hand: an Apex debug log of any size, an exception, the response of a token endpoint, output of the Salesforce CLI
/// or of a build server, a row of the login history. Shows what Salesforce said, what is proven to be right by then, and the causes: first
/// those that the project's own files show. Secrets in the log are not shown.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diagnose {
    /// The log, or `-` for the standard input, and then the folders, files and zips of the project; the working directory if there are none
    #[arg(value_name = "FILE|- [PATH]")]
    paths: Vec<PathBuf>,
    /// The message itself, instead of a log
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// The named or external credential that failed, where the log does not tell
    #[arg(long, value_name = "NAME")]
    named_credential: Option<String>,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    project: Project,
}

const EXAMPLES: &str = "\
Examples:
  sfcred diagnose debug.log
  sfcred diagnose debug.log hub spoke
  sfcred diagnose --message \"user hasn't approved this consumer\"
  sf apex tail log | sfcred diagnose -
  sf org login jwt --json 2>&1 | sfcred diagnose - --format json

Exit status: 0 an answer was recognised, 1 none was, 2 there was no run";

impl Diagnose {
    pub fn run(
        &self,
        machine: &Machine<'_>,
        style: Style,
        out: &mut dyn Write,
    ) -> Result<Status, Failure> {
        let settings = self.project.settings(machine)?;
        let (name, reading, paths) = self.read(machine)?;
        let (report, without) = project(paths, &settings)?;
        let project = report.as_ref().map(|report| (report, &settings));
        let mut diagnosis = Diagnosis::of(name, reading, self.named_credential.as_deref(), project);
        diagnosis.without = without;
        let status =
            if diagnosis.reading.answers.is_empty() { Status::Findings } else { Status::Clean };
        let context = Context { format: self.format.into(), style };
        finish(report::diagnosis(&diagnosis, &context, out), out, status)
    }

    /// What is to be understood: its name, what was read of it, and the paths that are left for the project.
    fn read(&self, machine: &Machine<'_>) -> Result<(String, Reading, &[PathBuf]), Failure> {
        if let Some(message) = &self.message {
            return Ok((
                "the message".to_owned(),
                read("the message", &mut message.as_bytes())?,
                &self.paths,
            ));
        }
        let stdin = |paths| {
            Ok((
                "the standard input".to_owned(),
                read("the standard input", &mut (machine.stdin)())?,
                paths,
            ))
        };
        match self.paths.split_first() {
            Some((first, rest)) if first.as_os_str() == "-" => stdin(rest),
            // A folder is no log, and something is there to be read.
            Some((first, _))
                if !machine.stdin_is_terminal
                    && discover::is_folder(first, &machine.working_directory) =>
            {
                stdin(&self.paths)
            }
            Some((first, rest)) => {
                let mut log = discover::open_log(first, &machine.working_directory)?;
                Ok((
                    discover::relative(
                        &discover::normalized(&machine.working_directory.join(first)),
                        &machine.working_directory,
                    ),
                    read(&first.to_string_lossy(), &mut log)?,
                    rest,
                ))
            }
            None if machine.stdin_is_terminal => Err(Error::NothingToDiagnose.into()),
            None => stdin(&self.paths),
        }
    }
}

fn read(name: &str, input: &mut (dyn Read + Send)) -> Result<Reading, Error> {
    diagnose::read(input)
        .map_err(|error| Error::Unreadable { path: PathBuf::from(name), reason: error.to_string() })
}

/// What the files show; without any, why there is nothing.
fn project(
    paths: &[PathBuf],
    settings: &Settings,
) -> Result<(Option<Report>, Option<String>), Error> {
    match lint(&or_here(paths), settings) {
        Ok(report) => Ok((Some(report), None)),
        Err(Error::NothingToLint { .. }) => {
            let shown: Vec<String> =
                or_here(paths).iter().map(|path| format!("`{}`", path.display())).collect();
            let place = if paths.is_empty() {
                "the working directory".to_owned()
            } else {
                shown.join(", ")
            };
            Ok((
                None,
                Some(format!(
                    "{place} holds no credential metadata; give the folders of the project to see what they show"
                )),
            ))
        }
        Err(other) => Err(other),
    }
}
