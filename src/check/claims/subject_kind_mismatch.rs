//! A named principal logs in as one user for everyone, a per-user principal as the running user;
//! `sub` must match.

use crate::finding::Findings;
use crate::model::{ExternalCredential, Flow, JwtCredential, ParameterType, Subject, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.signing_credentials().filter(|credential| !credential.legacy) {
        // A client assertion has no principal for each user.
        let flow = workspace.external_of(credential).map(ExternalCredential::flow);
        if flow == Some(Flow::JwtAssertion) {
            continue;
        }
        let (Some(subject), Some(login)) = (credential.subject(), credential.login()) else {
            continue;
        };
        let names_the_running_user = matches!(login, Subject::Formula { .. })
            && subject.as_str().to_ascii_lowercase().contains("$user.");
        let (message, help) = if names_the_running_user && credential.is_for_named_principals() {
            (
                format!(
                    "`{subject}` is the user who runs the callout, but this credential has only \
                     named principals"
                ),
                "set `sub` to the username of the integration user, or change the principal to a \
                 per-user principal",
            )
        } else if !matches!(login, Subject::Formula { .. }) && credential.is_for_each_user() {
            (
                format!(
                    "`{subject}` is the same user for everyone, but this credential has only \
                     per-user principals"
                ),
                "set `sub` to a formula such as `{!$User.Username}`, or change the principal to a \
                 named principal",
            )
        } else {
            continue;
        };
        let principal = principal(workspace, credential);
        found
            .report(&credential.component, subject, message)
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
