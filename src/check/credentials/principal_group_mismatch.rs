//! Parameters belong to a principal through its parameter group, which is the principal's name.

use crate::finding::{Edit, Findings};
use crate::model::{ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
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
            let members = credential
                .parameters
                .iter()
                .filter(|other| {
                    !other.kind.is_principal()
                        && other
                            .group
                            .as_ref()
                            .is_some_and(|other| other.as_str() == group.as_str())
                })
                .count();
            let shared = credential.principals().any(|other| {
                !std::ptr::eq(other.parameter, principal.parameter)
                    && other.name.as_str().eq_ignore_ascii_case(group.as_str())
            });
            let fix =
                Edit::replace(group, name).filter(|_| members == 0 || shared || is_default(group));
            found
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
        }
    }
}

/// Whether it is the group of the whole credential, whose other members a rename leaves in place.
fn is_default(group: &Text) -> bool {
    matches!(group.as_str(), "DefaultGroup" | "DEFAULT_GROUP")
}
