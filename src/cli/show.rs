//! What a run would go by and what it would read: `--show-settings`, `--show-files`, and what `--verbose` adds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use clap::Args;

use super::watch::{Times, done};
use crate::check;
use crate::finding::Severity;
use crate::model::Requirement;
use crate::pipeline::Report;
use crate::report::{self, Style};
use crate::settings::{FailOn, Settings};
use crate::source::{Content, FileId};

#[derive(Debug, Args)]
#[command(next_help_heading = "Looking without judging")]
pub(super) struct Show {
    /// Print the settings in effect, each with where it comes from, and stop
    #[arg(long, conflicts_with = "show_files")]
    pub show_settings: bool,
    /// Print each file that is read, with its kind and org, and each that is skipped, and stop
    #[arg(long)]
    pub show_files: bool,
}

/// The settings in effect, as a settings file.
pub(super) fn settings(
    settings: &Settings,
    fail_on_typed: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let file = settings.file.as_deref();
    match file {
        Some(name) => {
            writeln!(out, "# what {name} and the command line say, laid over the defaults")?
        }
        None => writeln!(out, "# no sfcred.toml: the defaults, and what the command line says")?,
    }
    let of_file = |key: &str| {
        if settings.written.contains(&key) { file.unwrap_or("sfcred.toml") } else { "default" }
    };
    let fail_on = match settings.fail_on {
        FailOn::Error => "error",
        FailOn::Warning => "warning",
        FailOn::Note => "note",
        FailOn::Never => "never",
    };
    line(
        out,
        &format!("fail-on = {}", quoted(fail_on)),
        if fail_on_typed { "--fail-on" } else { of_file("fail-on") },
    )?;
    line(
        out,
        &format!("certificate-warning-days = {}", settings.certificate_warning_days),
        of_file("certificate-warning-days"),
    )?;
    writeln!(out, "\n[rules]")?;
    let mut as_paged = 0;
    for rule in check::RULES.iter() {
        let own = rule.page().head.severity;
        let level = settings.severity(rule.name, own);
        if level == Some(own) {
            as_paged += 1;
            continue;
        }
        let by = match (settings.selection.runs(rule.name), settings.selection.select.is_empty()) {
            (false, true) => "--ignore",
            (false, false) => "--select, --ignore",
            (true, _) => file.unwrap_or("sfcred.toml"),
        };
        line(out, &format!("{} = {}", rule.name, quoted(level.map_or("off", Severity::name))), by)?;
    }
    writeln!(out, "# {as_paged} of {} rules have the severity of their page", check::RULES.len())?;
    for (rule, severity) in &settings.custom {
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
    for allow in settings.allows.iter().flat_map(|allows| {
        allows.entries.iter().filter_map(|entry| allows.text.get(entry.whole.clone()))
    }) {
        writeln!(out, "\n{}", report::printable(allow))?;
    }
    for (name, table) in &settings.environments {
        writeln!(out, "\n[env.{}]", quoted(name))?;
        if let Some(file) = &table.file {
            writeln!(out, "file = {}", quoted(file))?;
        }
        let names: Vec<String> = table.values.keys().map(|name| report::printable(name)).collect();
        if !names.is_empty() {
            writeln!(out, "# values, which are not shown: {}", names.join(", "))?;
        }
    }
    Ok(())
}

fn line(out: &mut dyn Write, setting: &str, from: &str) -> io::Result<()> {
    writeln!(out, "{setting:<46} # {}", report::printable(from))
}

/// As TOML writes a text.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Every file of a run.
pub(super) fn files(
    report: &Report,
    json: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let sources = &report.sources;
    let orgs = orgs(report);
    let note = |file: FileId| match (&sources.get(file).content, sources.get(file).ignored) {
        (Content::Unreadable(_), _) => Some("cannot be read"),
        (Content::Irrelevant { .. }, _) => Some("nothing about credentials"),
        (_, true) => Some("named by .forceignore: not judged"),
        (Content::Text(_) | Content::Binary(_), false) => None,
    };
    if json {
        let entries: Vec<_> =
            sources.iter().map(|(file, source)| serde_json::json!({ "file": source.name, "kind": source.kind.type_name(), "org": orgs.get(&file), "note": note(file) })).collect();
        let skipped: Vec<_> = sources
            .skipped
            .iter()
            .map(|skipped| serde_json::json!({ "file": skipped.name, "reason": skipped.reason }))
            .collect();
        return report::json_value(
            &serde_json::json!({ "version": report::VERSION, "files": entries, "skipped": skipped, "seen": sources.seen }),
            out,
        );
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
    writeln!(
        out,
        "{} of {} files are read, {} skipped",
        sources.len(),
        sources.seen.max(sources.len()),
        sources.skipped.len()
    )
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

/// What `--verbose` adds, for people.
pub(super) fn verbose(
    report: &Report,
    settings: &Settings,
    times: &Times,
    style: Style,
    err: &mut dyn Write,
) -> io::Result<()> {
    let sources = &report.sources;
    writeln!(
        err,
        "settings: {}",
        settings.file.as_deref().map_or_else(|| "no sfcred.toml".to_owned(), report::printable)
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
    let times: Vec<String> = times
        .iter()
        .map(|(phase, took)| format!("{} in {:.1} ms", done(*phase), took.as_secs_f64() * 1000.0))
        .collect();
    writeln!(err, "times: {}", times.join(", "))
}
