//! A request goes to an API version that is no longer served.

use crate::check::shared_api_versions;
use crate::finding::Findings;
use crate::model::{NEWEST_RETIRED, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    shared_api_versions::report(
        workspace,
        &(0..=NEWEST_RETIRED),
        "Salesforce has retired",
        "write a current version, such as `62.0`, and test the call: requests to a retired version \
         fail with any token",
        found,
    );
}
