//! The diagnosis of a log as text: each error message with its quote, what it confirms, and
//! the causes.

use std::io;

use super::Style;
use super::explain::rule_with_summary;
use super::layout::{count, hanging, number, wrap};
use super::log_excerpt::excerpt;
use super::sanitize::for_terminal;
use super::terminal_markdown::{bold, entry};
use super::text::FindingPrinter;
use crate::diagnose::{Causes, Diagnosis, Excerpt, Recognized, State};
use crate::explain::{Answer, Cause, Stage};

/// The number of checks that Salesforce makes before it issues a token.
const CHECKS: u8 = 9;

pub(super) fn write(
    diagnosis: &Diagnosis<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for (index, (found, causes)) in
        diagnosis.reading.answers.iter().zip(&diagnosis.causes).enumerate()
    {
        let Some(answer) = found.page() else { continue };
        if index > 0 {
            writeln!(out, "{}\n", rule_off(style))?;
        }
        headline(diagnosis, found, answer, style, out)?;
        progress(answer, style, out)?;
        ranked(diagnosis, found, causes, style, out)?;
        writeln!(
            out,
            "{}\n",
            entry("more: ", &format!("`sfcred explain {}`", answer.name), style)
        )?;
    }
    dropped(diagnosis, style, out)?;
    unrecognized(diagnosis, style, out)?;
    for line in wrap(&for_terminal(&closing(diagnosis), style.unicode), style.width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn rule_off(style: Style) -> String {
    (if style.unicode { "─" } else { "-" }).repeat(style.width.min(80))
}

/// The name of the error message, its place in the log, and a quote.
fn headline(
    diagnosis: &Diagnosis<'_>,
    found: &Recognized,
    answer: &Answer,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(out, "{}", bold(answer.name, style))?;
    let mut place = format!("line {} of {}", number(found.excerpt.line as usize), diagnosis.name);
    if found.count > 1 {
        place += &format!(", {} in total", count(found.count, "time"));
    }
    if let Some(credential) = &found.credential {
        place += &format!(", for the credential `{}`", shortened(credential));
    }
    writeln!(out, "{}\n", hanging("", &for_terminal(&place, style.unicode), style.width))?;
    quoted(&found.excerpt, style, out)?;
    if found.is_fallback {
        let note = "the Salesforce CLI tries several pairs of login host and audience on its own, and this is not the pair that was asked for. If the output contains other errors above it, the first one is the relevant one";
        writeln!(out, "{}\n", entry("note: ", note, style))?;
    }
    Ok(())
}

fn quoted(passage: &Excerpt, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let bar = if style.unicode { "│" } else { "|" };
    let line = passage.line.to_string();
    for (index, text) in wrap(
        &for_terminal(&excerpt(passage), style.unicode),
        style.width.saturating_sub(line.len() + 5),
    )
    .iter()
    .enumerate()
    {
        let margin = if index == 0 { line.clone() } else { " ".repeat(line.len()) };
        writeln!(out, "  {margin} {bar} {text}")?;
    }
    writeln!(out)
}

/// How many checks passed, and what that confirms.
fn progress(answer: &Answer, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let head = &answer.head;
    let stage = match (head.check, head.stage) {
        (Some(passed), _) => format!("Salesforce got through {passed} of {CHECKS} checks"),
        (None, Stage::Before) => "The request was never sent".to_owned(),
        (None, Stage::Exchange) => "The token exchange had begun".to_owned(),
        (None, Stage::OtherFlow) => "This error is from a flow other than JWT bearer".to_owned(),
        (None, Stage::ThirdParty) => {
            "This error is from an identity provider other than Salesforce".to_owned()
        }
        (None, Stage::Deployment) => "A deployment failed; no callout was made".to_owned(),
    };
    let proven = if head.proves.is_empty() {
        ", so nothing is confirmed yet."
    } else {
        ". Already correct, do not change:"
    };
    writeln!(out, "{}", entry("", &format!("**{stage}**{proven}"), style))?;
    let sign = if style.unicode { "✓" } else { "+" };
    for proof in &head.proves {
        writeln!(out, "{}", entry(&format!("  {sign} "), proof, style))?;
    }
    writeln!(out)
}

/// The causes: findings with their excerpts, then what only the org shows, then the other rules in
/// short.
fn ranked(
    diagnosis: &Diagnosis<'_>,
    found: &Recognized,
    causes: &Causes,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if let (Some(false), Some(credential)) = (causes.credential_known, &found.credential) {
        let note = format!(
            "the files do not contain the credential `{}`; the causes below are for the credentials that they do contain",
            shortened(credential)
        );
        writeln!(out, "{}\n", entry("note: ", &note, style))?;
    }
    let mut number = 0;
    if let Some(report) = diagnosis.report {
        let mut printer = FindingPrinter::new(&report.sources);
        let shown = causes.ranked.iter().filter_map(|ranked| match &ranked.state {
            State::Found { findings, allowed } => Some((findings, allowed)),
            _ => None,
        });
        for (index, (findings, allowed)) in shown.enumerate() {
            if index == 0 {
                writeln!(out, "{}\n", bold("Found in your files", style))?;
            }
            number += 1;
            for finding in findings.iter().filter_map(|finding| report.findings.get(*finding)) {
                printer.write(finding, &format!("{number}. "), false, style, out)?;
            }
            for finding in allowed.iter().filter_map(|finding| report.allowed.get(*finding)) {
                let prefix = format!("{number}. (allowed in this project) ");
                printer.write(finding, &prefix, false, style, out)?;
            }
        }
        if number == 0 {
            writeln!(
                out,
                "{}\n",
                entry("", "**Found in your files:** nothing that causes this error", style)
            )?;
        }
    }
    if causes.elsewhere > 0 {
        let note = format!(
            "{} of the same rules for other credentials; see `sfcred lint`",
            count(causes.elsewhere, "finding")
        );
        writeln!(out, "{}\n", entry("note: ", &note, style))?;
    }
    let mut steps = causes
        .ranked
        .iter()
        .filter(|ranked| matches!(ranked.state, State::NotInFiles | State::NoProject))
        .peekable();
    if steps.peek().is_some() {
        let heading = if diagnosis.report.is_some() {
            "Check in the org (not visible in files)"
        } else {
            "Causes, most likely first"
        };
        writeln!(out, "{}\n", bold(heading, style))?;
        for ranked in steps {
            number += 1;
            writeln!(
                out,
                "{}",
                entry(&format!("{number:>3}. "), &step(&ranked.cause, style), style)
            )?;
        }
        writeln!(out)?;
    }
    in_short(causes, style, out)
}

/// The rules that were not checked, with the reason, and those that found nothing.
fn in_short(causes: &Causes, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for ranked in &causes.ranked {
        let Cause::Rule(rule) = &ranked.cause else { continue };
        let reason = match ranked.state {
            State::Missing(what) => {
                format!("**Not checked**, because the files do not contain {what}:")
            }
            State::Off => "**Not checked**, because the settings turn them off:".to_owned(),
            State::Clear => "**Checked and clear:**".to_owned(),
            State::Found { .. } | State::NotInFiles | State::NoProject => continue,
        };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, rules)) => rules.push(rule),
            None => reasons.push((reason, vec![rule])),
        }
    }
    for (reason, rules) in &reasons {
        writeln!(out, "{}\n", entry("", &format!("{reason} {}", rules.join(", ")), style))?;
    }
    Ok(())
}

