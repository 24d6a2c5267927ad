//! What a description says, laid over what the metadata says: one component where both name it, metadata first.

use crate::model::{App, Certificate, ExternalCredential, Named, NamedCredential, Org, PermissionSet, PermittedUsers};
use crate::source::{FileId, Located, Text};
use crate::walk::{Walked, normalized};

use super::Loose;

/// Lays every description over the orgs that were made for it, which are the first ones, in order.
pub fn merge(orgs: &mut [Org], walked: &Walked, loose: &Loose) {
    let mut next = 0;
    for described in &walked.descriptions {
        let file_of = |path: &Text| {
            let target = normalized(&described.folder.join(path.as_str()));
            walked.sources.iter().find(|(_, source)| source.path == target).map(|(file, _)| file)
        };
        for said in &described.description.orgs {
            let org = &mut orgs[next];
            next += 1;
            org.kind = said.kind;
            if said.my_domain.is_some() {
                org.my_domain.clone_from(&said.my_domain);
            }
            org.org_id.clone_from(&said.org_id);
            org.callouts_run_as.clone_from(&said.callouts_run_as);
            org.users.clone_from(&said.users);
            for credential in &said.external_credentials {
                external_credential(org, credential);
            }
            for credential in &said.named_credentials {
                named_credential(org, credential);
            }
            for (certificate, path) in &said.certificates {
                let body = path.as_ref().and_then(&file_of).and_then(|file| body(loose, file));
                self::certificate(org, certificate, body);
            }
            for (index, app) in said.apps.iter().enumerate() {
                let path = said.app_certificates.iter().find(|(owner, _)| *owner == index).map(|(_, path)| path);
                let found = path.and_then(|path| file_of(path).and_then(|file| body(loose, file)).map(|body| Located::new(body.value, path.span)));
                let mut app = app.clone();
                app.certificate = found;
                self::app(org, app);
            }
            for set in &said.permission_sets {
                permission_set(org, set);
            }
            for group in &said.groups {
                match org.groups.iter_mut().find(|other| other.name() == group.name()) {
                    Some(known) => known.assigned_to.clone_from(&group.assigned_to),
                    None => org.groups.push(group.clone()),
                }
            }
            for export in said.exports.iter().filter_map(&file_of).filter_map(|file| loose.exports.get(&file)) {
                take_export(org, export);
            }
        }
    }
}

fn body(loose: &Loose, file: FileId) -> Option<Located<crate::model::CertificateBody>> {
    loose.bodies.get(&file).cloned()
}

fn external_credential(org: &mut Org, said: &ExternalCredential) {
    let Some(known) = org.external_credentials.iter_mut().find(|known| known.name() == said.name()) else {
        org.external_credentials.push(said.clone());
        return;
    };
    if known.protocol.is_none() {
        known.protocol.clone_from(&said.protocol);
    }
    for parameter in &said.parameters {
        let same_name = |other: &Option<Text>| other.as_ref().map(Text::as_str) == parameter.name.as_ref().map(Text::as_str);
        let named = matches!(parameter.kind, crate::model::ParameterType::JwtBodyClaim | crate::model::ParameterType::JwtHeaderClaim) || parameter.kind.is_principal();
        if !known.parameters.iter().any(|other| other.kind == parameter.kind && (!named || same_name(&other.name))) {
            known.parameters.push(parameter.clone());
        }
    }
}

fn named_credential(org: &mut Org, said: &NamedCredential) {
    let Some(known) = org.named_credentials.iter_mut().find(|known| known.name() == said.name()) else {
        org.named_credentials.push(said.clone());
        return;
    };
    let slots = [
        (&mut known.url, &said.url),
        (&mut known.external_credential, &said.external_credential),
        (&mut known.protocol, &said.protocol),
        (&mut known.token_endpoint, &said.token_endpoint),
        (&mut known.jwt_issuer, &said.jwt_issuer),
        (&mut known.jwt_audience, &said.jwt_audience),
        (&mut known.jwt_text_subject, &said.jwt_text_subject),
        (&mut known.jwt_signing_certificate, &said.jwt_signing_certificate),
        (&mut known.oauth_scope, &said.oauth_scope),
        (&mut known.client_certificate, &said.client_certificate),
        (&mut known.auth_provider, &said.auth_provider),
        (&mut known.callout_status, &said.callout_status),
        (&mut known.generate_authorization_header, &said.generate_authorization_header),
    ];
    for (known, said) in slots {
        fill(known, said);
    }
}

fn fill<T: Clone>(known: &mut Option<T>, said: &Option<T>) {
    if known.is_none() {
        known.clone_from(said);
    }
}

fn certificate(org: &mut Org, said: &Certificate, body: Option<Located<crate::model::CertificateBody>>) {
    match org.certificates.iter_mut().find(|known| known.name() == said.name()) {
        Some(known) => fill(&mut known.body, &body),
        None => org.certificates.push(Certificate { body, ..said.clone() }),
    }
}

fn app(org: &mut Org, said: App) {
    let Some(known) = org.apps.iter_mut().find(|known| known.name() == said.name()) else {
        org.apps.push(said);
        return;
    };
    fill(&mut known.consumer_key, &said.consumer_key);
    fill(&mut known.certificate, &said.certificate);
    fill(&mut known.callback, &said.callback);
    fill(&mut known.scopes, &said.scopes);
    if matches!(known.permitted_users, PermittedUsers::Unknown | PermittedUsers::Default) && !matches!(said.permitted_users, PermittedUsers::Unknown) {
        known.permitted_users = said.permitted_users;
    }
    if known.profiles.is_empty() && known.permission_sets.is_empty() {
        known.profiles = said.profiles;
        known.permission_sets = said.permission_sets;
        known.policies |= said.policies;
    }
}

fn permission_set(org: &mut Org, said: &PermissionSet) {
    let Some(known) = org.permission_sets.iter_mut().find(|known| known.name() == said.name()) else {
        org.permission_sets.push(said.clone());
        return;
    };
    fill(&mut known.assigned_to, &said.assigned_to);
    fill(&mut known.label, &said.label);
    for grant in &said.grants {
        if !known.grants.iter().any(|other| other.reference.as_str() == grant.reference.as_str()) {
            known.grants.push(grant.clone());
        }
    }
}

/// Users and assignments of an export. An inactive assignee is no holder.
fn take_export(org: &mut Org, export: &crate::parse::Export) {
    if !export.users.is_empty() {
        org.users.get_or_insert_default().extend(export.users.iter().cloned());
    }
    if !export.lists_assignments {
        return;
    }
    org.assignments_known = true;
    for (user, set, active) in &export.assignments {
        let assigned = match org.permission_sets.iter_mut().find(|known| known.name() == set.as_str()) {
            Some(known) => &mut known.assigned_to,
            None => match org.groups.iter_mut().find(|known| known.name() == set.as_str()) {
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
