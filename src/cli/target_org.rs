//! Arguments of the commands that read orgs through the Salesforce CLI.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::progress::with_status;
use super::{Environment, Failure};
use crate::error::{Error, UsageError};
use crate::options::Options;
use crate::pipeline::Report;
use crate::pull::{
    self, FailedLogin, Identity, Pulled, PulledOrg, Request, Session, Setup, Target,
};
use crate::report::{self, Printer, Style};

/// What is read of an org.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// A user whose callouts or logins matter; the assignments of other users are then not read
    ///
    /// Can be repeated. Without it, sfcred reads who has the permission sets that grant a
    /// principal, and the users that credentials log in as.
    #[arg(long = "user", value_name = "USERNAME", conflicts_with = "only_metadata")]
    users: Vec<String>,
    /// Read metadata only: no users, assignments and approvals
    #[arg(long)]
    only_metadata: bool,
    /// Also retrieve Apex classes and triggers, to find the callouts in them
    #[arg(long)]
    apex: bool,
    /// The API version [default: that of the Salesforce CLI]
    #[arg(long, value_name = "VERSION", value_parser = api_version)]
    api_version: Option<String>,
}

impl Reading {
    pub fn request(&self, targets: &[String]) -> Result<Request, Error> {
        let targets: Vec<Target> =
            targets.iter().map(|text| Target::parse(text)).collect::<Result<_, _>>()?;
        pull::distinct(&targets)?;
        Ok(Request {
            targets,
            only_metadata: self.only_metadata,
            users: self.users.clone(),
            api_version: self.api_version.clone(),
            with_apex: self.apex,
        })
    }
}

/// Orgs instead of files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Orgs instead of files (through the Salesforce CLI)")]
pub(super) struct TargetOrgs {
    /// Read this org instead of files: its alias or username in the Salesforce CLI, or NAME=ALIAS
    ///
    /// Can be repeated. Reads what `sfcred pull` reads, and writes nothing. Needs the Salesforce
    /// CLI, logged in to the org.
    #[arg(long = "target-org", value_name = "ALIAS", id = "target_org")]
    targets: Vec<String>,
    #[command(flatten)]
    reading: Reading,
}

/// An API version such as 67.0.
fn api_version(text: &str) -> Result<String, String> {
    let (whole, _) = text.split_once('.').filter(|(_, rest)| *rest == "0").unwrap_or((text, ""));
    match whole.parse::<u32>() {
        Ok(20..=999) => Ok(format!("{whole}.0")),
        _ => Err("expected a version such as 67.0".to_owned()),
    }
}

/// Reads orgs, and shows each step on a terminal.
pub(super) fn read(
    request: &Request,
    options: &Options,
    environment: &Environment<'_>,
    err: &mut Printer<'_>,
) -> Result<(Session, Pulled), Failure> {
    let session = Session::new(&setup(environment)?)?;
    let pulled = with_steps(environment, err, |on_step| session.pull(request, options, on_step))??;
    Ok((session, pulled))
}

/// Asks who is logged in to the orgs, and shows each step on a terminal.
pub(super) fn identify(
    targets: &[Target],
    environment: &Environment<'_>,
    err: &mut Printer<'_>,
) -> Result<Vec<Identity>, Failure> {
    let session = Session::new(&setup(environment)?)?;
    Ok(with_steps(environment, err, |on_step| session.identify(targets, on_step))??)
}

/// How to run the Salesforce CLI.
fn setup(environment: &Environment<'_>) -> Result<Setup, Error> {
    let patience = match environment.variable("SFCRED_SF_TIMEOUT") {
        None => pull::PATIENCE,
        Some(text) => match text.parse() {
            Ok(seconds @ 1..=86_400) => Duration::from_secs(seconds),
            _ => {
                return Err(UsageError::Options {
                    message: "`SFCRED_SF_TIMEOUT` is not a number of seconds".to_owned(),
                    hint: "set it to a number from 1 to 86400, or remove it".to_owned(),
                }
                .into());
            }
        },
    };
    Ok(Setup {
        program: environment.variable("SFCRED_SF"),
        search_path: (environment.lookup)("PATH"),
        working_directory: environment.working_directory.clone(),
        patience,
    })
}

/// Runs something that reads orgs, and shows each step on a terminal.
fn with_steps<T: Send>(
    environment: &Environment<'_>,
    err: &mut Printer<'_>,
    work: impl FnOnce(&(dyn Fn(String) + Sync)) -> T + Send,
) -> Result<T, Failure> {
    let terminal = match environment.shows_progress() {
        true => Some((err.verbatim()?, Duration::ZERO)),
        false => None,
    };
    Ok(with_status(terminal, work))
}

