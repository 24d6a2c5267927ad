//! A template placeholder that was not filled in is sent literally.

use crate::finding::Findings;
use crate::model::{Unfilled, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let placeholders = workspace.unfilled();
    for (index, placeholder) in placeholders.iter().enumerate() {
        let of_same_retrieval = |other: &Unfilled<'_>| {
            placeholder.is_retrieved_secret()
                && other.is_retrieved_secret()
                && other.component.place == placeholder.component.place
        };
        let to_salesforce = || {
            workspace
                .jwt_credentials_to_salesforce()
                .any(|credential| credential.component.place == placeholder.component.place)
        };
        if placeholders[..index].iter().any(of_same_retrieval)
            || (placeholder.may_be_intended() && !to_salesforce())
        {
            continue;
        }
        let (field, component) = (&placeholder.field, placeholder.component);
        let what = if field.contains(' ') { field.clone() } else { format!("`{field}`") };
        let message = if placeholder.is_retrieved_secret() {
            format!(
                "{what} is `{}`, which Salesforce substitutes for the value on retrieval; \
                 deploying it overwrites the real value",
                placeholder.text
            )
        } else if placeholder.secret {
            format!("{what} still contains a template placeholder instead of a value")
        } else {
            format!("{what} still contains the template placeholder `{}`", placeholder.text)
        };
        let help = if placeholder.is_retrieved_secret() {
            "keep the file out of deployments (`.forceignore`), or insert the value during \
             deployment (`replacements` in sfdx-project.json), and enter it once in Setup > Auth. \
             Providers"
        } else if placeholder.secret {
            "enter the value in Setup, or insert it during deployment (`replacements` in \
             sfdx-project.json); do not write a secret into the file"
        } else {
            "enter the value, or insert it during deployment through a marker such as `${NAME}` \
             (`replacements` in sfdx-project.json)"
        };
        let finding = found
            .report(component, placeholder.text, message)
            .label("not filled in")
            .help(help)
            .field(field.clone());
        placeholders[index + 1..]
            .iter()
            .filter(|other| of_same_retrieval(other))
            .fold(finding, |finding, other| finding.related(other.text, "also here"));
    }
}
