//! `sfcred init`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, Machine, Status, finish};
use crate::error::Error;
use crate::settings::Settings;
use crate::source::Kind;
use crate::{atomic_write, check, discover, init};

/// Look at a project, and write its first `sfcred.toml` and `sfcred.yaml`
///
/// Every Salesforce DX project and metadata folder found becomes an org. What only people know (users, assignments) is prepared in
/// comments. Both files name their schema, so that editors complete and check them. A file that is there already is never touched, and a
/// project that has a description or settings further up gets no second one.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Init {
    /// The folder to look at, and to write into; the working directory if there is none
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Print both files, and write nothing
    #[arg(long, visible_alias = "stdout")]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  sfcred init
  sfcred init orgs --dry-run

Exit status: 0 written, 2 there was nothing to look at, or both files are there already";

impl Init {
    pub fn run(&self, machine: &Machine<'_>, out: &mut dyn Write) -> Result<Status, Failure> {
        let folder = discover::normalized(&machine.working_directory.join(&self.folder));
        let mut settings = Settings::new(machine.today, folder.clone());
        let above = discover::settings_file(&folder)?;
        if let Some((name, text)) = &above {
            let rules = check::rule_names();
            settings.read(name, text, &rules)?;
        }
        let report = crate::pipeline::lint(std::slice::from_ref(&folder), &settings)?;
        let draft = init::draft(&report, &folder);
        if self.dry_run {
            let written = write!(
                out,
                "# ---- {} ----\n{}\n# ---- {} ----\n{}",
                init::SETTINGS,
                draft.settings,
                init::DESCRIPTION,
                draft.description
            );
            return finish(written, out, Status::Clean);
        }
        let described = report
            .sources
            .iter()
            .find(|(_, source)| source.kind == Kind::Description)
            .map(|(_, source)| source.name.clone());
        let settings = make(&folder, init::SETTINGS, above.map(|(name, _)| name), &draft.settings)?;
        let description = make(&folder, init::DESCRIPTION, described, &draft.description)?;
        if let (Some(settings), Some(description)) = (&settings, &description) {
            return Err(Error::AlreadyThere(vec![settings.clone(), description.clone()]).into());
        }
        finish(
            tell(&draft.orgs, settings.as_deref(), description.as_deref(), out),
            out,
            Status::Clean,
        )
    }
}

/// Writes a file where none stands in its place; else gives the name of the one that does.
fn make(
    folder: &Path,
    name: &str,
    found: Option<String>,
    text: &str,
) -> Result<Option<String>, Error> {
    if found.is_some() {
        return Ok(found);
    }
    Ok((!atomic_write::create(&folder.join(name), text.as_bytes())?).then(|| name.to_owned()))
}

fn tell(
    orgs: &[String],
    settings: Option<&str>,
    description: Option<&str>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match settings {
        None => writeln!(out, "wrote {}: the defaults, ready to be changed", init::SETTINGS)?,
        Some(there) => writeln!(out, "left {there} alone: it is there already")?,
    }
    match description {
        Some(there) => writeln!(out, "left {there} alone: it is there already")?,
        None => {
            let count =
                if orgs.len() == 1 { "one org".to_owned() } else { format!("{} orgs", orgs.len()) };
            writeln!(out, "wrote {}: {count} ({})", init::DESCRIPTION, orgs.join(", "))?;
            writeln!(
                out,
                "next: fill in what is commented there, as far as you know it, and run `sfcred lint`"
            )?;
        }
    }
    Ok(())
}
