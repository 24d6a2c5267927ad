//! A consumer key is one that Salesforce generates, or 8 to 256 letters and digits that somebody chose.

use crate::finding::Findings;
use crate::model::{ConsumerKey, GENERATED_LENGTH, Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(text) = app.consumer_key.as_ref() else { continue };
        let Some(why) = text.known().and_then(fault) else { continue };
        found
            .at(&app.component, text, format!("`{}`, the consumer key of the {} `{}`, {why}", ConsumerKey::new(Text::as_str(text)), app.noun(), app.name()))
            .label("consumer key")
            .help("copy it again (Setup > App Manager > the app > View > Manage Consumer Details); a key of your own has 8 to 256 letters and digits, and can be set only when the app is created")
            .field("consumerKey");
    }
}

fn fault(text: &str) -> Option<String> {
    let key = ConsumerKey::new(text);
    let length = text.chars().count();
    if key.as_str() == text && key.is_possible() {
        return None;
    }
    if key.looks_generated() && length != GENERATED_LENGTH {
        return Some(format!(
            "begins as a generated one, and has {length} characters where those have {GENERATED_LENGTH}"
        ));
    }
    if !text.chars().all(|character| character.is_ascii_alphanumeric()) {
        return Some(
            "is none that Salesforce generates, and holds more than letters and digits".to_owned(),
        );
    }
    (!(8..=256).contains(&length)).then(|| format!("has {length} characters; a key has 8 to 256"))
}
