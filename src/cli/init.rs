//! `sfcred init`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::project::Outside;
use super::{Environment, Failure, Status, finish};
use crate::discover::Disk;
use crate::error::{Error, WriteError};
use crate::options::Options;
use crate::report::Printer;
use crate::source::Kind;
use crate::{atomic_write, check, discover, init};

/// Create `sfcred.toml` and `sfcred.yaml` for a project
///
/// Every Salesforce DX project and metadata folder becomes an org. Data that the files do not
/// contain (users, assignments) is suggested in comments. Both files name their schema, so that editors complete
/// and validate them. Existing files are never changed, and a file that already exists in a parent
/// folder is not created again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Init {
    /// The folder to read and to write to
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Print both files instead of writing them
    #[arg(long, visible_alias = "stdout")]
    dry_run: bool,
    /// Write an example of a description, for a folder without metadata
    #[arg(long)]
    example: bool,
    /// Write instructions for agents instead: when to run which command, and never to print secrets
    #[arg(long, conflicts_with = "example")]
    skill: bool,
    /// The agent that `--skill` is for
    #[arg(long, value_enum, default_value_t = Agent::Claude, requires = "skill")]
    agent: Agent,
    #[command(flatten)]
    outside: Outside,
}

/// Agents differ in the folder where they look for skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Agent {
    /// `.claude/skills/sfcred/SKILL.md`
    Claude,
    /// `.vibes/skills/sfcred/SKILL.md`, for Agentforce Vibes
    Vibes,
}

const EXAMPLES: &str = "\
Examples:
  sfcred init
  sfcred init orgs --dry-run
  sfcred init --example          a description to fill in, without metadata
  sfcred init --skill            instructions for agents, in .claude/skills

Exit codes:
  0  written
  2  nothing to read, or both files already exist";

impl Init {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        out: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let folder = discover::normalized(&environment.working_directory.join(&self.folder));
        let mut options = Options::new(environment.today, folder.clone());
        let working_directory = &environment.working_directory;
        let disk = self.outside.disk(std::slice::from_ref(&folder), working_directory)?;
        if self.skill {
            return self.write_skill(&folder, &disk, out);
        }
        options.allow_outside = self
            .outside
            .folders()
            .iter()
            .map(|allowed| discover::normalized(&working_directory.join(allowed)))
            .collect();
        let above = discover::settings_file(&disk, &folder)?;
        if let Some((name, text)) = &above {
            let rules = check::rule_names();
            options.read(name, text, &rules)?;
        }
        let (draft, described) = if self.example {
            (init::example(), discover::description_in(&disk, &folder).map(str::to_owned))
        } else {
            let report = crate::pipeline::lint(std::slice::from_ref(&folder), &options)?;
            let described = report
                .sources
                .iter()
                .find(|(_, source)| source.kind == Kind::Description)
                .map(|(_, source)| source.name.clone());
            (init::draft(&report, &folder), described)
        };
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
        let options = make(&folder, init::SETTINGS, above.map(|(name, _)| name), &draft.settings)?;
        let description = make(&folder, init::DESCRIPTION, described, &draft.description)?;
        if let (Some(options), Some(description)) = (&options, &description) {
            return Err(Error::from(WriteError::AlreadyExist(vec![
                options.clone(),
                description.clone(),
            ]))
            .into());
        }
        finish(
            summarize(&draft.orgs, options.as_deref(), description.as_deref(), out),
            out,
            Status::Clean,
        )
    }
}

impl Init {
    fn write_skill(
        &self,
        folder: &Path,
        disk: &Disk,
        out: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let agent = match self.agent {
            Agent::Claude => ".claude",
            Agent::Vibes => ".vibes",
        };
        let name = format!("{agent}/skills/sfcred/SKILL.md");
        if self.dry_run {
            let written = write!(out, "# ---- {name} ----\n{}", init::SKILL);
            return finish(written, out, Status::Clean);
        }
        let path = folder.join(&name);
        if disk.exists(&path) {
            return Err(Error::from(WriteError::AlreadyExist(vec![name])).into());
        }
        disk.target(&path)?;
        let files = BTreeMap::from([(name.clone(), init::SKILL.as_bytes().to_vec())]);
        atomic_write::write_folder(folder, &files, &[])?;
        finish(writeln!(out, "Wrote {name}"), out, Status::Clean)
    }
}

/// Writes a file, or returns the name of the one that already exists.
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

fn summarize(
    orgs: &[String],
    options: Option<&str>,
    description: Option<&str>,
    out: &mut Printer<'_>,
) -> std::io::Result<()> {
    match options {
        None => writeln!(out, "Wrote {} with the default settings", init::SETTINGS)?,
        Some(there) => writeln!(out, "Kept {there}: it already exists")?,
    }
    match description {
        Some(there) => writeln!(out, "Kept {there}: it already exists")?,
        None => {
            let count =
                if orgs.len() == 1 { "1 org".to_owned() } else { format!("{} orgs", orgs.len()) };
            writeln!(out, "Wrote {}: {count} ({})", init::DESCRIPTION, orgs.join(", "))?;
            writeln!(
                out,
                "Next: fill in the suggestions in its comments that apply, and run `sfcred lint`"
            )?;
        }
    }
    Ok(())
}
