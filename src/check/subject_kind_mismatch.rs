//! A named principal is one user for everybody, a per-user principal is everybody as themselves; `sub` must say the same.

use crate::finding::Findings;
use crate::model::{JwtCredential, ParameterType, Subject, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials.iter().filter(|credential| !credential.legacy) {
        let (Some(subject), Some(login)) = (credential.subject(), credential.login()) else {
            continue;
        };
        let names_the_running_user = matches!(login, Subject::Formula { .. })
            && subject.as_str().to_ascii_lowercase().contains("$user.");
        let (message, help) = if names_the_running_user && credential.is_for_named_principals() {
            (
                format!(
                    "`{subject}` is the user who runs the callout, but this credential has named principals only"
                ),
                "set `sub` to the username of the integration user, or make the principal a per-user principal",
            )
        } else if !matches!(login, Subject::Formula { .. }) && credential.is_for_each_user() {
            (
                format!(
                    "`{subject}` is one user for everybody, but this credential has per-user principals only"
                ),
                "set `sub` to a formula such as `{!$User.Username}`, or make the principal a named principal",
            )
        } else {
            continue;
        };
        let principal = principal(workspace, credential);
        found
            .at(&credential.component, subject, message)
            .label("the subject")
            .related_to(principal, "the principal")
            .help(help)
            .field("sub");
    }
}

fn principal<'a>(workspace: &'a Workspace, credential: &JwtCredential) -> Option<&'a Text> {
    workspace
        .external_of(credential)?
        .parameters
        .iter()
        .find(|parameter| {
            matches!(
                parameter.kind,
                ParameterType::NamedPrincipal | ParameterType::PerUserPrincipal
            )
        })
        .and_then(|parameter| parameter.name.as_ref())
}
