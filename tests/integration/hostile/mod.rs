//! Whatever a folder contains, the run ends with a clear message, within bounded CPU time and memory, and faults in
//! other files are still found. Limits are set on the process; `CONTRIBUTING.md` states them.
#![cfg(target_os = "linux")]

mod bombs;
mod budgets;
mod certificates;
mod damaged;
mod disk;
mod git;
mod ignored;
mod many;
mod outside;
mod replaced;
mod terminal;
mod variables;
mod zips;

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::common::{new_folder, write_below};

/// The limits of a run: address space, and CPU time, which does not depend on the load of the machine.
#[derive(Clone, Copy)]
struct Limits {
    megabytes: u64,
    cpu_seconds: u64,
}

const USUAL: Limits = Limits { megabytes: 1024, cpu_seconds: 120 };

/// A folder that contains a file with a known fault.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new() -> Project {
        let project = Project { folder: new_folder() };
        project.write("beside/Broken.externalCredential-meta.xml", "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>");
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        write_below(self.path(), name, bytes)
    }

    fn lint(&self, arguments: &[&str]) -> Run {
        self.lint_within(arguments, USUAL)
    }

    fn lint_within(&self, arguments: &[&str], limits: Limits) -> Run {
        let arguments: Vec<OsString> =
            ["lint", "--today", "2026-11-22"].iter().chain(arguments).map(OsString::from).collect();
        run(self.path(), &arguments, limits)
    }

    fn lint_on(&self, day: &str) -> Run {
        run(self.path(), &["lint".into(), "--today".into(), day.into()], USUAL)
    }

    /// Asserts for both formats that the run ends with this exit code and these words, and that the fault in the other
    /// file is reported.
    fn says(&self, status: i32, words: &[&str]) -> Run {
        let text = self.lint(&[]).ends(status, words);
        self.lint(&["--format", "json"]).ends(status, &[]).finds_the_other_fault();
        text.finds_the_other_fault()
    }
}

#[derive(Debug)]
struct Run {
    status: Option<i32>,
    out: String,
    err: String,
}

/// Runs the program in a process with limits. A run that exceeds its CPU time is killed and has no exit status.
fn run(folder: &Path, arguments: &[OsString], limits: Limits) -> Run {
    let mut child = Command::new("sh")
        .args([
            "-c",
            &format!(
                "ulimit -v {}; ulimit -t {}; exec \"$@\"",
                limits.megabytes * 1024,
                limits.cpu_seconds
            ),
            "sh",
            env!("CARGO_BIN_EXE_sfcred"),
        ])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()))
        .envs([("LANG", "C.UTF-8"), ("RAYON_NUM_THREADS", "2")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let reader = |mut from: Box<dyn Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            String::from_utf8(bytes).unwrap()
        })
    };
    let (out, err) = (
        reader(Box::new(child.stdout.take().unwrap())),
        reader(Box::new(child.stderr.take().unwrap())),
    );
    let status = child.wait().unwrap();
    Run { status: status.code(), out: out.join().unwrap(), err: err.join().unwrap() }
}

impl Run {
    fn shortened(&self) -> String {
        let head = |text: &str| text.chars().take(3000).collect::<String>();
        format!("{:?}\n{}\n{}", self.status, head(&self.out), head(&self.err))
    }

    fn ends(self, status: i32, words: &[&str]) -> Run {
        assert_eq!(self.status, Some(status), "{}", self.shortened());
        // A line may break between any two words.
        let said = format!("{} {}", self.out, self.err).replace(['│', '·', '╰', '─'], " ");
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(said.contains(word), "`{word}` is not said: {}", self.shortened());
        }
        self
    }

    fn finds_the_other_fault(self) -> Run {
        assert!(
            self.out.contains("flow-variant-missing")
                && self.out.contains("Broken.externalCredential-meta.xml"),
            "{}",
            self.shortened()
        );
        self
    }
}

/// Runs git without the configuration of the user.
fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}
