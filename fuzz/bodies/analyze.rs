//! What must hold of every run, whatever the bytes were.

use sfcred::internals::autofix::edits::{apply, changes};
use sfcred::internals::diagnose::Diagnosis;
use sfcred::internals::error::{ConfigError, Error};
use sfcred::internals::pipeline::Report;
use sfcred::internals::report::{self, Context, Format, Style, TraceFormat};
use sfcred::internals::source::{Sources, Span};
use sfcred::internals::trace::trace;

const STYLE: Style =
    Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };

/// A run came to its end.
pub fn report(report: &Report, sound: bool) {
    let sources = &report.sources;
    for finding in report.findings.iter().chain(&report.allowed) {
        lies_in_its_file(finding.primary.span, sources, finding.rule);
        finding
            .related
            .iter()
            .for_each(|label| lies_in_its_file(label.span, sources, finding.rule));
        let Some(fix) = &finding.fix else { continue };
        let changes = changes(fix, sources);
        for change in &changes {
            lies_in_its_file(change.span, sources, finding.rule);
            apply(change.span.file, sources.get(change.span.file).text(), &changes);
        }
    }
    if sound {
        let found = report.findings.iter().any(|finding| {
            finding.component.name == "Broken" && finding.rule == "flow-variant-missing"
        });
        assert!(found, "what is wrong with another file is lost");
    }
    let secrets = secrets(sources);
    let hides = |text: &str| {
        is_harmless(text);
        if let Some(secret) = secrets.iter().find(|secret| text.contains(**secret)) {
            panic!("a secret of {} bytes is shown", secret.len());
        }
    };
    for (format, text) in outputs(report) {
        hides(&text);
        if format == Some(Format::Json) {
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let count = value["findings"].as_array().map(Vec::len);
            assert_eq!(count, Some(report.findings.len()));
        }
    }
}

/// All reports of a run, with the format of those of the findings. The others are traces.
fn outputs(report: &Report) -> impl Iterator<Item = (Option<Format>, String)> {
    let text = |printed: Vec<u8>| String::from_utf8(printed).expect("a report is text");
    let traces = trace(report, None).ok();
    let traces = TraceFormat::all().iter().filter_map(move |&format| {
        let mut printed = Vec::new();
        report::traces(report, traces.as_deref()?, true, format, STYLE, &mut printed)
            .expect("memory takes everything");
        Some((None, text(printed)))
    });
    let styles = Format::all().iter().map(|format| (*format, STYLE));
    let findings = styles.chain([(Format::Text, Style { unicode: false, ..STYLE })]).map(
        move |(format, style)| {
            let mut printed = Vec::new();
            report::write(report, &Context { format, style }, &mut printed)
                .expect("memory takes everything");
            (Some(format), text(printed))
        },
    );
    traces.chain(findings)
}

/// No output of a run shows ten characters of a mark, unless a fix writes it: the new text of a fix is not masked, and
/// eight characters of a consumer key are shown.
pub fn shows_nothing_of(report: &Report, mark: &str) {
    let fixes = report.findings.iter().filter_map(|finding| finding.fix.as_ref());
    let mut written = fixes.flat_map(|fix| changes(fix, &report.sources));
    if written.any(|change| change.text.contains(mark)) {
        return;
    }
    for (format, text) in outputs(report) {
        let shows = |line: &&str| {
            (0..=mark.len() - 10).any(|start| line.contains(&mark[start..start + 10]))
        };
        if let Some(line) = text.lines().find(shows) {
            panic!("{format:?} shows the mark: {line}");
        }
    }
}

/// There was no run, and its error shows nothing of a mark.
pub fn error_without(failure: &Error, mark: &str) {
    error(failure);
    let mut printed = Vec::new();
    report::error(failure, STYLE, &mut printed).expect("memory takes everything");
    assert!(!String::from_utf8_lossy(&printed).contains(mark), "an error shows the mark");
}

/// A log was read.
pub fn diagnosis(diagnosis: &Diagnosis<'_>, secret: &str) {
    for format in [Format::Text, Format::Json] {
        let mut printed = Vec::new();
        report::diagnosis(diagnosis, &Context { format, style: STYLE }, &mut printed)
            .expect("memory takes everything");
        let text = String::from_utf8(printed).expect("a diagnosis is text");
        is_harmless(&text);
        assert!(!text.contains(secret), "a session id is shown");
        assert!(
            format == Format::Text || serde_json::from_str::<serde_json::Value>(&text).is_ok(),
            "this is not JSON"
        );
    }
}

/// There was no run.
pub fn error(error: &Error) {
    if let Error::Config(ConfigError::Mistakes { text, mistakes, .. }) = error {
        assert!(!mistakes.is_empty());
        for mistake in mistakes {
            for range in std::iter::once(mistake.start..mistake.end)
                .chain(mistake.related.iter().map(|(start, end, _)| *start..*end))
            {
                assert!(
                    text.get(range.clone()).is_some(),
                    "`{}` is reported at {range:?}, which is outside of {} bytes",
                    mistake.message,
                    text.len()
                );
            }
        }
    }
    let mut printed = Vec::new();
    report::error(error, STYLE, &mut printed).expect("memory takes everything");
    is_harmless(&String::from_utf8(printed).expect("a report is text"));
}

fn lies_in_its_file(span: Span, sources: &Sources, of: &str) {
    let text = sources.get(span.file).text();
    assert!(
        text.get(span.range()).is_some(),
        "{of} points at {:?} of {} bytes",
        span.range(),
        text.len()
    );
}

pub fn is_harmless(text: &str) {
    let obeyed = |character: char| {
        (character.is_control() && character != '\n')
            || ('\u{202a}'..='\u{202e}').contains(&character)
            || ('\u{200b}'..='\u{200f}').contains(&character)
    };
    // CSV ends its lines as its standard asks.
    assert!(!text.replace("\r\n", "\n").contains(obeyed), "what a terminal would obey is printed");
}

/// Values that must not be shown and occur nowhere else: a password `ExternalCredential` is shown, as another word.
fn secrets(sources: &Sources) -> Vec<&str> {
    let mut secrets = Vec::new();
    for (file, source) in sources.iter() {
        for span in sources.concealed(file) {
            let Some(secret) = source.text().get(span.range()).map(str::trim) else { continue };
            let telling = secret.len() >= 20
                && !secret.contains(char::is_whitespace)
                && secret.contains(|character: char| character.is_ascii_digit());
            let elsewhere = || {
                sources.iter().any(|(other, source)| {
                    let mut places = source.text().match_indices(secret);
                    source.name.contains(secret)
                        || places.any(|(start, _)| {
                            !sources.concealed(other).iter().any(|span| {
                                span.range().start <= start
                                    && start + secret.len() <= span.range().end
                            })
                        })
                })
            };
            if telling && !elsewhere() {
                secrets.push(secret);
            }
        }
    }
    secrets.truncate(50);
    secrets
}
