//! Finds the app that the `iss` claim refers to, or the app that was probably intended.

use super::{App, ConsumerKey, HostKind, JwtCredential, Named, Org, Workspace};

/// The app that a credential with an unknown issuer was probably meant for.
#[derive(Clone, Copy, Debug)]
pub struct IntendedApp<'a> {
    pub org: &'a Org,
    pub app: &'a App,
    /// Whether the app trusts the key that the credential signs with.
    pub by_certificate: bool,
}

impl IntendedApp<'_> {
    /// Whether the app has a generated consumer key, but the issuer does not look like one.
    pub fn is_of_another_shape(&self, issuer: &ConsumerKey) -> bool {
        !issuer.looks_generated() && self.app.key().is_some_and(|key| key.looks_generated())
    }
}

impl Workspace {
    /// The intended app, if no app in the files has the issuer as its key. Prefers the only app that trusts the signing
    /// key, else the app of the target org with the most similar key.
    pub fn intended_app<'a>(&'a self, credential: &'a JwtCredential) -> Option<IntendedApp<'a>> {
        let (_, key) = credential.literal_issuer()?;
        let usable = |app: &App| app.key().is_some_and(|key| key.is_possible());
        let malformed = key.looks_generated() && !key.is_whole();
        if malformed || self.has_app_with_key(&key) {
            return None;
        }
        if let Some((org, app)) =
            self.unconnected_app_with_same_key(credential).filter(|(_, app)| usable(app))
        {
            return Some(IntendedApp { org, app, by_certificate: true });
        }
        let org = self.org(credential.described_target?);
        let apps = org.oauth_apps();
        if !apps.all_keys_known {
            return None;
        }
        let configured = apps.configured.iter().map(|&position| &org.apps[position]);
        let app = nearest(configured, &key).filter(|app| usable(app))?;
        Some(IntendedApp { org, app, by_certificate: false })
    }

    /// The only app that verifies with the key that the credential signs with, and that no credential connects to.
    fn unconnected_app_with_same_key<'a>(
        &'a self,
        credential: &'a JwtCredential,
    ) -> Option<(&'a Org, &'a App)> {
        let signing = self.signing_certificate(credential)?.certificate?.x509()?;
        let [(org, position)] = self.index().verifiers.get(&signing.public_key_sha256)?.as_slice()
        else {
            return None;
        };
        let org = self.org(*org);
        let first = (org, &org.apps[*position]);
        // One key pair can serve several target orgs: an app that another credential connects to is not the intended one.
        let free = self.connections_of(first.1).next().is_none();
        (free && first.1.key().is_some()).then_some(first)
    }

    /// The org and app that have the issuer as key, if the credential logs in to another org, without that app.
    ///
    /// A key belongs to one app, but that app can exist in several orgs: packaged apps are installed in other orgs, and
    /// a sandbox starts with the apps of its production org. Excludes both cases, and apps in files without a
    /// description, because several projects can belong to one org.
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
        let known_to_differ = match (&owning.my_domain, &answering.my_domain) {
            (Some(one), Some(other)) => one.value != other.value,
            (None, Some(_) | None) | (Some(_), None) => owning.kind.is_some(),
        };
        // If the callout goes to the app's org, the wrong setting is the token endpoint.
        let called = owning
            .my_domain
            .as_ref()
            .is_some_and(|domain| credential.url_hosts().any(|host| host.value == domain.value));
        if !known_to_differ || called {
            return None;
        }
        let apps = answering.oauth_apps();
        if apps.has_unknown_key || (!apps.listed && are_relatives(owning, answering)) {
            return None;
        }
        Some((owning, app))
    }
}

/// The app whose key is most similar to the issuer.
fn nearest<'a>(apps: impl Iterator<Item = &'a App>, key: &ConsumerKey) -> Option<&'a App> {
    apps.min_by_key(|app| {
        app.key().map_or(usize::MAX, |other| strsim::levenshtein(other.as_str(), key.as_str()))
    })
}

/// Whether other orgs can install the app.
fn is_packaged(app: &App) -> bool {
    app.field("distributionState").is_some_and(|state| state.known() != Some("Local"))
        || app.name().contains("__")
}

/// Whether the orgs are a production org and its sandbox, or two sandboxes of one production org.
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
