//! What the names in files refer to.

use crate::model::{
    AUTH_PROVIDER, IDENTITY_PROVIDER, Named, Org, OrgId, Provider, Workspace,
    credential_merge_fields,
};
use crate::source::{FileId, Span, Text};

/// A component or a principal, by its position in its org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    NamedCredential(OrgId, usize),
    ExternalCredential(OrgId, usize),
    /// A parameter of an external credential.
    Principal(OrgId, usize, usize),
    PermissionSet(OrgId, usize),
    Certificate(OrgId, usize),
    App(OrgId, usize),
    Provider(OrgId, usize),
}

/// A place that defines a component or refers to it.
#[derive(Clone, Copy, Debug)]
pub struct Mention {
    pub span: Span,
    pub thing: Thing,
    pub is_definition: bool,
}

/// All mentions, in the order of files and offsets.
pub fn mentions(workspace: &Workspace) -> Vec<Mention> {
    let mut all = Vec::new();
    for (index, org) in workspace.orgs.iter().enumerate() {
        let mut mentions = OfOrg { id: OrgId(index), org, workspace, all: Vec::new() };
        mentions.named_credentials();
        mentions.external_credentials();
        mentions.permission_sets();
        mentions.certificates();
        mentions.apps();
        mentions.providers();
        mentions.apex();
        all.append(&mut mentions.all);
    }
    for (component, text) in workspace.formula_texts() {
        let org = workspace.org(component.org);
        for name in credential_merge_fields(text) {
            if let Some(at) = org.external_credentials.position(name.as_str()) {
                let thing = Thing::ExternalCredential(component.org, at);
                all.push(Mention { span: name.span, thing, is_definition: false });
            }
        }
    }
    for credential in workspace.signing_credentials() {
        let Some(key) = credential.issuer_key() else { continue };
        let Some(issuer) = credential.issuer() else { continue };
        all.extend(workspace.apps_with_key(&key).map(|(org, at, _)| Mention {
            span: issuer.span,
            thing: Thing::App(org, at),
            is_definition: false,
        }));
    }
    all.sort_by_key(|mention| (mention.span, !mention.is_definition));
    all
}

/// The innermost mentions around an offset.
pub fn at(mentions: &[Mention], file: FileId, offset: usize) -> Vec<Mention> {
    let around = |mention: &&Mention| {
        let range = mention.span.range();
        mention.span.file == file && range.start <= offset && offset <= range.end
    };
    let found: Vec<Mention> = mentions.iter().filter(around).copied().collect();
    let length = |mention: &Mention| mention.span.range().len();
    let shortest = found.iter().map(length).min();
    found.into_iter().filter(|mention| Some(length(mention)) == shortest).collect()
}

struct OfOrg<'w> {
    id: OrgId,
    org: &'w Org,
    workspace: &'w Workspace,
    all: Vec<Mention>,
}

