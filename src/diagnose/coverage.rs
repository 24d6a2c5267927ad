//! Which inputs a rule needs: without them, the absence of findings does not mean that all is well.

use crate::check;
use crate::model::{Host, Org, RelatedComponents, Url, Workspace};
use crate::rule::Input;

/// The first input of a rule that the files do not contain, described.
pub(super) fn missing_input(
    rule: &str,
    workspace: &Workspace,
    related: Option<&RelatedComponents<'_>>,
) -> Option<&'static str> {
    let needs = &check::rule(rule)?.page().head.needs;
    let missing = needs.iter().find(|input| !is_present(**input, workspace, related))?;
    Some(description(*missing))
}

/// Whether the files contain it: for the credential in question if there is one, else at all.
fn is_present(
    input: Input,
    workspace: &Workspace,
    related: Option<&RelatedComponents<'_>>,
) -> bool {
    let in_calling_org = |has: &dyn Fn(&Org) -> bool| match related {
        Some(related) => related.calling_orgs().any(has),
        None => workspace.orgs.iter().any(has),
    };
    let in_target_org = |has: &dyn Fn(&Org) -> bool| match related {
        Some(related) => related.target_orgs().any(has),
        None => workspace.orgs.iter().any(has),
    };
    match input {
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
                related.callouts().next().is_some() || in_calling_org(&|org| !org.apex.is_empty())
            }
            None => in_calling_org(&|org| !org.callouts.is_empty() || !org.apex.is_empty()),
        },
        Input::Users => in_target_org(&|org| org.users.is_some()),
        Input::Assignments => in_calling_org(&|org| {
            org.assignments_known
                || org.users.is_some()
                || org.permission_sets.iter().any(|set| set.assigned_to.is_some())
        }),
        Input::RunningUsers => in_calling_org(&|org| !org.callouts_run_as.is_empty()),
        Input::MyDomainRequest => in_calling_org(&|org| {
            let mut endpoints = org.apex.iter().flat_map(|unit| &unit.endpoints);
            endpoints.any(|endpoint| {
                let url = endpoint.url.known().map(Url::parse);
                url.is_some_and(|url| Host::parse(&url.host).is_my_domain())
            })
        }),
        Input::Settings => in_target_org(&|org| {
            org.records.iter().any(|record| record.component.type_name == "Settings")
        }),
    }
}

/// Completes "not checked, because … cannot be read from the files given".
fn description(input: Input) -> &'static str {
    match input {
        Input::Credential => "the credential",
        Input::JwtCredential => "a credential that signs a JWT",
        Input::App => "the app in the target org",
        Input::SigningCertificate => "the signing certificate",
        Input::PermissionSet => "permission sets",
        Input::PermissionSetGroup => "permission set groups",
        Input::Apex => "the Apex code that makes the callout",
        Input::Users => "the users of the target org",
        Input::Assignments => "permission set assignments",
        Input::RunningUsers => "the users who run the callout",
        Input::Settings => "the settings of the target org",
        Input::MyDomainRequest => "an Apex request to the My Domain of an org",
    }
}
