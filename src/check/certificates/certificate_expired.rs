//! A credential or Apex uses an expired certificate.

use std::collections::HashSet;

use crate::finding::{Findings, Severity};
use crate::model::{Named, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for signing in workspace.signings() {
        let Some((end, place)) =
            signing.certificate.end().filter(|(end, _)| *end < workspace.today)
        else {
            continue;
        };
        let mut finding = found
            .report(
                signing.credential,
                signing.reference,
                format!(
                    "the credential signs with `{}`, which expired on {end}",
                    signing.certificate.name()
                ),
            )
            .label("signs with this certificate")
            .related(&place, format!("valid until {end}"));
        for other in &signing.others {
            let label = format!("`{}` signs with it too", other.credential.name);
            finding = finding.related(other.reference, label);
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
            let signing: HashSet<&str> = unit
                .certificates
                .iter()
                .filter(|used| !used.is_client)
                .filter_map(|used| org.certificate(used.name.known()?).map(Named::name))
                .collect();
            for used in &unit.certificates {
                let name = &used.name;
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
                let finding = found
                    .report(
                        &unit.component,
                        name,
                        format!(
                            "`{}` uses the certificate `{}`, which expired on {end}",
                            unit.component.name,
                            certificate.name()
                        ),
                    )
                    .label("uses this certificate")
                    .related(&place, format!("valid until {end}"))
                    .help(
                        "create a new certificate in Setup > Security > Certificate and Key \
                         Management, use its name here, and give its public part to the other side",
                    )
                    .field(format!("certificate {}", certificate.name()))
                    .without_answers();
                // Whether a client certificate is accepted is up to the other side.
                if !signing.contains(certificate.name()) {
                    finding.at_most(Severity::Warning);
                }
            }
        }
    }
    unused(workspace, found);
}

/// Expired certificates that nothing in the files uses.
fn unused(workspace: &Workspace, found: &mut Findings) {
    let signings = workspace.signings_by_certificate();
    for org in &workspace.orgs {
        let parameters = org.external_credentials.iter().flat_map(|credential| {
            credential.parameters.iter().filter_map(|parameter| parameter.certificate.as_ref())
        });
        let clients = org.named_credentials.iter().flat_map(|named| {
            [&named.client_certificate, &named.jwt_signing_certificate].into_iter().flatten()
        });
        let code = org.apex.iter().flat_map(|unit| unit.certificates.iter().map(|used| &used.name));
        let fields = org.records.iter().flat_map(|record| &record.fields);
        let others =
            fields.filter(|field| field.path.ends_with("ertificate")).map(|field| &field.text);
        let used: HashSet<&str> = parameters
            .chain(clients)
            .chain(code)
            .chain(others)
            .filter_map(|name| org.certificate(name.as_str()))
            .map(Named::name)
            .collect();
        for certificate in &org.certificates {
            let is_used = used.contains(certificate.name())
                || signings.contains_key(&certificate.component.place)
                || certificate.is_described();
            let Some((end, place)) =
                certificate.end().filter(|(end, _)| !is_used && *end < workspace.today)
            else {
                continue;
            };
            found
                .report(
                    &certificate.component,
                    &place,
                    format!(
                        "the certificate `{}` expired on {end}, and nothing in the checked files \
                         uses it",
                        certificate.name()
                    ),
                )
                .without_answers()
                .label(format!("valid until {end}"))
                .help(
                    "delete it in Setup > Security > Certificate and Key Management and here, or \
                     renew it if something outside of the files uses it",
                )
                .field("unused certificate")
                .at_most(Severity::Note);
        }
    }
}
