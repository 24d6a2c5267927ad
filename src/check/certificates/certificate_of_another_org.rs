//! A generated certificate contains the ID of the org that has its key; another org signs with it.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Host, Named, OrgId, SigningUse, Workspace};
use crate::source::Span;

/// The first signings with a generated key, by the ID of the org in the certificate and the key: at most two, in orgs with
/// different My Domains.
type Firsts<'a> = HashMap<(&'a str, [u8; 32]), Vec<(&'a Host, &'a SigningUse<'a>)>>;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let mut ids: HashMap<OrgId, Option<(&str, Span)>> = HashMap::new();
    let signings = workspace.signings();
    let mut firsts = Firsts::new();
    let generated = signings.iter().filter_map(|signing| {
        let body = signing.certificate.body.as_ref()?;
        let x509 = body.x509()?;
        Some((signing, x509, x509.organization_id.as_deref()?, body.span))
    });
    for (signing, x509, generator, body) in generated {
        let id = signing.certificate.component.org;
        let org = workspace.org(id);
        let domain = org.my_domain.as_ref().map(|host| &host.value);
        // Orgs with another My Domain are different, not one org in two projects.
        let firsts = firsts.entry((generator, x509.public_key_sha256)).or_default();
        let earlier = domain.and_then(|domain| firsts.iter().find(|(other, _)| *other != domain));
        let earlier = earlier.map(|(_, other)| *other);
        if let Some(domain) =
            domain.filter(|domain| firsts.iter().all(|(other, _)| other != domain))
            && firsts.len() < 2
        {
            firsts.push((domain, signing));
        }
        let name = signing.certificate.name();
        let (message, place, label) = match *ids.entry(id).or_insert_with(|| org.organization_id())
        {
            Some((id, _)) if id == generator => continue,
            Some((id, place)) => (
                format!(
                    "the credential signs with `{name}`, whose key was generated in org \
                     `{generator}`, but the ID of org `{}` is `{id}`",
                    org.name
                ),
                place,
                "the org that signs",
            ),
            None => {
                let Some(other) = earlier else { continue };
                let first = &workspace.org(other.certificate.component.org).name;
                (
                    format!(
                        "`{name}` was generated in org `{generator}`, but two orgs sign with it: \
                         `{first}` and `{}`",
                        org.name
                    ),
                    other.reference.span,
                    "signs with it too",
                )
            }
        };
        found
            .report(signing.credential, signing.reference, message)
            .label("signs with this certificate")
            .related(&body, format!("generated in org {generator}"))
            .related(&place, label)
            .help(
                "metadata never contains a private key: when the certificate is deployed to \
                 another org, that org generates a new key pair under the old name; create a \
                 certificate in each org, or move one with its key as a keystore, and upload the \
                 matching public part to the app",
            )
            .field("signing certificate");
    }
}
