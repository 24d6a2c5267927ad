//! `sfcred diagnose`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::project::{Project, or_here};
use super::target_org::TargetOrgs;
use super::{Environment, Failure, FormatOption, Status, finish};
use crate::diagnose::{self, Diagnosis, FailedLogin, Reading};
use crate::discover;
use crate::discover::{Disk, FileSystem, Origin};
use crate::error::{DiscoveryError, Error, UsageError};
use crate::options::Options;
use crate::pipeline::{Report, lint};
use crate::report::{self, Context, Printer, Style};

/// Explain an error message or debug log and find the cause in your files
///
/// Reads an Apex debug log of any size, an exception, the response of a token endpoint, the output
/// of the Salesforce CLI or of a build server, or a row of the login history. Shows the error, what
/// it confirms to be correct, and the possible causes, starting with those found in your files.
/// Secrets in the log are masked. From standard input, each error is shown as soon as it is complete;
/// Ctrl-C ends the log. With `--target-org` it also reads the last failed logins at the org, in which
/// the org itself says why it refused them.
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
    /// Show every cause with excerpts, not only the first five
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: FormatOption,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    target_orgs: TargetOrgs,
}

/// The name of standard input, as shown to the user.
const STDIN: &str = "standard input";

const EXAMPLES: &str = "\
Examples:
  sfcred diagnose debug.log
  sfcred diagnose debug.log hub spoke
  sfcred diagnose --message \"user hasn't approved this consumer\"
  sf apex tail log | sfcred diagnose -
  sfcred diagnose -m \"invalid assertion\" --target-org hub --target-org spoke
                     the cause of an error, in two orgs instead of files
  sfcred diagnose --target-org hub --target-org spoke
                     the last failed logins between two orgs
  sf org login jwt --json 2>&1 | sfcred diagnose - --format json

Exit codes:
  0  a known Salesforce error was found
  1  none was found
  2  could not run";

/// Where the log is.
enum Log<'a> {
    Message(&'a str),
    Stdin,
    File(&'a Path),
    /// The failed logins at the target orgs.
    LoginHistory,
}

impl Diagnose {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
        err: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let folder = &environment.working_directory;
        let (log, paths) = self.log(&self.project.disk(&[], folder)?, environment)?;
        let mut options = self.project.options(&or_here(paths), environment)?;
        options.judge_everything = true;
        let from_orgs = self.target_orgs.lint(paths, &options, environment, style, err)?;
        let logins = match &from_orgs {
            Some(from_orgs) => from_orgs.failed_logins(environment, style, err)?,
            None => Vec::new(),
        };
        let format = self.output.format();
        if matches!(log, Log::Stdin) && format == report::Format::Text && from_orgs.is_none() {
            return self.follow(paths, &options, environment, style, out);
        }
        let (name, reading) = match log {
            Log::LoginHistory => {
                let lines: Vec<String> = logins.iter().map(FailedLogin::line).collect();
                let name = "the login history";
                (name.to_owned(), read(name, &mut lines.join("\n").as_bytes())?)
            }
            Log::Message(message) => {
                ("the message".to_owned(), read("the message", &mut message.as_bytes())?)
            }
            Log::Stdin => (STDIN.to_owned(), read(STDIN, &mut (environment.live_stdin)())?),
            Log::File(path) => {
                let disk = self.project.disk(&or_here(paths), folder)?;
                let mut file = discover::open_log(&disk, path, folder)?;
                let name = discover::relative(&discover::normalized(&folder.join(path)), folder);
                (name, read(&path.to_string_lossy(), &mut file)?)
            }
        };
        let (report, without) = match from_orgs {
            Some(from_orgs) => (Some(from_orgs.report), None),
            None => project(paths, &options)?,
        };
        let project = report.as_ref().map(|report| (report, &options));
        let mut diagnosis =
            Diagnosis::new(name, reading, self.named_credential.as_deref(), project);
        diagnosis.without = without;
        diagnosis.all = self.all;
        diagnosis.add_logins(logins);
        let context = Context { format, style };
        let written = match format.is_plain() {
            true => report::diagnosis(&diagnosis, &context, out),
            false => report::diagnosis(&diagnosis, &context, out.verbatim()?),
        };
        finish(written, out, status(&diagnosis))
    }

    /// Reads standard input, and prints each error as soon as it is complete.
    fn follow(
        &self,
        paths: &[PathBuf],
        options: &Options,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let (report, without) = project(paths, options)?;
        let project = report.as_ref().map(|report| (report, options));
        let mut diagnosis =
            Diagnosis::begin(STDIN.to_owned(), self.named_credential.as_deref(), project);
        diagnosis.without = without;
        diagnosis.all = self.all;
        diagnosis.streamed = true;
        // Output errors are kept apart from input errors.
        let mut written = Ok(());
        let reading = diagnose::follow(&mut (environment.live_stdin)(), &mut |found| {
            diagnosis.add(found.clone());
            let last = diagnosis.reading.answers.len() - 1;
            written =
                report::diagnosed_answer(&diagnosis, last, style, out).and_then(|()| out.flush());
            match &written {
                Ok(()) => Ok(()),
                Err(error) => Err(error.kind().into()),
            }
        });
        if written.is_err() {
            return finish(written, out, status(&diagnosis));
        }
        diagnosis.complete(reading.map_err(|error| Error::unreadable(STDIN, error))?);
        finish(report::diagnosis_end(&diagnosis, style, out), out, status(&diagnosis))
    }

    /// The log, and the remaining paths, which are the project.
    fn log(
        &self,
        disk: &Disk,
        environment: &Environment<'_>,
    ) -> Result<(Log<'_>, &[PathBuf]), Failure> {
        if let Some(message) = &self.message {
            return Ok((Log::Message(message), &self.paths));
        }
        if self.paths.is_empty() && self.target_orgs.are_given() {
            return Ok((Log::LoginHistory, &self.paths));
        }
        let resolved = |path: &Path| {
            let path = discover::normalized(&environment.working_directory.join(path));
            disk.resolve(&path, Origin::CommandLine)
        };
        if let Some(first) = self.paths.first().and_then(|path| path.to_str())
            && first.contains(' ')
            && resolved(Path::new(first)).is_err()
        {
            return Err(UsageError::MessageAsFile { text: first.to_owned() }.into());
        }
        let is_folder = |path: &Path| resolved(path).is_ok_and(|found| found.is_folder());
        Ok(match self.paths.split_first() {
            Some((first, rest)) if first.as_os_str() == "-" => (Log::Stdin, rest),
            // A folder is not a log, so the log is on standard input.
            Some((first, _)) if !environment.stdin_is_terminal && is_folder(first) => {
                (Log::Stdin, &self.paths)
            }
            Some((first, rest)) => (Log::File(first), rest),
            None if environment.stdin_is_terminal => {
                return Err(UsageError::NothingToDiagnose.into());
            }
            None => (Log::Stdin, &self.paths),
        })
    }
}

fn status(diagnosis: &Diagnosis<'_>) -> Status {
    if diagnosis.reading.answers.is_empty() { Status::Findings } else { Status::Clean }
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