impl TargetOrgs {
    /// Whether orgs are read instead of files.
    pub fn are_given(&self) -> bool {
        !self.targets.is_empty()
    }

    /// Options that only make sense together with an org.
    fn refuse_alone(&self) -> Result<(), Error> {
        let reading = &self.reading;
        let given = !reading.users.is_empty()
            || reading.only_metadata
            || reading.apex
            || reading.api_version.is_some();
        match given && !self.are_given() {
            true => Err(UsageError::Options {
                message:
                    "`--user`, `--only-metadata`, `--apex` and `--api-version` are about an org"
                        .to_owned(),
                hint: "name the org with `--target-org ALIAS`".to_owned(),
            }
            .into()),
            false => Ok(()),
        }
    }

    /// Reads the orgs and lints them; `None` if none is given. What could not be read is printed to `err`.
    pub fn lint(
        &self,
        paths: &[PathBuf],
        options: &Options,
        environment: &Environment<'_>,
        style: Style,
        err: &mut Printer<'_>,
    ) -> Result<Option<FromOrgs>, Failure> {
        self.refuse_alone()?;
        if !self.are_given() {
            return Ok(None);
        }
        if !paths.is_empty() {
            return Err(UsageError::Options {
                message: "`--target-org` reads orgs instead of files, but paths are given"
                    .to_owned(),
                hint:
                    "omit the paths, or run `sfcred pull` and add the folder that it writes to them"
                        .to_owned(),
            }
            .into());
        }
        let request = self.reading.request(&self.targets)?;
        let (session, pulled) = read(&request, options, environment, err)?;
        print_unknown(&pulled, style, err);
        let report = pull::lint(&pulled, options)?;
        Ok(Some(FromOrgs { session, request, pulled, report }))
    }
}

/// Orgs, and the result of linting them.
pub(super) struct FromOrgs {
    pub session: Session,
    pub request: Request,
    pub pulled: Pulled,
    pub report: Report,
}

impl FromOrgs {
    /// Explains which file `sfcred.yaml` is in a trace of orgs. A failure to write cannot be reported.
    pub fn print_where_to_add(&self, style: Style, err: &mut Printer<'_>) {
        let targets: Vec<String> = self
            .request
            .targets
            .iter()
            .map(|target| match target.name == target.alias {
                true => target.name.clone(),
                false => format!("{}={}", target.name, target.alias),
            })
            .collect();
        let line = format!(
            "note: to add to `sfcred.yaml` what the orgs do not say, run `sfcred pull {}`, edit the file that it writes, and trace its folder; who runs the callouts can also be given with `--user`",
            targets.join(" ")
        );
        print_lines(std::iter::once(line), style, err);
    }

    /// The last failed logins of the users that log in to the orgs. What could not be read is printed to `err`.
    pub fn failed_logins(
        &self,
        environment: &Environment<'_>,
        style: Style,
        err: &mut Printer<'_>,
    ) -> Result<Vec<FailedLogin>, Failure> {
        let version = self.request.api_version.as_deref();
        let (logins, mut unknown) = with_steps(environment, err, |on_step| {
            pull::failed_logins(&self.session, &self.pulled, version, &on_step)
        })??;
        let has_no_user = |org: &PulledOrg| {
            let users = org.facts.as_ref().and_then(|facts| facts.users.as_ref());
            users.is_none_or(|users| users.values().all(Option::is_none))
        };
        if self.pulled.orgs.iter().all(has_no_user) {
            let reason = match self.request.only_metadata {
                true => "`--only-metadata` reads no users",
                false => {
                    "no user of these orgs is known to log in; name one with `--user`, or add the org with the credential"
                }
            };
            unknown.push(("the login history".to_owned(), reason.to_owned()));
        }
        let lines = unknown.iter().map(|(what, reason)| format!("unknown: {what}: {reason}"));
        print_lines(lines, style, err);
        Ok(logins)
    }
}

/// Prints what could not be read, and what the orgs say about it.
pub(super) fn print_unknown(pulled: &Pulled, style: Style, err: &mut Printer<'_>) {
    let lines = pulled.orgs.iter().flat_map(|org| {
        let name = &org.target.name;
        let unknown = org.unknown();
        let unknown = unknown.into_iter();
        let unknown =
            unknown.map(move |(what, reason)| format!("{name}: unknown: {what}: {reason}"));
        let notes = org.metadata.notes.iter();
        unknown.chain(notes.map(move |note| format!("{name}: the org remarks: {note}")))
    });
    print_lines(lines, style, err);
}

/// A failure to write cannot be reported.
fn print_lines(lines: impl Iterator<Item = String>, style: Style, err: &mut Printer<'_>) {
    for line in lines.filter(|_| !style.quiet) {
        let _ = writeln!(err, "{}", report::line_for_terminal(&line, style));
    }
}
