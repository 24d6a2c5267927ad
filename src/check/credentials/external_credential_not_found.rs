//! A named credential uses an external credential that is not in the checked files.

use std::collections::HashMap;

use crate::check::shared_references::{Missing, report_all};
use crate::finding::Findings;
use crate::model::{
    Named, NamedCredential, Org, Workspace, find_named, is_of_product, without_namespace,
};
use crate::nearest::Suggestions;
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        check_org(workspace, org, found);
    }
}

fn check_org(workspace: &Workspace, org: &Org, found: &mut Findings) {
    let mut suggestions = Suggestions::default();
    let mut missing = Vec::new();
    let mut reported: HashMap<&str, usize> = HashMap::new();
    let mut lost: Vec<(&str, Vec<(&NamedCredential, &Text)>)> = Vec::new();
    for named in org.named_credentials.iter() {
        let Some(reference) = &named.external_credential else { continue };
        let Some(name) = reference
            .known()
            .filter(|name| without_namespace(name) == *name && !is_of_product(name))
        else {
            continue;
        };
        if workspace.knows_external_credential(name)
            || workspace.is_unreadable(named.component.org, "ExternalCredential", Some(name))
        {
            continue;
        }
        if org.external_credentials.is_empty() {
            missing.push(Missing { component: &named.component, reference: reference.clone() });
            continue;
        }
        // One finding for all that use the same one.
        let position = *reported.entry(name).or_insert(lost.len());
        match lost.get_mut(position) {
            Some((_, users)) => users.push((named, reference)),
            None => lost.push((name, vec![(named, reference)])),
        }
    }
    for (name, users) in lost {
        let (named, reference) = users[0];
        let near = suggestions.nearest(name, org.external_credentials.iter().map(Named::name));
        let similar =
            near.and_then(|near| find_named(&org.external_credentials, near)).map(Named::component);
        found
            .report(
                &named.component,
                reference,
                format!("the external credential `{name}` is not in the checked files"),
            )
            .label("not found")
            .related_to(similar, "a similar name")
            .also_here(users.iter().skip(1).map(|(_, other)| other.span))
            .help(match near {
                Some(near) => format!(
                    "did you mean `{near}`? Otherwise `{name}` must exist in the org before `{}` \
                     is deployed",
                    named.name()
                ),
                None => format!(
                    "retrieve `{name}` into the project (`ExternalCredential`), or make sure that \
                     it exists in the org before `{}` is deployed",
                    named.name()
                ),
            })
            .field("external credential");
    }
    report_all("external credential", &missing, found);
}
