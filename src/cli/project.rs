//! Arguments shared by all commands that read a project.

use std::path::PathBuf;

use clap::Args;
use time::Date;
use time::macros::format_description;

use super::{Environment, Failure};
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
}

impl Project {
    pub fn options(&self, environment: &Environment<'_>) -> Result<Options, Failure> {
        let folder = &environment.working_directory;
        let mut options = Options::new(self.today.unwrap_or(environment.today), folder.clone());
        options.threads = self.threads;
        let file = match &self.config {
            Some(path) => Some(discover::read_settings(&discover::Disk, path, folder)?),
            None => discover::settings_file(&discover::Disk, folder)?,
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

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| "expected a date such as 2026-11-22".to_owned())
}
