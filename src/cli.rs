//! The command line: parses the arguments and runs one command. The environment of the process is
//! an input.

mod completions;
mod diagnose;
mod environment;
mod explain;
mod file_change;
mod fix;
mod graph;
mod init;
mod inspect;
mod lint;
mod live_input;
mod lsp;
mod man;
mod mcp;
mod migrate;
mod new;
mod output;
mod progress;
mod project;
mod pull;
mod rules;
mod schema;
mod selection;
mod target_org;
mod trace;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::sync::LazyLock;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use regex::{Captures, Regex};

pub use environment::Environment;
pub use live_input::{Stopper, live_input};

use crate::error::{Error, UsageError};
use crate::mask;
use crate::report::{self, Printer, Style};

/// The exit code of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No findings at or above `fail-on`.
    Clean = 0,
    /// Findings.
    Findings = 1,
    /// sfcred could not run.
    NoRun = 2,
}

/// Removes all temporary files and ends the process, between two replacements of files.
pub fn abandon(exit: impl FnOnce()) {
    crate::pull::end_all();
    crate::atomic_write::abandon(exit);
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    NoRun(Error),
    /// The output could not be written.
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::NoRun(error)
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Failure::NoRun(error.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Find out why a Salesforce credential setup does not work
///
/// Reads the metadata in your repository, of one org or of several: external and named credentials,
/// connected apps and external client apps, permission sets, certificates, Apex, and the
/// description in `sfcred.yaml`. Needs no org and no network, except for `pull`,
/// `--target-org` and `new --from-org`.
#[derive(Debug, Parser)]
#[command(name = "sfcred", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use color
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

const EXAMPLES: &str = "\
Examples:
  sfcred lint                     check everything in this folder
  sfcred lint hub spoke           two orgs, one folder each
  sfcred lint retrieved.zip       the zip of a metadata retrieve
  sfcred pull hub=my-alias        read an org if you have no repository
  sfcred new                      write a new setup, with steps to deploy it
  sfcred migrate Spoke_Org        leave the legacy model of named credentials
  sfcred trace Spoke_Org          where a callout would fail
  sfcred graph                    who trusts whom with what
  sfcred diagnose debug.log       what a debug log means, and why
  sfcred diagnose -m \"invalid assertion\" --target-org hub --target-org spoke
                                  what an error between two orgs means, and why
  sfcred explain claim-missing    what a finding means and how to fix it
  sfcred explain \"user hasn't approved this consumer\"
                                  what a Salesforce error means

Exit codes:
  0  no findings at or above `fail-on`
  1  findings
  2  could not run (bad arguments, invalid settings, nothing to check)";

#[derive(Debug, Subcommand)]
enum Command {
    /// Check credential metadata for problems before you deploy or make a callout
    Lint(Box<lint::Lint>),
    /// Follow a callout from Apex to the access token, and show where it would fail
    Trace(trace::Trace),
    /// Show who trusts whom with what, as text, diagram or picture
    Graph(graph::Graph),
    /// Explain an error message or debug log and find the cause in your files
    Diagnose(diagnose::Diagnose),
    /// Create `sfcred.toml` and `sfcred.yaml` for a project
    Init(init::Init),
    /// Read the credential setup of orgs through the Salesforce CLI
    Pull(pull::Pull),
    /// Write a new credential setup: metadata for both orgs, and the steps to deploy it
    New(Box<new::New>),
    /// Move legacy named credentials to external credentials
    Migrate(migrate::Migrate),
    /// Explain a rule or a Salesforce error message
    Explain(explain::Explain),
    /// List all rules
    Rules(rules::Rules),
    /// Serve an editor: findings while you type, fixes, explanations
    Lsp(lsp::Lsp),
    /// Answer the questions of an agent, with the Model Context Protocol
    Mcp(mcp::Mcp),
    /// Print a shell completion script
    Completions(completions::Completions),
    /// Print the manual page of sfcred or of a command
    Man(man::ManPage),
    /// Print a JSON Schema: for `sfcred.toml`, `sfcred.yaml` or a JSON output
    Schema(schema::Schema),
    /// Print the version
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// Only when writing to a terminal
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Readable text
    Text,
    /// JSON; `sfcred schema` prints its schema
    Json,
}

/// The format of a command that prints text or JSON.
#[derive(Debug, Args)]
struct FormatOption {
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl FormatOption {
    fn format(&self) -> report::Format {
        if self.json { report::Format::Json } else { self.format.into() }
    }
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => report::Format::Text,
            Format::Json => report::Format::Json,
        }
    }
}

/// Runs the command of the arguments. A broken pipe is not an error: there is no reader left to
/// report it to.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Status {
    let parsed = Arguments::command()
        .version(version(environment))
        .term_width(environment.columns())
        .try_get_matches_from(arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, environment, out, err),
    };
    let style = environment.style(arguments.color, environment.stdout_is_terminal);
    let error_style = environment.style(arguments.color, environment.stderr_is_terminal);
    let out = &mut Printer::new(out, style.color || style.hyperlinks);
    let err = &mut Printer::new(err, error_style.color || error_style.hyperlinks);
    let result = match &arguments.command {
        Command::Lint(lint) => lint.run(environment, style, out, err),
        Command::Trace(trace) => trace.run(environment, style, out, err),
        Command::Graph(graph) => graph.run(environment, style, out, err),
        Command::Diagnose(diagnose) => diagnose.run(environment, style, out, err),
        Command::Pull(pull) => pull.run(environment, style, out, err),
        Command::New(new) => new.run(environment, style, out, err),
        Command::Migrate(migrate) => migrate.run(environment, style, out, err),
        Command::Explain(explain) => explain.run(style, out),
        Command::Rules(rules) => rules.run(style, out),
        Command::Lsp(lsp) => lsp.run(environment, out),
        Command::Mcp(mcp) => mcp.run(environment, out),
        Command::Completions(completions) => completions.run(out),
        Command::Man(man) => man.run(out),
        Command::Init(init) => init.run(environment, out),
        Command::Schema(schema) => schema.run(out),
        Command::Version => {
            finish(writeln!(out, "sfcred {}", version(environment)), out, Status::Clean)
        }
    };
    match result {
        Ok(status) => status,
        Err(failure) => fail(&failure, error_style, err),
    }
}

