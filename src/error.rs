//! Why a run could not happen. A mistake in the project is a finding; these are mistakes in how sfcred was called or set up.

mod narrowing;

use std::fmt;
use std::path::PathBuf;

use crate::source::Text;
pub use narrowing::Narrowing;

/// A mistake in a settings file or a description, with its place.
#[derive(Clone, Debug)]
pub struct Mistake {
    pub message: String,
    /// Bytes in the text of the file.
    pub start: usize,
    pub end: usize,
    pub help: Option<String>,
    /// Another place that matters, such as the first of two equal keys.
    pub related: Option<(usize, usize, String)>,
}

impl Mistake {
    /// About a text, with the text.
    pub fn of(text: &Text, problem: &str) -> Mistake {
        Mistake {
            message: format!("`{text}` {problem}"),
            start: text.span.range().start,
            end: text.span.range().end,
            help: None,
            related: None,
        }
    }
}

/// The reason for exit status 2.
#[derive(Debug)]
pub enum Error {
    /// A path on the command line that is not there.
    NoSuchPath(PathBuf),
    /// A file or folder that cannot be opened.
    Unreadable { path: PathBuf, reason: String },
    /// A file that cannot be written.
    Unwritable { path: PathBuf, reason: String },
    /// A baseline that was asked for and is not there.
    NoBaseline(PathBuf),
    /// A file that is another one now than when it was read.
    ChangedMeanwhile(PathBuf),
    /// Nothing under the paths is of any interest.
    NothingToLint { paths: Vec<PathBuf>, seen: usize, skipped: usize },
    /// `sfcred.toml` or `sfcred.yaml` cannot be understood.
    Mistakes { name: String, text: String, mistakes: Vec<Mistake> },
    /// Options that do not go together.
    Usage { message: String, hint: String },
    /// Neither a log nor a message was given, and nobody will type one.
    NothingToDiagnose,
    /// The files that were to be made are there already.
    AlreadyThere(Vec<String>),
    /// A word on the command line that names no rule and no answer.
    UnknownName { name: String, nearest: Option<String> },
    /// What is looked at or shown cannot be chosen as it was asked.
    Narrowing(Narrowing),
    /// A credential that the files do not hold and Apex does not call, with those that there are.
    UnknownCredential { name: String, nearest: Option<String>, known: Vec<String> },
    /// Nothing under the paths authenticates a callout.
    NothingToTrace,
    /// The file of what is to be traced is not well-formed.
    UnreadableCredential { file: String, reason: String },
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoSuchPath(path) => write!(formatter, "`{}` does not exist", shown(path)),
            Error::Unreadable { path, reason } => {
                write!(formatter, "`{}` cannot be read: {reason}", shown(path))
            }
            Error::Unwritable { path, reason } => {
                write!(formatter, "`{}` cannot be written: {reason}", shown(path))
            }
            Error::NoBaseline(path) => {
                write!(formatter, "the baseline `{}` does not exist", shown(path))
            }
            Error::ChangedMeanwhile(path) => write!(
                formatter,
                "`{}` was changed while it was being looked at; nothing was written",
                shown(path)
            ),
            Error::NothingToLint { paths, seen, skipped } => {
                let paths: Vec<String> =
                    paths.iter().map(|path| format!("`{}`", shown(path))).collect();
                write!(
                    formatter,
                    "nothing to lint under {}: none of {seen} files is credential metadata, a certificate or a description",
                    paths.join(", ")
                )?;
                if *skipped > 0 {
                    write!(formatter, " ({skipped} skipped)")?;
                }
                Ok(())
            }
            Error::Mistakes { name, mistakes, .. } => write!(
                formatter,
                "`{name}` cannot be used: {}",
                mistakes.first().map_or("", |mistake| &mistake.message)
            ),
            Error::Usage { message, .. } => formatter.write_str(message),
            Error::NothingToDiagnose => write!(formatter, "no log and no message were given"),
            Error::AlreadyThere(names) => {
                write!(
                    formatter,
                    "nothing to write: {} are there already",
                    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
                )
            }
            Error::UnknownName { name, .. } => {
                write!(formatter, "`{name}` is neither a rule nor an answer")
            }
            Error::Narrowing(narrowing) => narrowing.fmt(formatter),
            Error::UnknownCredential { name, .. } => write!(
                formatter,
                "`{}` is no named or external credential in the files given, and no path",
                plain(name)
            ),
            Error::UnreadableCredential { file, reason } => {
                write!(formatter, "`{}` cannot be read: {}", plain(file), plain(reason))
            }
            Error::NothingToTrace => formatter.write_str(
                "nothing to trace: no credential in the files given authenticates a callout",
            ),
        }
    }
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::NoSuchPath(_) => Some("check the spelling; paths are taken from the working directory".into()),
            Error::Unreadable { .. } => Some("check the permissions of the file and of its folders".into()),
            Error::Unwritable { .. } => Some("folders are not made; check the path and the permissions of its folder".into()),
            Error::NoBaseline(path) => Some(format!("`sfcred lint --write-baseline {}` writes it", shown(path))),
            Error::ChangedMeanwhile(_) => Some("run it again".into()),
            Error::NothingToLint { .. } => Some(
                "looked for `*.externalCredential-meta.xml`, `*.namedCredential-meta.xml`, `*.connectedApp-meta.xml`, `*.eca-meta.xml`, `*.permissionset-meta.xml`, `*.crt` and the like \
                 (with or without `-meta.xml`, in folders or zips), and for `sfcred.yaml`; files that `.gitignore` names are left out"
                    .into(),
            ),
            Error::Mistakes { .. } => None,
            Error::Usage { hint, .. } => Some(hint.clone()),
            Error::NothingToDiagnose => {
                Some("name a file, as in `sfcred diagnose debug.log`; pipe something in; or give the words, as in `sfcred diagnose --message \"audience is invalid\"`".into())
            }
            Error::AlreadyThere(_) => Some("no file is ever overwritten; `sfcred init --dry-run` prints what would be written".into()),
            Error::UnknownName { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`? `sfcred rules` lists all rules")),
            Error::UnknownCredential { nearest: Some(nearest), .. } => Some(format!("did you mean `{}`?", plain(nearest))),
            Error::UnknownCredential { nearest: None, known, .. } if known.is_empty() => Some("the files given hold no credential at all; are these the right folders?".into()),
            Error::UnknownCredential { nearest: None, known, .. } => {
                let shown: Vec<String> = known.iter().take(6).map(|name| format!("`{}`", plain(name))).collect();
                let more = if known.len() > shown.len() { format!(" and {} more", known.len() - shown.len()) } else { String::new() };
                Some(format!("the files given hold {}{more}", shown.join(", ")))
            }
            Error::NothingToTrace => Some("`sfcred trace` follows named and external credentials; `sfcred lint` looks at everything else".into()),
            Error::UnreadableCredential { .. } => Some("`sfcred lint` shows the place; a callout can be followed when the file is mended".into()),
            Error::UnknownName { nearest: None, .. } => Some("`sfcred rules` lists all rules".into()),
            Error::Narrowing(narrowing) => narrowing.hint(),
        }
    }
}

impl std::error::Error for Error {}

/// A path may hold anything; what is printed holds no control characters.
pub(crate) fn shown(path: &std::path::Path) -> String {
    plain(&path.display().to_string())
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { '\u{fffd}' } else { character })
        .collect()
}
