//! Merges descriptions into the metadata. A component that both define becomes one; metadata takes precedence.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::description::AWS_PARAMETERS;
use crate::discover::FileSet;
use crate::model::{
    APP_SETTINGS, App, Certificate, CertificateBody, Component, ConsumerKey, Contradiction,
    Described, ExternalCredential, Named, NamedCredential, Org, OrgId, ParameterType,
    PermissionSet, PermittedUsers, Record, same_value, without_namespace,
};
use crate::source::{FileId, Located, Text, normalized};

use super::Unlinked;

/// Merges each description into the orgs that were created for it, which are the first ones, in order. Returns the fields
/// whose described value was ignored because the metadata has a different one.
pub fn merge(orgs: &mut [Org], file_set: &FileSet, unlinked: &Unlinked) -> Vec<Contradiction> {
    let mut contradictions = Vec::new();
    let mut next = 0;
    let mut files: HashMap<&Path, FileId> = HashMap::new();
    for (file, source) in file_set.sources.iter() {
        files.entry(&source.path).or_insert(file);
    }
    for file in &file_set.descriptions {
        let file_of = |path: &Text| {
            files.get(normalized(&file.folder.join(path.as_str())).as_path()).copied()
        };
        for described in &file.description.orgs {
            let org = &mut orgs[next];
            let mut log = ContradictionLog { org: OrgId(next), found: &mut contradictions };
            next += 1;
            org.kind = described.kind;
            if described.my_domain.is_some() {
                org.my_domain.clone_from(&described.my_domain);
            }
            org.org_id.clone_from(&described.org_id);
            org.callouts_run_as.clone_from(&described.callouts_run_as);
            org.users.clone_from(&described.users);
            org.missing_users.clone_from(&described.missing_users);
            org.other_users_unknown = described.other_users_unknown;
            for credential in &described.external_credentials {
                external_credential(org, credential, &mut log);
            }
            for credential in &described.named_credentials {
                named_credential(org, credential, &mut log);
            }
            for (certificate, path) in &described.certificates {
                let body = path.as_ref().and_then(&file_of).and_then(|file| body(unlinked, file));
                self::certificate(org, certificate, body, &mut log);
            }
            let app_certificates: HashMap<usize, &Text> =
                described.app_certificates.iter().map(|(owner, path)| (*owner, path)).collect();
            for (index, app) in described.apps.iter().enumerate() {
                let path = app_certificates.get(&index).copied();
                let found = path.and_then(|path| {
                    file_of(path)
                        .and_then(|file| body(unlinked, file))
                        .map(|body| Located::new(body.value, path.span))
                });
                let mut app = app.clone();
                app.certificate = found.or(app.certificate);
                self::app(org, app, &mut log);
            }
            let key = |record: &Record| {
                let name = without_namespace(record.name()).to_ascii_lowercase();
                (record.component.type_name, name)
            };
            let known: HashSet<_> = org.records.iter().map(key).collect();
            for record in described.records.iter().filter(|record| !known.contains(&key(record))) {
                org.records.push(record.clone());
            }
            for set in &described.permission_sets {
                permission_set(org, set);
            }
            for group in &described.groups {
                match org.groups.exact_mut(group.name()) {
                    Some(known) => known.assigned_to.clone_from(&group.assigned_to),
                    None => org.groups.push(group.clone()),
                }
            }
            for export in described
                .exports
                .iter()
                .filter_map(&file_of)
                .filter_map(|file| unlinked.exports.get(&file))
            {
                take_export(org, export);
            }
        }
    }
    contradictions
}

/// Collects the contradictions of one org.
struct ContradictionLog<'a> {
    org: OrgId,
    found: &'a mut Vec<Contradiction>,
}

