//! Files that differ from a commit, according to `git`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::normalized;
use crate::error::{Error, GitError};

/// Changes since a commit, in the repositories of the given paths.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// As typed.
    pub reference: String,
    /// Files, and folders below which everything counts as changed.
    paths: HashSet<PathBuf>,
    /// Files that no longer exist.
    pub deleted: Vec<PathBuf>,
    /// All removed lines.
    pub removed: String,
}

/// Files that affect all others below their folder.
const GOVERNING: &[&str] =
    &["sfdx-project.json", "sfcred.toml", "sfcred.yaml", "sfcred.yml", ".forceignore"];

impl Changes {
    /// Whether a file has changed, or the archive or submodule that contains it.
    pub fn contains(&self, path: &Path) -> bool {
        path.ancestors().any(|path| self.paths.contains(path))
    }

    /// How many files have changed.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    fn add(&mut self, path: PathBuf) {
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if GOVERNING.contains(&name.as_str()) {
            self.paths.extend(path.parent().map(Path::to_owned));
        }
        if path.symlink_metadata().is_err() {
            self.deleted.push(path.clone());
        }
        self.paths.insert(path);
    }
}

/// What differs between the working tree and the commit at which its branch left `reference`: committed, staged,
/// unstaged and untracked changes, except of ignored files.
///
/// # Errors
/// Git is not installed, a path is not in a repository, the reference is unknown, or the history is too shallow.
pub fn changed(
    paths: &[PathBuf],
    working_directory: &Path,
    reference: &str,
) -> Result<Changes, Error> {
    if reference.starts_with('-') || reference.trim().is_empty() {
        return Err(
            GitError::UnknownReference { reference: reference.to_owned(), shallow: false }.into()
        );
    }
    let mut changes = Changes { reference: reference.to_owned(), ..Changes::default() };
    let mut tops: Vec<PathBuf> = Vec::new();
    for path in paths {
        let path = normalized(&working_directory.join(path));
        let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
        if !folder.is_dir() {
            // `discover` reports the missing path.
            continue;
        }
        let up = Git { folder }
            .line(&["rev-parse", "--show-cdup"])?
            .ok_or_else(|| GitError::NoRepository { path: folder.to_owned() })?;
        let top = normalized(&folder.join(up));
        if !tops.contains(&top) {
            changes.read(&top, reference)?;
            tops.push(top);
        }
    }
    changes.deleted.sort();
    Ok(changes)
}

impl Changes {
    fn read(&mut self, top: &Path, reference: &str) -> Result<(), Error> {
        let git = Git { folder: top };
        let shallow = || {
            Ok::<_, Error>(
                git.line(&["rev-parse", "--is-shallow-repository"])?.as_deref() == Some("true"),
            )
        };
        let Some(commit) =
            git.line(&["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")])?
        else {
            return Err(GitError::UnknownReference {
                reference: reference.to_owned(),
                shallow: shallow()?,
            }
            .into());
        };
        let Some(base) = git.line(&["merge-base", &commit, "HEAD"])? else {
            return Err(GitError::NoMergeBase {
                reference: reference.to_owned(),
                shallow: shallow()?,
            }
            .into());
        };
        let diff = ["diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color"];
        let names = git.must(&[&diff[..], &["--name-only", "-z", &base, "--"]].concat())?;
        let new = git.must(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        for name in names.split('\0').chain(new.split('\0')).filter(|name| !name.is_empty()) {
            self.add(top.join(name));
        }
        let patch = git.must(&[&diff[..], &["--unified=0", &base, "--"]].concat())?;
        for line in patch.lines().filter(|line| line.starts_with('-') && !line.starts_with("--- "))
        {
            self.removed.push_str(&line[1..]);
            self.removed.push('\n');
        }
        Ok(())
    }
}

struct Git<'a> {
    folder: &'a Path,
}

impl Git<'_> {
    /// The output of git, or what it wrote to standard error. Runs no shell and no program that the settings of the
    /// repository could name.
    fn run(&self, arguments: &[&str]) -> Result<Result<String, String>, Error> {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(self.folder)
            .args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
            .args(arguments);
        command
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null());
        let output = command.output().map_err(|source| GitError::NotStarted { source })?;
        Ok(if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        })
    }

    /// The first line of the output; `None` if git fails. An unsafe repository is an error.
    fn line(&self, arguments: &[&str]) -> Result<Option<String>, Error> {
        match self.run(arguments)? {
            Ok(output) => Ok(Some(output.lines().next().unwrap_or_default().to_owned())),
            Err(reason) if reason.contains("dubious ownership") => {
                Err(self.failed(arguments, &reason))
            }
            Err(_) => Ok(None),
        }
    }

    fn must(&self, arguments: &[&str]) -> Result<String, Error> {
        self.run(arguments)?.map_err(|reason| self.failed(arguments, &reason))
    }

    fn failed(&self, arguments: &[&str], reason: &str) -> Error {
        let command = arguments.first().copied().unwrap_or_default().to_owned();
        let said = reason.lines().next().unwrap_or_default().to_owned();
        GitError::Failed { command, message: said }.into()
    }
}
