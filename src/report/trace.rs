//! Traces as text: the steps from top to bottom, and the verdict.

use std::io;

use super::Style;
use super::layout::{count, width, wrap};
use super::paint::{BOLD, DIM, painted};
use super::sanitize::for_terminal;
use super::terminal_markdown as markdown;
use super::trace_labels::{
    self, color, failure_line, files, headline, number, state_name, symbol, title, value,
};
use crate::explain::Stage;
use crate::mask::Masker;
use crate::model::Flow;
use crate::pipeline::Report;
use crate::rule::Step as Kind;
use crate::source::{FileId, Span};
use crate::trace::{
    Entry, Fact, Failure, Jwt, Reason, State, Step, Trace, Unknown, Value, Verdict, not_traced,
};

pub(super) fn write(
    report: &Report,
    traces: &[Trace<'_>],
    explain: bool,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut page = Page {
        masker: Masker::new(&report.sources),
        style,
        explain,
        text: String::new(),
        bar: true,
    };
    for (index, trace) in traces.iter().enumerate() {
        if index > 0 {
            page.text.push('\n');
        }
        page.trace(trace);
        out.write_all(page.text.as_bytes())?;
        page.text.clear();
    }
    if traces.len() > 1 {
        page.text.push('\n');
        for trace in traces {
            page.summary(trace);
        }
        let number_of = |wanted: fn(&Verdict<'_>) -> bool| {
            traces.iter().filter(|trace| wanted(&trace.verdict)).count()
        };
        let issued = number_of(|verdict| matches!(verdict, Verdict::Issued | Verdict::NoExchange));
        let fails = number_of(|verdict| matches!(verdict, Verdict::Fails { .. }));
        page.text.push_str(&format!(
            "\n{}: {issued} ok, {fails} failing, {} unknown\n",
            count(traces.len(), "trace").replace('\u{a0}', " "),
            traces.len() - issued - fails
        ));
        let more = not_traced(report, traces);
        if more > 0 {
            page.raw(&format!(
                "Not traced: {} that only Apex uses and no file defines; trace one by its name",
                count(more, "more name").replace('\u{a0}', " ")
            ));
        }
    }
    out.write_all(page.text.as_bytes())
}

struct Page<'s> {
    masker: Masker<'s>,
    style: Style,
    explain: bool,
    text: String,
    /// Whether the vertical line continues, because another step follows.
    bar: bool,
}

