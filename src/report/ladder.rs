//! Traces as pictures: a ladder with the calling org on the left, the org that answers on the right, and a row for each
//! step and check.

use super::canvas::{Anchor, Canvas, Font, cut, cut_start, wrap};
use super::layout::{UNBROKEN, count};
use super::trace_labels::{files, headline, number, state_name, text, title};
use crate::mask::Masker;
use crate::rule::Step as Kind;
use crate::trace::{
    Answering, Check, End, Failure, Rung, Shown, State, Step, Trace, Unknown, Verdict, not_traced,
};

const WIDTH: usize = 1000;
const MARGIN: usize = 8;
/// The boxes of both sides.
const BOX: (usize, usize) = (300, 48);
const LEFT: usize = 20;
const RIGHT: usize = WIDTH - LEFT - BOX.0;
/// The panels behind the boxes.
const PANEL: usize = LEFT + BOX.0 + 12 - MARGIN;
const MIDDLE: usize = WIDTH / 2;
/// The room of the texts at an arrow.
const BETWEEN: usize = WIDTH - 2 * (MARGIN + PANEL) - 12;
const GAP: usize = 14;
const LINE: usize = 14;
/// The maximum number of lines of the verdict, and of a row's text.
const VERDICT_LINES: usize = 3;
const ROW_LINES: usize = 3;

/// Pictures of traces, masked.
pub(super) struct Ladders<'s> {
    masker: Masker<'s>,
}

/// What a row says, masked.
struct Row<'t> {
    rung: &'t Rung,
    state: State,
    /// Below the arrow: the color and the text. The end of a place is more important than its start.
    lines: Vec<(&'static str, String, bool)>,
    /// The tooltip.
    title: String,
}

impl<'s> Ladders<'s> {
    pub fn new(sources: &'s crate::source::Sources) -> Self {
        Ladders { masker: Masker::new(sources) }
    }

