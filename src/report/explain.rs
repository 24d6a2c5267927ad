//! Prints the page of a rule, or of an error message of Salesforce.

use std::io;

use super::Style;
use super::sanitize::for_terminal;
use super::terminal_markdown::{bold, entry, first_sentence, plain, rendered};
use crate::check;
use crate::explain::{self, Answer, Cause, FlowFamily, Place};
use crate::rule::{FixKind, Rule};

/// Writes a rule's page.
///
/// # Errors
/// Those of `out`.
pub fn rule(rule: &Rule, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let page = rule.page();
    let fix = match page.head.fix {
        Some(FixKind::Safe) => "safe",
        Some(FixKind::Unsafe) => "unsafe",
        None => "none",
    };
    writeln!(out, "{}", bold(rule.name, style))?;
    writeln!(out, "{}, since {}, fix: {fix}\n", page.head.severity, page.head.since)?;
    writeln!(out, "{}", rendered(&page.body, style))?;
    let answers: Vec<&Answer> =
        page.head.answers.iter().filter_map(|name| explain::answer(name)).collect();
    if !answers.is_empty() {
        section("Error messages", style, out)?;
        for answer in answers {
            writeln!(
                out,
                "{}",
                entry("  - ", &format!("\"{}\" ({})", answer.head.says, answer.name), style)
            )?;
        }
    }
    references(&page.head.references, style, out)
}

/// Writes the page of an error message.
///
/// # Errors
/// Those of `out`.
pub fn answer(answer: &Answer, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}", bold(answer.name, style))?;
    writeln!(out, "{}", entry("", &format!("\"{}\"", answer.head.says), style))?;
    let places: Vec<&str> = answer.head.places.iter().map(|place| place_name(*place)).collect();
    writeln!(out, "appears in {}\n", places.join(", "))?;
    writeln!(out, "{}", rendered(answer.body, style))?;
    if !answer.head.proves.is_empty() {
        section("This error confirms", style, out)?;
        for proof in &answer.head.proves {
            writeln!(out, "{}", entry("  - ", proof, style))?;
        }
    }
    if let Some(by_flow) = &answer.head.proves_by_flow {
        let proofs = FlowFamily::ALL.into_iter().flat_map(|flow| {
            by_flow.get(flow).unwrap_or_default().iter().map(move |one| (flow, one))
        });
        let mut last = None;
        for (flow, proof) in proofs {
            if last != Some(flow) {
                section(&format!("In the {} flow, it also confirms", flow.title()), style, out)?;
                last = Some(flow);
            }
            writeln!(out, "{}", entry("  - ", proof, style))?;
        }
    }
    if !answer.head.causes.is_empty() {
        section("Causes, most likely first", style, out)?;
        for (index, cause) in answer.head.causes.iter().enumerate() {
            writeln!(
                out,
                "{}",
                entry(&format!("  {:>2}. ", index + 1), &described(cause, style), style)
            )?;
        }
    }
    references(&answer.head.references, style, out)
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::Apex => "Apex",
        Place::TokenEndpoint => "the token endpoint's response",
        Place::LoginHistory => "the login history",
        Place::Deployment => "a deployment",
        Place::Cli => "the Salesforce CLI",
    }
}

/// A rule's name with its summary. A page may name a rule that this version does not have.
fn described(cause: &Cause, style: Style) -> String {
    match cause {
        Cause::What(what) => what.clone(),
        Cause::Rule(name) => rule_with_summary(name, style)
            .unwrap_or_else(|| format!("**{name}** (not a rule of this version)")),
    }
}

/// The name of a rule with the first sentence of its summary.
pub(super) fn rule_with_summary(name: &str, style: Style) -> Option<String> {
    let summary = &check::rule(name)?.page().summary;
    Some(format!("**{name}**: {}", plain(first_sentence(summary), style.unicode)))
}

fn section(heading: &str, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "\n{}\n", bold(heading, style))
}

fn references(urls: &[String], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if urls.is_empty() {
        return Ok(());
    }
    section("References", style, out)?;
    for url in urls {
        writeln!(out, "  {}", for_terminal(url, style.unicode))?;
    }
    Ok(())
}
