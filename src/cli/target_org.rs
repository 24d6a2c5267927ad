//! Arguments of the commands that read orgs through the Salesforce CLI.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::progress::with_status;
use super::{Environment, Failure};
use crate::error::{Error, UsageError};
use crate::options::Options;
use crate::pipeline::Report;
use crate::pull::{self, FailedLogin, Pulled, PulledOrg, Request, Session, Setup, Target};
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

/// How to run the Salesforce CLI.
pub(super) fn setup(environment: &Environment<'_>) -> Result<Setup, Error> {
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

/// Runs something that reads orgs, and shows on a terminal what happens.
pub(super) fn with_steps<T: Send>(
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
        let setup = setup(environment)?;
        let session = Session::new(&setup)?;
        let pulled =
            with_steps(environment, err, |on_step| session.pull(&request, options, on_step))??;
        // A failure to write cannot be reported.
        let _ = unknown(&pulled, style, err);
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
        let nobody = |org: &PulledOrg| {
            let users = org.facts.as_ref().and_then(|facts| facts.users.as_ref());
            users.is_none_or(|users| users.values().all(Option::is_none))
        };
        if self.pulled.orgs.iter().all(nobody) {
            unknown.push((
                "the login history".to_owned(),
                "no user of these orgs is known to log in; name one with `--user`, or add the org with the credential"
                    .to_owned(),
            ));
        }
        for (what, reason) in unknown.iter().filter(|_| !style.quiet) {
            // A failure to write cannot be reported.
            let line = report::line_for_terminal(&format!("unknown: {what}: {reason}"), style);
            let _ = writeln!(err, "{line}");
        }
        Ok(logins)
    }
}

/// What could not be read, on lines of their own.
pub(super) fn unknown(pulled: &Pulled, style: Style, err: &mut Printer<'_>) -> io::Result<()> {
    if style.quiet {
        return Ok(());
    }
    for org in &pulled.orgs {
        for (what, reason) in org.unknown() {
            let line = format!("{}: unknown: {what}: {reason}", org.target.name);
            writeln!(err, "{}", report::line_for_terminal(&line, style))?;
        }
        for note in &org.metadata.notes {
            let line = format!("{}: the org remarks: {note}", org.target.name);
            writeln!(err, "{}", report::line_for_terminal(&line, style))?;
        }
    }
    Ok(())
}
