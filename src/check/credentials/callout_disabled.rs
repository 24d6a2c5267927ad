//! Every callout through a disabled named credential fails.

use crate::finding::{Edit, Findings, Severity};
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(status) = named.callout_status.as_ref().filter(|status| {
            status.known().is_some_and(|status| status.eq_ignore_ascii_case("Disabled"))
        }) else {
            continue;
        };
        let callout = org.callouts_of(named).next();
        let finding = found
            .report(
                &named.component,
                status,
                format!("callouts of the named credential `{}` are disabled", named.name()),
            )
            .label("no callout is sent")
            .related_to(callout.map(|callout| callout.name.span), "Apex calls it here")
            .help(
                "set `calloutStatus` to `Enabled` (*Enabled for Callouts* in Setup > Security > \
                 Named Credentials)",
            )
            .unsafe_fix("enable callouts", Edit::replace(status, "Enabled"))
            .field("callout status");
        // What a package adds, or nothing calls, can be switched off on purpose.
        if callout.is_none() || named.is_of_package {
            finding.at_most(Severity::Note);
        }
    }
}
