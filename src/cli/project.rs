//! What every command that looks at a project has in common: the paths, the settings, the day.

use std::path::PathBuf;

use clap::Args;
use time::Date;
use time::macros::format_description;

use super::{Failure, Machine};
use crate::settings::Settings;
use crate::{check, discover};

#[derive(Debug, Args)]
pub(super) struct Project {
    /// Judge certificates as of this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    today: Option<Date>,
    /// Settings, instead of the nearest `sfcred.toml` upward from here
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Threads that read files; 0 leaves the choice to the machine
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
}

impl Project {
    pub fn settings(&self, machine: &Machine<'_>) -> Result<Settings, Failure> {
        let folder = &machine.working_directory;
        let mut settings = Settings::new(self.today.unwrap_or(machine.today), folder.clone());
        settings.threads = self.threads;
        let file = match &self.config {
            Some(path) => Some(discover::read_settings(path, folder)?),
            None => discover::settings_file(folder)?,
        };
        if let Some((name, text)) = file {
            let rules = check::rule_names();
            settings.read(&name, &text, &rules)?;
        }
        Ok(settings)
    }
}

/// The paths that were given, or the working directory.
pub(super) fn or_here(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() }
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| "write a day as 2026-11-22".to_owned())
}
