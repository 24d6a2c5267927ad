//! The report for people: each finding with the places that show it, what Salesforce will say, and what to do.

use std::collections::{BTreeSet, HashMap};
use std::io;

use super::diagnostic::Headed;
use super::harmless::{Mask, for_terminal, masks, without_commands};
use super::layout::{count, wrap};
use super::links::{linked, page, uri};
use super::markdown;
use super::snippet::{Mark, Quotable, Room, Snippets};
use super::{Context, Style};
use crate::explain::{self, Answer, Spanned};
use crate::finding::{Finding, Label, Severity};
use crate::pipeline::Report;
use crate::source::{Content, FileId, Sources};

/// Answers shown with a finding; its page lists all.
const ANSWERS: usize = 2;
/// Names of orgs in the closing line.
const ORGS: usize = 6;
/// Findings that are named where they are gone from a baseline.
const GONE: usize = 3;

pub(super) fn write(report: &Report, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let style = context.style;
    let mut quotes = Quotes::of(&report.sources);
    let mut explained = BTreeSet::new();
    let mut shown = 0;
    for finding in
        report.findings.iter().filter(|finding| !style.quiet || finding.severity == Severity::Error)
    {
        let first = explained.insert(finding.rule);
        quotes.write(finding, first, style, out)?;
        shown += 1;
    }
    if style.quiet && shown == 0 {
        return Ok(());
    }
    if let Some(gone) = gone(report).filter(|_| !style.quiet) {
        for line in wrap(&for_terminal(&gone, style.unicode), style.width) {
            writeln!(out, "{line}")?;
        }
    }
    for line in wrap(&for_terminal(&closing(report), style.unicode), style.width) {
        writeln!(out, "{}", without_commands(&line))?;
    }
    Ok(())
}

/// `error[claim-missing]`.
pub(super) fn head(severity: Severity, rule: &str, style: Style) -> String {
    let color = match severity {
        Severity::Error => "\u{1b}[1;31m",
        Severity::Warning => "\u{1b}[1;33m",
        Severity::Note => "\u{1b}[1;36m",
    };
    let head = format!("{severity}[{}]", linked(rule, &page(rule), style));
    if style.color { format!("{color}{head}\u{1b}[0m") } else { head }
}

/// The places above the snippets lead to their files, but into no zip.
fn with_links(text: &str, finding: &Finding, sources: &Sources, style: Style) -> String {
    let mut text = text.to_owned();
    if !style.hyperlinks {
        return text;
    }
    let files: BTreeSet<FileId> = std::iter::once(&finding.primary)
        .chain(&finding.related)
        .map(|label| label.span.file)
        .collect();
    for source in files.into_iter().map(|file| sources.get(file)) {
        let begin = format!("[{}:", source.name);
        let in_zip = source.path.ancestors().skip(1).any(|path| {
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
        });
        let Some(start) = text.find(&begin).filter(|_| !in_zip).map(|start| start + 1) else {
            continue;
        };
        let Some(length) = text[start..].find(']') else { continue };
        let place =
            linked(&text[start..start + length], &uri(&source.path.to_string_lossy()), style);
        text.replace_range(start..start + length, &place);
    }
    text
}

/// The sources, with what must not be shown of each, found out once.
pub(super) struct Quotes<'s> {
    sources: &'s Sources,
    masks: HashMap<FileId, Vec<Mask>>,
}

impl<'s> Quotes<'s> {
    pub fn of(sources: &'s Sources) -> Self {
        Quotes { sources, masks: HashMap::new() }
    }

    /// One finding; with what its rule's page says, where it is the rule's first.
    pub fn write(
        &mut self,
        finding: &Finding,
        first: bool,
        style: Style,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let snippets = self.snippets(finding, style);
        let mut text = format!(
            "{}\n{}",
            head(finding.severity, finding.rule, style),
            Headed::new(finding.severity, &finding.message, snippets, style).rendered(style)
        );
        for line in footer(finding, first, style) {
            text.push_str(&line);
            text.push('\n');
        }
        writeln!(out, "{}", with_links(&without_commands(&text), finding, self.sources, style))
    }

    fn snippets(&mut self, finding: &Finding, style: Style) -> Snippets {
        let labels: Vec<&Label> =
            std::iter::once(&finding.primary).chain(&finding.related).collect();
        let mut files: Vec<FileId> = Vec::new();
        for label in &labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        for file in &files {
            let sources = self.sources;
            self.masks.entry(*file).or_insert_with(|| {
                masks(
                    sources.get(*file).text(),
                    sources.concealed(*file).iter().map(|span| span.range()),
                )
            });
        }
        let quotable: Vec<Quotable<'_>> =
            files.iter().map(|file| quotable(self.sources, *file, &self.masks[file])).collect();
        let index =
            |file: FileId| files.iter().position(|known| *known == file).unwrap_or_default();
        let marks: Vec<Mark> = labels
            .iter()
            .map(|label| Mark {
                file: index(label.span.file),
                range: label.span.range(),
                text: label.text.clone(),
            })
            .collect();
        Snippets::cut(&quotable, &marks, Room { width: style.width, unicode: style.unicode })
    }
}

fn quotable<'a>(sources: &'a Sources, file: FileId, masks: &'a [Mask]) -> Quotable<'a> {
    let source = sources.get(file);
    let text = match &source.content {
        Content::Text(text) => Ok(text.as_str()),
        Content::Binary(_) => Err("(a binary file)"),
        Content::Unreadable(_) => Err("(a file that could not be read)"),
        Content::Irrelevant { .. } => Err("(a file without anything about credentials)"),
    };
    Quotable { name: &source.name, text, masks, lines: sources.lines(file) }
}

