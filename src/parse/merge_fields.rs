//! Merge fields of credentials in Apex literals, with their places and requests.

use std::ops::Range;

use crate::model::{MergeField, RequestPart};
use crate::source::{FileId, Span};

/// The merge fields `{!$Credential…}` in the literals of one class or trigger.
pub fn merge_fields(file: FileId, text: &str, literals: &[Range<usize>]) -> Vec<MergeField> {
    // Most classes have none.
    if memchr::memmem::find(text.as_bytes(), b"{!").is_none() {
        return Vec::new();
    }
    let body = |literal: &Range<usize>| text.get(literal.clone()).unwrap_or_default();
    let is_merge_field = |literal: &&Range<usize>| {
        memchr::memmem::find(body(literal).to_ascii_lowercase().as_bytes(), b"$credential.")
            .is_some()
            && body(literal).contains("{!")
    };
    let named = only_callout(literals.iter().map(body));
    let mut found = Vec::new();
    for literal in literals.iter().filter(is_merge_field) {
        found.push(MergeField {
            place: Span::new(file, literal.start, literal.end),
            part: part(text.get(..literal.start).unwrap_or_default()),
            named: named.clone(),
        });
    }
    found
}

/// The method that the statement before a literal calls.
fn part(before: &str) -> RequestPart {
    let statement = before
        .rfind([';', '{', '}'])
        .map_or(before, |at| before.get(at + 1..).unwrap_or_default())
        .to_ascii_lowercase();
    let calls = |method: &str| {
        statement.rfind(method).is_some_and(|at| {
            statement
                .get(at + method.len()..)
                .is_some_and(|rest| rest.trim_start().starts_with('('))
        })
    };
    match (calls(".setheader"), calls(".setbody")) {
        (true, false) => RequestPart::Header,
        (false, true) => RequestPart::Body,
        _ => RequestPart::Unknown,
    }
}

/// The only name in all `callout:` literals of a class; `None` if a name is computed at run time.
fn only_callout<'a>(literals: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut only: Option<&str> = None;
    for literal in literals {
        let Some(rest) = literal
            .get(..8)
            .filter(|start| start.eq_ignore_ascii_case("callout:"))
            .and_then(|_| literal.get(8..))
        else {
            continue;
        };
        let name = rest.split(['/', '?', '#']).next().unwrap_or_default().trim();
        let whole = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !whole || only.is_some_and(|other| !other.eq_ignore_ascii_case(name)) {
            return None;
        }
        only = Some(name);
    }
    only.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_in(text: &str) -> Vec<(RequestPart, Option<String>)> {
        merge_fields(FileId(0), text, &crate::parse::apex::read(FileId(0), "X", text, &[]).literals)
            .into_iter()
            .map(|field| (field.part, field.named))
            .collect()
    }

    #[test]
    fn the_request_and_the_credential_are_known_if_they_are_together() {
        let text = "r.setEndpoint('callout:A/x'); r.setHeader('Authorization', 'Bearer {!$Credential.OAuthToken}');\nr.setBody('{!$Credential.Password}');";
        assert_eq!(
            found_in(text),
            [(RequestPart::Header, Some("A".into())), (RequestPart::Body, Some("A".into()))]
        );
    }

    #[test]
    fn what_lies_in_between_is_unknown() {
        assert_eq!(
            found_in(
                "String token = '{!$Credential.OAuthToken}'; r.setEndpoint('callout:' + name);"
            ),
            [(RequestPart::Unknown, None)]
        );
        assert_eq!(
            found_in(
                "r.setEndpoint('callout:A'); s.setEndpoint('callout:B'); r.setHeader('X', '{!$Credential.Password}');"
            ),
            [(RequestPart::Header, None)]
        );
    }

    #[test]
    fn other_strings_are_not_merge_fields() {
        assert_eq!(
            found_in(
                "// '{!$Credential.OAuthToken}'\nr.setHeader('X', '$Credential.X'); r.setHeader('Y', '{!$User.Id}');"
            ),
            []
        );
    }
}
