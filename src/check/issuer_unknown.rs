//! The answering org's apps are in the files, and none has this consumer key.

use crate::finding::{Edit, Findings};
use crate::model::{App, ConsumerKey, JwtCredential, Named, Org, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(issuer) = credential.issuer() else { continue };
        let Some(key) = credential.issuer_key().filter(|key| !key.is_empty() && !key.as_str().starts_with("{!")) else { continue };
        let malformed = key.looks_generated() && !key.is_whole();
        if malformed || workspace.apps().any(|(_, app)| app.key().as_ref() == Some(&key)) {
            continue;
        }
        if let Some((spoke, app)) = same_certificate(workspace, credential) {
            report(credential, &key, issuer, spoke, app, "this app trusts the certificate that the credential signs with", found);
        } else if let Some(spoke) = credential.described_spoke.map(|id| workspace.org(id)) {
            let oauth: Vec<&App> = spoke.apps.iter().filter(|app| app.oauth.is_some()).collect();
            let all_known = oauth.iter().all(|app| app.key().is_some());
            if let Some(app) = nearest(&oauth, &key).filter(|_| all_known) {
                report(credential, &key, issuer, spoke, app, "an app of the org that answers", found);
            }
        }
    }
}

fn report(credential: &JwtCredential, key: &ConsumerKey, issuer: &crate::source::Text, spoke: &Org, app: &App, what: &str, found: &mut Findings) {
    let Some((theirs, place)) = app.key().zip(app.consumer_key.as_ref()) else { return };
    found
        .at(&credential.component, issuer, format!("the issuer `{key}` is the consumer key of no app in the files of org `{}`", spoke.name))
        .label("the issuer")
        .related(place, format!("{what}: `{}`", app.name()))
        .help(format!(
            "if `{}` is the app that is meant, set `iss` to its consumer key `{theirs}`; copy it from Setup > App Manager > {} > View > Manage Consumer Details",
            app.name(),
            app.name()
        ))
        .fix_ask(format!("use the consumer key of `{}`", app.name()), Edit::replace(issuer, theirs.as_str()))
        .field("iss");
}

/// The one app that verifies with the very key that the credential signs with, and that nobody meets.
fn same_certificate<'a>(workspace: &'a Workspace, credential: &'a JwtCredential) -> Option<(&'a Org, &'a App)> {
    let signing = workspace.signing_certificate(credential)?.certificate?.x509()?;
    let trusts = |app: &App| app.certificate.as_ref().and_then(|certificate| certificate.x509()).is_some_and(|x509| x509.same_key(signing));
    let mut apps = workspace.apps().filter(|(_, app)| trusts(app));
    let first = apps.next()?;
    // One key pair may serve several answering orgs: an app that another credential meets is not the one that is meant.
    let free = workspace.handshakes_of(first.1).next().is_none() && apps.next().is_none();
    (free && first.1.key().is_some()).then_some(first)
}

/// The app whose key is most like the issuer.
fn nearest<'a>(apps: &[&'a App], key: &ConsumerKey) -> Option<&'a App> {
    apps.iter().copied().min_by_key(|app| app.key().map_or(usize::MAX, |other| strsim::levenshtein(other.as_str(), key.as_str())))
}
