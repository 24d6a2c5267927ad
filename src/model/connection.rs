//! A connection: a credential of one org, and the app of the org that it logs in to.

use super::app::App;
use super::host::Environment;
use super::jwt_credential::JwtCredential;
use super::org::Org;
use super::permissions::Profile;
use super::user::User;
use crate::source::Text;

/// How a credential and its app were matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// `iss` is the app's consumer key.
    Issuer,
    /// The auth provider has the app's consumer key.
    ConsumerKey,
    /// The host of the token endpoint or named credential is the My Domain of an org that has one candidate.
    Host,
    /// The description allows only one org, which has one candidate.
    Description,
    /// It is the only app in the files that the credential can log in to, and the files do not show the target org.
    OnlyCandidate,
}

/// A credential, the app that it connects to, and their orgs.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    pub credential: &'a JwtCredential,
    pub app: &'a App,
    pub calling_org: &'a Org,
    pub target_org: &'a Org,
    pub matched_by: MatchedBy,
}

impl Connection<'_> {
    /// The environment of the target org: by its host, or else by the description.
    pub fn target_environment(&self) -> Environment {
        let host =
            self.credential.target_host().map_or(Environment::Unknown, |host| host.environment());
        if host == Environment::Unknown { self.target_org.environment() } else { host }
    }

    /// The user in `sub`, if the description of the target org contains it.
    pub fn subject_user(&self) -> Option<(&Text, &User)> {
        let subject = self.credential.subject()?;
        self.target_org.user(subject.known()?).map(|user| (subject, user))
    }

    /// The profile of that user, if it is in the files, and the place that refers to it.
    pub fn subject_profile(&self) -> Option<(&Text, &Text, &Profile)> {
        let (subject, user) = self.subject_user()?;
        let named = user.profile.as_ref()?;
        self.target_org.profile(named.known()?).map(|profile| (subject, named, profile))
    }
}
