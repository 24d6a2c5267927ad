//! The commands of a run, for people who want to run them by hand, and the manifest for other tools.

use super::queries::{
    ACCESS, API_ENABLED, ASSIGNMENTS, CLIENT_APPS, CONNECTED_APPS, ENTITY_TYPES, FROZEN,
    ORGANIZATION, Query, USERS, credential_arguments, describe_arguments, query_arguments, quoted,
};
use super::{Request, metadata, org};

/// The version in the manifest, unless another is asked for.
const MANIFEST_VERSION: &str = "64.0";

/// The manifest of what is retrieved.
pub fn package(request: &Request) -> String {
    let version = request.api_version.as_deref().unwrap_or(MANIFEST_VERSION);
    metadata::manifest(&metadata::types(request.with_apex), version)
}

/// Every command, each on a line, with comments.
pub fn commands(request: &Request) -> Vec<String> {
    let version = request.api_version.as_deref();
    let mut lines = Vec::new();
    if !request.only_metadata {
        lines.push(
            "# Words in capitals are filled in from the results of earlier commands: the users, permission sets and external credentials in the metadata"
                .to_owned(),
        );
    }
    for target in &request.targets {
        let alias = target.alias.as_str();
        let types = metadata::types(request.with_apex);
        lines.push(format!("# {}", target.name));
        lines.push(line(&org::arguments(alias)));
        lines.push(line(&query_arguments(alias, &ORGANIZATION.soql(&|_| true, ""), version)));
        lines.push(line(&metadata::arguments(alias, &types, "FOLDER", version, 10)));
        if request.only_metadata {
            continue;
        }
        let users = if request.users.is_empty() {
            "('USERNAME')".to_owned()
        } else {
            quoted(request.users.iter().map(String::as_str))
        };
        let by_user = |condition: &str| condition.replace("USERS", &users);
        let mut ask = |query: &Query, conditions: &[String]| {
            lines.push(line(&describe_arguments(alias, query.object, version)));
            for condition in conditions {
                lines.push(line(&query_arguments(
                    alias,
                    &query.soql(&|_| true, condition),
                    version,
                )));
            }
        };
        ask(&USERS, &[by_user("WHERE Username IN USERS")]);
        ask(&FROZEN, &["WHERE UserId IN ('USER_ID')".to_owned()]);
        ask(&ASSIGNMENTS, &[by_user("WHERE Assignee.Username IN USERS")]);
        ask(
            &API_ENABLED,
            &[by_user(
                "WHERE PermissionSet.PermissionsApiEnabled = true AND Assignee.Username IN USERS",
            )],
        );
        ask(
            &ACCESS,
            &[format!("WHERE SetupEntityType IN {}", quoted(ENTITY_TYPES.iter().copied()))],
        );
        ask(&CONNECTED_APPS, &[String::new()]);
        ask(&CLIENT_APPS, &[String::new()]);
        if request.users.is_empty() {
            ask(&ASSIGNMENTS, &[
                "WHERE PermissionSetGroupId = null AND PermissionSet.Name IN ('PERMISSION_SET')".to_owned(),
                "WHERE PermissionSetGroup.DeveloperName IN ('PERMISSION_SET_GROUP')".to_owned(),
                "WHERE PermissionSetId IN ('PERMISSION_SET_ID_OF_A_PROFILE')".to_owned(),
            ]);
        }
        let shown = version.unwrap_or(MANIFEST_VERSION);
        if let Some(arguments) = credential_arguments(alias, "EXTERNAL_CREDENTIAL", shown) {
            lines.push(format!("sf {}", words(&arguments)));
        }
    }
    lines
}

fn line(arguments: &[String]) -> String {
    format!("sf {} --json", words(arguments))
}

/// Arguments as a shell reads them.
fn words(arguments: &[String]) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:@+".contains(character);
    let quoted = arguments.iter().map(|word| match word.chars().all(is_plain) {
        true => word.clone(),
        false => format!("\"{word}\""),
    });
    quoted.collect::<Vec<_>>().join(" ")
}
