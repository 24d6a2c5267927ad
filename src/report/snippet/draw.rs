//! Draws an excerpt with miette.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use crate::finding::Severity;
use crate::report::Style;

/// Lines of one file, masked and cropped, with labels.
#[derive(Debug)]
pub struct Excerpt {
    /// `path:line:column` of the first label, or the path alone if the file has no text.
    pub title: String,
    /// Without a line break at the end.
    pub text: String,
    /// 0 for the first.
    pub first_line: usize,
    /// Sorted; the ranges are bytes of `text`.
    pub labels: Vec<LabeledSpan>,
}

impl Excerpt {
    /// Ends with a line break.
    pub fn drawn(&self, severity: Severity, style: Style) -> String {
        let mut drawn = String::new();
        // Writing to a string cannot fail, and every label is inside of the text.
        let _ = handler(&self.labels, severity, style).render_report(&mut drawn, self);
        // The first line is for the message of the diagnostic, which the headline above contains.
        drawn.split_once('\n').map(|(_, excerpt)| excerpt.to_owned()).unwrap_or_default()
    }
}

/// The text is wrapped and the place is named before miette gets it. The primary label has the
/// color of the severity.
fn handler(labels: &[LabeledSpan], severity: Severity, style: Style) -> GraphicalReportHandler {
    let mut styles = if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let primary = match severity {
        Severity::Error => styles.error,
        Severity::Warning => styles.warning,
        Severity::Note => styles.advice,
    };
    if let Some(secondary) = styles.highlights.first().copied() {
        styles.highlights =
            labels.iter().map(|label| if label.primary() { primary } else { secondary }).collect();
    }
    let characters =
        if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(style.width)
        .with_links(false)
        .with_wrap_lines(false)
        .without_primary_span_start()
        .without_cause_chain()
        .without_syntax_highlighting()
        .with_context_lines(0)
}

impl Diagnostic for Excerpt {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Excerpt {}

impl SourceCode for Excerpt {
    /// Returns the whole excerpt for every span, because it is already cropped.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        Ok(Box::new(MietteSpanContents::new_named(
            self.title.clone(),
            self.text.as_bytes(),
            SourceSpan::new(0.into(), self.text.len()),
            self.first_line,
            0,
            self.text.matches('\n').count() + 1,
        )))
    }
}
