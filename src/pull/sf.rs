//! Runs `sf`, the Salesforce CLI of the user. Every program and every option comes from this code, the command line and the
//! environment; what a file or an org contains is at most a value in a query.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Error, PullError};
use crate::mask;

/// What a command may print. A retrieve lists every file of the org.
const MAX_OUTPUT: usize = 64 << 20;
/// What is kept of the diagnostic output, which is searched for a few words and never shown.
const MAX_DIAGNOSTICS: usize = 64 << 10;
/// How many processes run at the same time.
const AT_ONCE: usize = 2;
const POLL: Duration = Duration::from_millis(20);
/// The time limit of one command.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Variables that change what `sf` prints: tokens in clear, debug output, or something else than JSON.
const UNSET: &[&str] = &[
    "SF_TEMP_SHOW_SECRETS",
    "FORCE_COLOR",
    "DEBUG",
    "SF_LOG_STDERR",
    "SFDX_LOG_STDERR",
    "SF_CONTENT_TYPE",
    "SFDX_CONTENT_TYPE",
    "SFDX_JSON_TO_STDOUT",
    "SF_JSON_TO_STDOUT",
];
const SET: &[(&str, &str)] = &[
    ("NO_COLOR", "1"),
    ("SF_AUTOUPDATE_DISABLE", "true"),
    ("SF_SKIP_NEW_VERSION_CHECK", "true"),
    ("SF_HIDE_RELEASE_NOTES", "true"),
];

/// The processes that run. No process can start after [`end_all`].
static RUNNING: Mutex<Running> = Mutex::new(Running { ended: false, children: BTreeMap::new() });

struct Running {
    ended: bool,
    children: BTreeMap<u32, Child>,
}

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends all processes, for good.
pub fn end_all() {
    let mut running = running();
    running.ended = true;
    for child in running.children.values_mut() {
        end(child);
    }
}

