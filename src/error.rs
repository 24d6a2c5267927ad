//! Why a run could not happen. A mistake in the project is a finding; these are mistakes in how sfcred was called or set up.

use std::fmt;
use std::path::PathBuf;

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

/// The reason for exit status 2.
#[derive(Debug)]
pub enum Error {
    /// A path on the command line that is not there.
    NoSuchPath(PathBuf),
    /// A file or folder that cannot be opened.
    Unreadable { path: PathBuf, reason: String },
    /// A file that cannot be written.
    Unwritable { path: PathBuf, reason: String },
    /// Nothing under the paths is of any interest.
    NothingToLint { paths: Vec<PathBuf>, seen: usize, skipped: usize },
    /// `sfcred.toml` or `sfcred.yaml` cannot be understood.
    Mistakes { name: String, text: String, mistakes: Vec<Mistake> },
    /// Options that do not go together.
    Usage { message: String, hint: String },
    /// The files that were to be made are there already.
    AlreadyThere(Vec<String>),
    /// A word on the command line that names no rule and no answer.
    UnknownName { name: String, nearest: Option<String> },
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoSuchPath(path) => write!(formatter, "`{}` does not exist", shown(path)),
            Error::Unreadable { path, reason } => write!(formatter, "`{}` cannot be read: {reason}", shown(path)),
            Error::Unwritable { path, reason } => write!(formatter, "`{}` cannot be written: {reason}", shown(path)),
            Error::NothingToLint { paths, seen, skipped } => {
                let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", shown(path))).collect();
                write!(formatter, "nothing to lint under {}: none of {seen} files is credential metadata, a certificate or a description", paths.join(", "))?;
                if *skipped > 0 {
                    write!(formatter, " ({skipped} skipped)")?;
                }
                Ok(())
            }
            Error::Mistakes { name, mistakes, .. } => write!(formatter, "`{name}` cannot be used: {}", mistakes.first().map_or("", |mistake| &mistake.message)),
            Error::Usage { message, .. } => formatter.write_str(message),
            Error::AlreadyThere(names) => {
                write!(formatter, "nothing to write: {} are there already", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and "))
            }
            Error::UnknownName { name, .. } => write!(formatter, "`{name}` is neither a rule nor an answer"),
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
            Error::NothingToLint { .. } => Some(
                "looked for `*.externalCredential-meta.xml`, `*.namedCredential-meta.xml`, `*.connectedApp-meta.xml`, `*.eca-meta.xml`, `*.permissionset-meta.xml`, `*.crt` and the like \
                 (with or without `-meta.xml`, in folders or zips), and for `sfcred.yaml`; files that `.gitignore` names are left out"
                    .into(),
            ),
            Error::Mistakes { .. } => None,
            Error::Usage { hint, .. } => Some(hint.clone()),
            Error::AlreadyThere(_) => Some("no file is ever overwritten; `sfcred init --dry-run` prints what would be written".into()),
            Error::UnknownName { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`? `sfcred rules` lists all rules")),
            Error::UnknownName { nearest: None, .. } => Some("`sfcred rules` lists all rules".into()),
        }
    }
}

impl std::error::Error for Error {}

/// A path may hold anything; what is printed holds no control characters.
fn shown(path: &std::path::Path) -> String {
    path.display().to_string().chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}
