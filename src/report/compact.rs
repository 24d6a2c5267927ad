//! One line per finding, in a form that editors and terminals make clickable: `path:line:column:
//! error[rule]: message`.

use std::io;

use super::Context;
use super::closing::closing;
use super::entry::entries;
use super::layout::UNBROKEN;
use super::sanitize::{for_terminal, single_line};
use super::text::tag;
use super::unchecked::unchecked;
use crate::finding::Severity;
use crate::pipeline::Report;

pub(super) fn write(report: &Report, context: &Context, out: &mut dyn io::Write) -> io::Result<()> {
    let style = context.style;
    let mut shown = 0;
    for entry in
        entries(report).iter().filter(|entry| !style.quiet || entry.severity == Severity::Error)
    {
        let message = for_terminal(&single_line(&entry.message), style.unicode);
        let place = entry.place();
        writeln!(out, "{}: {}: {message}", place, tag(entry.severity, entry.rule, style))?;
        shown += 1;
    }
    if style.quiet && shown == 0 {
        return Ok(());
    }
    let more = unchecked(report).into_iter().filter(|_| !style.quiet);
    std::iter::once(closing(report)).chain(more).try_for_each(|line| {
        writeln!(out, "{}", for_terminal(&line.replace(UNBROKEN, " "), style.unicode))
    })
}
