//! The files contain apps of the target org, and none has this consumer key.

use crate::finding::{Edit, Findings};
use crate::model::{IntendedApp, Named, SetupPage, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some((issuer, key)) = credential.literal_issuer() else { continue };
        let Some(IntendedApp { org, app, by_certificate }) = workspace
            .intended_app(credential)
            .filter(|intended| !intended.is_of_another_shape(&key))
        else {
            continue;
        };
        let Some((app_key, place)) =
            app.key().zip(app.consumer_key.as_ref()).filter(|(app_key, _)| app_key.is_possible())
        else {
            continue;
        };
        let what = if by_certificate {
            "this app trusts the certificate that the credential signs with"
        } else {
            "an app in the target org"
        };
        found
            .report(
                &credential.component,
                issuer,
                format!("no app in the files of org `{}` has the consumer key `{key}`", org.name),
            )
            .label("the issuer")
            .related(place, format!("{what}: `{}`", app.name()))
            .help(format!(
                "if `{}` is the intended app, set `iss` to its consumer key `{app_key}`; copy it \
                 from {}",
                app.name(),
                app.setup(SetupPage::ConsumerDetails)
            ))
            .unsafe_fix(
                format!("use the consumer key of `{}`", app.name()),
                Edit::replace(issuer, app_key.as_str()),
            )
            .field("iss");
    }
}
