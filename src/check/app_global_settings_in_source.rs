//! The file with key, secret and certificate of an external client app belongs in no repository.

use crate::finding::Findings;
use crate::model::{Named, OAUTH_GLOBALS, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(globals) = app.part(OAUTH_GLOBALS) else { continue };
        let place = globals.component.span();
        // A file without a key of its own, or with one that the deployment fills in, gives nothing away.
        let key = globals.get("consumerKey").filter(|key| key.known().is_some());
        let secret = globals.get("consumerSecret").filter(|secret| secret.known().is_some());
        if workspace.is_context(place.file) || (key.is_none() && secret.is_none()) {
            continue;
        }
        found
            .at(
                &app.component,
                &place,
                format!("the global OAuth settings (`.ecaGlblOauth`) of the external client app `{}` are kept in source, with a consumer key or secret", app.name()),
            )
            .label("not for source control")
            .related_to(key, "the key of one org's app")
            .help("name `**/*.ecaGlblOauth-meta.xml` in `.forceignore` and take the file out of the repository, or let the deployment fill in key and certificate")
            .field("ecaGlblOauth");
    }
}
