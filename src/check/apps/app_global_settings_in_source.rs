//! The file with the key, secret and certificate of an external client app must not be in source.

use crate::finding::Findings;
use crate::model::{Named, OAUTH_GLOBALS, Workspace};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(globals) = app.part(OAUTH_GLOBALS) else { continue };
        let place = globals.component.span();
        // A file without a key, or with one that is filled in during deployment, is not sensitive.
        let key = globals.get("consumerKey").filter(|key| key.known().is_some());
        let secret = globals.get("consumerSecret").filter(|secret| secret.known().is_some());
        if workspace.is_context(place.file) || (key.is_none() && secret.is_none()) {
            continue;
        }
        found
            .report(
                &app.component,
                &place,
                format!(
                    "the global OAuth settings (`.ecaGlblOauth`) of the external client app `{}` \
                     are in source and contain a consumer key or secret",
                    app.name()
                ),
            )
            .label("not for source control")
            .related_to(key, "the consumer key")
            .help(
                "add `**/*.ecaGlblOauth-meta.xml` to `.forceignore` and remove the file from the \
                 repository, or fill in the key and certificate during deployment",
            )
            .field("ecaGlblOauth");
    }
}
