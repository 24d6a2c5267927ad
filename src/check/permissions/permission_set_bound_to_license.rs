//! A permission set that names a licence can be given to users of that licence only.

use crate::finding::Findings;
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for set in workspace.orgs.iter().flat_map(|org| &org.permission_sets) {
        let Some(license) = &set.license else { continue };
        let (Some(name), Some(grant)) = (license.known(), set.granted().next()) else { continue };
        found
            .at(&set.component, license, format!("the permission set `{}` grants `{}`, and only users with the licence `{name}` can have it", set.name(), grant.reference))
            .label("bound to this licence")
            .related(&grant.reference, "granted here")
            .help("grant the principal in a permission set without a licence (*License*: --None-- when it is created; it cannot be changed later), so that whoever runs the callout can have it")
            .field("license");
    }
}
