//! A request goes to an API version that will be retired.

use crate::check::shared_api_versions;
use crate::finding::Findings;
use crate::model::{NEWEST_DEPRECATED, NEWEST_RETIRED, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    shared_api_versions::report(
        workspace,
        &(NEWEST_RETIRED + 1..=NEWEST_DEPRECATED),
        "Salesforce retires with Summer '28",
        "write a current version, such as `62.0`, and test the call before the old one is retired",
        found,
    );
}
