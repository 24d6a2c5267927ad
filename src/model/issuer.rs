//! Which app the `iss` claim names, and which it was meant to name.

use super::{App, AppKind, ConsumerKey, HostKind, JwtCredential, Named, Org, Workspace};
use crate::source::Text;

/// The app that a credential with another issuer was most likely meant for.
#[derive(Clone, Copy, Debug)]
pub struct IntendedApp<'a> {
    pub org: &'a Org,
    pub app: &'a App,
    /// The app trusts the very key that the credential signs with.
    pub by_certificate: bool,
}

impl IntendedApp<'_> {
    /// The app has a key that Salesforce made, and the issuer is not even of that shape: it is another thing altogether.
    pub fn is_of_another_shape(&self, issuer: &ConsumerKey) -> bool {
        !issuer.looks_generated() && self.app.key().is_some_and(|key| key.looks_generated())
    }
}

impl ConsumerKey {
    /// Has the shape of a consumer secret: 64 hexadecimal digits, or the digits of old ones.
    pub fn looks_like_secret(&self) -> bool {
        let text = self.as_str();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            || ((13..=20).contains(&text.len()) && digits)
    }
}

impl JwtCredential {
    /// A literal issuer of which the shape can be judged.
    pub fn literal_issuer(&self) -> Option<(&Text, ConsumerKey)> {
        let issuer = self.issuer()?;
        self.issuer_key()
            .filter(|key| !key.is_empty() && !key.as_str().contains("{!"))
            .map(|key| (issuer, key))
    }
}

impl Workspace {
    /// The issuer is the key of no app in the files, though the answering org's apps are in them.
    pub fn intended_app<'a>(&'a self, credential: &'a JwtCredential) -> Option<IntendedApp<'a>> {
        let (_, key) = credential.literal_issuer()?;
        let usable = |app: &App| app.key().is_some_and(|key| key.is_possible());
        let malformed = key.looks_generated() && !key.is_whole();
        if malformed || self.has_app_with_key(&key) {
            return None;
        }
        if let Some((org, app)) =
            self.unmet_app_of_same_certificate(credential).filter(|(_, app)| usable(app))
        {
            return Some(IntendedApp { org, app, by_certificate: true });
        }
        let org = self.org(credential.described_target?);
        let oauth: Vec<&App> = org.apps.iter().filter(|app| app.oauth.is_some()).collect();
        let all_known = oauth.iter().all(|app| app.key().is_some());
        let app = nearest(&oauth, &key).filter(|app| all_known && usable(app))?;
        Some(IntendedApp { org, app, by_certificate: false })
    }

    /// The one app that verifies with the very key that the credential signs with, and that nobody meets.
    fn unmet_app_of_same_certificate<'a>(
        &'a self,
        credential: &'a JwtCredential,
    ) -> Option<(&'a Org, &'a App)> {
        let signing = self.signing_certificate(credential)?.certificate?.x509()?;
        let trusts = |app: &App| {
            app.certificate
                .as_ref()
                .and_then(|certificate| certificate.x509())
                .is_some_and(|x509| x509.same_key(signing))
        };
        let mut apps = self.apps().filter(|(_, app)| trusts(app));
        let first = apps.next()?;
        // One key pair may serve several answering orgs: an app that another credential meets is not the one that is meant.
        let free = self.connections_of(first.1).next().is_none() && apps.next().is_none();
        (free && first.1.key().is_some()).then_some(first)
    }

    /// The org and app whose key the issuer is, where another org answers and does not know that app.
    ///
    /// A key is made once and belongs to one app, but it may be known elsewhere: packaged apps are installed in other
    /// orgs, and a sandbox begins with the apps of its production org. Both are left alone, and so is an app in files
    /// of which nobody said which org they are: several projects may make up one org.
    pub fn app_of_another_org<'a>(
        &'a self,
        credential: &JwtCredential,
    ) -> Option<(&'a Org, &'a App)> {
        let (_, key) = credential.literal_issuer()?;
        let target_org = credential.described_target?;
        let mut owners = self.apps_with_key(&key);
        let (owner, _, app) = owners.next()?;
        if owner == target_org || owners.any(|(org, ..)| org == target_org) || is_packaged(app) {
            return None;
        }
        let (owning, answering) = (self.org(owner), self.org(target_org));
        let told_apart = match (&owning.my_domain, &answering.my_domain) {
            (Some(one), Some(other)) => one.value != other.value,
            (None, Some(_) | None) | (Some(_), None) => owning.kind.is_some(),
        };
        // Where the app's org is what is called, it is the token endpoint that lies elsewhere.
        let called = owning
            .my_domain
            .as_ref()
            .is_some_and(|domain| credential.url_hosts().any(|host| host.value == domain.value));
        if !told_apart || called {
            return None;
        }
        let mut apps = answering
            .apps
            .iter()
            .filter(|app| app.oauth.is_some() || app.kind == AppKind::ExternalClientApp)
            .peekable();
        let listed = apps.peek().is_some();
        if apps.any(App::key_is_unknown) || (!listed && are_relatives(owning, answering)) {
            return None;
        }
        Some((owning, app))
    }
}

/// The app whose key is most like the issuer.
fn nearest<'a>(apps: &[&'a App], key: &ConsumerKey) -> Option<&'a App> {
    apps.iter().copied().min_by_key(|app| {
        app.key().map_or(usize::MAX, |other| strsim::levenshtein(other.as_str(), key.as_str()))
    })
}

/// An app that other orgs install.
fn is_packaged(app: &App) -> bool {
    app.field("distributionState").is_some_and(|state| state.known() != Some("Local"))
        || app.name().contains("__")
}

/// A production org and its sandbox, or two of its sandboxes.
fn are_relatives(one: &Org, other: &Org) -> bool {
    let name = |org: &Org| match org.my_domain.as_ref().map(|host| host.kind().clone()) {
        Some(HostKind::MyDomain { name, .. }) => Some(name),
        _ => None,
    };
    match (name(one), name(other)) {
        (Some(one), Some(other)) => one == other,
        (Some(_) | None, Some(_) | None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_from_a_key() {
        assert!(ConsumerKey::new(&"0a".repeat(32)).looks_like_secret());
        assert!(ConsumerKey::new("1234567890123456789").looks_like_secret());
        assert!(!ConsumerKey::new("AcmeBillingIntegration2026").looks_like_secret());
        assert!(!ConsumerKey::new("12345678").looks_like_secret());
    }
}
