//! The file with key, secret and certificate of an external client app belongs in no repository.

use crate::finding::Findings;
use crate::model::{Named, OAUTH_GLOBALS, Workspace};
use crate::source::{Place, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(globals) = app.part(OAUTH_GLOBALS) else { continue };
        let place = globals.component.span();
        // A key that the deployment fills in is how such a file can be kept.
        let filled_in = globals.get("consumerKey").is_some_and(|key| !key.is_empty() && key.known().is_none());
        let secret = globals.get("consumerSecret").and_then(Text::known).is_some();
        if workspace.is_context(place.file) || (filled_in && !secret) {
            continue;
        }
        found
            .at(&app.component, &place, format!("the global OAuth settings (`.ecaGlblOauth`) of the external client app `{}` are deployed from this source", app.name()))
            .label("not for source control")
            .related_to(globals.get("consumerKey").filter(|key| !key.is_empty()), "the key of one org's app")
            .help("name `**/*.ecaGlblOauth-meta.xml` in `.forceignore` and take the file out of the repository, or let the deployment fill in key and certificate")
            .field("ecaGlblOauth");
    }
}
