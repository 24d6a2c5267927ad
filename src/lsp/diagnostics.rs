//! Findings, and mistakes in settings and descriptions, as diagnostics of each file.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gen_lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, Range, Uri,
};

use super::place::{Encoding, Lines, uri};
use super::project::{Mistakes, Project};
use crate::check;
use crate::finding::{Finding, Label, Severity};
use crate::mask::{self, HiddenValues, Notation};
use crate::report;
use crate::rule::Tag;
use crate::source::{FileId, Sources, Span};

/// The diagnostics of each file that has some.
pub type Diagnostics = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// Mistakes of a file that are reported, as on the command line.
const MAX_MISTAKES: usize = 100;

/// Converts places in the files of a run.
pub struct Places<'a> {
    sources: &'a Sources,
    encoding: Encoding,
    lines: HashMap<FileId, Rc<Lines>>,
}

impl<'a> Places<'a> {
    pub fn new(sources: &'a Sources, encoding: Encoding) -> Places<'a> {
        Places { sources, encoding, lines: HashMap::new() }
    }

    pub fn lines(&mut self, file: FileId) -> Rc<Lines> {
        let new = || Rc::new(Lines::new(self.sources.get(file).text(), self.encoding));
        Rc::clone(self.lines.entry(file).or_insert_with(new))
    }

    pub fn range(&mut self, span: Span) -> Range {
        self.lines(span.file).range(self.sources.get(span.file).text(), span.range())
    }

    pub fn location(&mut self, span: Span) -> Location {
        let path = &self.sources.get(span.file).path;
        match archive(path) {
            Some(archive) => Location::new(Uri(uri(archive)), Range::default()),
            None => Location::new(Uri(uri(path)), self.range(span)),
        }
    }
}

/// The zip that a file is in, which is all that an editor can open of it.
fn archive(path: &Path) -> Option<&Path> {
    let is_zip = |path: &&Path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
    path.ancestors().skip(1).find(is_zip)
}

/// All diagnostics of a project.
pub fn diagnostics(project: &Project, encoding: Encoding) -> Diagnostics {
    let mut all = Diagnostics::new();
    if let Some(run) = &project.run {
        let sources = &run.report.sources;
        let mut places = Places::new(sources, encoding);
        for finding in &run.report.findings {
            let path = &sources.get(finding.primary.span.file).path;
            let diagnostic = diagnostic(finding, &mut places);
            all.entry(archive(path).unwrap_or(path).to_owned()).or_default().push(diagnostic);
        }
    }
    for mistakes in &project.mistakes {
        // The findings are those of an older version of this file.
        all.insert(mistakes.path.clone(), of_mistakes(mistakes, encoding));
    }
    all
}

/// One finding.
pub fn diagnostic(finding: &Finding, places: &mut Places<'_>) -> Diagnostic {
    let location = places.location(finding.primary.span);
    let mut message = mask::text(&finding.message).into_owned();
    if let Some(help) = &finding.help {
        message += &format!("\nhelp: {}", mask::text(help));
    }
    let mut related = |label: &Label| {
        let text = if label.text.is_empty() { "see here" } else { &label.text };
        let text = mask::text(text).into_owned();
        DiagnosticRelatedInformation::new(places.location(label.span), text)
    };
    let related: Vec<_> = finding.related.iter().map(&mut related).collect();
    let tag = check::rule(finding.rule).and_then(|rule| rule.page().head.tag);
    let tag = tag.map(|tag| match tag {
        Tag::Unnecessary => DiagnosticTag::Unnecessary,
        Tag::Deprecated => DiagnosticTag::Deprecated,
    });
    Diagnostic {
        range: location.range,
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Note => DiagnosticSeverity::Information,
        }),
        code: Some(finding.rule.to_owned().into()),
        code_description: Some(CodeDescription::new(Uri(report::page_address(finding.rule)))),
        source: Some("sfcred".to_owned()),
        message: message.into(),
        tags: tag.map(|tag| vec![tag]),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

fn of_mistakes(found: &Mistakes, encoding: Encoding) -> Vec<Diagnostic> {
    let text = found.text.as_str();
    let (masks, lines) = (mask::masks(Notation::Keyed, text, []), Lines::new(text, encoding));
    let values = HiddenValues::new(text, &masks);
    let diagnostic = |mistake: &crate::error::Mistake| {
        let mut message = values.masked(&mistake.message).into_owned();
        if let Some(help) = &mistake.help {
            message += &format!("\nhelp: {}", values.masked(help));
        }
        let related = mistake.related.as_ref().map(|(start, end, label)| {
            let location = Location::new(Uri(uri(&found.path)), lines.range(text, *start..*end));
            vec![DiagnosticRelatedInformation::new(location, values.masked(label).into_owned())]
        });
        Diagnostic {
            range: lines.range(text, mistake.start..mistake.end),
            severity: Some(DiagnosticSeverity::Error),
            source: Some("sfcred".to_owned()),
            message: message.into(),
            related_information: related,
            ..Diagnostic::default()
        }
    };
    found.mistakes.iter().take(MAX_MISTAKES).map(diagnostic).collect()
}
