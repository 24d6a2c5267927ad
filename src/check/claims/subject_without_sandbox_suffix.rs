//! A username without the suffix that every copied user of a sandbox has.

use crate::finding::Findings;
use crate::model::{HostKind, Partition, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let (Some(subject), Some(login)) = (credential.subject(), credential.login()) else {
            continue;
        };
        let Some(username) = login.username() else { continue };
        let target_org = workspace.answering_org(credential);
        let Some(host) = credential
            .target_domains()
            .into_iter()
            .next()
            .or_else(|| target_org.and_then(|org| org.my_domain.clone()))
        else {
            continue;
        };
        let HostKind::MyDomain {
            sandbox: Some(sandbox),
            partition: Partition::None | Partition::Sandbox,
            ..
        } = host.kind()
        else {
            continue;
        };
        let ends = username
            .as_str()
            .rsplit_once('.')
            .is_some_and(|(_, last)| last.eq_ignore_ascii_case(sandbox));
        let is_described = target_org
            .is_some_and(|org| org.user(username.as_str()).is_some() || org.assigns(username));
        let has_other_suffix = username.sandbox_suffix(&workspace.sandboxes).is_some();
        if ends || is_described || has_other_suffix {
            continue;
        }
        found
            .report(
                &credential.component,
                subject,
                format!(
                    "`sub` is `{username}`, without the suffix `.{sandbox}` that usernames in the \
                     sandbox `{host}` usually have"
                ),
            )
            .label("the username")
            .related(&host.span, format!("the sandbox `{sandbox}`"))
            .help(format!(
                "write `{username}.{sandbox}` if the user was copied from production; a user that was \
                 created in the sandbox can have any username (Setup > Users > Users)"
            ))
            .field("sub");
    }
}
