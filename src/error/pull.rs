//! Errors while an org is read through the Salesforce CLI.

use std::path::PathBuf;

use super::{shown, visible};

/// How to get the Salesforce CLI.
const INSTALL: &str = "install the Salesforce CLI (`npm install --global @salesforce/cli`)";

/// Why an org cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("the Salesforce CLI `{}` was not found", visible(program))]
    NoCli { program: String },
    #[error("the Salesforce CLI `{}` cannot be run: {reason}", visible(program))]
    NotStarted { program: String, reason: String },
    /// It lacks a command or an option, or prints something other than JSON.
    #[error("the Salesforce CLI is too old or damaged: {reason}")]
    UnusableCli { reason: &'static str },
    #[error("the Salesforce CLI has no org with the alias or username `{}`", visible(alias))]
    UnknownOrg { alias: String },
    #[error("the login of `{}` has expired or was revoked", visible(alias))]
    Expired { alias: String },
    #[error("the org `{}` cannot be reached", visible(alias))]
    Unreachable { alias: String },
    /// The user of the CLI lacks a permission that nothing works without.
    #[error("the user of `{}` must not read {what}", visible(alias))]
    NotPermitted { alias: String, what: &'static str },
    #[error("`sf {command}` for `{}` did not end within {seconds} seconds", visible(alias))]
    TimedOut { alias: String, command: String, seconds: u64 },
    #[error("`sf {command}` for `{}` printed more than {limit} bytes", visible(alias))]
    TooMuchOutput { alias: String, command: String, limit: usize },
    /// `reason` is what the CLI reports.
    #[error("`sf {command}` for `{}` failed: {}", visible(alias), visible(reason))]
    Failed { alias: String, command: String, reason: String },
    #[error("the metadata of `{}` cannot be read: {}", visible(alias), visible(reason))]
    Metadata { alias: String, reason: String },
    #[error("`{}` cannot be the name of an org", visible(name))]
    Name { name: String },
    #[error("`{}` cannot be the alias of an org", visible(alias))]
    Alias { alias: String },
    #[error("two orgs have the name `{}`", visible(name))]
    SameName { name: String },
    /// The target folder has files that `pull` did not write.
    #[error("`{}` exists and was not written by `sfcred pull`", shown(path))]
    Foreign { path: PathBuf },
    #[error("interrupted")]
    Interrupted,
}

impl PullError {
    pub(super) fn hint(&self) -> Option<String> {
        let alias_for = |alias: &str| {
            let plain = alias
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "-_.@+".contains(character));
            if plain { alias.to_owned() } else { format!("\"{}\"", visible(alias)) }
        };
        Some(match self {
            PullError::NoCli { .. } => format!(
                "{INSTALL} and log in to the org (`sf org login web --alias NAME`), or set `SFCRED_SF` to the path of the program"
            ),
            PullError::NotStarted { .. } => {
                "run `sf --version` to see whether it works; `SFCRED_SF` sets the path of the program".to_owned()
            }
            PullError::UnusableCli { .. } => {
                "update it with `sf update` or `npm install --global @salesforce/cli@latest`; `sf --version` shows the version".to_owned()
            }
            PullError::UnknownOrg { alias } => format!(
                "`sf org list` shows the orgs that it knows; `sf org login web --alias {}` adds one",
                alias_for(alias)
            ),
            PullError::Expired { alias } => {
                format!("log in again with `sf org login web --alias {}`", alias_for(alias))
            }
            PullError::Unreachable { alias } => format!(
                "check the network and the proxy, and try `sf org display --target-org {}`",
                alias_for(alias)
            ),
            PullError::NotPermitted { .. } => {
                "the user needs *API Enabled*, *View Setup and Configuration*, and *Modify Metadata Through Metadata API Functions* or *Modify All Data*".to_owned()
            }
            PullError::TimedOut { .. } => {
                "try again, or raise the limit: `SFCRED_SF_TIMEOUT=1800` allows 30 minutes per command".to_owned()
            }
            PullError::TooMuchOutput { .. } => "name the users that matter with `--user`".to_owned(),
            PullError::Failed { .. } | PullError::Metadata { .. } => {
                "`--dry-run` prints the commands; run this one by hand to see everything that the CLI reports".to_owned()
            }
            PullError::Name { .. } => {
                "use letters, digits, `-`, `_` and `.`, as in `sfcred pull hub=my-alias`: the name becomes a folder".to_owned()
            }
            PullError::Alias { .. } => {
                "use an alias or username that `sf org list` shows".to_owned()
            }
            PullError::SameName { .. } => {
                "give each org its own name, as in `sfcred pull hub=alias1 spoke=alias2`".to_owned()
            }
            PullError::Foreign { .. } => {
                "choose a new folder with `--into`".to_owned()
            }
            PullError::Interrupted => return None,
        })
    }
}
