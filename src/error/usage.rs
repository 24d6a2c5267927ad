//! Errors in the arguments.

use std::io;
use std::path::PathBuf;

use super::{listed, shown, suggestion, visible};

/// Credentials that are listed as alternatives.
const CREDENTIALS: usize = 6;
/// The maximum number of rules and answers to list.
const TOPICS: usize = 12;

/// Why the arguments cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// Options that exclude each other.
    #[error("{message}")]
    Options { message: String, hint: String },
    #[error("`{option}`: unknown rule `{}`", first_word(name))]
    UnknownRule { option: &'static str, name: String, nearest: Option<String> },
    #[error("`--org`: unknown org `{}`", first_word(name))]
    UnknownOrg { name: String, orgs: Vec<String>, nearest: Option<String> },
    #[error("unknown command `{}`", first_word(name))]
    UnknownCommand { name: String, commands: Vec<String>, nearest: Option<String> },
    /// The argument of `sfcred explain` is unknown.
    #[error("`{}` is not a rule or a known Salesforce error", first_word(name))]
    UnknownTopic {
        name: String,
        nearest: Option<String>,
        /// Names that contain the word.
        containing: Vec<String>,
    },
    /// The credential for `sfcred trace` is not in the files, and Apex does not call it.
    #[error(
        "`{}` is not a named or external credential in these files, and not a path",
        visible(&first_word(name))
    )]
    UnknownCredential { name: String, nearest: Option<String>, known: Vec<String> },
    /// The component for `sfcred graph` is not in the files.
    #[error("`{}` is not a component, user, host or org in these files", visible(&first_word(name)))]
    UnknownComponent { name: String, nearest: Option<String>, known: Vec<String> },
    /// The credential or app for `sfcred migrate` is not in the files.
    #[error(
        "`{}` is not a named credential or a connected app in these files, and not a path",
        visible(&first_word(name))
    )]
    NotMigratable { name: String, nearest: Option<String>, known: Vec<String> },
    #[error("nothing to trace: no credential in these files authenticates a callout")]
    NothingToTrace,
    /// The file of the credential to trace is not well-formed.
    #[error("cannot read `{}`: {}", visible(file), visible(reason))]
    UnreadableCredential { file: String, reason: String },
    #[error("no log or error message given")]
    NothingToDiagnose,
    /// What should be a file for `sfcred diagnose` has spaces, and does not exist.
    #[error("`{}` is not a file", first_word(text))]
    MessageAsFile { text: String },
    #[error("`-` reads a file from standard input, but its path is unknown")]
    StdinWithoutPath,
    #[error("`--stdin-path` is the path of standard input, but `-` is not among the paths")]
    StdinPathWithoutStdin,
    #[error("`--stdin-path`: sfcred does not read files such as `{}`", shown(path))]
    UnsupportedStdinPath { path: PathBuf },
    /// Answers that `sfcred new` needs: how each is given, and what it is.
    #[error("missing: {}", listed(&missing.iter().map(|(flag, _)| flag.clone()).collect::<Vec<_>>()))]
    MissingAnswers { missing: Vec<(String, String)> },
    #[error("cannot read standard input: {source}")]
    Stdin { source: io::Error },
}

/// The first word of what should be a name. More words are not a misspelled name, and can be anything that was pasted.
fn first_word(typed: &str) -> String {
    let mut words = typed.split_whitespace();
    let first = words.next().unwrap_or_default();
    if words.next().is_some() { format!("{first} …") } else { first.to_owned() }
}

/// The first credentials of a list, and how many more there are.
fn some(known: &[String]) -> String {
    let (shown, more) = known.split_at(known.len().min(CREDENTIALS));
    let more = match more.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", listed(shown))
}

