//! The settings and files of a run: `--show-settings`, `--show-files` and `--verbose`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use clap::Args;
use serde::Serialize;

use super::progress::{Times, done};
use crate::check;
use crate::finding::Severity;
use crate::model::Requirement;
use crate::options::Options;
use crate::pipeline::Report;
use crate::report::{self, Printer, Style};
use crate::settings::FailOn;
use crate::source::{Content, FileId, LeftOut};

#[derive(Debug, Args)]
#[command(next_help_heading = "Inspect only (no checks)")]
pub(super) struct Inspect {
    /// Print the settings in effect and the origin of each, and exit
    #[arg(long, conflicts_with = "show_files")]
    pub show_settings: bool,
    /// Print each file that is read, with its kind and org, and each skipped file, and exit
    #[arg(long)]
    pub show_files: bool,
}

/// The settings in effect, as a settings file.
pub(super) fn settings(
    options: &Options,
    fail_on_given: bool,
    out: &mut Printer<'_>,
) -> io::Result<()> {
    let file = options.settings.file.as_deref();
    match file {
        Some(name) => writeln!(out, "# {name} and the command line, merged with the defaults")?,
        None => writeln!(out, "# no sfcred.toml: the command line, merged with the defaults")?,
    }
    let of_file = |key: &str| {
        if options.settings.written.contains(&key) {
            file.unwrap_or("sfcred.toml")
        } else {
            "default"
        }
    };
    let fail_on = match options.settings.fail_on {
        FailOn::Error => "error",
        FailOn::Warning => "warning",
        FailOn::Note => "note",
        FailOn::Never => "never",
    };
    line(
        out,
        &format!("fail-on = {}", quoted(fail_on)),
        if fail_on_given { "--fail-on" } else { of_file("fail-on") },
    )?;
    line(
        out,
        &format!("certificate-warning-days = {}", options.settings.certificate_warning_days),
        of_file("certificate-warning-days"),
    )?;
    writeln!(out, "\n[rules]")?;
    let mut with_default = 0;
    for rule in check::RULES.iter() {
        let default = rule.page().head.severity;
        let level = options.severity(rule.name, default);
        if level == Some(default) {
            with_default += 1;
            continue;
        }
        let by = match (options.selection.runs(rule.name), options.selection.select.is_empty()) {
            (false, true) => "--ignore",
            (false, false) => "--select, --ignore",
            (true, _) => file.unwrap_or("sfcred.toml"),
        };
        line(out, &format!("{} = {}", rule.name, quoted(level.map_or("off", Severity::name))), by)?;
    }
    writeln!(out, "# {with_default} of {} rules have their default severity", check::RULES.len())?;
    for (rule, severity) in &options.settings.custom {
        let table = match rule.demand {
            Requirement::Forbid => "forbid",
            Requirement::Require => "require",
        };
        writeln!(
            out,
            "\n[[{table}]]\ntype = {}\nfield = {}",
            quoted(&rule.type_name),
            quoted(&rule.field)
        )?;
        let pattern = rule.pattern.as_ref().map(|pattern| pattern.as_str()).map(|pattern| {
            pattern.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$")).unwrap_or(pattern)
        });
        for (key, value) in [
            ("pattern", pattern),
            ("message", rule.message.as_deref()),
            ("severity", severity.map(Severity::name)),
        ] {
            if let Some(value) = value {
                writeln!(out, "{key} = {}", quoted(value))?;
            }
        }
    }
    for allow in options.settings.allows.iter().flat_map(|allows| {
        allows.entries.iter().filter_map(|entry| allows.text.get(entry.whole.clone()))
    }) {
        writeln!(out, "\n{}", report::printable(allow))?;
    }
    for (name, table) in &options.settings.environments {
        writeln!(out, "\n[env.{}]", quoted(name))?;
        if let Some(file) = &table.file {
            writeln!(out, "file = {}", quoted(file))?;
        }
        let names: Vec<String> = table.values.keys().map(|name| report::printable(name)).collect();
        if !names.is_empty() {
            writeln!(out, "# values (hidden): {}", names.join(", "))?;
        }
    }
    Ok(())
}

fn line(out: &mut Printer<'_>, setting: &str, from: &str) -> io::Result<()> {
    writeln!(out, "{setting:<46} # {}", report::printable(from))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[derive(Serialize)]
struct FileList<'a> {
    files: Vec<FileEntry<'a>>,
    ignored: Vec<String>,
    seen: usize,
    skipped: Vec<SkippedEntry<'a>>,
    version: &'static str,
}

#[derive(Serialize)]
struct FileEntry<'a> {
    file: &'a str,
    kind: &'a str,
    note: Option<&'static str>,
    org: Option<&'a str>,
}

