//! The program on the command line: arguments, files, output and exit status.

mod conventions;
mod diagnose;
mod exit_status;
mod explain;
mod filter;
mod fixing;
mod old_findings;
mod outputs;
mod schema;
mod secrets;
mod style;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::common::cases::case;
use crate::common::copy;

/// A folder to run in.
struct Project {
    folder: TempDir,
}

impl Project {
    /// Empty, and cut off from whatever lies above it.
    fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        Project { folder }
    }

    /// The project of a case, such as `claim-missing/bad`.
    fn of(name: &str) -> Project {
        let project = Project::new();
        case(name).write_to(project.path());
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The program in this folder, in an environment of nothing but a UTF-8 locale.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sfcred"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// `sfcred lint` on the day of the fixtures.
    fn lint(&self, arguments: &[&str]) -> Run {
        self.run(&[&["lint", "--today", "2026-11-22"], arguments].concat())
    }
}

/// The result of a run.
#[derive(Debug)]
struct Run {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn of(command: &mut Command) -> Run {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Run {
            status: status.code(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The same words, wherever lines are broken.
    fn unwrapped(self) -> Run {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Run { status: self.status, out: flat(&self.out), err: flat(&self.err) }
    }

    /// Ended with this status, and says all of these words in the output or in the errors.
    fn ends(&self, status: i32, words: &[&str]) -> &Run {
        assert_eq!(self.status, Some(status), "{self:#?}");
        let unwrapped =
            |text: &str| text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let (out, err) = (unwrapped(&self.out), unwrapped(&self.err));
        for word in words {
            let said = [&self.out, &self.err, &out, &err].iter().any(|text| text.contains(word));
            assert!(said, "`{word}` is not said: {self:#?}");
        }
        self
    }
}
