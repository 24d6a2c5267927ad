//! `[[forbid]]` and `[[require]]`: custom rules.

use serde::Deserialize;
use serde_spanned::Spanned;

use crate::error::Mistake;
use crate::finding::Severity;
use crate::model::{CustomRule, MetadataTypes, Requirement, matches_anything};
use crate::nearest::nearest;
use crate::pattern::Patterns;

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
        patterns: &mut Patterns,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<(CustomRule, Option<Severity>)> {
        let before = mistakes.len();
        let mut report = |place: &Spanned<String>, message: String, help: Option<String>| {
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
            report(
                &self.r#type,
                format!("unknown metadata type `{type_name}`"),
                near.map(|near| format!("did you mean `{near}`?")),
            );
        } else if let Err((definition, step)) = table.follow(type_name, field) {
            let parameter = field.split_once('/').is_some_and(|(parameters, _)| {
                matches!(parameters, "externalCredentialParameters" | "namedCredentialParameters")
            });
            if field != "fullName" && !parameter {
                let near = definition.and_then(|definition| nearest(step, definition.names()));
                report(
                    &self.field,
                    format!("`{field}` is not an element of {type_name}"),
                    near.map(|near| format!("did you mean `{near}`?")),
                );
            }
        }
        let pattern =
            match self.pattern.as_ref().map(|pattern| (pattern, patterns.whole(pattern.get_ref())))
            {
                Some((pattern, Err(reason))) => {
                    report(pattern, format!("invalid regular expression: {reason}"), None);
                    None
                }
                Some((_, Ok(pattern))) => Some(pattern),
                None => None,
            };
        let rule = CustomRule {
            matches_anything: pattern.as_ref().is_none_or(matches_anything),
            demand,
            type_name: type_name.to_owned(),
            field: field.to_owned(),
            pattern,
            message: self.message.clone(),
        };
        (mistakes.len() == before).then_some((rule, self.severity))
    }
}
