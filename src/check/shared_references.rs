//! References to components of a type of which the files contain none: nothing shows that one of them is wrong.

use std::collections::HashSet;

use crate::finding::{Findings, Severity};
use crate::model::Component;
use crate::source::Text;

/// The maximum number of names in a message.
const MAX_NAMED: usize = 10;

/// A reference to a component that is not in the files.
pub struct Missing<'a> {
    pub component: &'a Component,
    pub reference: Text,
}

/// Reports all of them as one note.
pub fn report_all(noun: &str, missing: &[Missing<'_>], found: &mut Findings) {
    let Some(first) = missing.first() else { return };
    let mut seen = HashSet::new();
    let distinct: Vec<&Missing<'_>> = missing
        .iter()
        .filter(|missing| seen.insert(missing.reference.as_str().to_ascii_lowercase()))
        .collect();
    let names: Vec<String> =
        distinct.iter().take(MAX_NAMED).map(|missing| format!("`{}`", missing.reference)).collect();
    let more = distinct.len().saturating_sub(MAX_NAMED);
    let (names, is_one) = match names.as_slice() {
        [one] => (one.clone(), true),
        names if more > 0 => (format!("{} and {more} more", names.join(", ")), false),
        [start @ .., last] => (format!("{} and {last}", start.join(", ")), false),
        [] => return,
    };
    let subject =
        if is_one { format!("the {noun} {names} is") } else { format!("the {noun}s {names} are") };
    let others = distinct.iter().skip(1);
    let finding = found
        .report(
            first.component,
            &first.reference,
            format!("{subject} not in the checked files, which contain no {noun}"),
        )
        .label(format!(
            "refers to {} {noun}",
            if noun.starts_with(['a', 'e']) { "an" } else { "a" }
        ));
    others
        .fold(finding, |finding, other| finding.related(&other.reference, "and here"))
        .help(format!(
            "retrieve {} into the project, or make sure that the org has {} before this is deployed",
            if is_one { "it" } else { "them" },
            if is_one { "it" } else { "them" },
        ))
        .at_most(Severity::Note)
        .field(noun);
}
