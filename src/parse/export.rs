//! Exports of `sf data query --json`: users, and who has which permission set.

use serde_json::Value;

use crate::model::User;
use crate::source::{FileId, Span, Syntax, Text};

/// The content of an export.
#[derive(Clone, Debug, Default)]
pub struct Export {
    pub users: Vec<User>,
    /// Username, permission set or group, and whether the user is active.
    pub assignments: Vec<(Text, Text, bool)>,
    /// The export lists permission set assignments, even if there are none.
    pub lists_assignments: bool,
}

/// Reads the records of any query. A file that is not such an export gives no records.
pub fn parse(file: FileId, text: &str) -> Option<Export> {
    let json: Value = serde_json::from_str(text).ok()?;
    let records = json
        .pointer("/result/records")
        .or_else(|| json.get("records"))
        .and_then(Value::as_array)
        .or_else(|| json.as_array())?;
    let mut export = Export::default();
    for record in records {
        let assignee = string(record, &["/Assignee/Username"]);
        let set = string(record, &["/PermissionSetGroup/DeveloperName", "/PermissionSet/Name"]);
        if let (Some(user), Some(set)) = (assignee, set) {
            let active =
                record.pointer("/Assignee/IsActive").and_then(Value::as_bool).unwrap_or(true);
            export.assignments.push((located(file, text, user), located(file, text, set), active));
        } else if let Some(username) = string(record, &["/Username"]) {
            export.users.push(User {
                username: located(file, text, username),
                profile: string(record, &["/Profile/Name"])
                    .map(|profile| located(file, text, profile)),
                permission_sets: None,
                api_enabled: None,
                active: record.get("IsActive").and_then(Value::as_bool).unwrap_or(true),
            });
        }
    }
    export.lists_assignments = export.users.is_empty();
    Some(export)
}

fn string<'a>(record: &'a Value, pointers: &[&str]) -> Option<&'a str> {
    pointers.iter().find_map(|pointer| record.pointer(pointer)?.as_str())
}

/// The JSON parser returns no positions, so the first occurrence of the string in the file is used.
fn located(file: FileId, text: &str, value: &str) -> Text {
    let quoted = serde_json::to_string(value).unwrap_or_default();
    let span = text
        .find(&quoted)
        .map_or(Span::new(file, 0, 0), |at| Span::new(file, at + 1, at + quoted.len() - 1));
    Text::at(value, span, Syntax::Verbatim)
}
