//! Edits of an app's list of scopes, in each format that it can have.

use crate::finding::Edit;
use crate::model::{App, AppKind};
use crate::source::{Span, Text};

/// Removes scopes from the list. No edits if the list would become empty.
pub fn without(app: &App, removed: &[&Text]) -> Vec<Edit> {
    let scopes = app.scopes.as_deref().unwrap_or_default();
    let is_removed = |scope: &Text| removed.iter().any(|other| other.span == scope.span);
    let Some(first_kept) = scopes.iter().position(|scope| !is_removed(scope)) else {
        return Vec::new();
    };
    let has_elements = app.kind == AppKind::ConnectedApp && !app.records.is_empty();
    let mut edits = Vec::new();
    for (index, scope) in scopes.iter().enumerate().filter(|(_, scope)| is_removed(scope)) {
        let before = index
            .checked_sub(1)
            .and_then(|index| scopes.get(index))
            .map(|before| before.element.end);
        let after = scopes.get(index + 1).map(|after| after.element.start);
        let here = scope.element;
        edits.push(match (before, after) {
            _ if has_elements => Edit::Remove(here),
            (_, Some(start)) if index < first_kept => {
                Edit::Replace(Span { end: start, ..here }, String::new())
            }
            (Some(end), _) => Edit::Replace(Span { start: end, ..here }, String::new()),
            _ => continue,
        });
    }
    edits
}
