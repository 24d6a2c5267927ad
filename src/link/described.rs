//! Merges descriptions into the metadata. A component that both define becomes one; metadata takes precedence.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::discover::FileSet;
use crate::model::{
    App, Certificate, CertificateBody, Component, ConsumerKey, Contradiction, Described,
    ExternalCredential, Named, NamedCredential, Org, OrgId, ParameterType, PermissionSet,
    PermittedUsers, same_value,
};
use crate::source::{FileId, Located, Text, normalized};

use super::SecretCandidate;

/// Lays every description over the orgs that were made for it, which are the first ones, in order. Tells where a value
/// was left out because the metadata gives another one.
pub fn merge(orgs: &mut [Org], file_set: &FileSet, loose: &SecretCandidate) -> Vec<Contradiction> {
    let mut contradictions = Vec::new();
    let mut next = 0;
    let mut files: HashMap<&Path, FileId> = HashMap::new();
    for (file, source) in file_set.sources.iter() {
        files.entry(&source.path).or_insert(file);
    }
    for described in &file_set.descriptions {
        let file_of = |path: &Text| {
            files.get(normalized(&described.folder.join(path.as_str())).as_path()).copied()
        };
        for said in &described.description.orgs {
            let org = &mut orgs[next];
            let mut told = Told { org: OrgId(next), found: &mut contradictions };
            next += 1;
            org.kind = said.kind;
            if said.my_domain.is_some() {
                org.my_domain.clone_from(&said.my_domain);
            }
            org.org_id.clone_from(&said.org_id);
            org.callouts_run_as.clone_from(&said.callouts_run_as);
            org.users.clone_from(&said.users);
            for credential in &said.external_credentials {
                external_credential(org, credential, &mut told);
            }
            for credential in &said.named_credentials {
                named_credential(org, credential, &mut told);
            }
            for (certificate, path) in &said.certificates {
                let body = path.as_ref().and_then(&file_of).and_then(|file| body(loose, file));
                self::certificate(org, certificate, body, &mut told);
            }
            let app_certificates: HashMap<usize, &Text> =
                said.app_certificates.iter().map(|(owner, path)| (*owner, path)).collect();
            for (index, app) in said.apps.iter().enumerate() {
                let path = app_certificates.get(&index).copied();
                let found = path.and_then(|path| {
                    file_of(path)
                        .and_then(|file| body(loose, file))
                        .map(|body| Located::new(body.value, path.span))
                });
                let mut app = app.clone();
                app.certificate = found;
                self::app(org, app, &mut told);
            }
            for set in &said.permission_sets {
                permission_set(org, set);
            }
            for group in &said.groups {
                match org.groups.exact_mut(group.name()) {
                    Some(known) => known.assigned_to.clone_from(&group.assigned_to),
                    None => org.groups.push(group.clone()),
                }
            }
            for export in
                said.exports.iter().filter_map(&file_of).filter_map(|file| loose.exports.get(&file))
            {
                take_export(org, export);
            }
        }
    }
    contradictions
}

/// Notes contradictions of one org.
struct Told<'a> {
    org: OrgId,
    found: &'a mut Vec<Contradiction>,
}

impl Told<'_> {
    fn note(
        &mut self,
        component: &Component,
        field: &'static str,
        described: Described,
        metadata: Described,
    ) {
        self.found.push(Contradiction {
            component: component.clone(),
            org: self.org,
            field,
            described,
            metadata,
        });
    }

    /// Two texts for one field; both must be known and mean different things.
    fn texts(
        &mut self,
        component: &Component,
        field: &'static str,
        described: Option<&Text>,
        metadata: Option<&Text>,
    ) {
        let (Some(described), Some(metadata)) = (described, metadata) else { return };
        let (Some(left), Some(right)) = (described.known(), metadata.known()) else { return };
        if !same_value(left, right) {
            let is_key = matches!(field, "iss" | "consumer_key");
            let said = |text: &Text| Described {
                value: if is_key {
                    ConsumerKey::new(text.as_str()).to_string()
                } else {
                    text.to_string()
                },
                place: text.span,
            };
            self.note(component, field, said(described), said(metadata));
        }
    }

    /// Two certificates for one field; only the keys count, a renewed certificate of the same key is the same.
    fn certificates(
        &mut self,
        component: &Component,
        described: Option<&Located<CertificateBody>>,
        metadata: Option<&Located<CertificateBody>>,
    ) {
        let (Some(described), Some(metadata)) = (described, metadata) else { return };
        let (Some(left), Some(right)) = (described.x509(), metadata.x509()) else { return };
        if !left.same_key(right) {
            let said = |x509: &crate::model::X509, place| Described {
                value: format!(
                    "the certificate of `{}` with the key {}",
                    x509.common_name(),
                    x509.fingerprint()
                ),
                place,
            };
            self.note(
                component,
                "certificate",
                said(left, described.span),
                said(right, metadata.span),
            );
        }
    }
}

