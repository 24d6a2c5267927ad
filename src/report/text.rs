//! The text report: each finding with excerpts of its places, Salesforce's error message, and help.

use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;

use super::closing::{closing, stale};
use super::headline;
use super::layout::{count, width, wrap};
use super::links::{linked, page, uri};
use super::paint::{CYAN, painted, severity};
use super::sanitize::for_terminal;
use super::snippet::{Annotation, SourceView, excerpts};
use super::terminal_markdown as markdown;
use super::unchecked::unchecked;
use super::{Context, Style};
use crate::explain::{self, Answer, Place, Stage};
use crate::finding::{Finding, Label, Severity};
use crate::mask::{FileMasks, Mask, Masker};
use crate::pipeline::Report;
use crate::source::{Content, FileId, Sources};

/// The maximum number of error messages shown with a finding; its rule's page lists all.
const ANSWERS: usize = 2;
/// The maximum number of places shown with a finding, which can have thousands; the rest is counted.
const PLACES: usize = 50;

pub(super) fn write(report: &Report, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let style = context.style;
    let mut printer = FindingPrinter::new(&report.sources);
    let mut explained = BTreeSet::new();
    let mut shown = 0;
    for finding in
        report.findings.iter().filter(|finding| !style.quiet || finding.severity == Severity::Error)
    {
        let first_of_rule = explained.insert(finding.rule);
        printer.write(finding, "", first_of_rule, style, out)?;
        shown += 1;
    }
    if style.quiet && shown == 0 {
        return Ok(());
    }
    if let Some(stale) = stale(report).filter(|_| !style.quiet) {
        for line in wrap(&for_terminal(&stale, style.unicode), style.width) {
            writeln!(out, "{line}")?;
        }
    }
    let closing = std::iter::once(closing(report));
    for text in closing.chain(unchecked(report).into_iter().filter(|_| !style.quiet)) {
        for line in wrap(&for_terminal(&text, style.unicode), style.width) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// `error[claim-missing]`.
pub(super) fn tag(level: Severity, rule: &str, style: Style) -> String {
    let tag = format!("{level}[{}]", linked(rule, &page(rule), style));
    painted(&tag, severity(level).bold(), style)
}

/// `error[claim-missing]: the message`, wrapped.
fn first_lines(finding: &Finding, prefix: &str, style: Style) -> String {
    let used = width(&format!("{prefix}{}[{}]: ", finding.severity, finding.rule));
    let message = headline::message(&finding.message, used, style);
    format!("{prefix}{}: {message}", tag(finding.severity, finding.rule, style))
}

/// Prints the findings of one run. The masks of each file are computed once.
pub(super) struct FindingPrinter<'s> {
    sources: &'s Sources,
    masker: Masker<'s>,
}

impl<'s> FindingPrinter<'s> {
    pub fn new(sources: &'s Sources) -> Self {
        FindingPrinter { sources, masker: Masker::new(sources) }
    }

    /// One finding, with a prefix such as a number. `first_of_rule` adds what the rule's page
    /// contains.
    pub fn write(
        &mut self,
        finding: &Finding,
        prefix: &str,
        first_of_rule: bool,
        style: Style,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let labels: Vec<&Label> =
            std::iter::once(&finding.primary).chain(&finding.related).take(PLACES).collect();
        let mut text = first_lines(finding, prefix, style) + "\n";
        text += &self.excerpts(&labels, finding.severity, style);
        let more = (finding.related.len() + 1).saturating_sub(PLACES) + finding.unlisted;
        if more > 0 {
            text += &format!("  and {}\n", count(more, "more place").replace('\u{a0}', " "));
        }
        for line in footer(finding, first_of_rule, style) {
            text.push_str(&line);
            text.push('\n');
        }
        writeln!(out, "{}", self.with_links(&text, &labels, style))
    }

    /// One finding on one line, with its place.
    pub fn write_line(
        &self,
        finding: &Finding,
        prefix: &str,
        style: Style,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let span = finding.primary.span;
        let source = self.sources.get(span.file);
        let line = self.sources.position(span.file, span.start).line;
        let used = width(&format!("{prefix}{}[{}]: ", finding.severity, finding.rule));
        let message = format!("{} ({}:{line})", finding.message, source.name);
        let message = headline::message(&message, used, style);
        let tag = tag(finding.severity, finding.rule, style);
        writeln!(out, "{prefix}{tag}: {message}")
    }

    /// Excerpts of the places of a finding.
    pub fn excerpts(&mut self, labels: &[&Label], severity: Severity, style: Style) -> String {
        let mut files: Vec<FileId> = Vec::new();
        for label in labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        let sources = self.sources;
        let masks: Vec<Rc<FileMasks<'_>>> =
            files.iter().map(|file| self.masker.file(*file)).collect();
        let views: Vec<SourceView<'_>> = files
            .iter()
            .zip(&masks)
            .map(|(file, masks)| view(sources, *file, &masks.masks))
            .collect();
        let annotations: Vec<Annotation> = labels
            .iter()
            .enumerate()
            .map(|(index, label)| Annotation {
                file: files.iter().position(|file| *file == label.span.file).unwrap_or_default(),
                range: label.span.range(),
                text: label.text.clone(),
                primary: index == 0,
            })
            .collect();
        excerpts(&views, &annotations, style)
            .iter()
            .map(|excerpt| excerpt.drawn(severity, style))
            .collect()
    }

    /// Links the places above the excerpts to their files, except to a file inside of a zip.
    fn with_links(&self, text: &str, labels: &[&Label], style: Style) -> String {
        let mut text = text.to_owned();
        if !style.hyperlinks {
            return text;
        }
        let files: BTreeSet<FileId> = labels.iter().map(|label| label.span.file).collect();
        for source in files.into_iter().map(|file| self.sources.get(file)) {
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
}

fn view<'a>(sources: &'a Sources, file: FileId, masks: &'a [Mask]) -> SourceView<'a> {
    let source = sources.get(file);
    let text = match &source.content {
        Content::Text(text) => Ok(text.as_str()),
        Content::Binary(_) => Err("(binary file)"),
        Content::Unreadable(_) => Err("(unreadable file)"),
        Content::Irrelevant { .. } => Err("(file without credential metadata)"),
    };
    SourceView { name: &source.name, text, masks, lines: sources.lines(file) }
}

/// The lines below the excerpts. What the rule's page contains is printed with the first finding of
/// the rule only.
fn footer(finding: &Finding, first_of_rule: bool, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if first_of_rule {
        let answers = error_messages(finding);
        lines.extend(answers.iter().map(|(heading, message)| entry(heading, message, style)));
    }
    if let Some(help) = &finding.help {
        lines.push(entry("help", help, style));
    }
    if let Some(fix) = &finding.fix {
        let how = if fix.is_safe() { "--fix" } else { "--fix --unsafe-fixes" };
        lines.push(entry("fix", &format!("{} (`{how}`)", fix.title), style));
    }
    if first_of_rule {
        lines.push(entry("more", &format!("sfcred explain {}", finding.rule), style));
    }
    lines
}

fn entry(heading: &str, text: &str, style: Style) -> String {
    let entry = markdown::entry(&format!("  {heading}: "), text, style);
    entry.replacen(heading, &painted(heading, CYAN, style), 1)
}

/// The first error messages of Salesforce that this leads to, at run time or in a deployment.
pub(super) fn error_messages(finding: &Finding) -> Vec<(String, String)> {
    let answers: Vec<&Answer> =
        finding.answers.iter().filter_map(|name| explain::answer(name)).collect();
    let deploys = answers.iter().any(|answer| appears_at_run_time(answer));
    let messages = answers.iter().filter_map(|answer| {
        heading(answer, finding.severity, deploys).map(|heading| (heading, quoted(answer)))
    });
    let mut result: Vec<(String, String)> = Vec::new();
    let mut last = "";
    for (heading, message) in messages.take(ANSWERS) {
        let shown = if heading == last {
            format!("{:>1$}", "or", heading.len())
        } else {
            heading.to_owned()
        };
        result.push((shown, message));
        last = heading;
    }
    result
}

fn appears_at_run_time(answer: &Answer) -> bool {
    answer.head.places.iter().any(|place| matches!(place, Place::Apex | Place::TokenEndpoint))
}

/// The heading of the error messages: only an error certainly leads to one. What also leads to errors
/// at run time does not certainly fail in a deployment.
fn heading(answer: &Answer, severity: Severity, deploys: bool) -> Option<&'static str> {
    let certain = severity == Severity::Error;
    if answer.head.stage == Stage::ThirdParty {
        Some(if certain { "the service says" } else { "the service may say" })
    } else if appears_at_run_time(answer) {
        Some(if certain { "Salesforce says" } else { "Salesforce may say" })
    } else if answer.head.places.contains(&Place::Deployment) {
        let certain = certain && !deploys;
        Some(if certain { "deployment fails with" } else { "deployment may fail with" })
    } else {
        None
    }
}

/// The message, preceded by the exception if it occurs only there.
fn quoted(answer: &Answer) -> String {
    let exception = if answer.head.check == Some(0) { "System.CalloutException: " } else { "" };
    format!("\"{exception}{}\"", answer.head.says)
}
