//! What a run looks at and what it shows: the arguments that narrow it.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::project::or_here;
use super::{Failure, Machine};
use crate::check;
use crate::discover;
use crate::error::{Error, Narrowing};
use crate::filter::Filter;
use crate::nearest::nearest;
use crate::settings::{Environment, FailOn, Settings, Values, names_a_rule};
use crate::source::Secret;

#[derive(Debug, Args)]
#[command(next_help_heading = "Narrowing")]
pub(super) struct Narrow {
    /// Run only these rules, or groups as 'audience-*', even those that the settings switch off
    ///
    /// A rule's own name is stronger than a group, and `--ignore` is stronger than `--select`. Severities stay those of the settings.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave out these rules, or groups as 'audience-*'
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Show findings of this org only; the others are still read, because credentials lead there
    #[arg(long, value_name = "NAME")]
    org: Vec<String>,
    /// Show what touches the changes since this branch left REF, or what they refer to
    ///
    /// Everything is read and linked. Changed is what git says: commits since the fork point, staged and unstaged edits, new files that are
    /// not ignored. Filter is a finding with any place in a changed file, at the other side of a connection with one, in a component that a
    /// changed file names or named, or in a file that names what was deleted. A changed sfdx-project.json, sfcred.toml, sfcred.yaml or
    /// .forceignore changes everything below its folder.
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// The severity at which the run fails, instead of the settings' `fail-on`
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub fail_on: Option<Limit>,
    /// Look at what would be deployed to this environment: `replacements` of sfdx-project.json are made
    ///
    /// A variable's value comes from the process, else from `--env-file` (the last one first), else from `[env.NAME]` in sfcred.toml
    /// (`values`, then `file`), else from `.env.NAME` beside sfdx-project.json. Values are treated as secrets: no output shows one, and
    /// findings point at what is replaced. One that is asked for and has no value ends the run, as it ends a deployment.
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    env: Option<String>,
    /// A file of `NAME=value` lines for `--env`; alone it is an environment of its own
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    env_file: Vec<PathBuf>,
    /// The path of the file that comes from standard input where PATH is `-`; only what touches it is shown
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    stdin_path: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Limit {
    Error,
    Warning,
    Note,
    Never,
}

impl Narrow {
    /// The paths to look at: those that were typed, without `-`.
    pub fn paths(&self, typed: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
        let dash = |path: &PathBuf| path.as_os_str() == "-";
        match (&self.stdin_path, typed.iter().any(dash)) {
            (None, true) => Err(Narrowing::StandardInputWithoutPath.into()),
            (Some(_), false) => Err(Narrowing::StandardInputUnasked.into()),
            (_, _) => {
                Ok(or_here(&typed.iter().filter(|path| !dash(path)).cloned().collect::<Vec<_>>()))
            }
        }
    }

    /// Lays the command line over the settings.
    pub fn apply(&self, settings: &mut Settings, machine: &Machine<'_>) -> Result<(), Failure> {
        let known = check::rule_names();
        for (option, words) in [("--select", &self.select), ("--ignore", &self.ignore)] {
            if let Some(name) = words.iter().find(|word| !names_a_rule(word, &known)) {
                let nearest = nearest(name, known.iter().copied()).map(str::to_owned);
                return Err(Error::from(Narrowing::UnknownRule {
                    option,
                    name: name.clone(),
                    nearest,
                })
                .into());
            }
        }
        settings.selection.select.clone_from(&self.select);
        settings.selection.ignore.clone_from(&self.ignore);
        if let Some(limit) = self.fail_on {
            settings.fail_on = limit.into();
        }
        if self.env.is_some() || !self.env_file.is_empty() {
            settings.environment = Some(self.environment(settings, machine)?);
        }
        if let Some(path) = &self.stdin_path {
            let mut bytes = Vec::new();
            let limit = discover::MAX_FILE_BYTES + 1;
            (machine.stdin)().take(limit).read_to_end(&mut bytes).map_err(|error| {
                Error::from(Narrowing::StandardInput { reason: error.to_string() })
            })?;
            settings.overlay =
                Some((discover::normalized(&settings.working_directory.join(path)), bytes));
        }
        Ok(())
    }

    /// What is shown of what was found.
    pub fn shown(&self, paths: &[PathBuf], settings: &Settings) -> Result<Filter, Error> {
        let changes = self
            .since
            .as_ref()
            .map(|reference| discover::changed(paths, &settings.working_directory, reference))
            .transpose()?;
        Ok(Filter {
            orgs: self.org.clone(),
            changes,
            file: settings.overlay.as_ref().map(|(path, _)| path.clone()),
        })
    }

    fn environment(
        &self,
        settings: &Settings,
        machine: &Machine<'_>,
    ) -> Result<Environment, Error> {
        let folder = &settings.working_directory;
        let secret = |(name, value): (String, String)| (name, Secret::new(value));
        let mut layers: Vec<Values> = vec![(machine.variables)().into_iter().map(secret).collect()];
        let must =
            |path: &Path| discover::values(path)?.ok_or_else(|| Error::NoSuchPath(path.to_owned()));
        for file in self.env_file.iter().rev() {
            layers.push(must(&folder.join(file))?);
        }
        let name = self.env.clone().unwrap_or_default();
        let table = settings.environments.get(&name);
        if let Some(table) = table {
            layers.push(table.values.clone().into_iter().map(secret).collect());
            if let Some(file) = &table.file {
                let settings_file = folder.join(settings.file.as_deref().unwrap_or_default());
                layers.push(must(&discover::normalized(
                    &settings_file.parent().unwrap_or(folder).join(file),
                ))?);
            }
        }
        let declared = table.is_some() || !self.env_file.is_empty();
        Ok(Environment {
            name,
            declared,
            known: settings.environments.keys().cloned().collect(),
            layers,
        })
    }
}

impl From<Limit> for FailOn {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Error => FailOn::Error,
            Limit::Warning => FailOn::Warning,
            Limit::Note => FailOn::Note,
            Limit::Never => FailOn::Never,
        }
    }
}
