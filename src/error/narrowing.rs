//! What can be wrong with the arguments that choose what is looked at and what is shown.

use std::fmt;
use std::path::PathBuf;

use super::{Error, shown};

/// Why a run could not be narrowed as it was asked.
#[derive(Clone, Debug)]
pub enum Narrowing {
    /// `--select` or `--ignore` names no rule.
    UnknownRule {
        option: &'static str,
        name: String,
        nearest: Option<String>,
    },
    /// `--org` names no org of the run.
    UnknownOrg {
        name: String,
        orgs: Vec<String>,
        nearest: Option<String>,
    },
    /// `git` cannot be started.
    NoGit {
        reason: String,
    },
    /// A path lies in no repository.
    NoRepository {
        path: PathBuf,
    },
    /// Git knows no such commit.
    UnknownReference {
        reference: String,
        shallow: bool,
    },
    /// Git finds no commit that both sides come from.
    NothingShared {
        reference: String,
        shallow: bool,
    },
    /// Git failed, in its own words.
    Git {
        command: String,
        said: String,
    },
    /// `--env` names what is declared nowhere.
    UnknownEnvironment {
        name: String,
        known: Vec<String>,
        nearest: Option<String>,
    },
    /// A deployment would stop, because variables that `replacements` asks for have no value.
    Unset {
        environment: String,
        variables: Vec<String>,
        project: String,
    },
    /// A file of values cannot be understood; what it holds is never quoted.
    Values {
        path: PathBuf,
        line: usize,
        reason: &'static str,
    },
    /// An entry of `replacements` asks for what cannot be done here.
    Replacement {
        pattern: String,
        project: String,
        reason: String,
    },
    /// `-` without `--stdin-path`, or the other way round.
    StandardInputWithoutPath,
    StandardInputUnasked,
    /// What comes from standard input is of no kind that is read.
    NotLinted {
        path: PathBuf,
    },
    /// `sfcred man` is asked about what is no command.
    UnknownCommand {
        name: String,
        commands: Vec<String>,
        nearest: Option<String>,
    },
    /// Standard input cannot be read.
    StandardInput {
        reason: String,
    },
}

impl From<Narrowing> for Error {
    fn from(narrowing: Narrowing) -> Self {
        Error::Narrowing(narrowing)
    }
}

impl fmt::Display for Narrowing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Narrowing::UnknownRule { option, name, .. } => {
                write!(formatter, "`{option}`: there is no rule `{name}`")
            }
            Narrowing::UnknownOrg { name, .. } => {
                write!(formatter, "`--org`: there is no org `{name}` here")
            }
            Narrowing::NoGit { reason } => {
                write!(formatter, "`--since`: `git` cannot be started: {reason}")
            }
            Narrowing::NoRepository { path } => {
                write!(formatter, "`--since`: `{}` is in no git repository", shown(path))
            }
            Narrowing::UnknownReference { reference, .. } => {
                write!(formatter, "`--since`: git knows no commit `{reference}`")
            }
            Narrowing::NothingShared { reference, .. } => write!(
                formatter,
                "`--since`: git finds no commit that `{reference}` and this branch share"
            ),
            Narrowing::Git { command, said } => write!(formatter, "`git {command}` failed: {said}"),
            Narrowing::UnknownEnvironment { name, .. } => {
                write!(formatter, "`--env`: there is no environment `{name}`")
            }
            Narrowing::Unset { environment, variables, project } => {
                let names: Vec<String> = variables.iter().map(|name| format!("`{name}`")).collect();
                let (noun, verb) =
                    if variables.len() == 1 { ("variable", "has") } else { ("variables", "have") };
                write!(
                    formatter,
                    "`--env {environment}`: a deployment would stop, because `replacements` in `{project}` needs the {noun} {}, which {verb} no value",
                    names.join(", ")
                )
            }
            Narrowing::Values { path, line, reason } => {
                write!(formatter, "`{}` cannot be used: line {line} {reason}", shown(path))
            }
            Narrowing::Replacement { pattern, project, reason } => write!(
                formatter,
                "`--env`: the replacement of `{pattern}` in `{project}` cannot be made: {reason}"
            ),
            Narrowing::StandardInputWithoutPath => write!(
                formatter,
                "`-` reads a file from standard input, but nothing says which one it is"
            ),
            Narrowing::StandardInputUnasked => write!(
                formatter,
                "`--stdin-path` says what standard input is, but `-` is not among the paths"
            ),
            Narrowing::NotLinted { path } => write!(
                formatter,
                "`--stdin-path`: `{}` is no kind of file that is looked at",
                shown(path)
            ),
            Narrowing::UnknownCommand { name, .. } => {
                write!(formatter, "sfcred has no command `{name}`")
            }
            Narrowing::StandardInput { reason } => {
                write!(formatter, "standard input cannot be read: {reason}")
            }
        }
    }
}

