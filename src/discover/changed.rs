//! Which files differ from a commit: asks `git`, and believes nothing that it did not say.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::normalized;
use crate::error::{Error, Narrowing};

/// What has changed since a commit, in the repositories of the paths that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// As it was typed.
    pub reference: String,
    /// Files, and folders below which everything counts as changed.
    paths: HashSet<PathBuf>,
    /// Files that are no longer there.
    pub deleted: Vec<PathBuf>,
    /// All lines that were taken away.
    pub removed: String,
}

/// Files that decide how all others below their folder are read.
const GOVERNING: &[&str] =
    &["sfdx-project.json", "sfcred.toml", "sfcred.yaml", "sfcred.yml", ".forceignore"];

impl Changes {
    /// Whether a file, or the archive or submodule that it lies in, has changed.
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

/// Asks git what differs between the working tree and the commit where its branch left `reference`: what is committed, staged, changed and
/// not yet added. What git ignores is left out.
///
/// # Errors
/// No git, no repository, a reference that is none, and a history that does not reach back to it.
pub fn changed(
    paths: &[PathBuf],
    working_directory: &Path,
    reference: &str,
) -> Result<Changes, Error> {
    if reference.starts_with('-') || reference.trim().is_empty() {
        return Err(Narrowing::UnknownReference {
            reference: reference.to_owned(),
            shallow: false,
        }
        .into());
    }
    let mut changes = Changes { reference: reference.to_owned(), ..Changes::default() };
    let mut tops: Vec<PathBuf> = Vec::new();
    for path in paths {
        let path = normalized(&working_directory.join(path));
        let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
        if !folder.is_dir() {
            // The walk says what is wrong with it.
            continue;
        }
        let up = Git { folder }
            .line(&["rev-parse", "--show-cdup"])?
            .ok_or_else(|| Narrowing::NoRepository { path: folder.to_owned() })?;
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
            return Err(Narrowing::UnknownReference {
                reference: reference.to_owned(),
                shallow: shallow()?,
            }
            .into());
        };
        let Some(base) = git.line(&["merge-base", &commit, "HEAD"])? else {
            return Err(Narrowing::NothingShared {
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
    /// What git prints; `None` where it says no. No shell is involved, and nothing that the repository's own settings could start.
    fn ask(&self, arguments: &[&str]) -> Result<Result<String, String>, Error> {
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
        let output =
            command.output().map_err(|error| Narrowing::NoGit { reason: error.to_string() })?;
        Ok(if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        })
    }

    /// The first line; `None` where git says no. A reason that it gives and that nobody expects is an error.
    fn line(&self, arguments: &[&str]) -> Result<Option<String>, Error> {
        match self.ask(arguments)? {
            Ok(said) => Ok(Some(said.lines().next().unwrap_or_default().to_owned())),
            Err(said) if said.contains("dubious ownership") => Err(self.failed(arguments, &said)),
            Err(_) => Ok(None),
        }
    }

    fn must(&self, arguments: &[&str]) -> Result<String, Error> {
        self.ask(arguments)?.map_err(|said| self.failed(arguments, &said))
    }

    fn failed(&self, arguments: &[&str], said: &str) -> Error {
        let command = arguments.first().copied().unwrap_or_default().to_owned();
        Narrowing::Git { command, said: said.lines().next().unwrap_or_default().to_owned() }.into()
    }
}
