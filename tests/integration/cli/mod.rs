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

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::common::cases::case;
use crate::common::{copy, new_folder, write_below};

/// A folder to run in.
struct Project {
    folder: TempDir,
}

impl Project {
    /// An empty folder that no folder above it affects.
    fn new() -> Project {
        Project { folder: new_folder() }
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
        write_below(self.path(), name, text)
    }

    /// The program in this folder, with only a UTF-8 locale in its environment.
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

    /// Runs the program with the given standard input.
    fn run_with_stdin(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = self.spawn(self.command(arguments).stdin(Stdio::piped()));
        // A command that needs no input may exit before all of it is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Run::new(child.wait_with_output().unwrap())
    }

    /// Runs the program and closes its standard output immediately.
    fn run_with_closed_stdout(&self, arguments: &[&str]) -> Run {
        let mut child = self.spawn(&mut self.command(arguments));
        drop(child.stdout.take());
        Run::new(child.wait_with_output().unwrap())
    }

    fn spawn(&self, command: &mut Command) -> Child {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
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
        Run::new(command.output().unwrap())
    }

    fn new(output: Output) -> Run {
        let Output { status, stdout, stderr } = output;
        Run {
            status: status.code(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The text with all line breaks and runs of spaces replaced by single spaces.
    fn unwrapped(self) -> Run {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Run { status: self.status, out: flat(&self.out), err: flat(&self.err) }
    }

    /// Asserts the exit code, and that each string is in the output or the error output.
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
