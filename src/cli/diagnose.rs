//! `sfcred diagnose`.

use std::io::{Read, Write};
use std::path::PathBuf;

use clap::Args;

use super::project::{Project, or_here};
use super::{Environment, Failure, Format, Status, finish};
use crate::diagnose::{self, Diagnosis, Reading};
use crate::discover;
use crate::discover::FileSystem;
use crate::error::{DiscoveryError, Error, UsageError};
use crate::options::Options;
use crate::pipeline::{Report, lint};
use crate::report::{self, Context, Style};

/// Explain an error message or debug log and find the cause in your files
///
/// Reads an Apex debug log of any size, an exception, the response of a token endpoint, the output
/// of the Salesforce CLI or of a build server, or a row of the login history. Shows the error, what
/// it confirms to be correct, and the possible causes, starting with those found in your files.
/// Secrets in the log are redacted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diagnose {
    /// The log (`-` for standard input), then the folders, files and zips of the project [default:
    /// the working directory]
    #[arg(value_name = "FILE|- [PATH]")]
    paths: Vec<PathBuf>,
    /// An error message instead of a log
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// The named or external credential that failed, if the log does not name it
    #[arg(long, value_name = "NAME")]
    named_credential: Option<String>,
    /// The output format
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

Exit codes:
  0  a known Salesforce error was found
  1  none was found
  2  could not run";

impl Diagnose {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut dyn Write,
    ) -> Result<Status, Failure> {
        let options = self.project.options(environment)?;
        let (name, reading, paths) = self.read(environment)?;
        let (report, without) = project(paths, &options)?;
        let project = report.as_ref().map(|report| (report, &options));
        let mut diagnosis =
            Diagnosis::new(name, reading, self.named_credential.as_deref(), project);
        diagnosis.without = without;
        let status =
            if diagnosis.reading.answers.is_empty() { Status::Findings } else { Status::Clean };
        let context = Context { format: self.format.into(), style };
        finish(report::diagnosis(&diagnosis, &context, out), out, status)
    }

    /// The name and the content of the log, and the remaining paths, which are the project.
    fn read(
        &self,
        environment: &Environment<'_>,
    ) -> Result<(String, Reading, &[PathBuf]), Failure> {
        if let Some(message) = &self.message {
            return Ok((
                "the message".to_owned(),
                read("the message", &mut message.as_bytes())?,
                &self.paths,
            ));
        }
        let stdin = |paths| {
            Ok((
                "standard input".to_owned(),
                read("standard input", &mut (environment.stdin)())?,
                paths,
            ))
        };
        match self.paths.split_first() {
            Some((first, rest)) if first.as_os_str() == "-" => stdin(rest),
            // A folder is not a log, so the log is on standard input.
            Some((first, _))
                if !environment.stdin_is_terminal
                    && discover::Disk.is_folder(&discover::normalized(
                        &environment.working_directory.join(first),
                    )) =>
            {
                stdin(&self.paths)
            }
            Some((first, rest)) => {
                let mut log =
                    discover::open_log(&discover::Disk, first, &environment.working_directory)?;
                Ok((
                    discover::relative(
                        &discover::normalized(&environment.working_directory.join(first)),
                        &environment.working_directory,
                    ),
                    read(&first.to_string_lossy(), &mut log)?,
                    rest,
                ))
            }
            None if environment.stdin_is_terminal => Err(UsageError::NothingToDiagnose.into()),
            None => stdin(&self.paths),
        }
    }
}

fn read(name: &str, input: &mut (dyn Read + Send)) -> Result<Reading, Error> {
    diagnose::read(input).map_err(|error| Error::unreadable(name, error))
}

/// The result of linting the project, or the reason why there is none.
fn project(
    paths: &[PathBuf],
    options: &Options,
) -> Result<(Option<Report>, Option<String>), Error> {
    match lint(&or_here(paths), options) {
        Ok(report) => Ok((Some(report), None)),
        Err(Error::Discovery(DiscoveryError::NothingToLint { .. })) => {
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
                    "{place} contains no credential metadata; add the project folders to find the cause in them"
                )),
            ))
        }
        Err(other) => Err(other),
    }
}
