//! Salesforce appends the path in Apex to the URL, so a path that is in both is sent twice.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let (Some(text), Some(url)) = (&named.url, named.url_parts()) else { continue };
        let other_fault = url.path.to_ascii_lowercase().contains("/services/oauth2");
        if other_fault || !is_services(&url.path) || !workspace.is_salesforce_url(named) {
            continue;
        }
        let doubled: Vec<_> =
            org.callouts_of(named).filter(|callout| is_services(&callout.path)).collect();
        let Some(first) = doubled.first() else { continue };
        let mut finding = found
            .report(
                &named.component,
                text,
                format!(
                    "the URL has the path `{}`, and Apex appends `{}` to it",
                    url.path, first.path
                ),
            )
            .label("this path comes first")
            .help(format!("set the URL to `{}`, or shorten the paths in Apex", url.origin()))
            .field("url");
        for callout in doubled.iter().take(3) {
            finding = finding
                .related(&callout.name, format!("`{}` appends its own path", callout.class.name));
        }
    }
}

fn is_services(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path == "/services" || path.starts_with("/services/")
}
