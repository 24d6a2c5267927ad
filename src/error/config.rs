//! Errors in settings, descriptions, baselines and environments.

use std::path::PathBuf;

use super::{listed, shown, suggestion};
use crate::source::Text;

/// A mistake in a settings file, a description or a baseline, with its place.
#[derive(Clone, Debug)]
pub struct Mistake {
    pub message: String,
    /// The byte offset of the mistake in the text of the file; `end` is exclusive.
    pub start: usize,
    pub end: usize,
    pub help: Option<String>,
    /// Another relevant place, such as the first of two equal keys.
    pub related: Option<(usize, usize, String)>,
}

impl Mistake {
    /// A mistake in a string; the message starts with the string.
    pub fn in_text(text: &Text, problem: &str) -> Mistake {
        Mistake {
            message: format!("`{text}` {problem}"),
            start: text.span.range().start,
            end: text.span.range().end,
            help: None,
            related: None,
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// In a settings file, a description or a baseline.
    #[error("cannot use `{name}`: {}", mistakes.first().map_or("", |mistake| &mistake.message))]
    Mistakes { name: String, text: String, mistakes: Vec<Mistake> },
    #[error("`--env`: unknown environment `{name}`")]
    UnknownEnvironment { name: String, known: Vec<String>, nearest: Option<String> },
    /// A deployment would stop, because variables of `replacements` have no value.
    #[error(
        "`--env {environment}`: {} of `replacements` in `{project}` {} no value, so a deployment would stop",
        listed(variables),
        if variables.len() == 1 { "has" } else { "have" }
    )]
    Unset { environment: String, variables: Vec<String>, project: String },
    /// A file of values is malformed. Its content is never quoted.
    #[error("cannot use `{}`: line {line} {reason}", shown(path))]
    Values { path: PathBuf, line: usize, reason: &'static str },
    #[error("`--env`: cannot apply the replacement of `{pattern}` in `{project}`: {reason}")]
    Replacement { pattern: String, project: String, reason: String },
}

impl ConfigError {
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            // Each mistake has its own help.
            ConfigError::Mistakes { .. } => return None,
            ConfigError::UnknownEnvironment { name, known, nearest } => {
                let known = if known.is_empty() {
                    String::new()
                } else {
                    format!("; known environments: {}", listed(known))
                };
                let hint = format!(
                    "put its values in `.env.{name}` next to `sfdx-project.json`, or add `[env.{name}]` to `sfcred.toml`, which can be empty if the variables are set in the process{known}"
                );
                suggestion(nearest.as_deref(), &hint)
            }
            ConfigError::Unset { environment, .. } => format!(
                "set them in the process, in a file for `--env-file`, in `[env.{environment}]` of `sfcred.toml`, or in `.env.{environment}`; with `\"allowUnsetEnvVariable\": true` a variable can be empty"
            ),
            ConfigError::Values { .. } => {
                "write one `NAME=value` per line; quotes around a value are removed, and `#` begins a comment"
                    .to_owned()
            }
            ConfigError::Replacement { .. } => {
                "omit `--env`; the replaced text is then unknown".to_owned()
            }
        })
    }
}