impl ContradictionLog<'_> {
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

    /// Compares two values of one field. They contradict each other if both are known and mean different things.
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
            let shown = |text: &Text| Described {
                value: if is_key {
                    ConsumerKey::new(text.as_str()).to_string()
                } else {
                    text.to_string()
                },
                place: text.span,
            };
            self.note(component, field, shown(described), shown(metadata));
        }
    }

    /// Compares two certificates of one field by their keys only: a renewed certificate with the same key is the same.
    fn certificates(
        &mut self,
        component: &Component,
        described: Option<&Located<CertificateBody>>,
        metadata: Option<&Located<CertificateBody>>,
    ) {
        let (Some(described), Some(metadata)) = (described, metadata) else { return };
        let (Some(left), Some(right)) = (described.x509(), metadata.x509()) else { return };
        if !left.same_key(right) {
            let shown = |x509: &crate::model::X509, place| Described {
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
                shown(left, described.span),
                shown(right, metadata.span),
            );
        }
    }
}

fn body(unlinked: &Unlinked, file: FileId) -> Option<Located<crate::model::CertificateBody>> {
    unlinked.bodies.get(&file).cloned()
}

fn external_credential(
    org: &mut Org,
    described: &ExternalCredential,
    log: &mut ContradictionLog<'_>,
) {
    let Some(known) = org.external_credentials.exact_mut(described.name()) else {
        org.external_credentials.push(described.clone());
        return;
    };
    log.texts(&known.component, "protocol", described.protocol.as_ref(), known.protocol.as_ref());
    fill(&mut known.protocol, &described.protocol);
    fill(&mut known.described_flow, &described.described_flow);
    known.configured.clone_from(&described.configured);
    known.unconfigured.clone_from(&described.unconfigured);
    for parameter in &described.parameters {
        let same_name = |other: &Option<Text>| {
            other.as_ref().map(Text::as_str) == parameter.name.as_ref().map(Text::as_str)
        };
        let named = matches!(
            parameter.kind,
            ParameterType::JwtBodyClaim
                | ParameterType::JwtHeaderClaim
                | ParameterType::AuthParameter
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
                    ParameterType::AuthParameter => auth_parameter(parameter.name.as_ref()),
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
                log.texts(&known.component, field, parameter.value.as_ref(), metadata.as_ref());
            }
        }
    }
}

/// The field for a claim in a contradiction: the name of the claim if it is `iss`, `sub` or `aud`, else `claim`.
fn claim(name: Option<&Text>) -> &'static str {
    match name.map_or("", Text::as_str) {
        "iss" => "iss",
        "sub" => "sub",
        "aud" => "aud",
        _ => "claim",
    }
}

/// The key of a parameter of type `AuthParameter`.
fn auth_parameter(name: Option<&Text>) -> &'static str {
    let name = name.map_or("", Text::as_str);
    AWS_PARAMETERS.iter().find(|(_, parameter)| *parameter == name).map_or("scope", |(key, _)| key)
}

fn named_credential(org: &mut Org, described: &NamedCredential, log: &mut ContradictionLog<'_>) {
    let Some(known) = org.named_credentials.exact_mut(described.name()) else {
        org.named_credentials.push(described.clone());
        return;
    };
    let slots = [
        ("url", &mut known.url, &described.url),
        ("external_credential", &mut known.external_credential, &described.external_credential),
        ("protocol", &mut known.protocol, &described.protocol),
        ("token_endpoint", &mut known.token_endpoint, &described.token_endpoint),
        ("iss", &mut known.jwt_issuer, &described.jwt_issuer),
        ("aud", &mut known.jwt_audience, &described.jwt_audience),
        ("sub", &mut known.jwt_text_subject, &described.jwt_text_subject),
        (
            "signing_certificate",
            &mut known.jwt_signing_certificate,
            &described.jwt_signing_certificate,
        ),
        ("scope", &mut known.oauth_scope, &described.oauth_scope),
        ("callout_status", &mut known.callout_status, &described.callout_status),
        (
            "generate_authorization_header",
            &mut known.generate_authorization_header,
            &described.generate_authorization_header,
        ),
        ("client_certificate", &mut known.client_certificate, &described.client_certificate),
        ("auth_provider", &mut known.auth_provider, &described.auth_provider),
        ("principal_type", &mut known.principal_type, &described.principal_type),
        ("aws_region", &mut known.aws_region, &described.aws_region),
        ("aws_service", &mut known.aws_service, &described.aws_service),
        (
            "allow_merge_fields_in_header",
            &mut known.allow_merge_fields_in_header,
            &described.allow_merge_fields_in_header,
        ),
        (
            "allow_merge_fields_in_body",
            &mut known.allow_merge_fields_in_body,
            &described.allow_merge_fields_in_body,
        ),
    ];
    for (field, slot, described) in slots {
        log.texts(&known.component, field, described.as_ref(), slot.as_ref());
        fill(slot, described);
    }
}

