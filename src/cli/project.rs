//! Arguments shared by all commands that read a project.

use std::path::{Path, PathBuf};

use clap::Args;
use time::Date;
use time::macros::format_description;

use super::{Environment, Failure};
use crate::discover::{Disk, FileSystem, Origin, Unresolved};
use crate::error::{Error, UsageError, shown};
use crate::options::Options;
use crate::{check, discover};

#[derive(Debug, Args)]
pub(super) struct Project {
    /// Check certificates as of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    today: Option<Date>,
    /// The settings file [default: the nearest `sfcred.toml` in this folder or a parent]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Threads that read files; 0 for one per CPU core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    #[command(flatten)]
    outside: Outside,
}

/// What the files of a project may lead to.
#[derive(Debug, Args)]
pub(super) struct Outside {
    /// Let files of the project lead to files in this folder, too
    ///
    /// Without it, paths in sfcred.toml, sfcred.yaml and sfdx-project.json and symbolic links in
    /// the project must not leave the given paths and the repository that contains them. Can be
    /// repeated.
    #[arg(long = "allow-outside", value_name = "DIR")]
    folders: Vec<PathBuf>,
}

impl Outside {
    /// The disk for a run with these paths.
    pub fn disk(&self, paths: &[PathBuf], working_directory: &Path) -> Result<Disk, Error> {
        let nothing = Disk::new(&[], working_directory, &[]);
        for folder in &self.folders {
            let path = discover::normalized(&working_directory.join(folder));
            if !nothing.resolve(&path, Origin::CommandLine).is_ok_and(|found| found.is_folder()) {
                return Err(UsageError::Options {
                    message: format!("`--allow-outside`: `{}` is not a folder", shown(folder)),
                    hint: "name a folder outside of the project that its files may lead to".into(),
                }
                .into());
            }
        }
        Ok(Disk::new(paths, working_directory, &self.folders))
    }

    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }
}

impl Project {
    /// The disk for a run with these paths.
    pub fn disk(&self, paths: &[PathBuf], working_directory: &Path) -> Result<Disk, Error> {
        self.outside.disk(paths, working_directory)
    }

    /// The options of a run with these paths.
    pub fn options(
        &self,
        paths: &[PathBuf],
        environment: &Environment<'_>,
    ) -> Result<Options, Failure> {
        let folder = &environment.working_directory;
        let disk = self.disk(paths, folder)?;
        let mut options = Options::new(self.today.unwrap_or(environment.today), folder.clone());
        options.threads = self.threads;
        options.allow_outside = self.outside.folders().to_vec();
        let file = match &self.config {
            Some(path) => Some(discover::read_settings(&disk, path, folder)?),
            None => discover::settings_file(&disk, folder)?,
        };
        if let Some((name, text)) = file {
            let rules = check::rule_names();
            options.read(&name, &text, &rules)?;
        }
        Ok(options)
    }
}

/// The given paths, or the working directory.
pub(super) fn or_here(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() }
}

/// Whether an argument is a name: it does not exist as a path, and has nothing that only paths have.
pub(super) fn is_name(word: &Path, disk: &Disk, folder: &Path) -> bool {
    let text = word.to_string_lossy();
    let can_only_be_path = text.contains(['/', '\\', '.']) || word.is_absolute();
    let path = discover::normalized(&folder.join(word));
    !can_only_be_path
        && matches!(disk.resolve(&path, Origin::CommandLine), Err(Unresolved::NotFound))
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| "expected a date such as 2026-11-22".to_owned())
}