#[derive(Serialize)]
struct SkippedEntry<'a> {
    file: &'a str,
    reason: &'a str,
}

/// Every file of a run.
pub(super) fn files(
    report: &Report,
    json: bool,
    style: Style,
    out: &mut Printer<'_>,
) -> io::Result<()> {
    let sources = &report.sources;
    let orgs = orgs(report);
    let note = |file: FileId| match (&sources.get(file).content, sources.get(file).ignored) {
        (Content::Unreadable(_), _) => Some("unreadable"),
        (Content::Irrelevant { .. }, _) => Some("no credential metadata"),
        (_, true) => Some("in .forceignore: not checked"),
        (Content::Text(_) | Content::Binary(_), false) => None,
    };
    if json {
        let files = sources.iter().map(|(file, source)| FileEntry {
            file: &source.name,
            kind: source.kind.type_name(),
            note: note(file),
            org: orgs.get(&file).copied(),
        });
        let skipped = sources
            .skipped
            .iter()
            .map(|skipped| SkippedEntry { file: &skipped.name, reason: skipped.reason });
        let list = FileList {
            files: files.collect(),
            ignored: sources.left_out.iter().map(left_out_name).collect(),
            seen: sources.seen,
            skipped: skipped.collect(),
            version: report::VERSION,
        };
        return report::json(&list, out.verbatim()?);
    }
    let columns =
        sources.iter().map(|(_, source)| source.kind.type_name().len()).max().unwrap_or_default();
    let several = report.workspace.orgs.len() > 1;
    let widest = report
        .workspace
        .orgs
        .iter()
        .map(|org| org.name.chars().count())
        .max()
        .unwrap_or_default()
        .min(24);
    for (file, source) in sources.iter() {
        let mut line = format!("{:<columns$}  ", source.kind.type_name());
        if several {
            let _ = write!(line, "{:<widest$}  ", orgs.get(&file).copied().unwrap_or("-"));
        }
        line += &source.name;
        if let Some(note) = note(file) {
            let _ = write!(line, "  ({note})");
        }
        writeln!(out, "{}", report::line_for_terminal(&line, style))?;
    }
    for skipped in &sources.skipped {
        writeln!(
            out,
            "{}",
            report::line_for_terminal(
                &format!("{:<columns$}  {}  ({})", "skipped", skipped.name, skipped.reason),
                style
            )
        )?;
    }
    for left_out in &sources.left_out {
        let line = format!("{:<columns$}  {}  (in .gitignore)", "ignored", left_out_name(left_out));
        writeln!(out, "{}", report::line_for_terminal(&line, style))?;
    }
    writeln!(
        out,
        "{} of {} files read, {} skipped",
        sources.len(),
        sources.seen.max(sources.len()),
        sources.skipped.len()
    )
}

/// The name of what an ignore file leaves out; a folder ends with a slash.
fn left_out_name(left_out: &LeftOut) -> String {
    format!("{}{}", left_out.name, if left_out.is_folder { "/" } else { "" })
}

/// The org of each file that has one.
fn orgs(report: &Report) -> BTreeMap<FileId, &str> {
    report
        .workspace
        .orgs
        .iter()
        .flat_map(|org| org.files.iter().map(|file| (*file, org.name.as_str())))
        .collect()
}

/// The lines of `--verbose`.
pub(super) fn verbose(
    report: &Report,
    options: &Options,
    times: &Times,
    style: Style,
    err: &mut Printer<'_>,
) -> io::Result<()> {
    let sources = &report.sources;
    writeln!(
        err,
        "settings: {}",
        options
            .settings
            .file
            .as_deref()
            .map_or_else(|| "no sfcred.toml".to_owned(), report::printable)
    )?;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, source) in sources.iter() {
        *kinds.entry(source.kind.type_name()).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    writeln!(
        err,
        "files: {} of {}: {}",
        sources.len(),
        sources.seen.max(sources.len()),
        kinds.join(", ")
    )?;
    for skipped in &sources.skipped {
        writeln!(
            err,
            "skipped: {}",
            report::line_for_terminal(&format!("{} ({})", skipped.name, skipped.reason), style)
        )?;
    }
    for left_out in &sources.left_out {
        writeln!(err, "ignored: {}", report::line_for_terminal(&left_out_name(left_out), style))?;
    }
    let times: Vec<String> = times
        .iter()
        .map(|(phase, took)| format!("{} in {:.1} ms", done(*phase), took.as_secs_f64() * 1000.0))
        .collect();
    writeln!(err, "times: {}", times.join(", "))
}
