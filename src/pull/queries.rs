//! Everything that is asked of an org, besides its metadata. The objects, fields and paths are fixed here; only names and
//! IDs of the same org are filled in.

use std::collections::BTreeSet;

use serde_json::Value;

use super::sf::Sf;
use crate::error::Error;

/// The answer to a question: `Err` means unknown, with the reason. Never "none".
pub type Known<T> = Result<T, String>;

/// A query, before its condition. Fields that the org does not have are left out, unless they are required.
pub struct Query {
    pub object: &'static str,
    pub fields: &'static [&'static str],
    /// Fields that not every org has.
    pub optional: &'static [&'static str],
    /// Completes "cannot read ...".
    pub what: &'static str,
}

pub const ORGANIZATION: Query = Query {
    object: "Organization",
    fields: &["Id", "IsSandbox", "TrialExpirationDate", "OrganizationType"],
    optional: &[],
    what: "the kind of the org",
};
pub const ACCESS: Query = Query {
    object: "SetupEntityAccess",
    fields: &[
        "ParentId",
        "Parent.Name",
        "Parent.Label",
        "Parent.NamespacePrefix",
        "Parent.IsOwnedByProfile",
        "Parent.Profile.Name",
        "SetupEntityId",
        "SetupEntityType",
    ],
    optional: &[],
    what: "who may use principals and apps",
};
/// The values of `SetupEntityType` that matter.
pub const ENTITY_TYPES: &[&str] =
    &["ConnectedApplication", "ExternalClientApplication", "ExternalCredentialParameter"];
pub const CONNECTED_APPS: Query = Query {
    object: "ConnectedApplication",
    fields: &["Id", "Name"],
    optional: &[],
    what: "the installed connected apps",
};
pub const CLIENT_APPS: Query = Query {
    object: "ExternalClientApplication",
    fields: &["Id", "DeveloperName", "NamespacePrefix"],
    optional: &[],
    what: "the external client apps",
};
pub const ASSIGNMENTS: Query = Query {
    object: "PermissionSetAssignment",
    fields: &[
        "Assignee.Username",
        "Assignee.IsActive",
        "PermissionSetId",
        "PermissionSet.Name",
        "PermissionSet.NamespacePrefix",
        "PermissionSet.IsOwnedByProfile",
        "PermissionSetGroup.DeveloperName",
        "PermissionSetGroup.NamespacePrefix",
    ],
    optional: &["ExpirationDate", "IsActive"],
    what: "permission set assignments",
};
pub const API_ENABLED: Query = Query {
    object: "PermissionSetAssignment",
    fields: &["Assignee.Username"],
    optional: &["ExpirationDate", "IsActive"],
    what: "who has *API Enabled*",
};
pub const USERS: Query = Query {
    object: "User",
    fields: &["Id", "Username", "IsActive", "Profile.Name"],
    optional: &[],
    what: "users",
};
pub const FROZEN: Query = Query {
    object: "UserLogin",
    fields: &["UserId", "IsFrozen"],
    optional: &[],
    what: "which users are frozen",
};
pub const LOGINS: Query = Query {
    object: "LoginHistory",
    fields: &["LoginTime", "Status", "LoginType"],
    optional: &["Application"],
    what: "the login history",
};

impl Query {
    /// The whole query, with the fields that exist.
    pub fn soql(&self, exists: &dyn Fn(&str) -> bool, rest: &str) -> String {
        let optional = self.optional.iter().filter(|field| exists(field));
        let fields: Vec<&str> = self.fields.iter().chain(optional).copied().collect();
        let soql = format!("SELECT {} FROM {} {rest}", fields.join(", "), self.object);
        soql.trim_end().to_owned()
    }
}

/// The arguments of a query.
pub fn query_arguments(alias: &str, soql: &str, api_version: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> =
        ["data", "query", "--target-org", alias, "--query", soql].map(str::to_owned).into();
    all.extend(super::versioned(api_version));
    all
}

/// The arguments of a description of an object.
pub fn describe_arguments(alias: &str, object: &str, api_version: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> = ["sobject", "describe", "--target-org", alias, "--sobject", object]
        .map(str::to_owned)
        .into();
    all.extend(super::versioned(api_version));
    all
}

/// The arguments of a request for an external credential and its principals.
pub fn credential_arguments(alias: &str, name: &str, api_version: &str) -> Option<Vec<String>> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(is_plain) {
        return None;
    }
    let path =
        format!("/services/data/v{api_version}/named-credentials/external-credentials/{name}");
    Some(["api", "request", "rest", &path, "--target-org", alias].map(str::to_owned).into())
}

/// The fields of an object, and the values of its picklists.
pub struct Described {
    fields: BTreeSet<String>,
    description: Value,
}

impl Described {
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains(field)
    }

    /// Those of some values that a picklist has; all of them if it lists none.
    pub fn values<'v>(&self, field: &str, wanted: &[&'v str]) -> Vec<&'v str> {
        let fields = self.description.get("fields").and_then(Value::as_array);
        let found =
            fields.into_iter().flatten().find(|found| string(found, "/name") == Some(field));
        let values: Vec<&str> = found
            .and_then(|found| found.get("picklistValues")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(|value| string(value, "/value"))
            .collect();
        let is_one = |value: &&str| values.is_empty() || values.contains(value);
        wanted.iter().copied().filter(is_one).collect()
    }
}

/// Asks one org.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    pub sf: &'a Sf,
    pub alias: &'a str,
    pub api_version: Option<&'a str>,
}

