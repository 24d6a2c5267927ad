//! Connected apps and external client apps, read into one shape: rules about apps read both.

use super::{CertificateBody, Component, ConsumerKey, Named, Record, Scope};
use crate::source::{Located, Place, Span, Text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppKind {
    ConnectedApp,
    ExternalClientApp,
}

/// *Permitted Users* in Setup.
#[derive(Clone, Debug)]
pub enum PermittedUsers {
    /// *Admin approved users are pre-authorized*.
    AdminApproved(Span),
    /// *All users may self-authorize*.
    SelfAuthorize(Text),
    /// Not said, and the default lets users self-authorize.
    Default,
    /// A placeholder, or an app whose settings are not in the files.
    Unknown,
}

/// A `ConnectedApp`, or an `ExternalClientApplication` with all its satellites.
#[derive(Clone, Debug)]
pub struct App {
    pub component: Component,
    pub kind: AppKind,
    pub label: Option<Text>,
    /// Where the OAuth settings stand; absent for packaged and SAML apps.
    pub oauth: Option<Span>,
    pub consumer_key: Option<Text>,
    pub certificate: Option<Located<CertificateBody>>,
    pub callback: Option<Text>,
    /// `None`: not in the files. An empty list: in the files, and empty.
    pub scopes: Option<Vec<Text>>,
    pub permitted_users: PermittedUsers,
    /// Display names of approved profiles.
    pub profiles: Vec<Text>,
    /// Approved permission sets: labels for a connected app, names for an external client app.
    pub permission_sets: Vec<Text>,
    /// Whether the policies, where approvals are written, are in the files.
    pub policies: bool,
    /// The files of the app, field by field.
    pub records: Vec<Record>,
}

impl Named for App {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl App {
    pub fn key(&self) -> Option<ConsumerKey> {
        self.consumer_key.as_ref().and_then(Text::known).map(ConsumerKey::new)
    }

    /// The key is not in the files, or is filled in at deployment.
    pub fn key_is_unknown(&self) -> bool {
        self.consumer_key.as_ref().and_then(Text::known).is_none()
    }

    /// A certificate stands in the app, readable or not: the JWT bearer flow is switched on.
    pub fn has_certificate(&self) -> bool {
        self.certificate.as_ref().is_some_and(|certificate| !matches!(certificate.value, CertificateBody::Empty))
    }

    /// Whether a scope is listed; `None` where the list is not in the files or holds a placeholder.
    pub fn lists(&self, wanted: impl Fn(Scope) -> bool) -> Option<bool> {
        let scopes = self.scopes.as_ref()?;
        if scopes.iter().any(|scope| wanted(Scope::parse(scope.as_str()))) {
            return Some(true);
        }
        scopes.iter().all(|scope| scope.known().is_some()).then_some(false)
    }

    /// What stands between two scopes of a list on one line: an external client app writes `, ` or `,`.
    pub fn scope_separator(&self) -> &'static str {
        match self.scopes.as_deref() {
            Some([first, second, ..]) if second.span.start == first.span.end + 1 => ",",
            _ => ", ",
        }
    }

    /// A field of any of the app's files.
    pub fn field(&self, path: &str) -> Option<&Text> {
        self.records.iter().find_map(|record| record.get(path))
    }

    /// "connected app" or "external client app".
    pub fn noun(&self) -> &'static str {
        match self.kind {
            AppKind::ConnectedApp => "connected app",
            AppKind::ExternalClientApp => "external client app",
        }
    }

    /// Where the OAuth settings stand, else the app.
    pub fn oauth_place(&self) -> Span {
        self.oauth.unwrap_or(self.component.span())
    }
}
