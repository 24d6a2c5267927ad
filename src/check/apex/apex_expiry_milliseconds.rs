//! `exp` is in seconds, but `getTime()` returns milliseconds.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for unit in workspace.orgs.iter().flat_map(|org| &org.apex) {
        for expiry in &unit.expiries {
            found
                .report(
                    &unit.component,
                    expiry,
                    "the claim `exp` is set in milliseconds, but must be in seconds since 1970",
                )
                .label("milliseconds")
                .help("divide by 1000: `System.now().getTime() / 1000 + 180`")
                .field("exp");
        }
    }
}
