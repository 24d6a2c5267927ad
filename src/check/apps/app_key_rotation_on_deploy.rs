//! Every deployment of the file gives the app a new consumer key or secret.

use crate::finding::{Edit, Findings};
use crate::model::{Named, OAUTH_GLOBALS, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        let Some(globals) = app.part(OAUTH_GLOBALS) else { continue };
        for (element, what) in
            [("shouldRotateConsumerKey", "key"), ("shouldRotateConsumerSecret", "secret")]
        {
            let Some(flag) = globals.get(element).filter(|flag| flag.is_true()) else { continue };
            let issuer = workspace
                .connections_of(app)
                .filter(|_| what == "key")
                .find_map(|connection| connection.credential.issuer());
            found
                .report(
                    &app.component,
                    flag,
                    format!(
                        "every deployment of this file gives the external client app `{}` a new \
                         consumer {what}",
                        app.name()
                    ),
                )
                .label("rotates on deployment")
                .related_to(issuer, "no longer the app's key after a deployment")
                .help(format!(
                    "set `{element}` to `false` once the {what} is renewed, and update everything \
                     that uses the app with the new {what}"
                ))
                .safe_fix(format!("keep the consumer {what}"), Edit::replace(flag, "false"))
                .field(element);
        }
    }
}
