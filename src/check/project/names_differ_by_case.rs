//! Two names that differ only in case: Salesforce takes them for the same name, file systems do not.

use crate::finding::Findings;
use crate::model::{Component, Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let external: Vec<&Component> =
            org.external_credentials.iter().map(Named::component).collect();
        let named: Vec<&Component> = org.named_credentials.iter().map(Named::component).collect();
        let apps: Vec<&Component> = org.apps.iter().map(Named::component).collect();
        let sets: Vec<&Component> = org.permission_sets.iter().map(Named::component).collect();
        let certificates: Vec<&Component> = org.certificates.iter().map(Named::component).collect();
        let records: Vec<&Component> = org
            .records
            .iter()
            .map(Named::component)
            .filter(|component| {
                matches!(component.type_name, "AuthProvider" | "ExternalAuthIdentityProvider")
            })
            .collect();
        for components in [external, named, apps, sets, certificates, records] {
            pairs(&components, found);
        }
    }
}

fn pairs(components: &[&Component], found: &mut Findings) {
    let mut sorted: Vec<(String, &Component)> = components
        .iter()
        .map(|component| (component.name.to_ascii_lowercase(), *component))
        .collect();
    sorted.sort_by(|left, right| {
        (&left.0, left.1.type_name, left.1.place).cmp(&(&right.0, right.1.type_name, right.1.place))
    });
    for pair in sorted.windows(2) {
        let [(left, first), (right, second)] = pair else { continue };
        if left != right || first.name == second.name || first.type_name != second.type_name {
            continue;
        }
        found
            .report(
                second,
                second,
                format!(
                    "`{}` and `{}` are two files of type {} whose names differ only in case",
                    first.name, second.name, first.type_name
                ),
            )
            .label(format!("`{}`", second.name))
            .related(*first, format!("`{}`", first.name))
            .help(
                "an org treats both as one component, so the file that is deployed last wins: keep \
                 one, and use the same spelling everywhere",
            )
            .field("name");
    }
}
