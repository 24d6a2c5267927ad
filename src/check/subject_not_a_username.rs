//! `sub` is a username, which always has the shape of an email address.

use std::sync::LazyLock;

use regex::Regex;

use crate::finding::Findings;
use crate::model::Workspace;

static USERNAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$").expect("a constant pattern"));
static RECORD_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^005[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$").expect("a constant pattern"));

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        if credential.per_user_principal && !credential.named_principal {
            continue;
        }
        let Some(subject) = credential.subject() else { continue };
        let Some(text) = subject.known().filter(|text| !text.contains("{!") && !text.starts_with('$')) else { continue };
        let bare = text.trim_matches(['"', '\'']).trim().replace("%40", "@");
        if USERNAME.is_match(&bare) || RECORD_ID.is_match(&bare) {
            continue;
        }
        found
            .at(&credential.component, subject, format!("`{text}` has not the shape of a username"))
            .label("the subject")
            .related_to(credential.token_endpoint.as_ref(), "the org in which the username must exist")
            .help(
                "set `sub` to the exact username of a user in the answering org (Setup > Users), as `integration@acme.com.uat`: not the alias, the federation id or the record id",
            )
            .field("sub");
    }
}
