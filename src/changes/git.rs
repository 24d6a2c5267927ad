//! Git as a reader of objects. It runs on a private view: a folder with `HEAD`, the references and a link to the objects,
//! but with a configuration of our own. So the repository can name no program that git would run: no filter, hook,
//! monitor, transport or helper, and no other repository to fetch from.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use super::CommittedFiles;
use crate::atomic_write;
use crate::discover::{MAX_FILE_BYTES, Repository};
use crate::error::{Error, GitError};

/// A tree can contain itself many times; such a tree cannot be checked out.
const MAX_FILES: usize = 5_000_000;

/// A file or submodule of a commit.
#[derive(Clone, Debug)]
pub struct Committed {
    pub object: String,
    pub is_submodule: bool,
}

pub struct Git {
    view: TempDir,
    objects: PathBuf,
    pub is_shallow: bool,
}

impl Git {
    /// # Errors
    /// Why the repository cannot be used.
    pub fn new(repository: &Repository) -> Result<Git, &'static str> {
        let references = repository.references()?;
        let has_tables = !references.tables.is_empty();
        let mut config =
            String::from("[core]\n\tbare = true\n\trepositoryformatversion = 1\n[extensions]\n");
        if repository.has_sha256() {
            config += "\tobjectformat = sha256\n";
        }
        if has_tables {
            config += "\trefstorage = reftable\n";
        }
        let is_shallow = !references.shallow.is_empty();
        let mut files = vec![
            ("HEAD".to_owned(), references.head),
            ("config".to_owned(), config.into_bytes()),
            ("packed-refs".to_owned(), references.packed),
        ];
        if is_shallow {
            files.push(("shallow".to_owned(), references.shallow));
        }
        let is_plain = |name: &str| !name.contains(['/', '\\']) && !name.starts_with('.');
        let tables = references.tables.into_iter().filter(|(name, _)| is_plain(name));
        files.extend(tables.map(|(name, bytes)| (format!("reftable/{name}"), bytes)));
        files.push(("refs/heads".to_owned(), Vec::new()));
        let folders: &[&str] = if has_tables { &["reftable", "refs"] } else { &["refs"] };
        if !has_tables {
            files.pop();
        }
        let view = atomic_write::private_folder(folders, &files)
            .map_err(|_| "a temporary folder cannot be created")?;
        Ok(Git { view, objects: repository.objects(), is_shallow })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
        let mut command = Command::new("git");
        command.current_dir(self.view.path()).arg("--no-pager").args(arguments);
        for name in [
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_COMMON_DIR",
            "GIT_CONFIG",
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_PARAMETERS",
            "GIT_CONFIG_SYSTEM",
            "GIT_GRAFT_FILE",
            "GIT_INDEX_FILE",
            "GIT_NAMESPACE",
            "GIT_SHALLOW_FILE",
            "GIT_WORK_TREE",
        ] {
            command.env_remove(name);
        }
        command
            .env("GIT_DIR", self.view.path())
            .env("GIT_OBJECT_DIRECTORY", &self.objects)
            .env("GIT_CONFIG_GLOBAL", nothing)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    /// The first line of the output; `None` if git fails.
    fn line(&self, arguments: &[&str]) -> Result<Option<String>, Error> {
        let output = self.command(arguments).output().map_err(not_started)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().next().unwrap_or_default().to_owned();
        Ok((output.status.success() && !line.is_empty()).then_some(line))
    }

    /// The commit that a reference names.
    pub fn commit(&self, reference: &str) -> Result<Option<String>, Error> {
        self.line(&["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")])
    }

    /// The commit at which `HEAD` left another commit.
    pub fn merge_base(&self, commit: &str) -> Result<Option<String>, Error> {
        self.line(&["merge-base", commit, "HEAD"])
    }

    /// All files of a commit.
    pub fn files(&self, commit: &str) -> Result<CommittedFiles, Error> {
        let failed = || Error::from(GitError::Failed { command: "ls-tree".to_owned() });
        let mut child = self
            .command(&["ls-tree", "-r", "-z", "--full-tree", commit])
            .spawn()
            .map_err(not_started)?;
        let mut output = BufReader::new(child.stdout.take().ok_or_else(failed)?);
        let mut files = CommittedFiles::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = output.read_until(0, &mut line).map_err(|_| failed())?;
            if length == 0 {
                break;
            }
            // `100644 blob <object>\t<name>\0`
            let parts = memchr::memchr(b'\t', &line).filter(|_| line.pop() == Some(0));
            let tab = parts.ok_or_else(failed)?;
            let head = String::from_utf8_lossy(&line[..tab]);
            let mut words = head.split(' ');
            let (Some(mode), Some(_), Some(object)) = (words.next(), words.next(), words.next())
            else {
                return Err(failed());
            };
            let committed = Committed { object: object.to_owned(), is_submodule: mode == "160000" };
            files.insert(line[tab + 1..].to_vec(), committed);
            if files.len() > MAX_FILES {
                let _ = child.kill();
                let _ = child.wait();
                return Err(GitError::TooManyFiles { limit: MAX_FILES }.into());
            }
        }
        if !child.wait().is_ok_and(|status| status.success()) {
            return Err(failed());
        }
        Ok(files)
    }

    /// A reader of the contents of files.
    pub fn blobs(&self) -> Result<Blobs, Error> {
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(not_started)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::Failed { command: "cat-file".to_owned() }.into());
        };
        Ok(Blobs { child, input: Some(input), output: BufReader::new(output) })
    }
}

fn not_started(source: std::io::Error) -> Error {
    GitError::NotStarted { source }.into()
}

/// The content of a committed file.
pub struct Blob {
    /// Empty if there are more than sfcred reads.
    pub bytes: Vec<u8>,
    pub is_too_large: bool,
}

/// A process that reads the contents of files.
pub struct Blobs {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Blobs {
    /// The content of a file; `None` if the clone does not have it.
    pub fn read(&mut self, object: &str) -> Result<Option<Blob>, Error> {
        self.try_read(object)
            .ok_or_else(|| GitError::Failed { command: "cat-file".to_owned() }.into())
    }

    fn try_read(&mut self, object: &str) -> Option<Option<Blob>> {
        let input = self.input.as_mut()?;
        writeln!(input, "{object}").ok()?;
        input.flush().ok()?;
        let mut head = String::new();
        self.output.read_line(&mut head).ok()?;
        // `<object> blob <length>`, or `<object> missing`
        let mut words = head.split_whitespace().skip(1);
        if words.next()? != "blob" {
            return Some(None);
        }
        let length: u64 = words.next()?.parse().ok()?;
        let mut bytes = Vec::new();
        let mut body = self.output.by_ref().take(length);
        let is_too_large = length > MAX_FILE_BYTES;
        if is_too_large {
            std::io::copy(&mut body, &mut std::io::sink()).ok()?;
        } else {
            body.read_to_end(&mut bytes).ok()?;
        }
        let mut end = [0];
        self.output.read_exact(&mut end).ok()?;
        Some(Some(Blob { bytes, is_too_large }))
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // The process ends when its input does.
        self.input = None;
        let _ = self.child.wait();
    }
}