    /// All traces in one file, one below the other, and how many more there are.
    pub fn file(&self, traces: &[Trace<'_>], more: usize) -> String {
        let mut canvas = Canvas::default();
        let mut bottom = 0;
        for trace in traces {
            bottom = self.draw(trace, bottom, &mut canvas);
        }
        if more > 0 {
            let words = not_shown(more);
            let shown = cut(&words, Font::Plain, WIDTH - 2 * LEFT);
            let at = (LEFT, bottom + 14);
            canvas.text(at, Anchor::Start, (Font::Plain, "muted"), &shown, &words);
            bottom += 28;
        }
        let title = match traces {
            [one] => self.title(one),
            _ => count(traces.len(), "trace").replace(UNBROKEN, " "),
        };
        canvas.file(&title, (WIDTH, bottom))
    }

    /// One trace, as an element of a page.
    pub fn inline(&self, trace: &Trace<'_>) -> String {
        let mut canvas = Canvas::default();
        let bottom = self.draw(trace, 0, &mut canvas);
        canvas.inline(&self.title(trace), (WIDTH, bottom))
    }

    /// The name of a trace, and its org.
    pub fn name(&self, trace: &Trace<'_>) -> String {
        self.masker.about(files(trace));
        let org =
            if trace.org.is_empty() { String::new() } else { format!(" in org `{}`", trace.org) };
        plain(&text(&self.masker, &format!("`{}`{org}", trace.name), None))
    }

    /// The verdict on one line.
    pub fn verdict(&self, trace: &Trace<'_>) -> String {
        self.masker.about(files(trace));
        let failed = match &trace.verdict {
            Verdict::Fails { failure, .. } => format!(" [{}]", failure.finding.rule),
            Verdict::Issued | Verdict::NoExchange | Verdict::Unknown { .. } => String::new(),
        };
        plain(&text(&self.masker, &format!("{}{failed}", headline(&trace.verdict)), None))
    }

    fn title(&self, trace: &Trace<'_>) -> String {
        format!("{}: {}", self.name(trace), self.verdict(trace))
    }

    /// Draws a trace from `top` on, and returns where it ends.
    fn draw(&self, trace: &Trace<'_>, top: usize, canvas: &mut Canvas) -> usize {
        let name = self.name(trace);
        let room = WIDTH - 2 * LEFT;
        let mut y = top + 28;
        canvas.text(
            (LEFT, y),
            Anchor::Start,
            (Font::Head, ""),
            &cut(&name, Font::Head, room),
            &name,
        );
        let verdict = self.verdict(trace);
        let class = class(verdict_state(&trace.verdict));
        for line in wrap(&verdict, Font::Plain, room, VERDICT_LINES) {
            y += 18;
            canvas.text((LEFT, y), Anchor::Start, (Font::Plain, class), &line, &verdict);
        }
        y += 14;
        let rows: Vec<Row<'_>> = trace.rungs.iter().map(|rung| self.row(trace, rung)).collect();
        let (inside, between): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
            rows.iter().partition(|row| row.rung.kind.is_before_request());
        let org = if trace.org.is_empty() {
            "calling org".to_owned()
        } else {
            format!("calling org `{}`", trace.org)
        };
        let org = plain(&text(&self.masker, &org, None));
        let height = panel_height(&inside);
        canvas.rect("panel", (MARGIN, y), (WIDTH - 2 * MARGIN, height));
        head(canvas, (LEFT, y), room, &org);
        self.rows(&inside, y, canvas);
        y += height + GAP;
        let height = panel_height(&between);
        canvas.rect("panel", (MARGIN, y), (PANEL, height));
        canvas.rect("panel", (WIDTH - MARGIN - PANEL, y), (PANEL, height));
        head(canvas, (LEFT, y), BOX.0, &format!("{org} sends"));
        head(canvas, (RIGHT, y), BOX.0, &self.answering(trace));
        self.rows(&between, y, canvas);
        y + height + GAP
    }

    fn answering(&self, trace: &Trace<'_>) -> String {
        let words = match &trace.answering {
            Answering::Org("") => "org that answers".to_owned(),
            Answering::Org(name) => format!("org `{name}` answers"),
            Answering::OwnOrg => "the same org answers".to_owned(),
            Answering::Salesforce(host) => format!("`{host}` answers"),
            Answering::ThirdParty(host) => format!("third party `{host}`"),
            Answering::Unknown => "who answers is unknown".to_owned(),
        };
        plain(&text(&self.masker, &words, None))
    }

    fn rows(&self, rows: &[&Row<'_>], top: usize, canvas: &mut Canvas) {
        let mut y = top + 42;
        for row in rows {
            canvas.begin(&row.title);
            self.draw_row(row, y, canvas);
            canvas.end();
            y += row_height(row) + GAP;
        }
    }

    fn draw_row(&self, row: &Row<'_>, y: usize, canvas: &mut Canvas) {
        let state = class(row.state);
        if row.state == State::NotApplicable {
            let shown = cut(&row.title, Font::Plain, WIDTH - 2 * LEFT);
            let shown = if row.rung.kind == Kind::TargetOrg || row.rung.kind == Kind::Request {
                cut(&row.title, Font::Plain, BOX.0)
            } else {
                shown
            };
            canvas.text((LEFT, y + 12), Anchor::Start, (Font::Plain, "muted"), &shown, &row.title);
            return;
        }
        for (x, end) in [(LEFT, &row.rung.from), (RIGHT, &row.rung.to)] {
            self.draw_end(end, row.state, (x, y), canvas);
        }
        arrow(row.state, y + BOX.1 / 2, canvas);
        let head = format!("{} {}", row_number(row.rung), row.rung.action);
        let head = cut(&head, Font::Plain, BETWEEN);
        canvas.text((MIDDLE, y + 9), Anchor::Middle, (Font::Plain, state), &head, &head);
        for (index, (class, line, is_place)) in row.lines.iter().enumerate() {
            let shown = if *is_place {
                cut_start(line, Font::Small, BETWEEN)
            } else {
                cut(line, Font::Small, BETWEEN)
            };
            canvas.text(
                (MIDDLE, y + 46 + index * LINE),
                Anchor::Middle,
                (Font::Small, class),
                &shown,
                line,
            );
        }
    }

    fn draw_end(&self, end: &End, state: State, (x, y): (usize, usize), canvas: &mut Canvas) {
        let class = match (state, end.in_files) {
            (State::Fails, _) => "faulty",
            (_, true) => "box",
            (_, false) => "absent",
        };
        canvas.rect(class, (x, y), BOX);
        let room = BOX.0 - 24;
        canvas.text(
            (x + 12, y + 18),
            Anchor::Start,
            (Font::Small, "muted"),
            &cut(end.label, Font::Small, room),
            end.label,
        );
        let value = self.shown(end);
        let shown = cut(&value, Font::Strong, room);
        let color = if end.in_files { "" } else { "muted" };
        canvas.text((x + 12, y + 36), Anchor::Start, (Font::Strong, color), &shown, &value);
    }

    fn shown(&self, end: &End) -> String {
        match &end.shown {
            Shown::Value(value, place) => self.masker.value_at(value, *place),
            Shown::Words(words) => plain(&text(&self.masker, words, None)),
        }
    }

    fn row<'t>(&self, trace: &Trace<'_>, rung: &'t Rung) -> Row<'t> {
        let step = trace.steps.iter().find(|step| step.kind == rung.kind);
        let check =
            step.and_then(|step| step.checks.iter().find(|check| Some(check.kind) == rung.check));
        let (state, failures, unknowns): (State, &[Failure<'_>], &[Unknown]) = match (step, check) {
            (_, Some(check)) => (check.state(), &check.failures, &check.unknowns),
            (Some(step), None) => (step.own_state(), &step.failures, &step.unknowns),
            (None, None) => (State::Unknown, &[], &[]),
        };
        let mut title = self.row_title(rung, state, step, check);
        let mut lines = Vec::new();
        for failure in failures {
            let (name, place, message) = self.failure(failure);
            title += &format!(". {name}, at {place}: {message}");
            let class = if failure.certain { "fails" } else { "unknown" };
            if lines.is_empty() {
                lines.push((class, name, false));
                lines.push((class, place, true));
            }
        }
        let more: usize = failures.iter().map(|failure| 1 + failure.more).sum();
        if more > 1 {
            let more = count(more - 1, "more finding").replace(UNBROKEN, " ");
            lines.push(("muted", format!("and {more}"), false));
        }
        for unknown in unknowns {
            let what = plain(&text(&self.masker, &unknown.what, None));
            title += &format!(". Unknown: {what}");
            if lines.is_empty() && matches!(state, State::Unknown | State::NotReached) {
                let class = class(state);
                let wrapped = wrap(&what, Font::Small, BETWEEN, 2);
                lines.extend(wrapped.into_iter().map(|line| (class, line, false)));
            }
        }
        if lines.is_empty() && state == State::NotReached {
            lines.push(("off", "not reached".to_owned(), false));
        }
        lines.truncate(ROW_LINES);
        Row { rung, state, lines, title }
    }

    /// Rule, place and message of a finding.
    fn failure(&self, failure: &Failure<'_>) -> (String, String, String) {
        let finding = failure.finding;
        let allowed = if failure.allowed { ", allowed" } else { "" };
        let span = finding.primary.span;
        let sources = self.masker.sources;
        let line = sources.position(span.file, span.start).line;
        let place = format!("{}:{line}", sources.get(span.file).name);
        (
            format!("{}{allowed}", finding.rule),
            plain(&text(&self.masker, &place, None)),
            plain(&text(&self.masker, &finding.message, Some(span))),
        )
    }

    /// What a row says in words.
    fn row_title(
        &self,
        rung: &Rung,
        state: State,
        step: Option<&Step<'_>>,
        check: Option<&Check<'_>>,
    ) -> String {
        let name = match rung.check {
            Some(check) => format!("{}: {}", title(rung.kind), check.name()),
            None => title(rung.kind).to_owned(),
        };
        let head = format!("{} {name}: {}", row_number(rung), state_name(state));
        if state == State::NotApplicable {
            let fact = step.and_then(|step| step.facts.first());
            let fact = fact.map(|fact| plain(&text(&self.masker, &fact.text, fact.place)));
            return format!("{head}: {}", fact.unwrap_or_default());
        }
        let ends = format!(
            "{} {} {} {} {}",
            rung.from.label,
            self.shown(&rung.from),
            rung.action,
            rung.to.label,
            self.shown(&rung.to)
        );
        let fact = check.and_then(|check| check.facts.first());
        let fact =
            fact.map(|fact| format!(". {}", plain(&text(&self.masker, &fact.text, fact.place))));
        format!("{head}. {ends}{}", fact.unwrap_or_default())
    }
}

/// Text without the backticks around values: fonts and colors separate them already.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// `7 app`, `5`.
fn row_number(rung: &Rung) -> String {
    match rung.check {
        Some(check) => format!("{} {}:", number(rung.kind), check.name()),
        None => number(rung.kind).to_string(),
    }
}

fn head(canvas: &mut Canvas, (x, y): (usize, usize), room: usize, full: &str) {
    let shown = cut(full, Font::Strong, room);
    canvas.text((x, y + 26), Anchor::Start, (Font::Strong, ""), &shown, full);
}

fn panel_height(rows: &[&Row<'_>]) -> usize {
    42 + rows.iter().map(|row| row_height(row) + GAP).sum::<usize>()
}

fn row_height(row: &Row<'_>) -> usize {
    if row.state == State::NotApplicable {
        return 18;
    }
    BOX.1.max(50 + row.lines.len().saturating_sub(1) * LINE)
}

fn verdict_state(verdict: &Verdict<'_>) -> State {
    match verdict {
        Verdict::Issued | Verdict::NoExchange => State::Ok,
        Verdict::Unknown { .. } => State::Unknown,
        Verdict::Fails { .. } => State::Fails,
    }
}

/// The class of a state in the style of pictures.
pub(super) fn class(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Fails => "fails",
        State::Unknown => "unknown",
        State::NotReached | State::NotApplicable => "off",
    }
}

/// The arrow between both boxes. Its shape shows the state, too: a check mark on a solid line, a cross that interrupts
/// the line, a question mark on a dashed line, a dotted line.
fn arrow(state: State, y: usize, canvas: &mut Canvas) {
    let (start, end) = (LEFT + BOX.0 + 14, RIGHT - 14);
    let class = class(state);
    let (before, after) = (MIDDLE - 16, MIDDLE + 16);
    let tip = format!("M{} {} L{end} {y} L{} {}", end - 7, y - 5, end - 7, y + 5);
    match state {
        State::Ok => {
            canvas.path(class, &format!("M{start} {y} H{before} M{after} {y} H{end}"));
            canvas.path(class, &tip);
            canvas.path(class, &format!("M{} {y} l4 5 l8 -10", MIDDLE - 6));
        }
        State::Fails => {
            canvas.path(class, &format!("M{start} {y} H{before}"));
            canvas.path("off dotted", &format!("M{after} {y} H{end}"));
            canvas.path(
                class,
                &format!("M{0} {1} l12 12 M{0} {2} l12 -12", MIDDLE - 6, y - 6, y + 6),
            );
        }
        State::Unknown => {
            canvas.path(
                &format!("{class} dashed"),
                &format!("M{start} {y} H{before} M{after} {y} H{end}"),
            );
            canvas.path(class, &tip);
            canvas.path(
                class,
                &format!(
                    "M{} {} c0 -6 9 -6 9 -1 c0 3 -4 3 -4 6 M{MIDDLE} {} v0",
                    MIDDLE - 5,
                    y - 3,
                    y + 7
                ),
            );
        }
        State::NotReached | State::NotApplicable => {
            canvas.path(&format!("{class} dotted"), &format!("M{start} {y} H{end}"));
            canvas.path(class, &tip);
        }
    }
}

/// What is said about names that are not traced.
pub(super) fn not_shown(more: usize) -> String {
    let names = count(more, "more name").replace(UNBROKEN, " ");
    format!("Not traced: {names} that only Apex uses and no file defines; trace one by its name")
}

/// Writes the pictures of traces as one SVG file.
pub(super) fn write(
    report: &crate::pipeline::Report,
    traces: &[Trace<'_>],
    out: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    let more = not_traced(report, traces);
    out.write_all(Ladders::new(&report.sources).file(traces, more).as_bytes())
}
