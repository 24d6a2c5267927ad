//! A blank of a template that nobody filled in is sent as it stands.

use crate::finding::Findings;
use crate::model::{Unfilled, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let unfilled = workspace.unfilled();
    for (index, blank) in unfilled.iter().enumerate() {
        let of_same_retrieval = |other: &Unfilled<'_>| {
            blank.is_retrieved_secret()
                && other.is_retrieved_secret()
                && other.component.place == blank.component.place
        };
        let to_salesforce = || {
            workspace
                .jwt_credentials_to_salesforce()
                .any(|credential| credential.component.place == blank.component.place)
        };
        if unfilled[..index].iter().any(of_same_retrieval)
            || (blank.may_be_intended() && !to_salesforce())
        {
            continue;
        }
        let (field, component) = (&blank.field, blank.component);
        let what = if field.contains(' ') { field.clone() } else { format!("`{field}`") };
        let message = if blank.is_retrieved_secret() {
            format!(
                "{what} is `{}`, which Salesforce writes in place of the value when it is retrieved; deployed, it overwrites the real one",
                blank.text
            )
        } else if blank.secret {
            format!("{what} still holds the blank of a template, and no value")
        } else {
            format!("{what} still holds the blank of a template: `{}`", blank.text)
        };
        let help = if blank.is_retrieved_secret() {
            "keep the file out of deployments (`.forceignore`), or have the value put in at deployment (`replacements` in sfdx-project.json), and enter it once in Setup > Auth. Providers"
        } else if blank.secret {
            "enter the value in Setup, or have it put in at deployment (`replacements` in sfdx-project.json); do not write a secret into the file"
        } else {
            "write the value, or have it put in at deployment with a mark such as `${NAME}` (`replacements` in sfdx-project.json)"
        };
        let adding = found
            .at(component, blank.text, message)
            .label("nobody filled this in")
            .help(help)
            .field(field.clone());
        unfilled[index + 1..]
            .iter()
            .filter(|other| of_same_retrieval(other))
            .fold(adding, |adding, other| adding.related(other.text, "and here"));
    }
}