fn body(loose: &SecretCandidate, file: FileId) -> Option<Located<crate::model::CertificateBody>> {
    loose.bodies.get(&file).cloned()
}

fn external_credential(org: &mut Org, said: &ExternalCredential, told: &mut Told<'_>) {
    let Some(known) = org.external_credentials.exact_mut(said.name()) else {
        org.external_credentials.push(said.clone());
        return;
    };
    told.texts(&known.component, "protocol", said.protocol.as_ref(), known.protocol.as_ref());
    fill(&mut known.protocol, &said.protocol);
    for parameter in &said.parameters {
        let same_name = |other: &Option<Text>| {
            other.as_ref().map(Text::as_str) == parameter.name.as_ref().map(Text::as_str)
        };
        let named = matches!(
            parameter.kind,
            crate::model::ParameterType::JwtBodyClaim | crate::model::ParameterType::JwtHeaderClaim
        ) || parameter.kind.is_principal();
        match known
            .parameters
            .iter()
            .find(|other| other.kind == parameter.kind && (!named || same_name(&other.name)))
        {
            None => known.parameters.push(parameter.clone()),
            Some(other) => {
                let field = match parameter.kind {
                    ParameterType::AuthProtocolVariant => "flow",
                    ParameterType::AuthProviderUrl => "token_endpoint",
                    ParameterType::SigningCertificate => "signing_certificate",
                    ParameterType::AuthProvider => "auth_provider",
                    ParameterType::ExternalAuthIdentityProvider => "identity_provider",
                    ParameterType::AuthParameter => "scope",
                    ParameterType::JwtBodyClaim | ParameterType::JwtHeaderClaim => {
                        claim(parameter.name.as_ref())
                    }
                    _ => continue,
                };
                let metadata = match parameter.kind {
                    ParameterType::SigningCertificate => &other.certificate,
                    ParameterType::AuthProvider => &other.auth_provider,
                    ParameterType::ExternalAuthIdentityProvider => &other.identity_provider,
                    _ => &other.value,
                };
                told.texts(&known.component, field, parameter.value.as_ref(), metadata.as_ref());
            }
        }
    }
}

/// The name of a claim, as far as its values need care.
fn claim(name: Option<&Text>) -> &'static str {
    match name.map_or("", Text::as_str) {
        "iss" => "iss",
        "sub" => "sub",
        "aud" => "aud",
        _ => "claim",
    }
}

fn named_credential(org: &mut Org, said: &NamedCredential, told: &mut Told<'_>) {
    let Some(known) = org.named_credentials.exact_mut(said.name()) else {
        org.named_credentials.push(said.clone());
        return;
    };
    let slots = [
        ("url", &mut known.url, &said.url),
        ("external_credential", &mut known.external_credential, &said.external_credential),
        ("protocol", &mut known.protocol, &said.protocol),
        ("token_endpoint", &mut known.token_endpoint, &said.token_endpoint),
        ("iss", &mut known.jwt_issuer, &said.jwt_issuer),
        ("aud", &mut known.jwt_audience, &said.jwt_audience),
        ("sub", &mut known.jwt_text_subject, &said.jwt_text_subject),
        ("signing_certificate", &mut known.jwt_signing_certificate, &said.jwt_signing_certificate),
        ("scope", &mut known.oauth_scope, &said.oauth_scope),
        ("callout_status", &mut known.callout_status, &said.callout_status),
        (
            "generate_authorization_header",
            &mut known.generate_authorization_header,
            &said.generate_authorization_header,
        ),
        ("client_certificate", &mut known.client_certificate, &said.client_certificate),
        ("auth_provider", &mut known.auth_provider, &said.auth_provider),
    ];
    for (field, slot, said) in slots {
        told.texts(&known.component, field, said.as_ref(), slot.as_ref());
        fill(slot, said);
    }
}

fn fill<T: Clone>(known: &mut Option<T>, said: &Option<T>) {
    if known.is_none() {
        known.clone_from(said);
    }
}

fn certificate(
    org: &mut Org,
    said: &Certificate,
    body: Option<Located<CertificateBody>>,
    told: &mut Told<'_>,
) {
    match org.certificates.exact_mut(said.name()) {
        Some(known) => {
            told.certificates(&known.component, body.as_ref(), known.body.as_ref());
            fill(&mut known.body, &body);
        }
        None => org.certificates.push(Certificate { body, ..said.clone() }),
    }
}