impl Page<'_> {
    fn trace(&mut self, trace: &Trace<'_>) {
        self.masker.about(files(trace));
        let org =
            if trace.org.is_empty() { String::new() } else { format!(" in org `{}`", trace.org) };
        let through = match trace.external_credential {
            Some(external) if external != trace.name => {
                format!(", with external credential `{external}`")
            }
            _ => String::new(),
        };
        let heading = self.sanitized(&format!("`{}`{org}{through}", trace.name), None);
        for line in wrap(&heading, self.style.width) {
            self.raw(&painted(&line, BOLD, self.style));
        }
        self.raw("");
        for (index, step) in trace.steps.iter().enumerate() {
            self.bar = index + 1 < trace.steps.len();
            self.step(step, trace);
        }
        self.raw("");
        self.verdict(&trace.verdict, trace.flow == Flow::JwtBearer);
        let more = trace.more_failures();
        if !more.is_empty() {
            let rules: Vec<String> = more.iter().map(|rule| format!("`{rule}`")).collect();
            let text = format!("{} would stop the callout, too (see above)", rules.join(", "));
            self.entry("after that: ", &text);
        }
    }

    /// The verdict on one line.
    fn summary(&mut self, trace: &Trace<'_>) {
        let state = match trace.verdict {
            Verdict::Issued | Verdict::NoExchange => State::Ok,
            Verdict::Unknown { .. } => State::Unknown,
            Verdict::Fails { .. } => State::Fails,
        };
        let verdict = match &trace.verdict {
            Verdict::Issued | Verdict::NoExchange => "ok".to_owned(),
            Verdict::Unknown { reasons } => {
                let first = reasons.first().map_or("", |reason| reason.what.as_str());
                match reasons.len() {
                    0 | 1 => format!("unknown: {first}"),
                    more => format!("unknown: {first}, and {} more", more - 1),
                }
            }
            Verdict::Fails { step, failure, .. } => {
                format!("fails at step {}, {}", number(*step), failure.finding.rule)
            }
        };
        let org = if trace.org.is_empty() { String::new() } else { format!("{}: ", trace.org) };
        let line = self.sanitized(&format!("{org}{}: {verdict}", trace.name), None);
        for (index, part) in wrap(&line, self.room(2)).iter().enumerate() {
            let mark = if index == 0 { symbol(state, self.style) } else { " " };
            self.raw(&painted(&format!("{mark} {part}"), color(state), self.style));
        }
    }

    fn step(&mut self, step: &Step<'_>, trace: &Trace<'_>) {
        let state = step.state();
        let line = format!(
            "{} {} {}: {}",
            symbol(state, self.style),
            number(step.kind),
            title(step.kind),
            state_name(state)
        );
        self.raw(&painted(&line, color(state), self.style));
        self.part(&step.facts, &step.unknowns, &step.failures, 4, None);
        if step.kind == Kind::ExternalCredential
            && let Some(jwt) = &trace.jwt
        {
            self.jwt(jwt, step);
        }
        for check in &step.checks {
            let state = check.state();
            let mut facts = check.facts.as_slice();
            let mut head = format!("{}: {}", check.kind.name(), state_name(state));
            let mut file = None;
            if let (State::Ok, Some((first, rest))) = (state, facts.split_first()) {
                head =
                    format!("{}: {}", check.kind.name(), self.sanitized(&first.text, first.place));
                facts = rest;
                file = first.place;
            }
            self.wrapped(4, &format!("{} ", symbol(state, self.style)), &head, state);
            if let Some(place) = file {
                self.place(8, place);
            }
            self.part(facts, &check.unknowns, &check.failures, 6, file.map(|place| place.file));
        }
    }

    fn part(
        &mut self,
        facts: &[Fact],
        unknowns: &[Unknown],
        failures: &[Failure<'_>],
        indent: usize,
        mut file: Option<FileId>,
    ) {
        for fact in facts {
            self.fact(fact, indent, &mut file);
        }
        for failure in failures {
            self.failure(failure, indent);
        }
        for unknown in unknowns {
            let what = self.sanitized(&unknown.what, None);
            self.wrapped(indent, "? ", &format!("unknown: {what}"), State::Unknown);
            if let Some(how) = &unknown.how {
                let how = self.sanitized(how, None);
                self.hanging(indent + 2, &format!("to check this: {how}"));
            }
        }
    }

    /// A fact; the file is printed once, and later lines of the same file after the text.
    fn fact(&mut self, fact: &Fact, indent: usize, file: &mut Option<FileId>) {
        let text = self.sanitized(&fact.text, fact.place);
        let Some(place) = fact.place else {
            self.hanging(indent, &text);
            return;
        };
        let position = self.masker.sources.position(place.file, place.start);
        if *file == Some(place.file) {
            self.hanging(indent, &format!("{text} (line\u{a0}{})", position.line));
        } else {
            self.hanging(indent, &text);
            self.place(indent + 2, place);
            *file = Some(place.file);
        }
    }

    /// `file:line`, on a separate line, so that terminals make it clickable.
    fn place(&mut self, indent: usize, place: Span) {
        let position = self.masker.sources.position(place.file, place.start);
        let name = self.sanitized(
            &format!("{}:{}", self.masker.sources.get(place.file).name, position.line),
            None,
        );
        self.line(indent, &painted(&name, DIM, self.style));
    }

    fn failure(&mut self, failure: &Failure<'_>, indent: usize) {
        let finding = failure.finding;
        let allowed = if failure.allowed { ", allowed" } else { "" };
        let (mark, state) = if failure.certain {
            (if self.style.unicode { "✗ " } else { "x " }, State::Fails)
        } else {
            ("? ", State::Unknown)
        };
        let message = self.sanitized(&finding.message, Some(finding.primary.span));
        self.wrapped(indent, mark, &format!("{message} [{}{allowed}]", finding.rule), state);
        self.place(indent + 2, finding.primary.span);
        if failure.more > 0 {
            let findings = count(failure.more, "more finding");
            self.hanging(indent + 2, &format!("and {findings} of this rule"));
        }
        if let Some(help) = &finding.help {
            let help = self.sanitized(help, Some(finding.primary.span));
            self.hanging(indent + 2, &format!("help: {help}"));
        }
    }

    fn jwt(&mut self, jwt: &Jwt, step: &Step<'_>) {
        let file = step.facts.iter().rev().find_map(|fact| fact.place).map(|place| place.file);
        self.object("header", &jwt.header, file);
        self.object("claims", &jwt.claims, file);
        if jwt.more > 0 {
            self.line(4, &format!("and {} of the JWT", count(jwt.more, "more member")));
        }
    }

    fn object(&mut self, heading: &str, entries: &[Entry], file: Option<FileId>) {
        self.line(4, &format!("{heading} {{"));
        for (index, entry) in entries.iter().enumerate() {
            let comma = if index + 1 < entries.len() { "," } else { "" };
            let name = json(&self.sanitized(&entry.name, None));
            let value = match value(&self.masker, entry) {
                Value::Text(text) => json(&self.plain(&text)),
                Value::List(list) => format!(
                    "[{}]",
                    list.iter().map(|text| json(&self.plain(text))).collect::<Vec<_>>().join(", ")
                ),
                Value::Number(number) => number.to_string(),
            };
            for line in wrap(&format!("{name}: {value}{comma}"), self.room(6)) {
                self.line(6, &line);
            }
        }
        self.line(4, "}");
        if self.explain {
            for entry in entries {
                self.explained(entry);
            }
            return;
        }
        let notes: Vec<String> =
            entries.iter().filter_map(|entry| self.noted(entry, file)).collect();
        if !notes.is_empty() {
            self.hanging(4, &notes.join("; "));
        }
    }

    /// The line number of a value and its note, in short form.
    fn noted(&self, entry: &Entry, file: Option<FileId>) -> Option<String> {
        let name = self.sanitized(&entry.name, None);
        let place = entry
            .place
            .map(|place| self.masker.sources.position(place.file, place.start).line)
            .filter(|_| entry.place.map(|place| place.file) == file);
        let note = entry.note.as_deref().map(|note| self.sanitized(note, entry.place));
        match (place, note) {
            (Some(line), Some(note)) => Some(format!("`{name}` line\u{a0}{line}, {note}")),
            (Some(line), None) => Some(format!("`{name}` line\u{a0}{line}")),
            (None, Some(note)) => Some(format!("`{name}` {note}")),
            (None, None) => None,
        }
    }

    fn explained(&mut self, entry: &Entry) {
        let from = match (entry.place, &entry.origin) {
            (Some(place), _) => format!(
                "; from {}:{}",
                self.masker.sources.get(place.file).name,
                self.masker.sources.position(place.file, place.start).line
            ),
            (None, Some(origin)) => format!("; {origin}"),
            (None, None) => String::new(),
        };
        let note = entry
            .note
            .as_ref()
            .filter(|_| entry.origin.is_none())
            .map_or(String::new(), |note| format!("; {note}"));
        let text =
            self.sanitized(&format!("`{}` {}{note}{from}", entry.name, entry.meaning), entry.place);
        self.hanging(6, &text);
    }

    /// What an error message proves is only known for the JWT bearer flow.
    fn verdict(&mut self, verdict: &Verdict<'_>, is_jwt: bool) {
        let style = self.style;
        match verdict {
            Verdict::Issued | Verdict::NoExchange => self.headed(&headline(verdict), State::Ok),
            Verdict::Unknown { reasons } => {
                self.headed("Unknown, because the files do not show:", State::Unknown);
                self.reasons(reasons);
            }
            Verdict::Fails { step, check, failure, answer, proofs, before } => {
                self.headed(&failure_line(*step, *check, before), State::Fails);
                if !before.is_empty() {
                    self.raw("  Not checked before that:");
                    self.reasons(before);
                }
                if let Some(answer) = answer {
                    let says = match answer.head.check {
                        Some(0) => format!("\"System.CalloutException: {}\"", answer.head.says),
                        Some(check) if is_jwt => {
                            format!("\"{}\" (after {check} of 9 checks)", answer.head.says)
                        }
                        Some(_) | None => format!("\"{}\"", answer.head.says),
                    };
                    self.entry(source_of_message(answer), &says);
                    if !proofs.is_empty() {
                        self.raw("  This error confirms:");
                        for proof in proofs {
                            self.entry("  - ", proof.trim_end_matches('.'));
                        }
                    }
                }
                let more = answer
                    .as_ref()
                    .map_or(String::new(), |answer| format!(", sfcred explain {}", answer.name));
                let entry = markdown::entry(
                    "  more: ",
                    &format!("sfcred explain {}{more}", failure.finding.rule),
                    style,
                );
                self.raw(&entry);
            }
        }
    }

    fn reasons(&mut self, reasons: &[Reason]) {
        for reason in reasons {
            let text = self.sanitized(&reason.what, None);
            let lines = wrap(&text, self.style.width.saturating_sub(6));
            for (index, line) in lines.iter().enumerate() {
                self.raw(&format!("    {} {line}", if index == 0 { "-" } else { " " }));
            }
        }
    }

    fn headed(&mut self, text: &str, state: State) {
        let text = self.sanitized(text, None);
        for line in wrap(&text, self.style.width) {
            self.raw(&painted(&line, color(state).bold(), self.style));
        }
    }

    fn entry(&mut self, heading: &str, text: &str) {
        let text = trace_labels::text(&self.masker, text, None);
        let entry = markdown::entry(&format!("  {heading}"), &text, self.style);
        self.raw(&entry);
    }

    /// Redacted text that is safe to print on a terminal.
    fn sanitized(&self, text: &str, place: Option<Span>) -> String {
        self.plain(&trace_labels::text(&self.masker, text, place))
    }

    fn plain(&self, text: &str) -> String {
        for_terminal(text, self.style.unicode).replace('\n', " ")
    }

    fn room(&self, indent: usize) -> usize {
        self.style.width.saturating_sub(indent).max(20)
    }

    fn hanging(&mut self, indent: usize, text: &str) {
        let lines = wrap(text, self.room(indent + 2));
        for (index, line) in lines.iter().enumerate() {
            self.line(if index == 0 { indent } else { indent + 2 }, line);
        }
    }

    fn wrapped(&mut self, indent: usize, mark: &str, text: &str, state: State) {
        let lines = wrap(text, self.room(indent + width(mark)));
        for (index, line) in lines.iter().enumerate() {
            let begin = if index == 0 { mark.to_owned() } else { " ".repeat(width(mark)) };
            self.line(indent, &painted(&format!("{begin}{line}"), color(state), self.style));
        }
    }

    /// Writes a line inside a step.
    fn line(&mut self, indent: usize, text: &str) {
        let bar = match (self.bar, self.style.unicode) {
            (true, true) => "│",
            (true, false) => "|",
            (false, _) => " ",
        };
        self.raw(&format!("{bar}{}{text}", " ".repeat(indent.saturating_sub(1))));
    }

    fn raw(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

fn source_of_message(answer: &crate::explain::Answer) -> &'static str {
    match answer.head.stage {
        Stage::Deployment => "deployment fails with: ",
        Stage::ThirdParty => "the service says: ",
        Stage::Before | Stage::Exchange | Stage::OtherFlow => "Salesforce says: ",
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
