//! `sfcred trace`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::project::{Project, is_name, or_here};
use super::target_org::TargetOrgs;
use super::{Environment, Failure, Status, finish};
use crate::discover::Disk;
use crate::report::{self, Printer, Style, TraceFormat};
use crate::trace;

/// Follow a callout from Apex to the access token, and show where it would fail
///
/// Eight steps, in the order in which they happen: the caller and running user, the named
/// credential, the user's access to the principal, the external credential with the JWT header and
/// claims as they would be sent, the signature, the token request, the checks of the target org,
/// and the callout. Each step is ok, fails or is unknown, with file and line. Failures are findings
/// of `sfcred lint`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Trace {
    /// A named or external credential, then the folders, files and zips to read [default: all
    /// credentials, the working directory]
    #[arg(value_name = "CREDENTIAL] [PATH")]
    words: Vec<PathBuf>,
    /// The credential, if its name is also a path
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: TraceFormat,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Explain the purpose of every claim and the origin of its value
    #[arg(long)]
    explain_claims: bool,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    target_orgs: TargetOrgs,
}

const EXAMPLES: &str = "\
Examples:
  sfcred trace                       every credential in this folder
  sfcred trace Spoke_Org             callouts that use `Spoke_Org`
  sfcred trace Spoke_Org hub spoke   two orgs, one folder each
  sfcred trace Spoke_Org --explain-claims
  sfcred trace Spoke_Org --target-org hub --target-org spoke
                                     the orgs themselves
  sfcred trace --format json > traces.json
  sfcred trace Spoke_Org --format svg > Spoke_Org.svg
                                     a picture, for a page or a pull request
  sfcred trace --format html > traces.html
                                     a page with the pictures and all facts

The first argument is a credential unless it is a path. Describe what metadata
does not contain in `sfcred.yaml`: `callouts_run_as`, `users`, and who has which
permission set.

Exit codes:
  0  no step fails
  1  a step fails
  2  could not run";

impl Trace {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
        err: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let folder = &environment.working_directory;
        let (name, paths) = self.credential_and_paths(&self.project.disk(&[], folder)?, folder);
        let mut options = self.project.options(&or_here(paths), environment)?;
        options.judge_everything = true;
        let from_orgs = self.target_orgs.lint(paths, &options, environment, style, err)?;
        let own;
        let report = match &from_orgs {
            Some(from_orgs) => &from_orgs.report,
            None => {
                own = crate::pipeline::lint(&or_here(paths), &options)?;
                &own
            }
        };
        let traces = trace::trace(report, name.as_deref())?;
        let status =
            if traces.iter().any(trace::Trace::fails) { Status::Findings } else { Status::Clean };
        let format = if self.json { TraceFormat::Json } else { self.format };
        let explain = self.explain_claims;
        let written = if format == TraceFormat::Text {
            report::traces(report, &traces, explain, format, style, out)
        } else {
            report::traces(report, &traces, explain, format, style, out.verbatim()?)
        };
        let is_open = traces.iter().any(|trace| {
            trace.steps.iter().any(|step| step.all_unknowns().any(|unknown| unknown.how.is_some()))
        });
        if let Some(from_orgs) = from_orgs.as_ref().filter(|_| is_open) {
            from_orgs.print_where_to_add(style, err);
        }
        finish(written, out, status)
    }

    /// The first argument is a credential unless it exists as a path or can only be a path.
    fn credential_and_paths(&self, disk: &Disk, folder: &Path) -> (Option<String>, &[PathBuf]) {
        if self.credential.is_some() {
            return (self.credential.clone(), &self.words);
        }
        match self.words.split_first() {
            Some((first, rest)) if is_name(first, disk, folder) => {
                (Some(first.to_string_lossy().into_owned()), rest)
            }
            Some(_) | None => (None, &self.words),
        }
    }
}