/// Ends a process and those that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // It leads a group of its own.
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    #[cfg(windows)]
    {
        let _ = Command::new("taskkill")
            .args(["/T", "/F", "/PID", &child.id().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
    let _ = child.kill();
}

/// How to run the CLI.
#[derive(Clone, Debug)]
pub struct Setup {
    /// `SFCRED_SF`.
    pub program: Option<String>,
    /// `PATH`.
    pub search_path: Option<String>,
    /// `SFCRED_SF` is relative to it.
    pub working_directory: PathBuf,
    pub patience: Duration,
}

impl Setup {
    /// What to run: `SFCRED_SF` as a path or a name, else the name that npm installs.
    fn program(&self, is_windows: bool) -> OsString {
        let is_separator = |character| character == '/' || (is_windows && character == '\\');
        match &self.program {
            Some(path) if path.contains(is_separator) => {
                self.working_directory.join(path).into_os_string()
            }
            Some(name) => name.into(),
            None if is_windows => "sf.cmd".into(),
            None => "sf".into(),
        }
    }
}

/// The CLI.
#[derive(Debug)]
pub struct Sf {
    program: OsString,
    search_path: Option<OsString>,
    /// An empty folder, so that no configuration of a project counts.
    folder: PathBuf,
    patience: Duration,
    free: Mutex<usize>,
    freed: Condvar,
}

/// What a command printed.
pub struct Output {
    pub succeeded: bool,
    pub text: Vec<u8>,
    diagnostics: String,
}

/// A command that the CLI reports as failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub name: String,
    pub message: String,
}

impl Sf {
    /// `folder` is an empty private folder.
    pub fn new(setup: &Setup, folder: PathBuf) -> Sf {
        // A relative entry would mean a folder of the project.
        let search_path = setup.search_path.as_ref().and_then(|path| {
            std::env::join_paths(std::env::split_paths(path).filter(|entry| entry.is_absolute()))
                .ok()
        });
        Sf {
            program: setup.program(cfg!(windows)),
            search_path,
            folder,
            patience: setup.patience,
            free: Mutex::new(AT_ONCE),
            freed: Condvar::new(),
        }
    }

    /// Runs a command with `--json`, and returns its result.
    ///
    /// # Errors
    /// The CLI cannot be run, or prints something else than JSON. A command that fails is a [`Refusal`].
    pub fn json(&self, alias: &str, arguments: &[String]) -> Result<Result<Value, Refusal>, Error> {
        let mut all = arguments.to_vec();
        all.push("--json".to_owned());
        let output = self.run(alias, &all)?;
        let Some(mut document) = json_in(&output.text) else {
            return Err(unusable(&output));
        };
        if output.succeeded && document.get("status").and_then(Value::as_i64).unwrap_or(0) == 0 {
            return Ok(Ok(document.get_mut("result").map(Value::take).unwrap_or_default()));
        }
        let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
        let message = match (text("message"), document.pointer("/result/errorMessage")) {
            ("", Some(inner)) => inner.as_str().unwrap_or_default(),
            (message, _) => message,
        };
        let refusal = Refusal { name: text("name").to_owned(), message: message.to_owned() };
        // The name of a mistake in the arguments: this version lacks the option.
        if refusal.message.contains("Nonexistent flag") || refusal.name == "NonExistentFlagsError" {
            return Err(PullError::UnusableCli { reason: "it lacks an option" }.into());
        }
        Ok(Err(refusal))
    }

    /// Runs a command, within all limits.
    ///
    /// # Errors
    /// It cannot be run, takes too long, or prints too much.
    pub fn run(&self, alias: &str, arguments: &[String]) -> Result<Output, Error> {
        let _slot = self.slot();
        let (id, out, err) = self.start(arguments)?;
        let failed = |error: io::Error| -> Error {
            PullError::NotStarted { program: self.shown(), reason: error.kind().to_string() }.into()
        };
        let reader = |mut pipe: Box<dyn Read + Send>, limit: usize, drains: bool| {
            thread::Builder::new().spawn(move || {
                let mut bytes = Vec::new();
                let _ = pipe.by_ref().take(limit as u64 + 1).read_to_end(&mut bytes);
                if drains {
                    bytes.truncate(limit);
                    let _ = io::copy(&mut pipe, &mut io::sink());
                }
                bytes
            })
        };
        let readers = reader(out, MAX_OUTPUT, false)
            .and_then(|out| Ok((out, reader(err, MAX_DIAGNOSTICS, true)?)));
        let (out, err) = match readers {
            Ok(readers) => readers,
            Err(error) => {
                stop(id);
                return Err(failed(error));
            }
        };
        let ended = wait(id, self.patience);
        let text = out.join().unwrap_or_default();
        let diagnostics = err.join().unwrap_or_default();
        let command = arguments
            .iter()
            .take_while(|word| !word.starts_with('-'))
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        match ended {
            _ if text.len() > MAX_OUTPUT => Err(PullError::TooMuchOutput {
                alias: alias.to_owned(),
                command,
                limit: MAX_OUTPUT,
            }
            .into()),
            Ended::Stopped => Err(PullError::Interrupted.into()),
            Ended::TooLate => Err(PullError::TimedOut {
                alias: alias.to_owned(),
                command,
                seconds: self.patience.as_secs(),
            }
            .into()),
            Ended::With(status) => Ok(Output {
                succeeded: status.success(),
                text,
                diagnostics: String::from_utf8_lossy(&diagnostics).into_owned(),
            }),
        }
    }

    fn start(&self, arguments: &[String]) -> Result<Started, Error> {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder);
        for name in UNSET {
            command.env_remove(name);
        }
        command.envs(SET.iter().copied());
        if let Some(path) = &self.search_path {
            command.env("PATH", path);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let mut running = running();
        if running.ended {
            return Err(PullError::Interrupted.into());
        }
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => PullError::NoCli { program: self.shown() },
            kind => PullError::NotStarted { program: self.shown(), reason: kind.to_string() },
        })?;
        let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
            end(&mut child);
            let reason = "it has no output".to_owned();
            return Err(PullError::NotStarted { program: self.shown(), reason }.into());
        };
        let id = child.id();
        running.children.insert(id, child);
        Ok((id, Box::new(out), Box::new(err)))
    }

    fn shown(&self) -> String {
        Path::new(&self.program).display().to_string()
    }

    /// The time limit of one command.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Waits until fewer than [`AT_ONCE`] processes run.
    fn slot(&self) -> Slot<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Slot(self)
    }
}

/// The number of a process, its output and its diagnostic output.
type Started = (u32, Box<dyn Read + Send>, Box<dyn Read + Send>);

struct Slot<'a>(&'a Sf);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

enum Ended {
    With(ExitStatus),
    TooLate,
    /// By [`end_all`], or because it printed too much.
    Stopped,
}

/// Waits for a process. It is in [`RUNNING`] until it is reaped, so that no other process is ever ended by its number.
fn wait(id: u32, patience: Duration) -> Ended {
    let start = Instant::now();
    loop {
        {
            let mut running = running();
            let Some(child) = running.children.get_mut(&id) else { return Ended::Stopped };
            let status = child.try_wait();
            let is_late = start.elapsed() > patience;
            if is_late || running.ended || !matches!(status, Ok(None)) {
                if let Some(mut child) = running.children.remove(&id) {
                    // What it started may still hold its output.
                    end(&mut child);
                    let _ = child.wait();
                }
                return match status {
                    _ if running.ended => Ended::Stopped,
                    Ok(Some(status)) => Ended::With(status),
                    Ok(None) => Ended::TooLate,
                    Err(_) => Ended::Stopped,
                };
            }
        }
        thread::sleep(POLL);
    }
}

/// Ends one process.
fn stop(id: u32) {
    if let Some(mut child) = running().children.remove(&id) {
        end(&mut child);
        let _ = child.wait();
    }
}

