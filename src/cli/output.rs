//! Report formats and destinations: one report to standard output, any number to files.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Environment, Failure};
use crate::atomic_write;
use crate::discover::{Disk, normalized};
use crate::error::{UsageError, shown};
use crate::pipeline::Report;
use crate::report::{self, Context, Format, Printer, Style};

#[derive(Debug, Args)]
pub(super) struct Output {
    /// The output format [default: text]
    #[arg(long, value_enum, value_name = "NAME", hide_possible_values = true, conflicts_with = "outputs", long_help = FORMATS)]
    format: Option<Format>,
    /// The same as `--format json`
    #[arg(long, conflicts_with_all = ["format", "outputs"])]
    json: bool,
    /// A format and a file to write to (standard output without a file); can be repeated
    #[arg(short = 'o', long = "output", value_name = "NAME[=FILE]", value_parser = target)]
    outputs: Vec<Target>,
    /// Count the findings of each rule instead of printing them (text and json)
    #[arg(long)]
    statistics: bool,
    /// Print errors only, and nothing if there are none (text and compact)
    #[arg(short, long)]
    pub quiet: bool,
}

const FORMATS: &str = "\
The output format [default: text]

  text        findings with source excerpts, error messages and help
  compact     one line per finding: path:line:column: error[rule]: message
  json        JSON; `sfcred schema lint` prints its schema
  jsonl       JSON lines: one finding per line, then a summary
  sarif       SARIF 2.1.0, for GitHub code scanning and other viewers
  junit       JUnit XML: each finding is a failed test
  github      GitHub Actions annotations and a job summary
  gitlab      GitLab Code Quality report
  checkstyle  Checkstyle XML, for Jenkins, reviewdog and others
  azure       Azure Pipelines log issues
  markdown    a pull request comment
  csv         a table for spreadsheets
  html        a page for browsers, with excerpts, pictures of the callouts and certificates";

/// One `-o` option.
#[derive(Clone, Debug)]
struct Target {
    format: Format,
    /// `None` for standard output.
    file: Option<PathBuf>,
}

fn target(text: &str) -> Result<Target, String> {
    let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
    let Ok(format) = Format::from_str(name, false) else {
        let names: Vec<String> = Format::all()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        return Err(format!(
            "unknown format `{name}`; expected NAME or NAME=FILE, where NAME is one of {}",
            names.join(", ")
        ));
    };
    match file {
        Some("") => Err(format!(
            "`{name}=` has no file name; write `{name}=report.txt`, or `{name}` for standard output"
        )),
        file => Ok(Target { format, file: file.map(PathBuf::from) }),
    }
}

/// The reports of a run. Their files are known to be writable.
pub(super) struct ReportWriter {
    to_stdout: Option<Format>,
    to_files: Vec<(Format, PathBuf)>,
    statistics: bool,
}

impl Output {
    /// Checks that everything can be written, before anything is read.
    pub fn reports(
        &self,
        disk: &Disk,
        environment: &Environment<'_>,
    ) -> Result<ReportWriter, Failure> {
        let to_stdout: Vec<Format> = self
            .outputs
            .iter()
            .filter(|output| output.file.is_none())
            .map(|output| output.format)
            .collect();
        if to_stdout.len() > 1 {
            let hint = "give a file to all but one of them, such as `-o text -o sarif=out.sarif`";
            return Err(UsageError::Options {
                message: "only one report can go to standard output".into(),
                hint: hint.into(),
            }
            .into());
        }
        let mut to_files: Vec<(Format, PathBuf)> = Vec::new();
        let mut destinations = HashSet::new();
        for output in &self.outputs {
            let Some(file) = &output.file else { continue };
            let path = disk.target(&normalized(&environment.working_directory.join(file)))?;
            if !destinations.insert(path.clone()) {
                let message = format!("two reports would be written to `{}`", shown(file));
                return Err(UsageError::Options {
                    message,
                    hint: "give each report a different file".into(),
                }
                .into());
            }
            atomic_write::writable(&path)?;
            to_files.push((output.format, path));
        }
        let to_stdout = if self.outputs.is_empty() {
            let json = self.json.then_some(Format::Json);
            Some(self.format.or(json).unwrap_or(Format::Text))
        } else {
            to_stdout.first().copied()
        };
        Ok(ReportWriter { to_stdout, to_files, statistics: self.statistics })
    }
}

impl ReportWriter {
    /// Whether standard output is JSON.
    pub fn is_json(&self) -> bool {
        self.to_stdout == Some(Format::Json)
    }

    /// Whether one of the reports says whether callouts work.
    pub fn show_callouts(&self) -> bool {
        let to_files = self.to_files.iter().map(|(format, _)| *format);
        to_files.chain(self.to_stdout).any(|format| format == Format::Html)
    }

    /// Writes the files first, so that they are complete even if the reader of standard output
    /// stops early.
    pub fn write(
        &self,
        report: &Report,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
    ) -> Result<io::Result<()>, Failure> {
        let plain = Style { color: false, hyperlinks: false, ..style };
        for (format, path) in &self.to_files {
            let mut bytes = Vec::new();
            let context = Context { format: *format, style: plain };
            self.write_one(report, context, &mut Printer::new(&mut bytes, false))?;
            atomic_write::write_atomically(path, &bytes)?;
        }
        Ok(self.to_stdout(report, environment, style, out))
    }

    fn to_stdout(
        &self,
        report: &Report,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
    ) -> io::Result<()> {
        let Some(format) = self.to_stdout else { return Ok(()) };
        self.write_one(report, Context { format, style }, out)?;
        if format != Format::Github {
            return Ok(());
        }
        let Some(file) = environment.variable("GITHUB_STEP_SUMMARY") else { return Ok(()) };
        let mut summary = Vec::new();
        report::write(report, &Context { format: Format::Markdown, style }, &mut summary)?;
        match atomic_write::append(&environment.working_directory.join(file), &summary) {
            Ok(()) => Ok(()),
            // The annotations are already written, so this does not fail the run.
            Err(_) => {
                writeln!(out.verbatim()?, "::notice title=sfcred::could not write the job summary")
            }
        }
    }

    fn write_one(
        &self,
        report: &Report,
        context: Context,
        out: &mut Printer<'_>,
    ) -> io::Result<()> {
        let out: &mut dyn Write = if context.format.is_plain() { out } else { out.verbatim()? };
        if self.statistics {
            report::write_statistics(report, &context, out)
        } else {
            report::write(report, &context, out)
        }
    }
}
