//! Several apps or orgs accept the same key.

use std::collections::{BTreeMap, HashSet};

use crate::finding::Findings;
use crate::model::{App, ConsumerKey, JwtCredential, Named, OrgId, Workspace, X509};
use crate::source::{Located, Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let reported = several_targets(workspace, found);
    several_apps(workspace, &reported, found);
}

/// A credential that signs, and the host that it logs in to.
struct Signer<'a> {
    credential: &'a JwtCredential,
    reference: &'a Text,
    host: Located<String>,
}

/// Reports signing certificates that are used for several target orgs; returns the reported keys.
fn several_targets(workspace: &Workspace, found: &mut Findings) -> HashSet<[u8; 32]> {
    let mut groups: BTreeMap<(OrgId, String), Vec<Signer<'_>>> = BTreeMap::new();
    for credential in workspace.jwt_credentials_to_salesforce() {
        let Some(reference) = &credential.signing_certificate else { continue };
        let Some(name) = reference.known() else { continue };
        let Some(host) = credential.target_host().filter(|host| host.names_an_org()) else {
            continue;
        };
        let host = host.map(|host| host.as_str().to_owned());
        groups.entry((credential.component.org, name.to_lowercase())).or_default().push(Signer {
            credential,
            reference,
            host,
        });
    }
    let mut reported = HashSet::new();
    for signers in groups.into_values() {
        let Some(first) = signers.first() else { continue };
        let others: Vec<&Signer<'_>> =
            signers.iter().filter(|other| other.host.value != first.host.value).collect();
        let Some(second) = others.first() else { continue };
        let mut finding = found
            .report(
                &first.credential.component,
                first.reference,
                format!(
                    "`{}` signs for several target orgs: `{}` and `{}`",
                    first.reference, first.host.value, second.host.value
                ),
            )
            .label("signs with this certificate")
            .related(&first.host, "one target org");
        for other in &others {
            finding = finding.related(
                other.reference,
                format!("`{}` signs with it too", other.credential.name()),
            );
        }
        finding
            .help(
                "create a certificate for each target org: anyone who obtains the shared key can \
                 log in to all of them, and it has to be replaced everywhere at once",
            )
            .field("signing certificate");
        let key = workspace
            .signing_certificate(first.credential)
            .and_then(|signing| signing.certificate?.x509())
            .map(|x509| x509.public_key_sha256);
        reported.extend(key);
    }
    reported
}

/// Reports public keys that several apps have, unless they have been reported already.
fn several_apps(workspace: &Workspace, reported: &HashSet<[u8; 32]>, found: &mut Findings) {
    let mut groups: BTreeMap<[u8; 32], Vec<(&App, Span, &X509)>> = BTreeMap::new();
    let mut known: BTreeMap<[u8; 32], KnownApps> = BTreeMap::new();
    for (_, app) in workspace.apps() {
        let Some(certificate) = &app.certificate else { continue };
        let Some(x509) =
            certificate.x509().filter(|x509| !reported.contains(&x509.public_key_sha256))
        else {
            continue;
        };
        if known.entry(x509.public_key_sha256).or_default().add(app) {
            groups.entry(x509.public_key_sha256).or_default().push((app, certificate.span, x509));
        }
    }
    for apps in groups.into_values() {
        let [(first, place, x509), others @ ..] = apps.as_slice() else { continue };
        let Some((second, ..)) = others.first() else { continue };
        let mut finding = found
            .report(
                &first.component,
                place,
                format!(
                    "the {} `{}` and the {} `{}` verify with the same key, {}",
                    first.noun(),
                    first.name(),
                    second.noun(),
                    second.name(),
                    x509.fingerprint()
                ),
            )
            .label(format!("key {}", x509.fingerprint()));
        for (other, place, _) in others {
            finding = finding.related(place, format!("the same key on `{}`", other.name()));
        }
        finding
            .help(
                "create a key pair for each app: anyone who has the shared private key can log in \
                 through all of them, with the rights of each",
            )
            .field("certificate");
    }
}

/// Identifies apps in copies of a source tree or in several projects: by consumer key, or by name if one of the two keys
/// is unknown.
#[derive(Default)]
struct KnownApps {
    keys: HashSet<ConsumerKey>,
    names: HashSet<String>,
    names_without_key: HashSet<String>,
}

impl KnownApps {
    /// Adds an app, unless it is known.
    fn add(&mut self, app: &App) -> bool {
        let name = app.name().to_ascii_lowercase();
        let is_known = match app.key() {
            Some(key) => self.keys.contains(&key) || self.names_without_key.contains(&name),
            None => self.names.contains(&name),
        };
        if is_known {
            return false;
        }
        match app.key() {
            Some(key) => self.keys.insert(key),
            None => self.names_without_key.insert(name.clone()),
        };
        self.names.insert(name);
        true
    }
}