fn fill<T: Clone>(known: &mut Option<T>, described: &Option<T>) {
    if known.is_none() {
        known.clone_from(described);
    }
}

fn certificate(
    org: &mut Org,
    described: &Certificate,
    body: Option<Located<CertificateBody>>,
    log: &mut ContradictionLog<'_>,
) {
    match org.certificates.exact_mut(described.name()) {
        Some(known) => {
            log.certificates(&known.component, body.as_ref(), known.body.as_ref());
            fill(&mut known.body, &body);
        }
        None => org.certificates.push(Certificate { body, ..described.clone() }),
    }
}

fn app(org: &mut Org, described: App, log: &mut ContradictionLog<'_>) {
    let Some(known) = org.apps.exact_mut(described.name()) else {
        org.apps.push(described);
        return;
    };
    log.texts(
        &known.component,
        "consumer_key",
        described.consumer_key.as_ref(),
        known.consumer_key.as_ref(),
    );
    log.texts(
        &known.component,
        "callback_url",
        described.callback.as_ref(),
        known.callback.as_ref(),
    );
    for setting in APP_SETTINGS {
        for (_, field) in setting.fields(known.kind) {
            let described = described.field(field).filter(|_| known.kind == described.kind);
            let metadata = known.records.iter().find_map(|record| record.get(field));
            log.texts(&known.component, setting.key, described, metadata);
        }
    }
    log.certificates(&known.component, described.certificate.as_ref(), known.certificate.as_ref());
    scopes(known, &described, log);
    permitted_users(known, &described, log);
    fill(&mut known.consumer_key, &described.consumer_key);
    fill(&mut known.certificate, &described.certificate);
    fill(&mut known.callback, &described.callback);
    fill(&mut known.blocked, &described.blocked);
    fill(&mut known.scopes, &described.scopes);
    if known.kind == described.kind {
        known.described = described.described;
    }
    if matches!(known.permitted_users, PermittedUsers::Unknown | PermittedUsers::Default)
        && !matches!(described.permitted_users, PermittedUsers::Unknown)
    {
        known.permitted_users = described.permitted_users;
    }
    // Files often contain only some of the approvals, and never those of an installed app.
    add_missing(&mut known.profiles, described.profiles);
    add_missing(&mut known.permission_sets, described.permission_sets);
    known.policies |= described.policies;
}

/// Adds the texts that a list does not have in any case.
fn add_missing(known: &mut Vec<Text>, described: Vec<Text>) {
    let mut names: HashSet<String> =
        known.iter().map(|text| text.as_str().to_lowercase()).collect();
    known.extend(described.into_iter().filter(|text| names.insert(text.as_str().to_lowercase())));
}

/// Compares two lists of scopes, ignoring their order.
fn scopes(known: &App, described: &App, log: &mut ContradictionLog<'_>) {
    let (Some(left), Some(right)) = (&described.scopes, &known.scopes) else { return };
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
        let shown = |scopes: &[Text], place: &Text| Described {
            value: scopes.iter().map(Text::as_str).collect::<Vec<_>>().join(", "),
            place: place.span,
        };
        log.note(&known.component, "scopes", shown(left, first), shown(right, other));
    }
}

fn permitted_users(known: &App, described: &App, log: &mut ContradictionLog<'_>) {
    let (described, metadata) = match (&described.permitted_users, &known.permitted_users) {
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
    log.note(&known.component, "permitted_users", described, metadata);
}

fn permission_set(org: &mut Org, described: &PermissionSet) {
    let Some(known) = org.permission_sets.exact_mut(described.name()) else {
        org.permission_sets.push(described.clone());
        return;
    };
    fill(&mut known.assigned_to, &described.assigned_to);
    fill(&mut known.label, &described.label);
    fill(&mut known.profile, &described.profile);
    let mut references: HashSet<String> =
        known.grants.iter().map(|grant| grant.reference.as_str().to_owned()).collect();
    for grant in &described.grants {
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
