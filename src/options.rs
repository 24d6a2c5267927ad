//! Everything that a run depends on, except its files.

use std::path::PathBuf;

use time::Date;

use crate::baseline::Baseline;
use crate::error::Error;
use crate::finding::Severity;
use crate::settings::{Environment, Level, RuleSelection, Settings};
use crate::source::normalized;

/// Settings, and the inputs of one run.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sfcred.toml`.
    pub settings: Settings,
    /// The date at which certificates and allows must be valid.
    pub today: Date,
    /// Paths are relative to this folder. Absolute.
    pub working_directory: PathBuf,
    /// Folders besides the given paths and their repositories that files of a project may lead to.
    pub allow_outside: Vec<PathBuf>,
    /// Threads that read files; 0: as many as there are processors.
    pub threads: usize,
    /// `--select` and `--ignore`.
    pub selection: RuleSelection,
    /// The environment whose `replacements` are applied.
    pub environment: Option<Environment>,
    /// The absolute path and the content of a file that is not saved yet.
    pub unsaved: Option<(PathBuf, Vec<u8>)>,
    /// The known findings.
    pub baseline: Option<Baseline>,
    /// Report allowed findings, too.
    pub no_allows: bool,
    /// Also judge by rules that the settings turn off, and files that `.forceignore` excludes: whether a callout works does
    /// not depend on either.
    pub judge_everything: bool,
}

impl Options {
    pub fn new(today: Date, working_directory: PathBuf) -> Self {
        Options {
            settings: Settings::default(),
            today,
            working_directory,
            allow_outside: Vec::new(),
            threads: 0,
            selection: RuleSelection::default(),
            environment: None,
            unsaved: None,
            baseline: None,
            no_allows: false,
            judge_everything: false,
        }
    }

    /// The absolute path of the settings file, or of the one that could be in the working directory.
    pub fn settings_path(&self) -> PathBuf {
        let name = self.settings.file.as_deref().unwrap_or("sfcred.toml");
        normalized(&self.working_directory.join(name))
    }

    /// Applies a settings file. `known` are the names of all rules.
    ///
    /// # Errors
    /// Every mistake in the file, with its location.
    pub fn read(&mut self, name: &str, text: &str, known: &[&str]) -> Result<(), Error> {
        self.settings = Settings::parse(name, text, known)?;
        Ok(())
    }

    /// The severity of a rule; `None` if it is off. `--select` turns on rules that the settings file turns off.
    pub fn severity(&self, rule: &str, default: Severity) -> Option<Severity> {
        if !self.selection.runs(rule) {
            return None;
        }
        match self.settings.level(rule) {
            None => Some(default),
            Some(Level::Off) => {
                (self.judge_everything || self.selection.selects(rule)).then_some(default)
            }
            Some(Level::Note) => Some(Severity::Note),
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }
}
