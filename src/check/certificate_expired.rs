//! A certificate that a credential signs with has run out.

use std::collections::BTreeMap;

use time::Date;
use time::format_description::well_known::Iso8601;

use crate::finding::Findings;
use crate::model::{Certificate, JwtCredential, Named, OrgId, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    type Signers<'a> = Vec<(&'a JwtCredential, &'a Text, &'a Certificate)>;
    let mut users: BTreeMap<(OrgId, &str), Signers<'_>> = BTreeMap::new();
    for credential in &workspace.jwt_credentials {
        let Some(signing) = workspace.signing_certificate(credential) else { continue };
        let Some(certificate) = signing.certificate else { continue };
        users.entry((credential.component.org, certificate.name())).or_default().push((credential, signing.reference, certificate));
    }
    for credentials in users.into_values() {
        let (credential, reference, certificate) = credentials[0];
        let Some((end, place)) = end_of(certificate).filter(|(end, _)| *end < workspace.today) else { continue };
        let mut finding = found
            .at(&credential.component, reference, format!("the credential signs with `{}`, which expired on {end}", certificate.name()))
            .label("signs with this certificate")
            .related(&place, format!("valid until {end}"));
        for (other, reference, _) in &credentials[1..] {
            finding = finding.related(reference, format!("`{}` signs with it too", other.name()));
        }
        finding
            .help("create a new certificate in Setup > Security > Certificate and Key Management, choose it as the signing certificate, and upload its public part to every app that trusts the old one")
            .field("signing certificate");
    }
}

/// The end of validity: of the X.509 body, and of the metadata only where there is no body.
fn end_of(certificate: &Certificate) -> Option<(Date, Span)> {
    match &certificate.body {
        Some(body) => body.x509().map(|x509| (x509.not_after.date(), body.span)),
        None => {
            let text = certificate.expiration.as_ref()?;
            let date = text.known()?.get(..10)?;
            Date::parse(date, &Iso8601::DATE).ok().map(|date| (date, text.span))
        }
    }
}
