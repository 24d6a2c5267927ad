//! A generated certificate contains the ID of the org that has its key; another org signs with it.

use crate::finding::Findings;
use crate::model::{Host, Named, Org, SigningUse, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let generated: Vec<(SigningUse<'_>, String, Span)> = workspace
        .signings()
        .into_iter()
        .filter_map(|signing| {
            let body = signing.certificate.body.as_ref()?;
            let generator = body.x509()?.organization_id.clone()?;
            let place = body.span;
            Some((signing, generator, place))
        })
        .collect();
    for (index, (signing, generator, body)) in generated.iter().enumerate() {
        let org = workspace.org(signing.certificate.component.org);
        let name = signing.certificate.name();
        let (message, place, label) = match org.organization_id() {
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
                let earlier = generated.iter().take(index).find(|(other, other_generator, _)| {
                    other_generator == generator
                        && same_key(other, signing)
                        && are_different(workspace.org(other.certificate.component.org), org)
                });
                let Some((other, ..)) = earlier else { continue };
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
            .report(&signing.credential.component, signing.reference, message)
            .label("signs with this certificate")
            .related(body, format!("generated in org {generator}"))
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

fn same_key(left: &SigningUse<'_>, right: &SigningUse<'_>) -> bool {
    left.certificate
        .x509()
        .zip(right.certificate.x509())
        .is_some_and(|(left, right)| left.same_key(right))
}

/// Whether the orgs are known to be different, not one org in two projects.
fn are_different(left: &Org, right: &Org) -> bool {
    let domain = |org: &Org| org.my_domain.as_ref().map(|host| Host::as_str(host).to_owned());
    domain(left).zip(domain(right)).is_some_and(|(left, right)| left != right)
}
