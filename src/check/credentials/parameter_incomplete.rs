//! A parameter without a field that a deployment demands of its type.

use crate::finding::{Edit, Findings};
use crate::model::{HttpHeader, NamedCredential, Workspace};
use crate::source::{Span, Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, named) in workspace.named_credentials() {
        for (next, header) in (next_number(named)..).zip(named.headers_without_sequence()) {
            let name = header.name.as_ref().map_or("", Text::as_str);
            let empty = header.sequence.as_ref().map(|sequence| sequence.element);
            let place = header.name.as_ref().map_or(header.element, |name| name.span);
            found
                .report(
                    &named.component,
                    &empty.unwrap_or(place),
                    format!("the header `{name}` has no `<sequenceNumber>`"),
                )
                .label("not numbered")
                .help(
                    "add a `<sequenceNumber>`, 1 for the first header: a deployment rejects a \
                     parameter of type `HttpHeader` without it",
                )
                .unsafe_fix("number the header", number(header, next))
                .field(name);
        }
    }
}

/// The number after the highest one.
fn next_number(named: &NamedCredential) -> u64 {
    let numbers = named.headers.iter().filter_map(|header| header.sequence.as_ref()?.known());
    let highest = numbers.filter_map(|number| number.parse::<u32>().ok()).max();
    u64::from(highest.unwrap_or(0)) + 1
}

fn number(header: &HttpHeader, number: u64) -> Option<Edit> {
    if let Some(empty) = &header.sequence {
        return Edit::replace_trimmed(empty, &number.to_string());
    }
    let last: &Text = header.value.as_ref().or(header.name.as_ref())?;
    let element: Span = last.element;
    (last.syntax == Syntax::Xml)
        .then(|| Edit::LineAfter(element, format!("<sequenceNumber>{number}</sequenceNumber>")))
}
