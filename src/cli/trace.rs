//! `sfcred trace`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::project::{Project, or_here};
use super::{Failure, Format, Machine, Status, finish};
use crate::report::{self, Context, Style};
use crate::{discover, trace};

/// Follow a callout from Apex to the access token, and see where it would stop
///
/// Eight steps, in the order in which they happen: what calls, the named credential, whether the running user may use it, the external
/// credential with the JWT's header and claims as they would be sent, the key that signs, the request, what the answering org checks, and
/// the call. Each is ok, fails or is unknown, with file and line. What fails is what `sfcred lint` finds.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Trace {
    /// A named or external credential, and the folders, files and zips to look in; all credentials of the working directory if there are none
    #[arg(value_name = "CREDENTIAL] [PATH")]
    words: Vec<PathBuf>,
    /// The credential, if its name is also a path
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say of every claim what it is for and where its value comes from
    #[arg(long)]
    explain_claims: bool,
    #[command(flatten)]
    project: Project,
}

const EXAMPLES: &str = "\
Examples:
  sfcred trace                         every credential below this folder
  sfcred trace Spoke_Org               callouts through `Spoke_Org`
  sfcred trace Spoke_Org hub spoke     two orgs, each in its own folder
  sfcred trace Spoke_Org --explain-claims
  sfcred trace --format json > traces.json

The first word is a credential unless it is a path. What metadata cannot say, a file `sfcred.yaml`
can: `callouts_run_as`, `users`, who has which permission set.

Exit status: 0 no step fails, 1 a step fails, 2 there was no run";

impl Trace {
    pub fn run(
        &self,
        machine: &Machine<'_>,
        style: Style,
        out: &mut dyn Write,
    ) -> Result<Status, Failure> {
        let settings = self.project.settings(machine)?;
        let (name, paths) = self.told_apart(&settings.working_directory);
        let report = crate::pipeline::lint(&or_here(paths), &settings)?;
        let traces = trace::trace(&report, name.as_deref())?;
        let status =
            if traces.iter().any(trace::Trace::fails) { Status::Findings } else { Status::Clean };
        let context = Context { format: self.format.into(), style };
        finish(report::traces(&report, &traces, self.explain_claims, &context, out), out, status)
    }

    /// The credential and the paths: the first word is a credential unless it is there, or can only be a path.
    fn told_apart(&self, folder: &Path) -> (Option<String>, &[PathBuf]) {
        if self.credential.is_some() {
            return (self.credential.clone(), &self.words);
        }
        match self.words.split_first() {
            Some((first, rest)) if !is_path(first) && !discover::is_there(first, folder) => {
                (Some(first.to_string_lossy().into_owned()), rest)
            }
            Some(_) | None => (None, &self.words),
        }
    }
}

/// Has the form of a path and not of a name.
fn is_path(word: &Path) -> bool {
    let text = word.to_string_lossy();
    text.contains(['/', '\\', '.']) || word.is_absolute()
}
