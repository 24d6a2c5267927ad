//! `sfcred mcp`.

use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::{Environment, Failure, Status};
use crate::discover::{self, Disk, FileSystem, Origin};
use crate::error::UsageError;
use crate::mcp::{Answer, Server, Tool};
use crate::report::{self, Printer};

/// Answer the questions of an agent, with the Model Context Protocol
///
/// Reads and writes one JSON message per line on standard input and output. The tools `lint`,
/// `trace`, `diagnose` and `explain` print what the commands of these names print. They read files
/// below the workspace only, and change nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Mcp {
    /// The workspace: no file outside of this folder is read
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  sfcred mcp                     the working directory
  sfcred mcp path/to/project

In the settings of an agent:
  {\"mcpServers\": {\"sfcred\": {\"command\": \"npx\", \"args\": [\"-y\", \"sfcred\", \"mcp\", \"path/to/project\"]}}}";

const INSTRUCTIONS: &str = "\
Checks Salesforce credential setups: external and named credentials, connected apps, external client apps, certificates, \
permission sets. Lint after every change of such a file. Diagnose an error of a callout or login. Never print secrets; the \
answers contain none that sfcred recognizes.";

/// How many findings or traces an answer has, unless the client asks for more.
const LIMIT: u64 = 50;

impl Mcp {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        out: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let folder = discover::normalized(&environment.working_directory.join(&self.folder));
        let disk = Disk::new(std::slice::from_ref(&folder), &environment.working_directory, &[]);
        if !disk.resolve(&folder, Origin::CommandLine).is_ok_and(|found| found.is_folder()) {
            return Err(UsageError::Options {
                message: "the workspace is not a folder".to_owned(),
                hint: "name the folder of the project".to_owned(),
            }
            .into());
        }
        let workspace = Workspace { folder, disk, environment };
        let tools = tools();
        let server = Server { version: report::VERSION, instructions: INSTRUCTIONS, tools: &tools };
        let mut input = BufReader::new((environment.stdin)());
        let served = server.serve(&mut input, out.verbatim()?, &mut |tool, arguments| {
            workspace.call(tool, arguments).unwrap_or_else(Answer::error)
        });
        match served {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            Ok(()) | Err(_) => Ok(Status::Clean),
        }
    }
}

fn tools() -> Vec<Tool> {
    let object = |properties: Value, required: &[&str]| {
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    };
    let paths = json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "folders, files and Metadata API zips in the workspace, as a list of paths; without it, the whole workspace",
    });
    let today = json!({
        "type": "string",
        "description": "the day to check certificates on, such as 2026-11-22; without it, today",
    });
    let limit = json!({
        "type": "integer",
        "minimum": 1,
        "maximum": 1000,
        "description": "how many findings or traces to return, from 1 to 1000; without it, 50",
    });
    vec![
        Tool {
            name: "lint",
            title: "Check Salesforce credentials",
            description: "Checks Salesforce credential metadata for problems: external and named credentials, connected apps, external client apps, certificates, permission sets and Apex, each on its own and against each other. Use it after writing or changing such a file, and before a deployment.",
            arguments: object(
                json!({
                    "paths": paths,
                    "select": {
                        "type": "array",
                        "items": { "type": "string" },
                        "description": "run only these rules, or groups such as `audience-*`, as a list of names",
                    },
                    "today": today,
                    "limit": limit,
                }),
                &[],
            ),
        },
        Tool {
            name: "trace",
            title: "Follow a callout",
            description: "Follows a callout step by step, from Apex to the checks of the target org, and shows where it would fail. Each step is ok, fails or is unknown.",
            arguments: object(
                json!({
                    "credential": {
                        "type": "string",
                        "description": "the name of a named or external credential; without it, all of them",
                    },
                    "paths": paths,
                    "today": today,
                    "limit": limit,
                }),
                &[],
            ),
        },
        Tool {
            name: "diagnose",
            title: "Explain a Salesforce error",
            description: "Recognizes errors of Salesforce callouts and logins in a message or a debug log, says what they confirm to be correct, and finds the cause in the files.",
            arguments: object(
                json!({
                    "message": {
                        "type": "string",
                        "description": "the error message or log, as text",
                    },
                    "log": {
                        "type": "string",
                        "description": "the path of a log in the workspace, instead of a message",
                    },
                    "paths": paths,
                    "today": today,
                }),
                &[],
            ),
        },
        Tool {
            name: "explain",
            title: "Explain a rule or an error",
            description: "Explains a rule of sfcred, or an error message of Salesforce: why it matters and how to fix it.",
            arguments: object(
                json!({
                    "name": {
                        "type": "string",
                        "description": "the name of a rule such as `certificate-mismatch`, or an error message",
                    },
                }),
                &["name"],
            ),
        },
    ]
}

