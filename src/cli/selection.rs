//! Arguments that select what is read, which rules run, and which findings are shown.

use std::io::Read;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::project::or_here;
use super::{Environment, Failure};
use crate::changes::changes;
use crate::check;
use crate::discover::{self, Disk, Origin};
use crate::error::{Error, UsageError};
use crate::filter::Filter;
use crate::nearest::nearest;
use crate::options::Options;
use crate::settings::{self, FailOn, Values, names_a_rule};
use crate::source::Secret;

#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct Selection {
    /// Run only these rules, or groups such as 'audience-*', even if the settings turn them off
    ///
    /// A rule name takes precedence over a group, and `--ignore` over `--select`. Severities are
    /// those of the settings.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Skip these rules, or groups such as 'audience-*'
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Show findings of this org only; the other orgs are still read, because credentials refer to
    /// them
    #[arg(long, value_name = "NAME")]
    org: Vec<String>,
    /// Show only findings that are related to the changes since this branch left REF
    ///
    /// All files are read and linked. Changes are the commits since the fork point, staged and
    /// unstaged edits, and untracked files that are not ignored. A finding is shown if any of its
    /// places is in a changed file, on the other side of a connection with a changed file, in a
    /// component that a changed file refers to or referred to, or in a file that refers to
    /// something deleted. A change of sfdx-project.json, sfcred.toml, sfcred.yaml or .forceignore
    /// counts as a change of everything in its folder.
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// The severity at which the run fails; overrides `fail-on` of the settings
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub fail_on: Option<Limit>,
    /// Check what would be deployed to this environment, with the `replacements` of
    /// sfdx-project.json applied
    ///
    /// The value of a variable comes from the process, else from `--env-file` (the last one first),
    /// else from `[env.NAME]` in sfcred.toml (`values`, then `file`), else from `.env.NAME` next to
    /// sfdx-project.json. Values are treated as secrets: no output contains them, and findings
    /// point at the replaced text. A variable without a value is an error, as in a
    /// deployment.
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    env: Option<String>,
    /// A file of `NAME=value` lines for `--env`; without `--env` it is an environment by itself
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    env_file: Vec<PathBuf>,
    /// The path of the file on standard input if PATH is `-`; only findings related to it are shown
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

impl Selection {
    /// The paths to read: the given ones without `-`.
    pub fn paths(&self, given: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
        let dash = |path: &PathBuf| path.as_os_str() == "-";
        match (&self.stdin_path, given.iter().any(dash)) {
            (None, true) => Err(UsageError::StdinWithoutPath.into()),
            (Some(_), false) => Err(UsageError::StdinPathWithoutStdin.into()),
            (_, _) => {
                Ok(or_here(&given.iter().filter(|path| !dash(path)).cloned().collect::<Vec<_>>()))
            }
        }
    }

    /// Overrides the settings with the command line.
    pub fn apply(
        &self,
        options: &mut Options,
        disk: &Disk,
        environment: &Environment<'_>,
    ) -> Result<(), Failure> {
        let known = check::rule_names();
        for (option, words) in [("--select", &self.select), ("--ignore", &self.ignore)] {
            if let Some(name) = words.iter().find(|word| !names_a_rule(word, &known)) {
                let nearest = nearest(name, known.iter().copied()).map(str::to_owned);
                return Err(UsageError::UnknownRule { option, name: name.clone(), nearest }.into());
            }
        }
        options.selection.select.clone_from(&self.select);
        options.selection.ignore.clone_from(&self.ignore);
        if let Some(limit) = self.fail_on {
            options.settings.fail_on = limit.into();
        }
        if self.env.is_some() || !self.env_file.is_empty() {
            options.environment = Some(self.deployment(options, disk, environment)?);
        }
        if let Some(path) = &self.stdin_path {
            let mut bytes = Vec::new();
            let limit = discover::MAX_FILE_BYTES + 1;
            (environment.stdin)()
                .take(limit)
                .read_to_end(&mut bytes)
                .map_err(|source| UsageError::Stdin { source })?;
            options.unsaved =
                Some((discover::normalized(&options.working_directory.join(path)), bytes));
        }
        Ok(())
    }

    /// Which findings are shown.
    pub fn filter(
        &self,
        paths: &[PathBuf],
        disk: &Disk,
        options: &Options,
    ) -> Result<Filter, Error> {
        let changes = self
            .since
            .as_ref()
            .map(|reference| changes(disk, paths, &options.working_directory, reference))
            .transpose()?;
        Ok(Filter {
            orgs: self.org.clone(),
            changes,
            file: options.unsaved.as_ref().map(|(path, _)| path.clone()),
        })
    }

    /// The environment of `--env`, with the values of its variables.
    fn deployment(
        &self,
        options: &Options,
        disk: &Disk,
        environment: &Environment<'_>,
    ) -> Result<settings::Environment, Error> {
        let folder = &options.working_directory;
        let secret = |(name, value): (String, String)| (name, Secret::new(value));
        let mut layers: Vec<Values> =
            vec![(environment.variables)().into_iter().map(secret).collect()];
        for file in self.env_file.iter().rev() {
            let path = discover::normalized(&folder.join(file));
            layers.push(discover::read_variables(disk, &path, Origin::CommandLine)?);
        }
        let name = self.env.clone().unwrap_or_default();
        let table = options.settings.environments.get(&name);
        if let Some(table) = table {
            layers.push(table.values.clone().into_iter().map(secret).collect());
            if let Some(file) = &table.file {
                let settings_file = options.settings_path();
                let path =
                    discover::normalized(&settings_file.parent().unwrap_or(folder).join(file));
                layers.push(discover::read_variables(disk, &path, Origin::File(&settings_file))?);
            }
        }
        let declared = table.is_some() || !self.env_file.is_empty();
        Ok(settings::Environment {
            name,
            declared,
            known: options.settings.environments.keys().cloned().collect(),
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
