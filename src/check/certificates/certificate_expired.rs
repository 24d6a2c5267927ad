//! A credential or Apex uses an expired certificate.

use std::collections::{BTreeMap, HashSet};

use crate::finding::Findings;
use crate::model::{Certificate, JwtCredential, Named, OrgId, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    type Signers<'a> = Vec<(&'a JwtCredential, &'a Text, &'a Certificate)>;
    let mut signers: BTreeMap<(OrgId, &str), Signers<'_>> = BTreeMap::new();
    for credential in &workspace.jwt_credentials {
        let Some(signing) = workspace.signing_certificate(credential) else { continue };
        let Some(certificate) = signing.certificate else { continue };
        signers.entry((credential.component.org, certificate.name())).or_default().push((
            credential,
            signing.reference,
            certificate,
        ));
    }
    for credentials in signers.into_values() {
        let (credential, reference, certificate) = credentials[0];
        let Some((end, place)) = certificate.end().filter(|(end, _)| *end < workspace.today) else {
            continue;
        };
        let mut finding = found
            .report(
                &credential.component,
                reference,
                format!(
                    "the credential signs with `{}`, which expired on {end}",
                    certificate.name()
                ),
            )
            .label("signs with this certificate")
            .related(&place, format!("valid until {end}"));
        for (other, reference, _) in &credentials[1..] {
            finding = finding.related(reference, format!("`{}` signs with it too", other.name()));
        }
        finding
            .help(
                "create a new certificate in Setup > Security > Certificate and Key Management, \
                 select it as the signing certificate, and upload its public part to every app \
                 that trusts the old one",
            )
            .field("signing certificate");
    }
    for org in &workspace.orgs {
        for unit in &org.apex {
            let mut reported = HashSet::new();
            for name in &unit.certificates {
                let Some(certificate) = name.known().and_then(|name| org.certificate(name)) else {
                    continue;
                };
                let Some((end, place)) =
                    certificate.end().filter(|(end, _)| *end < workspace.today)
                else {
                    continue;
                };
                if !reported.insert(certificate.name()) {
                    continue;
                }
                found
                    .report(
                        &unit.component,
                        name,
                        format!(
                            "`{}` uses the certificate `{}`, which expired on {end}",
                            unit.component.name,
                            certificate.name()
                        ),
                    )
                    .without_answers()
                    .label("uses this certificate")
                    .related(&place, format!("valid until {end}"))
                    .help(
                        "create a new certificate in Setup > Security > Certificate and Key \
                         Management, use its name here, and give its public part to the other side",
                    )
                    .field(format!("certificate {}", certificate.name()))
                    .without_answers();
            }
        }
    }
}
