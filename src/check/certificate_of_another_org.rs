//! A generated certificate names the org that made its key, and it is not the org that signs with it.

use crate::finding::Findings;
use crate::model::{Host, Named, Org, SigningUse, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let generated: Vec<(SigningUse<'_>, String, Span)> = workspace
        .signings()
        .into_iter()
        .filter_map(|signing| {
            let body = signing.certificate.body.as_ref()?;
            let maker = body.x509()?.organization_id.clone()?;
            let place = body.span;
            Some((signing, maker, place))
        })
        .collect();
    for (index, (signing, maker, body)) in generated.iter().enumerate() {
        let org = workspace.org(signing.certificate.component.org);
        let name = signing.certificate.name();
        let (message, place, told) = match org.organization_id() {
            Some((id, _)) if id == maker => continue,
            Some((id, place)) => (
                format!(
                    "the credential signs with `{name}`, whose key was made in the org `{maker}`, and org `{}` is `{id}`",
                    org.name
                ),
                place,
                "the org that signs",
            ),
            None => {
                let earlier = generated.iter().take(index).find(|(other, made, _)| {
                    made == maker
                        && same_key(other, signing)
                        && differ(workspace.org(other.certificate.component.org), org)
                });
                let Some((other, ..)) = earlier else { continue };
                let first = &workspace.org(other.certificate.component.org).name;
                (
                    format!(
                        "`{name}` was made in the org `{maker}`, and two orgs sign with it: `{first}` and `{}`",
                        org.name
                    ),
                    other.reference.span,
                    "signs with it too",
                )
            }
        };
        found
            .at(&signing.credential.component, signing.reference, message)
            .label("signs with this certificate")
            .related(body, format!("made in the org {maker}"))
            .related(&place, told)
            .help("a private key does not travel with metadata: deployed to another org, the certificate gets a new key pair under the old name; create a certificate in each org, or move one with its key as a keystore, and upload the right public part to the app")
            .field("signing certificate");
    }
}

fn same_key(left: &SigningUse<'_>, right: &SigningUse<'_>) -> bool {
    left.certificate
        .x509()
        .zip(right.certificate.x509())
        .is_some_and(|(left, right)| left.same_key(right))
}

/// Both orgs are known, and not one org in two projects.
fn differ(left: &Org, right: &Org) -> bool {
    let domain = |org: &Org| org.my_domain.as_ref().map(|host| Host::as_str(host).to_owned());
    domain(left).zip(domain(right)).is_some_and(|(left, right)| left != right)
}