impl OfOrg<'_> {
    fn define(&mut self, span: Span, thing: Thing) {
        self.all.push(Mention { span, thing, is_definition: true });
    }

    fn refer(&mut self, text: &Text, thing: Option<Thing>) {
        if let Some(thing) = thing.filter(|_| !text.is_empty()) {
            self.all.push(Mention { span: text.span, thing, is_definition: false });
        }
    }

    fn certificate(&mut self, name: Option<&Text>) {
        let Some(name) = name else { return };
        let found = name.known().and_then(|name| self.org.certificates.position(name));
        self.refer(name, found.map(|at| Thing::Certificate(self.id, at)));
    }

    fn provider(&mut self, type_name: &'static str, name: Option<&Text>) {
        let found = self.org.provider_position(type_name, name);
        if let Some(name) = name {
            self.refer(name, found.map(|at| Thing::Provider(self.id, at)));
        }
    }

    fn permission_set(&mut self, name: &Text) {
        let labeled = name.known().and_then(|label| self.org.permission_set_labeled(label));
        let name_of_set = labeled.map(Named::name).or_else(|| name.known());
        let found = name_of_set.and_then(|name| self.org.permission_sets.position(name));
        self.refer(name, found.map(|at| Thing::PermissionSet(self.id, at)));
    }

    fn named_credentials(&mut self) {
        for (at, named) in self.org.named_credentials.iter().enumerate() {
            self.define(named.component.place, Thing::NamedCredential(self.id, at));
            if let Some(name) = &named.external_credential {
                let found =
                    name.known().and_then(|name| self.org.external_credentials.position(name));
                self.refer(name, found.map(|at| Thing::ExternalCredential(self.id, at)));
            }
            self.certificate(named.client_certificate.as_ref());
            self.certificate(named.jwt_signing_certificate.as_ref());
            self.provider(AUTH_PROVIDER, named.auth_provider.as_ref());
        }
    }

    fn external_credentials(&mut self) {
        for (at, external) in self.org.external_credentials.iter().enumerate() {
            self.define(external.component.place, Thing::ExternalCredential(self.id, at));
            for (position, parameter) in external.parameters.iter().enumerate() {
                if let Some(name) =
                    parameter.name.as_ref().filter(|_| parameter.kind.is_principal())
                {
                    self.define(name.span, Thing::Principal(self.id, at, position));
                }
                self.certificate(parameter.certificate.as_ref());
                self.provider(AUTH_PROVIDER, parameter.auth_provider.as_ref());
                self.provider(IDENTITY_PROVIDER, parameter.identity_provider.as_ref());
                if let Some(set) = &parameter.permission_set {
                    self.permission_set(set);
                }
            }
        }
    }

    /// The principal that a grant names.
    fn principal(&self, reference: &str) -> Option<Thing> {
        let (external, principal) = self.org.granted_principal(reference)?;
        let at = self.org.external_credentials.position(external.name())?;
        let element = principal.parameter.element;
        let position =
            external.parameters.iter().position(|parameter| parameter.element == element)?;
        Some(Thing::Principal(self.id, at, position))
    }

    fn permission_sets(&mut self) {
        for (at, set) in self.org.permission_sets.iter().enumerate() {
            self.define(set.component.place, Thing::PermissionSet(self.id, at));
            for grant in &set.grants {
                let found = grant.reference.known().and_then(|name| self.principal(name));
                self.refer(&grant.reference, found);
            }
        }
        for group in &self.org.groups {
            for member in &group.members {
                let found = member.known().and_then(|name| self.org.permission_sets.position(name));
                self.refer(member, found.map(|at| Thing::PermissionSet(self.id, at)));
            }
        }
    }

    fn certificates(&mut self) {
        for (at, certificate) in self.org.certificates.iter().enumerate() {
            let thing = Thing::Certificate(self.id, at);
            if let Some(span) = certificate.metadata {
                self.define(span, thing);
            }
            if let Some(body) = &certificate.body {
                self.define(body.span, thing);
            }
        }
    }

    fn apps(&mut self) {
        for (at, app) in self.org.apps.iter().enumerate() {
            let thing = Thing::App(self.id, at);
            self.define(app.component.place, thing);
            if let Some(key) = &app.consumer_key {
                self.refer(key, Some(thing));
            }
            for set in &app.permission_sets {
                self.permission_set(set);
            }
        }
    }

    fn providers(&mut self) {
        let is_provider = |name: &str| matches!(name, AUTH_PROVIDER | IDENTITY_PROVIDER);
        for (at, record) in self.org.records.iter().enumerate() {
            if !is_provider(record.component.type_name) {
                continue;
            }
            self.define(record.component.place, Thing::Provider(self.id, at));
            let provider = Provider::new(record);
            if let (Some(text), Some(key)) = (provider.consumer_key(), provider.key()) {
                let apps: Vec<Thing> = self
                    .workspace
                    .apps_with_key(&key)
                    .map(|(org, at, _)| Thing::App(org, at))
                    .collect();
                apps.into_iter().for_each(|app| self.refer(text, Some(app)));
            }
        }
    }

    fn apex(&mut self) {
        for callout in &self.org.callouts {
            let found =
                callout.name.known().and_then(|name| self.org.named_credentials.position(name));
            self.refer(&callout.name, found.map(|at| Thing::NamedCredential(self.id, at)));
        }
        for unit in &self.org.apex {
            for certificate in &unit.certificates {
                self.certificate(Some(&certificate.name));
            }
        }
    }
}