impl Narrowing {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let intended = |nearest: &Option<String>, otherwise: String| {
            nearest.as_ref().map_or(otherwise.clone(), |nearest| {
                format!("did you mean `{nearest}`? {otherwise}")
            })
        };
        Some(match self {
            Narrowing::UnknownRule { nearest, .. } => intended(nearest, "`sfcred rules` lists all rules; a group is written `'audience-*'`".to_owned()),
            Narrowing::UnknownOrg { orgs, nearest, .. } => intended(nearest, format!("the orgs of this run are {}", listed(orgs))),
            Narrowing::NoGit { .. } => "install git, or leave out `--since`: then everything is shown".to_owned(),
            Narrowing::NoRepository { .. } => "`--since` compares with a commit; leave it out to see everything".to_owned(),
            Narrowing::UnknownReference { shallow: true, .. } | Narrowing::NothingShared { shallow: true, .. } => {
                "this is a shallow clone, and the commit is not in it: `git fetch --unshallow`, or ask your pipeline for the whole history (`fetch-depth: 0` in GitHub Actions, `GIT_DEPTH: 0` in GitLab CI)".to_owned()
            }
            Narrowing::UnknownReference { .. } => "give a branch, a tag or a commit, as `origin/main`; `git fetch` brings what only the server has".to_owned(),
            Narrowing::NothingShared { .. } => "compare with a branch of the same history".to_owned(),
            Narrowing::Git { .. } => return None,
            Narrowing::UnknownEnvironment { name, known, nearest } => {
                let known = if known.is_empty() { String::new() } else { format!("; known are {}", listed(known)) };
                intended(nearest, format!("put its values into `.env.{name}` beside `sfdx-project.json`, or write `[env.{name}]` in `sfcred.toml`, which may stay empty where the process has them{known}"))
            }
            Narrowing::Unset { environment, .. } => format!(
                "set them for the process, in a file for `--env-file`, in `[env.{environment}]` of `sfcred.toml`, or in `.env.{environment}`; `\"allowUnsetEnvVariable\": true` lets one be empty"
            ),
            Narrowing::Values { .. } => "write one `NAME=value` a line; quotes around a value are taken off, and `#` begins a comment".to_owned(),
            Narrowing::Replacement { .. } => "leave out `--env`: then what is replaced counts as unknown".to_owned(),
            Narrowing::StandardInputWithoutPath => "add `--stdin-path force-app/…/Spoke_Org.externalCredential-meta.xml`: the path it has, or will have".to_owned(),
            Narrowing::StandardInputUnasked => "write `sfcred lint - --stdin-path PATH`".to_owned(),
            Narrowing::NotLinted { .. } => "the name tells what a file is: `*.externalCredential-meta.xml`, `*.connectedApp-meta.xml`, `*.cls`, `sfcred.yaml` and the like".to_owned(),
            Narrowing::UnknownCommand { commands, nearest, .. } => intended(nearest, format!("the commands are {}", listed(commands))),
            Narrowing::StandardInput { .. } => return None,
        })
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