impl UsageError {
    pub fn options(message: impl Into<String>, hint: impl Into<String>) -> UsageError {
        UsageError::Options { message: message.into(), hint: hint.into() }
    }

    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            UsageError::Options { hint, .. } => hint.clone(),
            UsageError::UnknownRule { nearest, .. } => suggestion(
                nearest.as_deref(),
                "`sfcred rules` lists all rules; a group is written `'audience-*'`",
            ),
            UsageError::UnknownOrg { orgs, nearest, .. } => {
                suggestion(nearest.as_deref(), &format!("the orgs are {}", listed(orgs)))
            }
            UsageError::UnknownCommand { commands, nearest, .. } => {
                suggestion(nearest.as_deref(), &format!("the commands are {}", listed(commands)))
            }
            UsageError::UnknownTopic { containing, .. } if !containing.is_empty() => {
                let (shown, more) = containing.split_at(containing.len().min(TOPICS));
                let more = if more.is_empty() { "" } else { ", and others (`sfcred rules WORD`)" };
                format!("these contain the word: {}{more}", listed(shown))
            }
            UsageError::UnknownTopic { nearest, .. } => suggestion(
                nearest.as_deref(),
                "`sfcred rules` lists all rules; `sfcred diagnose` reads whole messages and logs",
            ),
            UsageError::UnknownCredential { nearest: Some(nearest), .. }
            | UsageError::UnknownComponent { nearest: Some(nearest), .. }
            | UsageError::NotMigratable { nearest: Some(nearest), .. } => {
                suggestion(Some(nearest), "")
            }
            UsageError::NotMigratable { known, .. } => {
                let pull = "for what is only in an org, run `sfcred pull ALIAS` first";
                match known.as_slice() {
                    [] => format!("these files contain no named credential or connected app; {pull}"),
                    known => format!("the named credentials and connected apps are {}; {pull}", some(known)),
                }
            }
            UsageError::UnknownCredential { known, .. } if known.is_empty() => {
                "these files contain no credentials; check the paths".to_owned()
            }
            UsageError::UnknownCredential { known, .. } => {
                format!("the credentials are {}", some(known))
            }
            UsageError::UnknownComponent { known, .. } => {
                let (shown, more) = known.split_at(known.len().min(CREDENTIALS));
                let more = if more.is_empty() { "" } else { ", and others (`sfcred graph`)" };
                format!("the names are {}{more}", listed(shown))
            }
            UsageError::NothingToTrace => {
                "`sfcred trace` follows named and external credentials; `sfcred lint` checks everything"
                    .to_owned()
            }
            UsageError::UnreadableCredential { .. } => {
                "fix the file first; `sfcred lint` shows the place".to_owned()
            }
            UsageError::NothingToDiagnose => {
                "name a file (`sfcred diagnose debug.log`), pipe a log in, or pass the error (`sfcred diagnose --message \"audience is invalid\"`)"
                    .to_owned()
            }
            UsageError::MessageAsFile { .. } => {
                "if it is an error message, pass it with `--message \"ERROR MESSAGE\"`; if it is a file, check the spelling"
                    .to_owned()
            }
            UsageError::StdinWithoutPath => {
                "add `--stdin-path` with the path that the file has or will have, such as `force-app/…/Spoke_Org.externalCredential-meta.xml`"
                    .to_owned()
            }
            UsageError::StdinPathWithoutStdin => {
                "run `sfcred lint - --stdin-path PATH`".to_owned()
            }
            UsageError::UnsupportedStdinPath { .. } => {
                "the file name identifies the kind of file: `*.externalCredential-meta.xml`, `*.connectedApp-meta.xml`, `*.cls`, `sfcred.yaml` and similar"
                    .to_owned()
            }
            UsageError::MissingAnswers { missing } => {
                let lines =
                    missing.iter().map(|(flag, what)| format!("{flag}: {}", visible(what)));
                let lines: Vec<String> = lines.collect();
                format!(
                    "on a terminal, `sfcred new` asks; `--answers FILE` reads a file\n{}",
                    lines.join("\n")
                )
            }
            UsageError::Stdin { .. } => return None,
        })
    }
}