/// What stands below the snippets. What the rule's page says is said with the rule's first finding only.
fn footer(finding: &Finding, first: bool, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if first {
        lines.extend(
            said_at_run_time(finding).iter().map(|(heading, said)| entry(heading, said, style)),
        );
    }
    if let Some(help) = &finding.help {
        lines.push(entry("help", help, style));
    }
    if let Some(fix) = &finding.fix {
        lines.push(entry("fix", &fix.title, style));
    }
    if first {
        lines.push(entry("more", &format!("sfcred explain {}", finding.rule), style));
    }
    lines
}

fn entry(heading: &str, text: &str, style: Style) -> String {
    let entry = markdown::entry(&format!("  {heading}: "), text, style);
    if style.color {
        entry.replacen(heading, &format!("\u{1b}[36m{heading}\u{1b}[0m"), 1)
    } else {
        entry
    }
}

/// The first answers that a person meets at run time or in a deployment, in Salesforce's words.
fn said_at_run_time(finding: &Finding) -> Vec<(String, String)> {
    let answers = finding.answers.iter().filter_map(|name| explain::answer(name));
    let met = answers.filter_map(|answer| {
        heading(&answer, finding.severity).map(|heading| (heading, quoted(&answer)))
    });
    let mut result: Vec<(String, String)> = Vec::new();
    let mut last = "";
    for (heading, said) in met.take(ANSWERS) {
        result.push((
            if heading == last {
                format!("{:>1$}", "or", heading.len())
            } else {
                heading.to_owned()
            },
            said,
        ));
        last = heading;
    }
    result
}

/// What is no error need not fail, and then nobody says anything.
fn heading(answer: &Answer, severity: Severity) -> Option<&'static str> {
    let certain = severity == Severity::Error;
    if answer
        .head
        .places
        .iter()
        .any(|place| matches!(place, Spanned::Apex | Spanned::TokenEndpoint))
    {
        Some(if certain { "Salesforce says" } else { "Salesforce may say" })
    } else if answer.head.places.contains(&Spanned::Deployment) {
        Some(if certain { "a deployment says" } else { "a deployment may say" })
    } else {
        None
    }
}

/// The bare headline of a failed exchange is shown with the exception that carries it.
fn quoted(answer: &Answer) -> String {
    let exception = if answer.head.check == Some(0) { "System.CalloutException: " } else { "" };
    format!("\"{exception}{}\"", answer.head.says)
}

/// What was looked at and what came of it, so that silence is never mistaken for success.
pub(super) fn closing(report: &Report) -> String {
    let of = |severity: Severity| {
        report.findings.iter().filter(|finding| finding.severity == severity).count()
    };
    let orgs = &report.workspace.orgs;
    let components = orgs.iter().map(crate::model::Org::component_count).sum();
    let skipped = report.sources.skipped.len();
    let old = report.baseline.as_ref().map_or(0, |baseline| baseline.findings.len());
    let mut line = if report.findings.is_empty() {
        format!("no {}findings: ", if old > 0 { "new " } else { "" })
    } else {
        String::new()
    };
    line += &format!("checked {}", count(report.sources.seen, "file"));
    if skipped > 0 {
        line += &format!(" ({skipped} skipped)");
    }
    line += &format!(
        ", {}, {}",
        count(components, "component"),
        count(report.workspace.connections().count(), "connection")
    );
    if orgs.len() > 1 {
        let names: Vec<&str> = orgs.iter().take(ORGS).map(|org| org.name.as_str()).collect();
        let more = if orgs.len() > ORGS {
            format!(" and {} more", orgs.len() - ORGS)
        } else {
            String::new()
        };
        line += &format!(" in {} orgs ({}{more})", orgs.len(), names.join(", "));
    }
    if !report.findings.is_empty() {
        line += &format!(
            ": {}, {}, {}",
            count(of(Severity::Error), "error"),
            count(of(Severity::Warning), "warning"),
            count(of(Severity::Note), "note")
        );
    }
    if !report.allowed.is_empty() {
        line += &format!("; {} allowed", report.allowed.len());
    }
    if old > 0 {
        line += &format!("; {old} in the baseline");
    }
    let filtered = &report.filtered;
    if filtered.findings > 0 {
        line += &format!("; {} left out by {}", filtered.findings, filtered.by.join(" and "));
    }
    if let Some(environment) = &report.environment {
        line += &format!("; as deployed with {environment}");
    }
    line
}

/// What the baseline holds and nobody finds any more: good news, and a place where the next fault of its kind would hide.
fn gone(report: &Report) -> Option<String> {
    let baseline = report.baseline.as_ref().filter(|baseline| !baseline.gone.is_empty())?;
    let gone = &baseline.gone;
    let named: Vec<String> =
        gone.iter().take(GONE).map(|entry| format!("{} in {}", entry.rule, entry.file)).collect();
    let more =
        if gone.len() > GONE { format!(" and {} more", gone.len() - GONE) } else { String::new() };
    let (are, them) = if gone.len() == 1 { ("is", "it") } else { ("are", "them") };
    Some(format!(
        "{} of the baseline {are} gone ({}{more}): `sfcred lint --write-baseline {}` takes {them} out",
        count(gone.len(), "finding"),
        named.join(", "),
        baseline.name
    ))
}
