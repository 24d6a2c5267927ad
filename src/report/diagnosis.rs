//! What a log came to, for people: each answer with its quote, what is right already, and the causes.

use std::io;

use super::Style;
use super::harmless::for_terminal;
use super::layout::{count, hanging, number, wrap};
use super::markdown::{bold, entry, first_sentence, plain};
use super::quote::quote;
use super::text::Quotes;
use crate::check;
use crate::diagnose::{Causes, Diagnosis, Passage, Recognised, State};
use crate::explain::{Answer, Cause, Stage};

/// The highest check: a token was issued.
const RUNGS: u8 = 9;

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
        headline(diagnosis, found, &answer, style, out)?;
        ladder(&answer, style, out)?;
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

/// What was recognised, where, and quoted.
fn headline(
    diagnosis: &Diagnosis<'_>,
    found: &Recognised,
    answer: &Answer,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(out, "{}", bold(answer.name, style))?;
    let mut place = format!("line {} of {}", number(found.passage.line as usize), diagnosis.name);
    if found.count > 1 {
        place += &format!(", {} in all", count(found.count, "time"));
    }
    if let Some(credential) = &found.credential {
        place += &format!(", about the credential `{}`", shortened(credential));
    }
    writeln!(out, "{}\n", hanging("", &for_terminal(&place, style.unicode), style.width))?;
    quoted(&found.passage, style, out)?;
    if found.is_fallback {
        let said = "the Salesforce CLI tries several pairs of login host and audience by itself, and nobody asks for this one. If other lines stand above it in the output, the first of them counts";
        writeln!(out, "{}\n", entry("note: ", said, style))?;
    }
    Ok(())
}

fn quoted(passage: &Passage, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let bar = if style.unicode { "│" } else { "|" };
    let line = passage.line.to_string();
    for (index, text) in wrap(
        &for_terminal(&quote(passage), style.unicode),
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

/// How far it got, and what that proves.
fn ladder(answer: &Answer, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let head = &answer.head;
    let stage = match (head.check, head.stage) {
        (Some(check), _) => format!("rung {check} of {RUNGS}"),
        (None, Stage::Before) => "not even begun: nothing was sent".to_owned(),
        (None, Stage::Exchange) => "the exchange had begun".to_owned(),
        (None, Stage::OtherFlow) => "another flow than JWT bearer".to_owned(),
        (None, Stage::ThirdParty) => "an identity provider other than Salesforce".to_owned(),
        (None, Stage::Deployment) => "a deployment; nothing was called".to_owned(),
    };
    let proven = if head.proves.is_empty() {
        "; nothing is proven to be right yet"
    } else {
        ". Right already, so leave it alone:"
    };
    writeln!(
        out,
        "{}",
        entry(
            &format!("{} ", bold("How far it got:", style)),
            &format!("{stage}{proven}"),
            plain_width(style)
        )
    )?;
    let sign = if style.unicode { "✓" } else { "+" };
    for proof in &head.proves {
        writeln!(out, "{}", entry(&format!("  {sign} "), proof, style))?;
    }
    writeln!(out)
}

/// The terminal's commands of a bold heading take no columns, but are counted.
fn plain_width(style: Style) -> Style {
    if style.color { Style { width: style.width + 8, ..style } } else { style }
}

/// The causes: found ones with their snippets, then what no file can show, then the rest in short.
fn ranked(
    diagnosis: &Diagnosis<'_>,
    found: &Recognised,
    causes: &Causes,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if let (Some(false), Some(credential)) = (causes.credential_known, &found.credential) {
        let said = format!(
            "no credential `{}` is in the files given, so what follows is about those that are",
            shortened(credential)
        );
        writeln!(out, "{}\n", entry("note: ", &said, style))?;
    }
    let mut number = 0;
    if let Some(report) = diagnosis.report {
        let mut quotes = Quotes::of(&report.sources);
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
                write!(out, "{number}. ")?;
                quotes.write(finding, false, style, out)?;
            }
            for finding in allowed.iter().filter_map(|finding| report.allowed.get(*finding)) {
                write!(out, "{number}. (allowed in this project) ")?;
                quotes.write(finding, false, style, out)?;
            }
        }
        if number == 0 {
            writeln!(
                out,
                "{}\n",
                entry("", "**Found in your files:** nothing that leads to this answer", style)
            )?;
        }
    }
    if causes.elsewhere > 0 {
        let said = format!(
            "{} of the same kind about other credentials; see `sfcred lint`",
            count(causes.elsewhere, "finding")
        );
        writeln!(out, "{}\n", entry("note: ", &said, style))?;
    }
    let mut steps = causes
        .ranked
        .iter()
        .filter(|ranked| matches!(ranked.state, State::NotInFiles | State::NoProject))
        .peekable();
    if steps.peek().is_some() {
        let heading = if diagnosis.report.is_some() {
            "What no file can show"
        } else {
            "Causes, the likeliest first"
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

/// What was not checked, and why, and what was.
fn in_short(causes: &Causes, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for ranked in &causes.ranked {
        let Cause::Rule(rule) = &ranked.cause else { continue };
        let reason = match ranked.state {
            State::Missing(what) => {
                format!("**Not checked**, because {what} cannot be read from the files given:")
            }
            State::Off => "**Not checked**, because the settings turn it off:".to_owned(),
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
        Cause::Rule(name) => match check::rule(name) {
            Some(rule) => format!(
                "**{name}**: {}",
                plain(first_sentence(&rule.page().summary), style.unicode)
            ),
            None => format!("**{name}**"),
        },
    }
}

fn dropped(diagnosis: &Diagnosis<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if diagnosis.reading.dropped.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", bold("Left aside", style))?;
    for dropped in &diagnosis.reading.dropped {
        let said = format!(
            "line {}, {}: the Salesforce CLI tries other pairs of login host and audience by itself after the one that was asked for; what those get says nothing",
            dropped.passage.line, dropped.answer
        );
        writeln!(out, "{}", entry("  - ", &said, style))?;
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
    writeln!(out, "{}\n", bold("Not recognised", style))?;
    writeln!(
        out,
        "{}\n",
        entry(
            "",
            "These look like errors about credentials, callouts or OAuth, and no page explains them:",
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

/// What was read and what came of it.
fn closing(diagnosis: &Diagnosis<'_>) -> String {
    let reading = &diagnosis.reading;
    let mut line = match (reading.answers.len(), reading.unrecognized.len()) {
        (0, 0) if reading.bytes == 0 => {
            format!("{} is empty: nothing to recognise", diagnosis.name)
        }
        (0, 0) => format!(
            "nothing recognised in {}: no answer of Salesforce that has a page stands in it",
            diagnosis.name
        ),
        (0, _) => format!("nothing recognised in {}", diagnosis.name),
        (answers, _) => format!("{} in {}", count(answers, "answer"), diagnosis.name),
    };
    if reading.more > 0 {
        line += &format!(" (and {} more)", number(reading.more));
    }
    match (&diagnosis.report, &diagnosis.without) {
        (Some(report), _) => {
            line += &format!(
                "; the project: {} checked, {}",
                count(report.sources.seen, "file"),
                count(report.findings.len(), "finding")
            )
        }
        (None, Some(reason)) => line += &format!("; without a project: {reason}"),
        (None, None) => {}
    }
    line
}

/// Whoever writes a log chooses how long its names are.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(80) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name.to_owned(),
    }
}
