//! External client apps: one app in up to six files, joined by the name that each file gives.

use std::collections::HashMap;

use crate::model::{
    App, Component, Components, Named, Org, OrgId, PermittedUsers, Record, find_named,
};
use crate::parse::{Item, app_certificate};
use crate::source::{Kind, Sources, Text};

/// Joins the parts of each org's apps. A part without an application file still makes an app: files are often partial.
pub fn join(orgs: &mut [Org], mut parts: Vec<(OrgId, Item)>, sources: &Sources) {
    parts.sort_by_key(|(_, item)| {
        !matches!(item, Item::AppPart { kind: Kind::ExternalClientApplication, .. })
    });
    let mut known: HashMap<OrgId, Components<ClientApp>> = HashMap::new();
    for (id, part) in parts {
        let Item::AppPart { kind, application, record } = part else { continue };
        let apps = &mut orgs[id.0].apps;
        let clients = known.entry(id).or_default();
        let name = application
            .as_ref()
            .map_or_else(|| record.component.name.clone(), |text| text.as_str().to_owned());
        let index = match find_named(clients, &name) {
            Some(client) => client.index,
            None => {
                let component = Component {
                    name,
                    type_name: "ExternalClientApplication",
                    ..record.component.clone()
                };
                let index = apps.len();
                clients.push(ClientApp { component: component.clone(), index });
                apps.push(App::external_client(component));
                index
            }
        };
        if let Some(app) = apps.get_mut(index) {
            add_record(app, kind, record, sources);
        }
    }
}

/// An external client app among the apps of an org.
struct ClientApp {
    component: Component,
    index: usize,
}

impl Named for ClientApp {
    fn component(&self) -> &Component {
        &self.component
    }
}

fn filled(record: &Record, path: &str) -> Option<Text> {
    record.get(path).filter(|text| !text.is_empty()).cloned()
}

fn add_record(app: &mut App, kind: Kind, record: Record, sources: &Sources) {
    let again =
        app.records.iter().any(|other| sources.get(other.component.place.file).kind == kind);
    if again {
        return;
    }
    match kind {
        Kind::ExternalClientApplication => app.label = filled(&record, "label"),
        Kind::ExtlClntAppGlobalOauthSettings => {
            app.oauth = app.oauth.or(Some(record.component.place));
            app.consumer_key = filled(&record, "consumerKey");
            app.callback = record.get("callbackUrl").cloned();
            if let Some(certificate) = record.get("certificate").and_then(app_certificate) {
                app.certificate = Some(certificate);
            }
        }
        Kind::ExtlClntAppOauthSettings => {
            app.oauth = Some(record.component.place);
            app.scopes = Some(
                record
                    .get("commaSeparatedOauthScopes")
                    .map(Text::comma_separated)
                    .unwrap_or_default(),
            );
            // Sources disagree about which of the two fields contains the certificate of the JWT bearer flow, so either
            // is accepted.
            if app.certificate.is_none() {
                app.certificate =
                    record.get("clientAssertionCertificate").and_then(app_certificate);
            }
        }
        Kind::ExtlClntAppOauthConfigurablePolicies => {
            app.policies = true;
            app.permitted_users = match record.get("permittedUsersPolicyType") {
                None => PermittedUsers::Default,
                Some(text) => match text.known() {
                    Some("AdminApprovedPreAuthorized") => PermittedUsers::AdminApproved(text.span),
                    Some("AllSelfAuthorized") => PermittedUsers::SelfAuthorize(text.clone()),
                    None if text.is_empty() => PermittedUsers::Default,
                    _ => PermittedUsers::Unknown,
                },
            };
            app.profiles =
                record.get("commaSeparatedProfile").map(Text::comma_separated).unwrap_or_default();
            app.permission_sets = record
                .get("commaSeparatedPermissionSet")
                .map(Text::comma_separated)
                .unwrap_or_default();
        }
        _ => {}
    }
    app.records.push(record);
}
