//! The fields of metadata whose values may be shown: the table `model/public_fields.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::value::Class;

static TABLE: LazyLock<HashMap<&'static str, Vec<Row>>> =
    LazyLock::new(|| read(include_str!("../model/public_fields.txt")));

/// How an element is shown, and what its siblings must be.
struct Row {
    class: Class,
    conditions: Vec<(&'static str, Vec<&'static str>)>,
}

fn read(text: &'static str) -> HashMap<&'static str, Vec<Row>> {
    let mut table: HashMap<&'static str, Vec<Row>> = HashMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (head, conditions) = line.split_once(" if ").unwrap_or((line, ""));
        let conditions: Vec<_> = conditions
            .split(" and ")
            .filter_map(|condition| {
                let mut words = condition.split_whitespace();
                Some((words.next()?, words.collect()))
            })
            .collect();
        let mut words = head.split_whitespace();
        let class = match words.next() {
            Some("words") => Class::Words,
            Some("url") => Class::Url,
            Some("key") => Class::Key,
            Some("header") => Class::Header,
            _ => continue,
        };
        for element in words {
            table.entry(element).or_default().push(Row { class, conditions: conditions.clone() });
        }
    }
    table
}

/// How the value of an element is shown. `sibling` gives the text of a sibling element. The row with most conditions
/// decides.
pub fn class<'t>(element: &str, sibling: impl Fn(&str) -> Option<&'t str>) -> Class {
    let holds = |row: &&Row| {
        row.conditions.iter().all(|(name, values)| {
            sibling(name).is_some_and(|text| {
                values.iter().any(|value| value.eq_ignore_ascii_case(text.trim()))
            })
        })
    };
    TABLE
        .get(element)
        .into_iter()
        .flatten()
        .filter(holds)
        .max_by_key(|row| row.conditions.len())
        .map_or(Class::Hidden, |row| row.class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MetadataTypes;

    #[test]
    fn the_class_of_a_parameter_depends_on_its_type_and_name() {
        let of = |kind: &'static str, name: &'static str| {
            class("parameterValue", |sibling| match sibling {
                "parameterType" => Some(kind),
                "parameterName" => Some(name),
                _ => None,
            })
        };
        assert_eq!(of("JwtBodyClaim", "aud"), Class::Url);
        assert_eq!(of("JwtBodyClaim", "iss"), Class::Key);
        assert_eq!(of("JwtBodyClaim", "client_secret"), Class::Hidden);
        assert_eq!(of("AuthParameter", "password"), Class::Header);
        assert_eq!(of("AuthParameter", "scope"), Class::Words);
        assert_eq!(class("parameterValue", |_| None), Class::Hidden);
    }

    #[test]
    fn elements_that_hold_secrets_or_free_text_are_not_public() {
        for element in [
            "password",
            "consumerSecret",
            "oauthToken",
            "oauthRefreshToken",
            "awsAccessSecret",
            "awsAccessKey",
            "ecKey",
            "appleTeam",
            "appleClientSecret",
            "description",
            "content",
            "schema",
            "customConfiguration",
            "value",
        ] {
            assert_eq!(class(element, |_| None), Class::Hidden, "{element}");
        }
    }

    /// A misspelled row would mask a field silently.
    #[test]
    fn every_public_element_is_an_element_of_a_metadata_type() {
        let types = MetadataTypes::get();
        let known: Vec<&str> = types
            .type_names()
            .filter_map(|name| types.definition(name))
            .flat_map(crate::model::ElementType::names)
            .collect();
        // Elements of types that the other table does not describe, or that only templates have.
        const OTHERS: &[&str] = &[
            "fullName",
            "tokenEndpoint",
            "oauthTokenEndpoint",
            "permissionSet",
            "permissionSetLicense",
            "profiles",
            "principalName",
            "members",
            "apexClass",
            "application",
            "recordType",
            "tab",
            "apexPage",
            "field",
            "profile",
            "requiredSessionLevel",
        ];
        for element in TABLE.keys().filter(|element| !OTHERS.contains(element)) {
            assert!(known.contains(element), "`{element}`");
        }
    }
}
