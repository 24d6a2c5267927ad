//! Parameters belong to a principal through its parameter group, which is the principal's name.

use std::collections::HashSet;

use crate::finding::{Edit, Findings, Severity};
use crate::model::{ExternalCredential, Flow, ParameterType, Workspace};
use crate::nearest::nearest;
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        let names: HashSet<String> = credential
            .principals()
            .map(|principal| principal.name.as_str().to_ascii_lowercase())
            .collect();
        let groups: HashSet<&str> = credential
            .parameters
            .iter()
            .filter(|parameter| !parameter.kind.is_principal())
            .filter_map(|parameter| parameter.group.as_ref().map(Text::as_str))
            .collect();
        for principal in credential.principals() {
            let has_own_group = matches!(
                principal.parameter.kind,
                ParameterType::NamedPrincipal | ParameterType::PerUserPrincipal
            );
            let Some(group) = principal
                .parameter
                .group
                .as_ref()
                .filter(|group| has_own_group && group.known().is_some())
            else {
                continue;
            };
            if principal.name.known().is_none_or(|name| name.eq_ignore_ascii_case(group.as_str())) {
                continue;
            }
            let name = principal.name.as_str();
            let is_alone = !groups.contains(group.as_str());
            // The group has another principal's name, because it does not have its own.
            let shared = names.contains(&group.as_str().to_ascii_lowercase());
            let fix =
                Edit::replace(group, name).filter(|_| is_alone || shared || is_default(group));
            let finding = found
                .report(
                    &credential.component,
                    group,
                    format!(
                        "the principal `{name}` has the parameter group `{group}` instead of its \
                         own name"
                    ),
                )
                .label("the group")
                .related(principal.name, "the principal")
                .help(format!(
                    "set `parameterGroup` to `{name}`: parameters belong to a principal through \
                     its group, and Setup uses the principal's name"
                ))
                .safe_fix(format!("set the group to `{name}`"), fix)
                .field(name);
            // Without authentication, the group has no parameters.
            if is_default(group) || credential.flow() == Flow::NoAuthentication {
                finding.at_most(Severity::Note);
            }
        }
        check_scopes(credential, &names, found);
    }
}

/// A scope in the group of a principal is requested for this principal only.
fn check_scopes(credential: &ExternalCredential, names: &HashSet<String>, found: &mut Findings) {
    let groups: HashSet<String> = credential
        .principals()
        .filter_map(|principal| principal.parameter.group.as_ref())
        .map(|group| group.as_str().to_ascii_lowercase())
        .collect();
    if names.is_empty() || groups.iter().any(|group| group.is_empty()) {
        return;
    }
    for parameter in credential.parameters_of(ParameterType::AuthParameter) {
        let (Some(group), Some(name)) = (&parameter.group, &parameter.name) else { continue };
        let Some(text) = group.known().filter(|text| !text.is_empty() && !is_default(group)) else {
            continue;
        };
        let text = text.to_ascii_lowercase();
        let names_no_principal = !names.contains(&text) && !groups.contains(&text);
        if !name.as_str().eq_ignore_ascii_case("scope") || !names_no_principal {
            continue;
        }
        let near = nearest(group.as_str(), credential.principals().map(|it| it.name.as_str()));
        found
            .report(
                &credential.component,
                group,
                format!(
                    "the parameter `{name}` has the parameter group `{group}`, which is not the name \
                     of a principal"
                ),
            )
            .label("the group")
            .help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "set `parameterGroup` to the name of a principal, or to `DefaultGroup` if the \
                         scope is for all principals"
                    .to_owned(),
            })
            .field(group.as_str());
    }
}

/// Whether it is the group of the whole credential, whose other members a rename leaves in place. Some orgs return it for
/// principals as well.
fn is_default(group: &Text) -> bool {
    matches!(group.as_str(), "DefaultGroup" | "DEFAULT_GROUP")
}