/// The JSON document in an output, after any warnings.
fn json_in(text: &[u8]) -> Option<Value> {
    let start = text.iter().position(|byte| *byte == b'{')?;
    let document: Value = serde_json::from_slice(&text[start..]).ok()?;
    document.is_object().then_some(document)
}

/// The error for an output without JSON.
fn unusable(output: &Output) -> Error {
    let text = String::from_utf8_lossy(&output.text);
    let says = |words: &str| text.contains(words) || output.diagnostics.contains(words);
    let reason = if says("Nonexistent flag") || says("Unexpected argument") {
        "it lacks an option"
    } else if says("is not a sf command")
        || says("is not a sfdx command")
        || says("command not found")
    {
        "it lacks a command"
    } else {
        "it does not print JSON"
    };
    PullError::UnusableCli { reason }.into()
}

impl Refusal {
    fn says(&self, words: &[&str]) -> bool {
        let text = format!("{} {}", self.name, self.message).to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    }

    /// The error that concerns the whole org, if it is one.
    pub fn of_org(&self, alias: &str) -> Option<PullError> {
        let alias = alias.to_owned();
        if self.says(&[
            "namedorgnotfound",
            "noauthinfofound",
            "no authorization information",
            "nodefaultenv",
        ]) {
            return Some(PullError::UnknownOrg { alias });
        }
        if self.says(&[
            "invalid_session_id",
            "session expired",
            "expired access/refresh token",
            "refreshtokenautherror",
            "inactive user",
            "invalid_grant",
            "invalid_login",
            "unable to refresh",
            "tokenerror",
        ]) {
            return Some(PullError::Expired { alias });
        }
        if self.says(&[
            "fetch failed",
            "enotfound",
            "econnrefused",
            "econnreset",
            "etimedout",
            "eai_again",
            "domainnotfound",
            "socket hang up",
            "self-signed certificate",
            "unable to get local issuer",
        ]) {
            return Some(PullError::Unreachable { alias });
        }
        if self.says(&["api_disabled_for_org", "api_currently_disabled", "rest api is not enabled"])
        {
            return Some(PullError::NotPermitted { alias, what: "anything through the API" });
        }
        None
    }

    pub fn is_missing_permission(&self) -> bool {
        self.says(&[
            "insufficient_access",
            "insufficient access",
            "insufficient_privileges",
            "not permitted",
        ])
    }

    /// Whether a retrieve of fewer types may succeed.
    pub fn is_about_types(&self) -> bool {
        self.says(&[
            "registryerror",
            "registry",
            "unknown_exception",
            "limit_exceeded",
            "invalid_type",
            "not available",
            "insufficient_access",
            "insufficient access",
        ])
    }

    /// What it says without secrets, on one line, cut to a length that fits a message.
    pub fn shown(&self) -> String {
        let words = self.message.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = if words.is_empty() { self.name.clone() } else { words };
        let end = words.char_indices().nth(200).map_or(words.len(), |(end, _)| end);
        mask::typed(&words[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_named_as_npm_names_it() {
        let program = |given: Option<&str>, is_windows: bool| {
            let setup = Setup {
                program: given.map(str::to_owned),
                search_path: None,
                working_directory: PathBuf::from("/work"),
                patience: PATIENCE,
            };
            setup.program(is_windows).into_string().unwrap()
        };
        assert_eq!((program(None, true), program(None, false)), ("sf.cmd".into(), "sf".into()));
        for is_windows in [true, false] {
            assert_eq!(program(Some("sf-next"), is_windows), "sf-next");
            assert_eq!(program(Some("bin/sf"), is_windows), "/work/bin/sf");
            assert_eq!(program(Some("/opt/sf"), is_windows), "/opt/sf");
        }
        assert_eq!(program(Some("bin\\sf"), true), "/work/bin\\sf");
        assert_eq!(program(Some("bin\\sf"), false), "bin\\sf");
    }

    #[test]
    fn warnings_before_the_document_are_skipped() {
        assert_eq!(json_in(b" \xe2\x80\xba Warning: old\n{\"status\":0}").unwrap()["status"], 0);
        assert!(json_in(b"sf: command not found").is_none());
        assert!(json_in("[".repeat(100_000).as_bytes()).is_none());
        assert!(json_in("{\"a\":".repeat(100_000).as_bytes()).is_none());
    }

    #[test]
    fn a_refusal_of_the_whole_org_is_told_from_one_of_a_query() {
        let of = |name: &str, message: &str| {
            Refusal { name: name.into(), message: message.into() }.of_org("hub")
        };
        assert!(matches!(of("NamedOrgNotFoundError", ""), Some(PullError::UnknownOrg { .. })));
        assert!(matches!(
            of("INVALID_SESSION_ID", "Session expired"),
            Some(PullError::Expired { .. })
        ));
        assert!(matches!(of("TypeError", "fetch failed"), Some(PullError::Unreachable { .. })));
        assert!(of("INVALID_TYPE", "sObject type 'X' is not supported").is_none());
    }
}