/// The version, and how the program was installed: `SFCRED_INSTALLED_BY` of the process, else of the build.
fn version(environment: &Environment<'_>) -> String {
    let is_plain = |text: &String| {
        text.len() <= 40 && text.chars().all(|char| char.is_ascii_alphanumeric() || char == ' ')
    };
    let installed = environment
        .variable("SFCRED_INSTALLED_BY")
        .filter(is_plain)
        .or_else(|| option_env!("SFCRED_INSTALLED_BY").map(str::to_owned));
    match installed {
        Some(installed) => format!("{} ({installed})", report::VERSION),
        None => report::VERSION.to_owned(),
    }
}

/// A mistake in the arguments, with only the first word of an argument of many: it can be anything that was pasted.
fn first_words(message: &str) -> String {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\s)'([^'\s]+)\s([^']*)(?:'|$)").expect("a constant pattern")
    });
    let shortened = QUOTED.replace_all(message, |found: &Captures<'_>| {
        // An option with the name of its value.
        if found[3].starts_with('<') {
            found[0].to_owned()
        } else {
            format!("{}'{} …'", &found[1], &found[2])
        }
    });
    shortened.into_owned()
}

/// Prints help, the version, or a mistake in the arguments.
fn usage(
    error: &clap::Error,
    environment: &Environment<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Status {
    let text = |is_terminal| {
        let text = error.render();
        let plain = text.to_string();
        // A mistake quotes the arguments, which may contain anything.
        let first_words = first_words(&mask::typed(&plain));
        let sanitized = report::for_terminal(&first_words, true);
        if error.use_stderr() && sanitized != plain {
            return sanitized;
        }
        if environment.style(Color::Auto, is_terminal).color {
            text.ansi().to_string()
        } else {
            plain
        }
    };
    if error.use_stderr() {
        // A failure to write cannot be reported.
        let styled = environment.style(Color::Auto, environment.stderr_is_terminal).color;
        let _ =
            Printer::new(err, styled).write_all(text(environment.stderr_is_terminal).as_bytes());
        Status::NoRun
    } else {
        let text = text(environment.stdout_is_terminal);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                let style = environment.style(Color::Auto, environment.stderr_is_terminal);
                fail(&Failure::Output(error), style, &mut Printer::new(err, style.color))
            }
            Ok(()) | Err(_) => Status::Clean,
        }
    }
}

fn fail(failure: &Failure, style: Style, err: &mut Printer<'_>) -> Status {
    // A failure to write cannot be reported.
    let _ = match failure {
        Failure::NoRun(error) => report::error(error, style, err),
        Failure::Output(error) => writeln!(err, "error: cannot write the output: {error}"),
    };
    Status::NoRun
}

/// Flushes the output. A broken pipe does not change the result of the run.
fn finish(
    written: io::Result<()>,
    out: &mut Printer<'_>,
    status: Status,
) -> Result<Status, Failure> {
    match written.and_then(|()| out.flush()) {
        Ok(()) => Ok(status),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(status),
        Err(error) => Err(error.into()),
    }
}
