//! `[[forbid]]` and `[[require]]`: the rules of a team's own, as written.

use serde::Deserialize;
use serde_spanned::Spanned;

use crate::error::Mistake;
use crate::finding::Severity;
use crate::model::{CustomRule, Requirement, MetadataTypes};
use crate::nearest::nearest;

/// A `[[forbid]]` or `[[require]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Custom {
    r#type: Spanned<String>,
    field: Spanned<String>,
    pattern: Option<Spanned<String>>,
    message: Option<String>,
    severity: Option<Severity>,
}

impl Custom {
    pub fn read(
        &self,
        demand: Requirement,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<(CustomRule, Option<Severity>)> {
        let before = mistakes.len();
        let mut note = |place: &Spanned<String>, message: String, help: Option<String>| {
            mistakes.push(Mistake {
                message,
                start: place.span().start,
                end: place.span().end,
                help,
                related: None,
            });
        };
        let table = MetadataTypes::get();
        let (type_name, field) = (self.r#type.get_ref().as_str(), self.field.get_ref().as_str());
        if table.definition(type_name).is_none() {
            let near = nearest(type_name, table.type_names());
            note(
                &self.r#type,
                format!("`{type_name}` is no metadata type that is read"),
                near.map(|near| format!("did you mean `{near}`?")),
            );
        } else if let Err((definition, step)) = table.follow(type_name, field) {
            let parameter = field.split_once('/').is_some_and(|(parameters, _)| {
                matches!(parameters, "externalCredentialParameters" | "namedCredentialParameters")
            });
            if field != "fullName" && !parameter {
                let near = definition.and_then(|definition| nearest(step, definition.names()));
                note(
                    &self.field,
                    format!("{type_name} has no element `{field}`"),
                    near.map(|near| format!("did you mean `{near}`?")),
                );
            }
        }
        let pattern = match self
            .pattern
            .as_ref()
            .map(|pattern| CustomRule::whole(pattern.get_ref()))
        {
            Some(Err(error)) => {
                let reason = error.to_string();
                let reason = reason
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned();
                self.pattern.iter().for_each(|pattern| {
                    note(pattern, format!("the pattern is no regular expression: {reason}"), None)
                });
                None
            }
            Some(Ok(pattern)) => Some(pattern),
            None => None,
        };
        let rule = CustomRule {
            demand,
            type_name: type_name.to_owned(),
            field: field.to_owned(),
            pattern,
            message: self.message.clone(),
        };
        (mistakes.len() == before).then_some((rule, self.severity))
    }
}
