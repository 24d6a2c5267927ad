//! The command line: what was typed becomes one command. What the machine is comes in as an input.

mod autofix;
mod completions;
mod diagnose;
mod explain;
mod filter;
mod init;
mod lint;
mod machine;
mod man;
mod output;
mod project;
mod rules;
mod schema;
mod show;
mod trace;
mod watch;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use machine::Machine;

use crate::error::Error;
use crate::report::{self, Style};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing at or above `fail-on`.
    Clean = 0,
    /// Findings.
    Findings = 1,
    /// There was no run.
    NoRun = 2,
}

/// Why a command did not come to its end.
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

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Finds out why a Salesforce credential setup does not work
///
/// Reads what is in a repository: external and named credentials, connected and external client apps, permission sets, certificates and
/// Apex, of one org or of several, and what `sfcred.yaml` says about them. It needs no org and no network.
#[derive(Debug, Parser)]
#[command(name = "sfcred", version, after_help = EXAMPLES, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

const EXAMPLES: &str = "\
Examples:
  sfcred lint                          look at everything below this folder
  sfcred lint hub spoke                two orgs, each in its own folder
  sfcred lint retrieved.zip            the zip of a metadata retrieve
  sfcred trace Spoke_Org               where a callout through it would stop
  sfcred diagnose debug.log            what a log means, and what in the files led to it
  sfcred explain claim-missing         what a finding means, and how to mend it
  sfcred explain \"user hasn't approved this consumer\"
                                       what Salesforce means by that

Exit status: 0 nothing found at or above `fail-on`, 1 findings, 2 there was no run";

#[derive(Debug, Subcommand)]
enum Command {
    /// Look for what will fail, in files, before anything is deployed or called
    Lint(Box<lint::Lint>),
    /// Follow a callout from Apex to the access token, and see where it would stop
    Trace(trace::Trace),
    /// Find out what a message or a log means, and what in the files led to it
    Diagnose(diagnose::Diagnose),
    /// Look at a project, and write its first `sfcred.toml` and `sfcred.yaml`
    Init(init::Init),
    /// Show the page of a rule, or of what Salesforce says
    Explain(explain::Explain),
    /// List all rules
    Rules(rules::Rules),
    /// Print what a shell needs to complete commands and options
    Completions(completions::Completions),
    /// Print the manual page of sfcred, or of one of its commands
    Man(man::ManPage),
    /// Print a JSON Schema: of `sfcred.toml`, of `sfcred.yaml`, or of what is written for machines
    Schema(schema::Schema),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// If the output is a terminal that wants it
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines; its schema is in the folder `schemas` of the source
    Json,
}

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => report::Format::Text,
            Format::Json => report::Format::Json,
        }
    }
}

/// Runs what the arguments ask for. A closed pipe is no failure: nobody is left who could read of it.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    machine: &Machine<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Status {
    let parsed = Arguments::command()
        .term_width(machine.columns())
        .try_get_matches_from(arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, machine, out, err),
    };
    let style = machine.style(arguments.color, machine.stdout_is_terminal);
    let result = match &arguments.command {
        Command::Lint(lint) => lint.run(machine, style, out, err),
        Command::Trace(trace) => trace.run(machine, style, out),
        Command::Diagnose(diagnose) => diagnose.run(machine, style, out),
        Command::Explain(explain) => explain.run(style, out),
        Command::Rules(rules) => rules.run(style, out),
        Command::Completions(completions) => completions.run(out),
        Command::Man(man) => man.run(out),
        Command::Init(init) => init.run(machine, out),
        Command::Schema(schema) => schema.run(out),
    };
    match result {
        Ok(status) => status,
        Err(failure) => {
            fail(&failure, machine.style(arguments.color, machine.stderr_is_terminal), err)
        }
    }
}

/// Help and version are answers and no failures.
fn usage(
    error: &clap::Error,
    machine: &Machine<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Status {
    let text = |is_terminal| {
        let text = error.render();
        let plain = text.to_string();
        // It quotes what was typed, and that may be anything.
        let harmless = report::for_terminal(&plain, true);
        if error.use_stderr() && harmless != plain {
            return harmless;
        }
        if machine.style(Color::Auto, is_terminal).color { text.ansi().to_string() } else { plain }
    };
    // Nobody is left to tell if writing fails.
    if error.use_stderr() {
        let _ = err.write_all(text(machine.stderr_is_terminal).as_bytes());
        Status::NoRun
    } else {
        let _ =
            out.write_all(text(machine.stdout_is_terminal).as_bytes()).and_then(|()| out.flush());
        Status::Clean
    }
}

fn fail(failure: &Failure, style: Style, err: &mut dyn Write) -> Status {
    // Nobody is left to tell if this fails.
    let _ = match failure {
        Failure::NoRun(error) => report::error(error, style, err),
        Failure::Output(error) => writeln!(err, "error: the output cannot be written: {error}"),
    };
    Status::NoRun
}

/// Writes everything that is left. A reader that went away changes nothing about what came of the run.
fn finish(written: io::Result<()>, out: &mut dyn Write, status: Status) -> Result<Status, Failure> {
    match written.and_then(|()| out.flush()) {
        Ok(()) => Ok(status),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(status),
        Err(error) => Err(error.into()),
    }
}
