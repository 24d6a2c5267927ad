//! What must be in the files before a rule's silence means that all is well.

use crate::model::{Org, RelatedComponents, Workspace};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Any file at all.
    Anything,
    Credential,
    /// A credential that signs a JWT.
    JwtCredential,
    App,
    SigningCertificate,
    PermissionSet,
    Group,
    Apex,
    Users,
    Assignments,
    RunningUsers,
    Settings,
}

/// What is not there although the rule needs it, in words.
pub(super) fn missing(
    rule: &str,
    workspace: &Workspace,
    related: Option<&RelatedComponents<'_>>,
) -> Option<&'static str> {
    needs(rule).iter().find(|need| !is_there(**need, workspace, related)).map(|need| need.words())
}

fn needs(rule: &str) -> &'static [Need] {
    use Need::*;
    match rule {
        "certificate-mismatch" => &[App, SigningCertificate],
        "issuer-unknown"
        | "issuer-of-another-org"
        | "consumer-key-duplicated"
        | "token-endpoint-needs-my-domain" => &[App],
        "subject-not-approved" => &[App, Users],
        "subject-unknown"
        | "subject-profile-restricts-ip"
        | "subject-profile-restricts-hours"
        | "subject-lacks-api-enabled" => &[Users],
        "permission-set-unassigned" => &[PermissionSet, Assignments],
        "running-user-not-granted" => &[PermissionSet, RunningUsers],
        "principal-muted" => &[Group],
        "principal-missing" | "principal-group-mismatch" | "principal-sequence-duplicated" => {
            &[Credential]
        }
        "granted-credential-not-found"
        | "private-key-in-source"
        | "unknown-element"
        | "unknown-value"
        | "element-needs-other-api-version"
        | "placeholder-left" => &[Anything],
        "api-access-control" => &[Settings],
        "named-credential-not-found"
        | "named-credential-case-differs"
        | "token-exchange-by-hand"
        | "endpoint-hard-coded"
        | "namespace-not-allowed" => &[Apex],
        "callout-disabled" => &[Credential],
        "certificate-not-in-project"
        | "signing-certificate-missing"
        | "prn-overrides-subject"
        | "key-id-differs" => &[JwtCredential],
        "named-user-jwt-misread" | "client-credentials-user-missing" => &[App],
        "client-assertion-to-salesforce" | "credential-packaged-alone" => &[Credential],
        _ => by_subject(rule),
    }
}

/// The first word of a rule's name tells what it looks at.
fn by_subject(rule: &str) -> &'static [Need] {
    use Need::*;
    let word = rule.split('-').next().unwrap_or(rule);
    match word {
        "app" => &[App],
        "audience" | "claim" | "issuer" | "subject" | "expiry" | "algorithm" | "scope"
        | "token" => &[JwtCredential],
        "certificate" => &[SigningCertificate],
        "principal" | "permission" | "user" => &[PermissionSet],
        "apex" | "callout" => &[Apex],
        _ => &[Credential],
    }
}

fn is_there(need: Need, workspace: &Workspace, related: Option<&RelatedComponents<'_>>) -> bool {
    let calling_org = |has: &dyn Fn(&Org) -> bool| match related {
        Some(related) => related.calling_orgs().any(has),
        None => workspace.orgs.iter().any(has),
    };
    let target_org = |has: &dyn Fn(&Org) -> bool| match related {
        Some(related) => related.connections.iter().any(|connection| has(connection.target_org)),
        None => workspace.orgs.iter().any(has),
    };
    match need {
        Need::Anything => true,
        Need::Credential => {
            related.is_some()
                || calling_org(&|org| {
                    !org.named_credentials.is_empty() || !org.external_credentials.is_empty()
                })
        }
        Need::JwtCredential => match related {
            Some(related) => !related.jwt_credentials.is_empty(),
            None => workspace.signing_credentials().next().is_some(),
        },
        Need::App => match related {
            Some(related) => related.has_app(),
            None => workspace.apps().next().is_some(),
        },
        Need::SigningCertificate => match related {
            Some(related) => related.has_certificate(),
            None => workspace.orgs.iter().any(|org| !org.certificates.is_empty()),
        },
        Need::PermissionSet => calling_org(&|org| !org.permission_sets.is_empty()),
        Need::Group => calling_org(&|org| !org.groups.is_empty()),
        Need::Apex => match related {
            Some(related) => {
                related.callouts().next().is_some() || calling_org(&|org| !org.apex.is_empty())
            }
            None => calling_org(&|org| !org.callouts.is_empty() || !org.apex.is_empty()),
        },
        Need::Users => target_org(&|org| org.users.is_some()),
        Need::Assignments => calling_org(&|org| {
            org.assignments_known
                || org.users.is_some()
                || org.permission_sets.iter().any(|set| set.assigned_to.is_some())
        }),
        Need::RunningUsers => calling_org(&|org| !org.callouts_run_as.is_empty()),
        Need::Settings => target_org(&|org| {
            org.records.iter().any(|record| record.component.type_name == "Settings")
        }),
    }
}

impl Need {
    fn words(self) -> &'static str {
        match self {
            Need::Anything | Need::Credential => "the credential",
            Need::JwtCredential => "a credential that signs a JWT",
            Need::App => "the app that answers",
            Need::SigningCertificate => "the certificate that signs",
            Need::PermissionSet => "permission sets",
            Need::Group => "permission set groups",
            Need::Apex => "Apex that makes the callout",
            Need::Users => "the users of the answering org",
            Need::Assignments => "who has which permission set",
            Need::RunningUsers => "who runs the callout",
            Need::Settings => "settings of the answering org",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::RULES;

    #[test]
    fn a_rule_that_is_named_here_exists() {
        let text = include_str!("sight.rs");
        let code = text.split("#[cfg(test)]").next().unwrap();
        let named = regex::Regex::new("\"([a-z]+(?:-[a-z]+)+)\"").unwrap();
        let names: Vec<&str> =
            named.captures_iter(code).map(|found| found.get(1).unwrap().as_str()).collect();
        assert!(names.len() > 20);
        for name in names {
            assert!(RULES.iter().any(|rule| rule.name == name), "{name} is no rule");
        }
    }
}