impl Asker<'_> {
    /// What an object looks like in this org.
    pub fn describe(&self, query: &Query) -> Result<Known<Described>, Error> {
        let arguments = describe_arguments(self.alias, query.object, self.api_version);
        Ok(match self.sf.json(self.alias, &arguments)? {
            Ok(description) => {
                let fields: BTreeSet<String> = description
                    .get("fields")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|field| string(field, "/name").map(str::to_owned))
                    .collect();
                let lacking = query
                    .fields
                    .iter()
                    .filter(|field| !field.contains('.'))
                    .find(|field| !fields.contains(**field));
                match lacking {
                    Some(field) => Err(format!("the user cannot read `{}.{field}`", query.object)),
                    None => Ok(Described { fields, description }),
                }
            }
            Err(refusal) => match refusal.of_org(self.alias) {
                Some(error) => return Err(error.into()),
                None => Err(refusal.shown()),
            },
        })
    }

    /// The records of a query. An incomplete list is unknown.
    pub fn records(&self, soql: &str) -> Result<Known<Vec<Value>>, Error> {
        let arguments = query_arguments(self.alias, soql, self.api_version);
        Ok(match self.sf.json(self.alias, &arguments)? {
            Ok(mut result) => {
                let total = result.get("totalSize").and_then(Value::as_u64);
                match result.get_mut("records").map(Value::take) {
                    Some(Value::Array(records)) => {
                        if total.is_some_and(|total| total > records.len() as u64) {
                            Err(format!(
                                "the CLI returned only {} of {} records",
                                records.len(),
                                total.unwrap_or_default()
                            ))
                        } else {
                            Ok(records)
                        }
                    }
                    _ => Err("the answer has no records".to_owned()),
                }
            }
            Err(refusal) => match refusal.of_org(self.alias) {
                Some(error) => return Err(error.into()),
                None => Err(refusal.shown()),
            },
        })
    }

    /// Describes an object, and queries it. `rest` is what follows the object in the query.
    pub fn ask(
        &self,
        query: &Query,
        rest: &dyn Fn(&Described) -> Vec<String>,
    ) -> Result<Known<Vec<Value>>, Error> {
        let described = match self.describe(query)? {
            Ok(described) => described,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut all = Vec::new();
        for rest in rest(&described) {
            match self.records(&query.soql(&|field| described.has(field), &rest))? {
                Ok(mut records) => all.append(&mut records),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(Ok(all))
    }

    /// An external credential as the Connect API shows it.
    pub fn credential(&self, name: &str, api_version: &str) -> Result<Known<Value>, Error> {
        let Some(arguments) = credential_arguments(self.alias, name, api_version) else {
            return Ok(Err("its name cannot be part of a path".to_owned()));
        };
        let output = self.sf.run(self.alias, &arguments)?;
        let document: Option<Value> = serde_json::from_slice(&output.text).ok();
        Ok(match document {
            Some(document) if output.succeeded && document.get("principals").is_some() => {
                Ok(document)
            }
            Some(Value::Array(errors)) => Err(errors
                .first()
                .and_then(|error| string(error, "/errorCode"))
                .map_or_else(
                    || "the Connect API refused the request".to_owned(),
                    |code| format!("the Connect API answered {}", code.chars().filter(char::is_ascii).take(60).collect::<String>()),
                )),
            _ => Err("the CLI did not return it; `sf api request rest` needs a current version of the CLI and of Node.js".to_owned()),
        })
    }
}

pub fn string<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

/// A list of strings for a query.
pub fn quoted<'s>(values: impl IntoIterator<Item = &'s str>) -> String {
    let all: Vec<String> = values
        .into_iter()
        .map(|value| {
            let escaped: String = value
                .chars()
                .filter(|character| !character.is_control())
                .flat_map(|character| {
                    let escape = matches!(character, '\'' | '\\').then_some('\\');
                    escape.into_iter().chain([character])
                })
                .collect();
            format!("'{escaped}'")
        })
        .collect();
    format!("({})", all.join(", "))
}

/// Splits names into queries of a length that every operating system accepts.
pub fn in_parts<'s>(names: &'s [String], condition: &dyn Fn(&str) -> String) -> Vec<String> {
    const TOGETHER: usize = 40;
    names
        .chunks(TOGETHER)
        .map(|names| condition(&quoted(names.iter().map(String::as_str))))
        .collect::<Vec<String>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_end_a_string() {
        assert_eq!(quoted(["o'neill@acme.example", "a\\"]), "('o\\'neill@acme.example', 'a\\\\')");
        assert_eq!(quoted(["a\n' OR Id != '"]), "('a\\' OR Id != \\'')");
    }

    #[test]
    fn only_names_become_paths() {
        assert!(credential_arguments("hub", "Spoke_Org", "67.0").is_some());
        for name in ["", "../credential", "a/b", "a?b", "ä"] {
            assert!(credential_arguments("hub", name, "67.0").is_none(), "{name}");
        }
    }

    #[test]
    fn no_query_reads_what_could_be_a_secret() {
        let all = [
            ORGANIZATION,
            ACCESS,
            CONNECTED_APPS,
            CLIENT_APPS,
            ASSIGNMENTS,
            API_ENABLED,
            USERS,
            FROZEN,
            LOGINS,
        ];
        for query in all {
            let text = query.soql(&|_| true, "").to_ascii_lowercase();
            assert!(
                !["token", "secret", "password", "oauthtoken"]
                    .iter()
                    .any(|word| text.contains(word)),
                "{text}"
            );
        }
    }
}
