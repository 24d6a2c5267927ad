//! Where reports go, and in which form: one to standard output, any number into files.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Failure, Machine};
use crate::atomic_write;
use crate::discover::normalized;
use crate::error::{Error, shown};
use crate::pipeline::Report;
use crate::report::{self, Context, Format, Style};

#[derive(Debug, Args)]
pub(super) struct Output {
    /// The form of the report [default: text]
    #[arg(long, value_enum, value_name = "NAME", hide_possible_values = true, conflicts_with = "outputs", long_help = FORMATS)]
    format: Option<Format>,
    /// A form and the file it goes to; without a file, to standard output. Can be given several times
    #[arg(short = 'o', long = "output", value_name = "NAME[=FILE]", value_parser = target)]
    outputs: Vec<Target>,
    /// Count what each rule found instead of showing it (text and JSON)
    #[arg(long)]
    statistics: bool,
    /// Show errors only, and nothing if there are none (text and compact)
    #[arg(short, long)]
    pub quiet: bool,
}

const FORMATS: &str = "\
The form of the report [default: text]

  text        for people: places, what Salesforce will say, what to do
  compact     one line a finding: path:line:column: error[rule] message
  json        for machines; its schema is in the folder `schemas` of the source
  jsonl       JSON lines: one finding a line, the last line is the summary
  sarif       SARIF 2.1.0, for GitHub code scanning and other viewers
  junit       JUnit XML: each finding is a failed test
  github      GitHub Actions: annotations, and a job summary
  gitlab      GitLab: a Code Quality report
  checkstyle  Checkstyle XML, for Jenkins, reviewdog and others
  azure       Azure Pipelines: issues of the build
  markdown    for the comment of a pull request
  csv         a table for spreadsheets";

/// One `-o`.
#[derive(Clone, Debug)]
struct Target {
    format: Format,
    /// `None` for standard output.
    file: Option<PathBuf>,
}

fn target(text: &str) -> Result<Target, String> {
    let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
    let Ok(format) = Format::from_str(name, false) else {
        let names: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        return Err(format!(
            "`{name}` is no format; write NAME or NAME=FILE, where NAME is one of {}",
            names.join(", ")
        ));
    };
    match file {
        Some("") => Err(format!(
            "`{name}=` names no file; write `{name}=report.txt`, or `{name}` for standard output"
        )),
        file => Ok(Target { format, file: file.map(PathBuf::from) }),
    }
}

/// The reports of a run, known to be possible as far as that can be known before.
pub(super) struct Reports {
    to_stdout: Option<Format>,
    to_files: Vec<(Format, PathBuf)>,
    statistics: bool,
}

impl Output {
    /// Looks whether everything can be written, before anything is read.
    pub fn reports(&self, machine: &Machine<'_>) -> Result<Reports, Failure> {
        let to_stdout: Vec<Format> = self
            .outputs
            .iter()
            .filter(|output| output.file.is_none())
            .map(|output| output.format)
            .collect();
        if to_stdout.len() > 1 {
            let hint = "give all but one a file, as in `-o text -o sarif=out.sarif`";
            return Err(Error::Usage {
                message: "only one report can go to standard output".into(),
                hint: hint.into(),
            }
            .into());
        }
        let mut to_files: Vec<(Format, PathBuf)> = Vec::new();
        for output in &self.outputs {
            let Some(file) = &output.file else { continue };
            let path = normalized(&machine.working_directory.join(file));
            if to_files.iter().any(|(_, known)| *known == path) {
                let message = format!("two reports would be written to `{}`", shown(file));
                return Err(Error::Usage {
                    message,
                    hint: "give each report a file of its own".into(),
                }
                .into());
            }
            atomic_write::writable(&path)?;
            to_files.push((output.format, path));
        }
        let to_stdout = if self.outputs.is_empty() {
            Some(self.format.unwrap_or(Format::Text))
        } else {
            to_stdout.first().copied()
        };
        Ok(Reports { to_stdout, to_files, statistics: self.statistics })
    }
}

impl Reports {
    /// Whether standard output is for machines.
    pub fn is_json(&self) -> bool {
        self.to_stdout == Some(Format::Json)
    }

    /// Writes the files first: they stay when the reader of standard output goes away.
    pub fn write(
        &self,
        report: &Report,
        machine: &Machine<'_>,
        style: Style,
        out: &mut dyn Write,
    ) -> Result<io::Result<()>, Failure> {
        let plain = Style { color: false, hyperlinks: false, ..style };
        for (format, path) in &self.to_files {
            let mut bytes = Vec::new();
            self.one(report, Context { format: *format, style: plain }, &mut bytes)?;
            atomic_write::write_atomically(path, &bytes)?;
        }
        Ok(self.to_stdout(report, machine, style, out))
    }

    fn to_stdout(
        &self,
        report: &Report,
        machine: &Machine<'_>,
        style: Style,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(format) = self.to_stdout else { return Ok(()) };
        self.one(report, Context { format, style }, out)?;
        if format != Format::Github {
            return Ok(());
        }
        let Some(file) = machine.variable("GITHUB_STEP_SUMMARY") else { return Ok(()) };
        let mut summary = Vec::new();
        report::write(report, &Context { format: Format::Markdown, style }, &mut summary)?;
        match atomic_write::append(&machine.working_directory.join(file), &summary) {
            Ok(()) => Ok(()),
            // The annotations are there: no reason to call the run a failure.
            Err(_) => writeln!(out, "::notice title=sfcred::the job summary could not be written"),
        }
    }

    fn one(&self, report: &Report, context: Context, out: &mut dyn Write) -> io::Result<()> {
        if self.statistics {
            report::write_statistics(report, &context, out)
        } else {
            report::write(report, &context, out)
        }
    }
}
