//! Errors that prevent a run, by stage. A mistake in the project is a finding; these are mistakes in how sfcred was
//! called or configured.

mod config;
mod discovery;
mod git;
mod pull;
mod usage;
mod write;

use std::io;
use std::path::{Path, PathBuf};

pub use config::{ConfigError, Mistake};
pub use discovery::{DiscoveryError, OUTSIDE, OUTSIDE_HINT};
pub use git::GitError;
pub use pull::PullError;
pub use usage::UsageError;
pub use write::WriteError;

use crate::source::is_invisible;

/// The reason for exit code 2.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum Error {
    /// The arguments are wrong, or do not fit the project.
    Usage(#[from] UsageError),
    /// A settings file, a description, a baseline or an environment is wrong.
    Config(#[from] ConfigError),
    /// Git cannot list the changes for `--since`.
    Git(#[from] GitError),
    /// The files cannot be read.
    Discovery(#[from] DiscoveryError),
    /// An org cannot be read.
    Pull(#[from] PullError),
    /// The results cannot be written.
    Write(#[from] WriteError),
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Usage(error) => error.hint(),
            Error::Config(error) => error.hint(),
            Error::Git(error) => error.hint(),
            Error::Discovery(error) => error.hint(),
            Error::Pull(error) => error.hint(),
            Error::Write(error) => Some(error.hint()),
        }
    }

    pub(crate) fn no_such_path(path: impl Into<PathBuf>) -> Error {
        DiscoveryError::NoSuchPath(path.into()).into()
    }

    /// A path of the repository leads outside of it.
    pub(crate) fn outside(path: impl Into<PathBuf>) -> Error {
        DiscoveryError::Outside(path.into()).into()
    }

    /// The cause is an [`io::Error`], or a description of what is wrong with the content.
    pub(crate) fn unreadable(path: impl Into<PathBuf>, cause: impl Into<Cause>) -> Error {
        DiscoveryError::Unreadable { path: path.into(), source: cause.into().0 }.into()
    }

    pub(crate) fn unwritable(path: impl Into<PathBuf>, cause: impl Into<Cause>) -> Error {
        WriteError::Unwritable { path: path.into(), source: cause.into().0 }.into()
    }

    pub(crate) fn mistakes(name: &str, text: &str, mistakes: Vec<Mistake>) -> Error {
        ConfigError::Mistakes { name: name.to_owned(), text: text.to_owned(), mistakes }.into()
    }
}

/// Why a file cannot be read or written.
pub(crate) struct Cause(io::Error);

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Cause(error)
    }
}

impl From<String> for Cause {
    fn from(reason: String) -> Self {
        Cause(io::Error::other(reason))
    }
}

impl From<&str> for Cause {
    fn from(reason: &str) -> Self {
        Cause(io::Error::other(reason))
    }
}

/// A path for a message: it may contain anything.
pub(crate) fn shown(path: &Path) -> String {
    visible(&path.display().to_string())
}

fn visible(text: &str) -> String {
    text.chars()
        .map(|character| if is_invisible(character) { '\u{fffd}' } else { character })
        .collect()
}

/// `` `a`, `b` ``.
fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{}`", visible(name))).collect::<Vec<_>>().join(", ")
}

/// A hint that starts with the nearest name, if there is one.
fn suggestion(nearest: Option<&str>, hint: &str) -> String {
    match nearest {
        Some(nearest) => {
            format!("did you mean `{}`? {hint}", visible(nearest)).trim_end().to_owned()
        }
        None => hint.to_owned(),
    }
}
