//! Which inputs a rule needs: without them, the absence of findings does not mean that all is well.

use crate::model::{Org, RelatedComponents, Workspace};

/// Something that the files may contain and a rule may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Credential,
    /// A credential that signs a JWT.
    JwtCredential,
    App,
    SigningCertificate,
    PermissionSet,
    PermissionSetGroup,
    Apex,
    Users,
    PermissionSetAssignments,
    RunningUsers,
    Settings,
}

/// The first input of a rule that the files do not contain, described.
pub(super) fn missing_input(
    rule: &str,
    workspace: &Workspace,
    related: Option<&RelatedComponents<'_>>,
) -> Option<&'static str> {
    needs(rule)
        .iter()
        .find(|input| !input.is_present(workspace, related))
        .map(|input| input.description())
}

/// The inputs of a rule. Those that are not listed follow from the first word of the name.
fn needs(rule: &str) -> &'static [Input] {
    match rule {
        "certificate-mismatch" => &[Input::App, Input::SigningCertificate],
        "issuer-unknown"
        | "issuer-of-another-org"
        | "consumer-key-duplicated"
        | "token-endpoint-needs-my-domain"
        | "named-user-jwt-misread"
        | "client-credentials-user-missing" => &[Input::App],
        "subject-not-approved" => &[Input::App, Input::Users],
        "subject-unknown"
        | "subject-profile-restricts-ip"
        | "subject-profile-restricts-hours"
        | "subject-lacks-api-enabled" => &[Input::Users],
        "permission-set-unassigned" => &[Input::PermissionSet, Input::PermissionSetAssignments],
        "running-user-not-granted" => &[Input::PermissionSet, Input::RunningUsers],
        "principal-muted" => &[Input::PermissionSetGroup],
        "principal-missing"
        | "principal-group-mismatch"
        | "principal-sequence-duplicated"
        | "callout-disabled" => &[Input::Credential],
        "granted-credential-not-found"
        | "private-key-in-source"
        | "unknown-element"
        | "unknown-value"
        | "element-needs-other-api-version"
        | "placeholder-left" => &[],
        "api-access-control" => &[Input::Settings],
        "named-credential-not-found"
        | "named-credential-case-differs"
        | "token-exchange-by-hand"
        | "endpoint-hard-coded"
        | "namespace-not-allowed" => &[Input::Apex],
        "certificate-not-in-project"
        | "signing-certificate-missing"
        | "prn-overrides-subject"
        | "key-id-differs" => &[Input::JwtCredential],
        _ => match rule.split('-').next() {
            Some("app") => &[Input::App],
            Some(
                "audience" | "claim" | "issuer" | "subject" | "expiry" | "algorithm" | "scope"
                | "token",
            ) => &[Input::JwtCredential],
            Some("certificate") => &[Input::SigningCertificate],
            Some("principal" | "permission" | "user") => &[Input::PermissionSet],
            Some("apex" | "callout") => &[Input::Apex],
            _ => &[Input::Credential],
        },
    }
}

impl Input {
    /// Whether the files contain it: for the credential in question if there is one, else at all.
    fn is_present(self, workspace: &Workspace, related: Option<&RelatedComponents<'_>>) -> bool {
        let in_calling_org = |has: &dyn Fn(&Org) -> bool| match related {
            Some(related) => related.calling_orgs().any(has),
            None => workspace.orgs.iter().any(has),
        };
        let in_target_org = |has: &dyn Fn(&Org) -> bool| match related {
            Some(related) => {
                related.connections.iter().any(|connection| has(connection.target_org))
            }
            None => workspace.orgs.iter().any(has),
        };
        match self {
            Input::Credential => {
                related.is_some()
                    || in_calling_org(&|org| {
                        !org.named_credentials.is_empty() || !org.external_credentials.is_empty()
                    })
            }
            Input::JwtCredential => match related {
                Some(related) => !related.jwt_credentials.is_empty(),
                None => workspace.signing_credentials().next().is_some(),
            },
            Input::App => match related {
                Some(related) => related.has_app(),
                None => workspace.apps().next().is_some(),
            },
            Input::SigningCertificate => match related {
                Some(related) => related.has_certificate(),
                None => workspace.orgs.iter().any(|org| !org.certificates.is_empty()),
            },
            Input::PermissionSet => in_calling_org(&|org| !org.permission_sets.is_empty()),
            Input::PermissionSetGroup => in_calling_org(&|org| !org.groups.is_empty()),
            Input::Apex => match related {
                Some(related) => {
                    related.callouts().next().is_some()
                        || in_calling_org(&|org| !org.apex.is_empty())
                }
                None => in_calling_org(&|org| !org.callouts.is_empty() || !org.apex.is_empty()),
            },
            Input::Users => in_target_org(&|org| org.users.is_some()),
            Input::PermissionSetAssignments => in_calling_org(&|org| {
                org.assignments_known
                    || org.users.is_some()
                    || org.permission_sets.iter().any(|set| set.assigned_to.is_some())
            }),
            Input::RunningUsers => in_calling_org(&|org| !org.callouts_run_as.is_empty()),
            Input::Settings => in_target_org(&|org| {
                org.records.iter().any(|record| record.component.type_name == "Settings")
            }),
        }
    }

    /// Completes "not checked, because … cannot be read from the files given".
    fn description(self) -> &'static str {
        match self {
            Input::Credential => "the credential",
            Input::JwtCredential => "a credential that signs a JWT",
            Input::App => "the app in the target org",
            Input::SigningCertificate => "the signing certificate",
            Input::PermissionSet => "permission sets",
            Input::PermissionSetGroup => "permission set groups",
            Input::Apex => "the Apex code that makes the callout",
            Input::Users => "the users of the target org",
            Input::PermissionSetAssignments => "permission set assignments",
            Input::RunningUsers => "the users who run the callout",
            Input::Settings => "the settings of the target org",
        }
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use crate::check::RULES;

    #[test]
    fn only_known_rules_are_listed() {
        let (code, _) = include_str!("coverage.rs").split_once("#[cfg(test)]").unwrap();
        let names: Vec<&str> = Regex::new("\"([a-z]+(?:-[a-z]+)+)\"")
            .unwrap()
            .captures_iter(code)
            .map(|found| found.get(1).unwrap().as_str())
            .collect();
        assert!(names.len() > 20);
        for name in names {
            assert!(RULES.iter().any(|rule| rule.name == name), "unknown rule {name}");
        }
    }
}
