//! The diagnosis of a log as text: each error message with its quote, what it confirms, and
//! the causes.

use std::io;

use super::Style;
use super::explain::rule_with_summary;
use super::layout::{count, hanging, number, wrap};
use super::log_excerpt::excerpt;
use super::sanitize::for_terminal;
use super::terminal_markdown::{bold, entry, rendered};
use super::text::FindingPrinter;
use crate::check;
use crate::diagnose::{Causes, Diagnosis, Excerpt, Ranked, Reason, Recognized, State};
use crate::explain::{Answer, Cause, Stage};
use crate::pipeline::Report;

/// The number of checks that Salesforce makes before it issues a token.
const CHECKS: u8 = 9;

/// Causes found in the files that are shown with excerpts; of the rest, one line each.
const SHOWN_IN_FULL: usize = 5;
/// Rules that are listed as causes if there is no project.
const RULES_WITHOUT_PROJECT: usize = 8;
/// Categories of rules that make sense only with files: a reader cannot look for their faults in Setup.
const ABOUT_FILES: [&str; 3] = ["project", "run", "secrets"];

pub(super) fn write(
    diagnosis: &Diagnosis<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for index in 0..diagnosis.reading.answers.len() {
        write_answer(diagnosis, index, style, out)?;
    }
    write_end(diagnosis, style, out)
}

/// One answer with its causes.
pub(super) fn write_answer(
    diagnosis: &Diagnosis<'_>,
    index: usize,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (Some(found), Some(causes)) =
        (diagnosis.reading.answers.get(index), diagnosis.causes.get(index))
    else {
        return Ok(());
    };
    let Some(answer) = found.page() else { return Ok(()) };
    if index > 0 {
        writeln!(out, "{}\n", rule_off(style))?;
    }
    headline(diagnosis, found, answer, style, out)?;
    progress(answer, causes, style, out)?;
    ranked(diagnosis, found, answer, causes, style, out)?;
    let more = format!("`sfcred explain {}`", answer.name);
    writeln!(out, "{}\n", entry("more: ", &more, style))
}

