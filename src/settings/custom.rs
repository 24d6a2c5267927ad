//! `[[forbid]]` and `[[require]]`: custom rules.

use super::fields::{Fields, Mistakes, Value};
use crate::finding::Severity;
use crate::model::{CustomRule, MetadataTypes, Requirement, matches_anything};
use crate::nearest::nearest;
use crate::pattern::Patterns;

const SEVERITIES: &[(&str, Severity)] =
    &[("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)];

/// Reads a `[[forbid]]` or `[[require]]`.
pub(super) fn read(
    key: &'static str,
    value: Value<'_>,
    demand: Requirement,
    patterns: &mut Patterns,
    mistakes: &mut Mistakes,
) -> Option<(CustomRule, Option<Severity>)> {
    let before = mistakes.count();
    let mut fields = Fields::new(value, key, "a custom rule", mistakes)?;
    let type_name = fields.required_text("type", mistakes);
    let field = fields.required_text("field", mistakes);
    let pattern = fields.text("pattern", mistakes);
    let message = fields.text("message", mistakes);
    let severity = fields.choice("severity", SEVERITIES, mistakes);
    fields.finish(mistakes);
    if let Some(type_name) = &type_name {
        let table = MetadataTypes::get();
        if table.definition(&type_name.value).is_none() {
            let near = nearest(&type_name.value, table.type_names());
            mistakes.add(
                type_name.range(),
                format!("unknown metadata type `{}`", type_name.value),
                near.map(|near| format!("did you mean `{near}`?")),
            );
        } else if let Some(field) = &field
            && let Err((definition, step)) = table.follow(&type_name.value, &field.value)
        {
            let parameter = field.value.split_once('/').is_some_and(|(parameters, _)| {
                matches!(parameters, "externalCredentialParameters" | "namedCredentialParameters")
            });
            if field.value != "fullName" && !parameter {
                let near = definition.and_then(|definition| nearest(step, definition.names()));
                mistakes.add(
                    field.range(),
                    format!("`{}` is not an element of {}", field.value, type_name.value),
                    near.map(|near| format!("did you mean `{near}`?")),
                );
            }
        }
    }
    let pattern = pattern.and_then(|pattern| match patterns.whole(&pattern.value) {
        Ok(compiled) => Some(compiled),
        Err(reason) => {
            let message = format!("invalid regular expression: {reason}");
            mistakes.add(pattern.range(), message, None);
            None
        }
    });
    let rule = CustomRule {
        matches_anything: pattern.as_ref().is_none_or(matches_anything),
        demand,
        type_name: type_name?.value,
        field: field?.value,
        pattern,
        message: message.map(|message| message.value),
    };
    (mistakes.count() == before).then_some((rule, severity))
}