/// What the tools may read.
struct Workspace<'a> {
    folder: PathBuf,
    disk: Disk,
    environment: &'a Environment<'a>,
}

impl Workspace<'_> {
    fn call(&self, tool: &str, arguments: &Value) -> Result<Answer, String> {
        let (words, list) = self.command_line(tool, arguments)?;
        let (status, out, err) = self.run(words);
        if status == Status::NoRun {
            return Ok(Answer::error(err));
        }
        let Some(list) = list else {
            return Ok(Answer { text: out, structured: None, is_error: false });
        };
        let mut structured: Value =
            serde_json::from_str(&out).map_err(|_| "the result is not JSON".to_owned())?;
        let limit = arguments.get("limit").and_then(Value::as_u64).unwrap_or(LIMIT);
        if let Some(entries) = structured.get_mut(list).and_then(Value::as_array_mut) {
            let all = entries.len();
            entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let omitted = all - entries.len();
            structured["omitted"] = omitted.into();
        }
        Ok(Answer { text: structured.to_string(), structured: Some(structured), is_error: false })
    }

    /// The command for a tool, and the list in its result that can be long.
    fn command_line(
        &self,
        tool: &str,
        arguments: &Value,
    ) -> Result<(Vec<OsString>, Option<&'static str>), String> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let texts = |name: &str| {
            let items = arguments.get(name).and_then(Value::as_array);
            items.into_iter().flatten().filter_map(Value::as_str)
        };
        let mut words: Vec<OsString> = vec!["sfcred".into(), tool.into()];
        if tool == "explain" {
            words.extend(["--".into(), text("name").unwrap_or_default().into()]);
            return Ok((words, None));
        }
        words.push("--json".into());
        for (argument, option) in
            [("today", "--today"), ("credential", "--credential"), ("message", "--message")]
        {
            words.extend(text(argument).map(|value| format!("{option}={value}").into()));
        }
        words.extend(texts("select").map(|rule| format!("--select={rule}").into()));
        words.push("--".into());
        if tool == "diagnose" {
            match (text("message"), text("log")) {
                (Some(_), None) => {}
                (None, Some(log)) => words.push(self.inside(log)?.into()),
                (Some(_), Some(_)) | (None, None) => {
                    return Err("give either `message` or `log`".to_owned());
                }
            }
        }
        for path in texts("paths") {
            words.push(self.inside(path)?.into());
        }
        let list = match tool {
            "lint" => "findings",
            "trace" => "traces",
            _ => "answers",
        };
        Ok((words, Some(list)))
    }

    /// A path in the workspace, which is not behind a link.
    fn inside(&self, path: &str) -> Result<PathBuf, String> {
        let full = discover::normalized(&self.folder.join(path));
        let of_workspace = self.folder.join("sfcred.toml");
        let is_inside = full.starts_with(&self.folder)
            && self
                .disk
                .resolve(&full, Origin::File(&of_workspace))
                .is_ok_and(|found| found.is_same_below(&self.folder));
        match is_inside {
            true if full == self.folder => Ok(PathBuf::from(".")),
            true => Ok(Path::new(".").join(full.strip_prefix(&self.folder).unwrap_or(&full))),
            false => Err(format!("`{path}` is not a path in the workspace")),
        }
    }

    /// Runs a command in the workspace, without the environment of the process.
    fn run(&self, words: Vec<OsString>) -> (Status, String, String) {
        let nothing = || -> Box<dyn Read + Send> { Box::new(io::empty()) };
        let environment = Environment {
            working_directory: self.folder.clone(),
            today: self.environment.today,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdin_is_terminal: false,
            width: None,
            lookup: &|_| None,
            variables: &Vec::new,
            stdin: &nothing,
            live_stdin: &nothing,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = super::run(words, &environment, &mut out, &mut err);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (status, text(out), text(err))
    }
}