fn app(org: &mut Org, said: App, told: &mut Told<'_>) {
    let Some(known) = org.apps.exact_mut(said.name()) else {
        org.apps.push(said);
        return;
    };
    told.texts(
        &known.component,
        "consumer_key",
        said.consumer_key.as_ref(),
        known.consumer_key.as_ref(),
    );
    told.texts(&known.component, "callback_url", said.callback.as_ref(), known.callback.as_ref());
    told.certificates(&known.component, said.certificate.as_ref(), known.certificate.as_ref());
    scopes(known, &said, told);
    permitted_users(known, &said, told);
    fill(&mut known.consumer_key, &said.consumer_key);
    fill(&mut known.certificate, &said.certificate);
    fill(&mut known.callback, &said.callback);
    fill(&mut known.scopes, &said.scopes);
    if matches!(known.permitted_users, PermittedUsers::Unknown | PermittedUsers::Default)
        && !matches!(said.permitted_users, PermittedUsers::Unknown)
    {
        known.permitted_users = said.permitted_users;
    }
    if known.profiles.is_empty() && known.permission_sets.is_empty() {
        known.profiles = said.profiles;
        known.permission_sets = said.permission_sets;
        known.policies |= said.policies;
    }
}

/// Two lists of scopes that open different things; the order means nothing.
fn scopes(known: &App, said: &App, told: &mut Told<'_>) {
    let (Some(left), Some(right)) = (&said.scopes, &known.scopes) else { return };
    let (Some(first), Some(other)) = (left.first(), right.first()) else { return };
    let all_known = left.iter().chain(right).all(|scope| scope.known().is_some());
    let holds = |scopes: &[Text], wanted: &Text| {
        let meaning = |text: &Text| crate::model::Scope::parse(text.as_str());
        scopes.iter().any(|scope| {
            scope.as_str().eq_ignore_ascii_case(wanted.as_str())
                || meaning(scope) == meaning(wanted)
                    && matches!(
                        meaning(wanted),
                        crate::model::Scope::RefreshToken
                            | crate::model::Scope::Api
                            | crate::model::Scope::Full
                    )
        })
    };
    if all_known
        && !(left.iter().all(|scope| holds(right, scope))
            && right.iter().all(|scope| holds(left, scope)))
    {
        let said = |scopes: &[Text], place: &Text| Described {
            value: scopes.iter().map(Text::as_str).collect::<Vec<_>>().join(", "),
            place: place.span,
        };
        told.note(&known.component, "scopes", said(left, first), said(right, other));
    }
}

fn permitted_users(known: &App, said: &App, told: &mut Told<'_>) {
    let (described, metadata) = match (&said.permitted_users, &known.permitted_users) {
        (PermittedUsers::AdminApproved(left), PermittedUsers::SelfAuthorize(right)) => (
            Described { value: "admin_approved".into(), place: *left },
            Described { value: "self_authorize".into(), place: right.span },
        ),
        (PermittedUsers::SelfAuthorize(left), PermittedUsers::AdminApproved(right)) => (
            Described { value: "self_authorize".into(), place: left.span },
            Described { value: "admin_approved".into(), place: *right },
        ),
        _ => return,
    };
    told.note(&known.component, "permitted_users", described, metadata);
}

fn permission_set(org: &mut Org, said: &PermissionSet) {
    let Some(known) = org.permission_sets.exact_mut(said.name()) else {
        org.permission_sets.push(said.clone());
        return;
    };
    fill(&mut known.assigned_to, &said.assigned_to);
    fill(&mut known.label, &said.label);
    let mut references: HashSet<String> =
        known.grants.iter().map(|grant| grant.reference.as_str().to_owned()).collect();
    for grant in &said.grants {
        if references.insert(grant.reference.as_str().to_owned()) {
            known.grants.push(grant.clone());
        }
    }
}

/// Users and assignments of an export. Assignments of inactive users do not count.
fn take_export(org: &mut Org, export: &crate::parse::Export) {
    if !export.users.is_empty() {
        org.users.get_or_insert_default().extend(export.users.iter().cloned());
    }
    if !export.lists_assignments {
        return;
    }
    org.assignments_known = true;
    for (user, set, active) in &export.assignments {
        let assigned = match org.permission_sets.exact_mut(set.as_str()) {
            Some(known) => &mut known.assigned_to,
            None => match org.groups.exact_mut(set.as_str()) {
                Some(known) => &mut known.assigned_to,
                None => continue,
            },
        };
        let assigned = assigned.get_or_insert_default();
        if *active {
            assigned.push(user.clone());
        }
    }
}
