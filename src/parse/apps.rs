//! Connected apps, and the parts of external client apps.

use super::Item;
use super::reader::Reader;
use super::x509;
use super::xml::Element;
use crate::model::{App, AppKind, CertificateBody, PermittedUsers};
use crate::source::{Certainty, Kind, Located, Text};

pub fn connected_app(root: &Element, reader: &mut Reader<'_>) -> App {
    let record = reader.record(Kind::ConnectedApp, root);
    let oauth = root.child("oauthConfig");
    let child = |name: &str| oauth.and_then(|oauth| reader.child(oauth, name));
    let approved = child("isAdminApproved");
    let permitted_users = match (oauth, approved) {
        (None, _) => PermittedUsers::Unknown,
        (Some(_), None) => PermittedUsers::Default,
        (Some(_), Some(text)) if text.is_true() => PermittedUsers::AdminApproved(text.span),
        (Some(_), Some(text)) if text.is_false() => PermittedUsers::SelfAuthorize(text),
        (Some(_), Some(text)) if text.is_empty() => PermittedUsers::Default,
        (Some(_), Some(_)) => PermittedUsers::Unknown,
    };
    App {
        component: record.component.clone(),
        kind: AppKind::ConnectedApp,
        label: reader.child(root, "label"),
        oauth: oauth.map(|oauth| oauth.name_span),
        consumer_key: child("consumerKey").filter(|key| !key.is_empty()),
        certificate: child("certificate").as_ref().and_then(certificate),
        described: Vec::new(),
        blocked: None,
        callback: child("callbackUrl"),
        scopes: oauth.map(|oauth| reader.filled(oauth, "scopes")),
        permitted_users,
        profiles: reader.filled(root, "profileName"),
        permission_sets: reader.filled(root, "permissionSetName"),
        policies: oauth.is_some(),
        records: vec![record],
    }
}

/// The certificate of an app: its text, in any wrapping.
pub fn certificate(text: &Text) -> Option<Located<CertificateBody>> {
    if text.is_empty() {
        return None;
    }
    let body = match text.certainty {
        Certainty::Known => x509::read_text(text.as_str()),
        Certainty::Placeholder | Certainty::Unfilled => CertificateBody::Hidden,
    };
    Some(Located::new(body, text.span))
}

pub fn part(kind: Kind, root: &Element, reader: &mut Reader<'_>) -> Item {
    let record = reader.record(kind, root);
    let application = if kind == Kind::ExternalClientApplication {
        None
    } else {
        reader.child(root, "externalClientApplication").filter(|text| !text.is_empty())
    };
    Item::AppPart { kind, application, record }
}
