//! The profile of the user who logs in requires a high-assurance session.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{OrgId, Workspace, standard_file_name};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut levels: HashMap<(OrgId, String), &Text> = HashMap::new();
    let all = workspace.fields();
    for (component, settings) in
        all.filter(|(component, _)| component.type_name == "ProfileSessionSetting")
    {
        let profile = settings.get("profile").and_then(Text::known);
        if let (Some(profile), Some(level)) = (profile, settings.get("requiredSessionLevel")) {
            levels.insert((component.org, profile.to_lowercase()), level);
        }
    }
    for connection in workspace.connections() {
        let Some((subject, user)) = connection.subject_user() else { continue };
        let Some((named, profile)) =
            user.profile.as_ref().and_then(|named| Some((named, named.known()?)))
        else {
            continue;
        };
        let org = connection.target_org;
        let id = connection.app.component.org;
        let names = [Some(profile), standard_file_name(profile)];
        let level =
            names.into_iter().flatten().find_map(|name| levels.get(&(id, name.to_lowercase())));
        let Some(level) = level else { continue };
        let is_high =
            level.known().is_some_and(|level| level.eq_ignore_ascii_case("HIGH_ASSURANCE"));
        if !is_high {
            continue;
        }
        found
            .report(
                &connection.credential.component,
                subject,
                format!(
                    "`{subject}` has the profile `{named}` in org `{}`, which requires a \
                     high-assurance session at login",
                    org.name
                ),
            )
            .label("logs in as this user")
            .related(named, "has this profile")
            .related(*level, "session level of the profile")
            .help(
                "give the integration user another profile, or set *Session Security Level Required \
                 at Login* of this one to *Standard*: the JWT bearer flow cannot provide \
                 high-assurance sessions",
            )
            .field("sub");
    }
}