/// What is known at the end of the log.
pub(super) fn write_end(
    diagnosis: &Diagnosis<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    logins(diagnosis, style, out)?;
    repeated(diagnosis, style, out)?;
    dropped(diagnosis, style, out)?;
    transport(diagnosis, style, out)?;
    unrecognized(diagnosis, style, out)?;
    for line in wrap(&for_terminal(&closing(diagnosis), style.unicode), style.width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The failed logins at the orgs that answered.
fn logins(diagnosis: &Diagnosis<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for (login, answer) in &diagnosis.logins {
        let application = login.application.as_ref();
        let application = application.map_or_else(String::new, |name| format!(" by `{name}`"));
        let means = answer.map_or_else(String::new, |answer| format!(" ({})", answer.name));
        let text =
            format!("{}, `{}`{application}: {}{means}", login.time, login.username, login.status);
        writeln!(out, "{}", entry(&format!("failed login at {}: ", login.org), &text, style))?;
    }
    if !diagnosis.logins.is_empty() {
        writeln!(out)?;
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
    if found.count > 1 && !diagnosis.streamed {
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

/// How far Salesforce got, and what that confirms.
fn progress(
    answer: &Answer,
    causes: &Causes,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let head = &answer.head;
    let stage = match (head.stage, head.check) {
        (Stage::Exchange, Some(passed)) if head.is_jwt_bearer(&causes.flows) => {
            format!("Salesforce got through {passed} of {CHECKS} checks")
        }
        (Stage::Exchange, Some(check)) if check == CHECKS => {
            "The API refused the request, or another server answered it".to_owned()
        }
        (Stage::Exchange | Stage::OtherFlow, _) => match causes.flows.as_slice() {
            [flow] => format!("The login in the {} flow was refused", flow.title()),
            _ => "A login or token request was refused".to_owned(),
        },
        (Stage::Before, _) => "The request was never sent".to_owned(),
        (Stage::ThirdParty, _) => {
            "This error is from an identity provider other than Salesforce".to_owned()
        }
        (Stage::Deployment, _) => "A deployment failed; no callout was made".to_owned(),
    };
    let proofs = head.proofs(&causes.flows);
    let proven = if proofs.is_empty() {
        ", so nothing is confirmed yet."
    } else {
        ". Already correct, do not change:"
    };
    writeln!(out, "{}", entry("", &format!("**{stage}**{proven}"), style))?;
    let sign = if style.unicode { "✓" } else { "+" };
    for proof in &proofs {
        writeln!(out, "{}", entry(&format!("  {sign} "), proof, style))?;
    }
    if proves_more_in_one_flow(answer, causes) {
        let note = "the log does not show which flow was used. If you name the credential with `--named-credential` and add its project, more may be confirmed";
        writeln!(out, "{}", entry("  note: ", note, style))?;
    }
    writeln!(out)
}

/// Whether the flow is open, and the answer would prove more if it were known.
fn proves_more_in_one_flow(answer: &Answer, causes: &Causes) -> bool {
    let known = answer.head.proofs(&causes.flows).len();
    causes.flows.len() > 1
        && causes.flows.iter().any(|flow| answer.head.proofs(&[*flow]).len() > known)
}

/// The causes: findings with their excerpts, then what only the org shows, then the other rules in
/// short.
fn ranked(
    diagnosis: &Diagnosis<'_>,
    found: &Recognized,
    answer: &Answer,
    causes: &Causes,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let is_elsewhere = causes.credential_known == Some(false);
    if let (true, Some(credential)) = (is_elsewhere, &found.credential) {
        let note = format!(
            "the files do not contain the credential `{}`, so the causes below are those of the page, and none was checked; add the folder that contains it",
            shortened(credential)
        );
        writeln!(out, "{}\n", entry("note: ", &note, style))?;
    }
    let mut number = 0;
    if let Some(report) = diagnosis.report.filter(|_| !is_elsewhere) {
        number = found_in_files(diagnosis, report, causes, style, out)?;
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
    if let Some(report) = diagnosis.report {
        others(diagnosis, report, causes, style, out)?;
    }
    let nothing_found = number == 0;
    let (steps, more) = steps(diagnosis, causes);
    if !steps.is_empty() {
        let heading = if diagnosis.report.is_some() && !is_elsewhere {
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
        if more > 0 {
            let text = format!("and {} that only the files show", count(more, "cause"));
            writeln!(out, "{}", entry("     ", &text, style))?;
        }
        writeln!(out)?;
    }
    in_short(causes, style, out)?;
    if let Some(advice) = answer.steps().filter(|_| nothing_found) {
        writeln!(out, "{}\n", bold("What to do", style))?;
        if causes.ranked.iter().any(|ranked| ranked.state == State::Clear) {
            let note = "the rules listed as checked and clear found no fault in your files; check the rest first, and whether the org has what the files say";
            writeln!(out, "{}\n", entry("note: ", note, style))?;
        }
        writeln!(out, "{}\n", rendered(advice, style))?;
    }
    Ok(())
}

/// Findings that stop the callout, but are not known to cause this error.
fn others(
    diagnosis: &Diagnosis<'_>,
    report: &Report,
    causes: &Causes,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if causes.other_findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", bold("Other findings that can stop this callout", style))?;
    let printer = FindingPrinter::new(&report.sources);
    let shown = if diagnosis.all { usize::MAX } else { SHOWN_IN_FULL };
    for index in causes.other_findings.iter().take(shown) {
        if let Some(finding) = report.findings.get(*index) {
            printer.write_line(finding, "  - ", style, out)?;
        }
    }
    let more = causes.other_findings.len().saturating_sub(shown);
    if more > 0 {
        writeln!(
            out,
            "{}",
            entry("    ", &format!("and {} more; `--all` shows them", number(more)), style)
        )?;
    }
    let note = "their documented errors are different from this one; fix them as well, before you look further";
    writeln!(out, "\n{}\n", entry("note: ", note, style))
}

/// The findings: the first ones with excerpts, the rest in one line each. Returns the number of causes.
fn found_in_files(
    diagnosis: &Diagnosis<'_>,
    report: &Report,
    causes: &Causes,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<usize> {
    let mut printer = FindingPrinter::new(&report.sources);
    let (mut number, mut shown, mut shortened) = (0, 0, 0);
    for ranked in &causes.ranked {
        let State::Found { findings, allowed } = &ranked.state else { continue };
        if number == 0 {
            writeln!(out, "{}\n", bold("Found in your files", style))?;
        }
        number += 1;
        let reported = findings.iter().filter_map(|index| report.findings.get(*index));
        let allowed = allowed.iter().filter_map(|index| report.allowed.get(*index));
        let all = reported
            .map(|finding| (finding, format!("{number}. ")))
            .chain(allowed.map(|one| (one, format!("{number}. (allowed in this project) "))));
        for (finding, prefix) in all {
            if diagnosis.all || shown < SHOWN_IN_FULL {
                printer.write(finding, &prefix, false, style, out)?;
                shown += 1;
            } else {
                printer.write_line(finding, &prefix, style, out)?;
                shortened += 1;
            }
        }
    }
    if shortened > 0 {
        let note = format!(
            "{} in one line each; `--all` shows them with excerpts",
            count(shortened, "more finding")
        );
        writeln!(out, "\n{}\n", entry("note: ", &note, style))?;
    }
    Ok(number)
}

/// The causes that a person checks, and how many more there are that only files show.
fn steps<'c>(diagnosis: &Diagnosis<'_>, causes: &'c Causes) -> (Vec<&'c Ranked>, usize) {
    let (mut steps, mut rules, mut more) = (Vec::new(), 0, 0);
    for ranked in &causes.ranked {
        match (&ranked.state, &ranked.cause) {
            (State::NotInFiles, _) => steps.push(ranked),
            (State::NotChecked(Reason::NoProject | Reason::OtherCredential), Cause::Rule(name)) => {
                let makes_sense =
                    check::rule(name).is_some_and(|rule| !ABOUT_FILES.contains(&rule.category));
                if diagnosis.all || (makes_sense && rules < RULES_WITHOUT_PROJECT) {
                    steps.push(ranked);
                    rules += 1;
                } else {
                    more += 1;
                }
            }
            _ => {}
        }
    }
    (steps, more)
}

/// The rules that were not checked, with the reason, and those that found nothing.
fn in_short(causes: &Causes, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for ranked in &causes.ranked {
        let Cause::Rule(rule) = &ranked.cause else { continue };
        let reason = match ranked.state {
            State::NotChecked(Reason::Missing(what)) => {
                format!("**Not checked**, because the files do not contain {what}:")
            }
            State::NotChecked(Reason::Off) => {
                "**Not checked**, because the settings turn them off:".to_owned()
            }
            State::NotChecked(Reason::OtherFlow) => {
                "**Not checked**, because they judge credentials with another flow:".to_owned()
            }
            State::NotChecked(Reason::NoRule) => {
                "**Not checked**, because this version does not have these rules:".to_owned()
            }
            State::Clear => "**Checked and clear:**".to_owned(),
            State::Found { .. }
            | State::NotInFiles
            | State::NotChecked(Reason::NoProject | Reason::OtherCredential) => continue,
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

/// How often the answers that are already shown occurred.
fn repeated(diagnosis: &Diagnosis<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut repeated = diagnosis.reading.answers.iter().filter(|found| found.count > 1).peekable();
    if !diagnosis.streamed || repeated.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "{}\n", bold("Repeated", style))?;
    for found in repeated {
        let text = format!("{}: {} in total", found.answer, count(found.count, "time"));
        writeln!(out, "{}", entry("  - ", &text, style))?;
    }
    writeln!(out)
}

/// Results of the connection, as opposed to error messages of Salesforce.
fn transport(diagnosis: &Diagnosis<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if diagnosis.reading.transport.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", bold("Recognized, but not an error message of Salesforce", style))?;
    for found in &diagnosis.reading.transport {
        let times = if found.count > 1 {
            format!(" ({})", count(found.count, "time"))
        } else {
            String::new()
        };
        let text = format!("line {}{times}: {}", found.line, found.kind.meaning());
        writeln!(out, "{}", entry("  - ", &text, style))?;
    }
    writeln!(out)
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