fn step(cause: &Cause, style: Style) -> String {
    match cause {
        Cause::What(what) => what.clone(),
        Cause::Rule(name) => {
            rule_with_summary(name, style).unwrap_or_else(|| format!("**{name}**"))
        }
    }
}

fn dropped(diagnosis: &Diagnosis<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if diagnosis.reading.dropped.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", bold("Ignored", style))?;
    for dropped in &diagnosis.reading.dropped {
        let reason = format!(
            "line {}, {}: after the pair of login host and audience that was asked for, the Salesforce CLI tries other pairs; their errors are not relevant",
            dropped.excerpt.line, dropped.answer
        );
        writeln!(out, "{}", entry("  - ", &reason, style))?;
    }
    writeln!(out)
}

fn unrecognized(
    diagnosis: &Diagnosis<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let reading = &diagnosis.reading;
    if reading.unrecognized.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", bold("Not recognized", style))?;
    writeln!(
        out,
        "{}\n",
        entry(
            "",
            "These look like errors of credentials, callouts or OAuth, but sfcred does not know them:",
            style
        )
    )?;
    for passage in &reading.unrecognized {
        quoted(passage, style, out)?;
    }
    if reading.more_unrecognized > 0 {
        writeln!(out, "{} more\n", number(reading.more_unrecognized))?;
    }
    Ok(())
}

/// What was read, and the result.
fn closing(diagnosis: &Diagnosis<'_>) -> String {
    let reading = &diagnosis.reading;
    let mut line = match (reading.answers.len(), reading.unrecognized.len()) {
        (0, 0) if reading.bytes == 0 => {
            format!("Nothing to diagnose: {} is empty", diagnosis.name)
        }
        (0, _) => format!("No known Salesforce error found in {}", diagnosis.name),
        (errors, _) => {
            format!("Found {} in {}", count(errors, "known Salesforce error"), diagnosis.name)
        }
    };
    if reading.more > 0 {
        line += &format!(" (and {} more)", number(reading.more));
    }
    match (&diagnosis.report, &diagnosis.without) {
        (Some(report), _) => {
            line += &format!(
                ". Project: {}, {}",
                count(report.sources.seen, "file"),
                count(report.findings.len(), "finding")
            );
            if !report.findings.is_empty() {
                line += " (see `sfcred lint`)";
            }
        }
        (None, Some(reason)) => line += &format!(". No project: {reason}"),
        (None, None) => {}
    }
    line + "."
}

/// A name from a log can have any length.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(80) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name.to_owned(),
    }
}
