//! A credential or Apex references a certificate that is not in the files, or uses its label.

use std::collections::{HashMap, HashSet};

use crate::check::shared_references::{Missing, report_all};
use crate::finding::Findings;
use crate::model::{
    Certificate, Component, Named, Org, ParameterType, Workspace, find_named, formulas,
    is_of_product,
};
use crate::nearest::Suggestions;
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    // A description without metadata does not claim to list all certificates.
    for org in
        workspace.orgs.iter().filter(|org| !(org.files.is_empty() && org.certificates.is_empty()))
    {
        let mut reported = HashSet::new();
        let mut suggestions = Suggestions::default();
        let labels = labels(org);
        let mut missing = Vec::new();
        for (component, reference) in references(org) {
            let Some(name) = reference
                .known()
                .filter(|name| reported.insert((component.place, (*name).to_owned())))
            else {
                continue;
            };
            let is_unreadable = workspace.is_unreadable(component.org, "Certificate", Some(name));
            if name.contains("__")
                || is_of_product(name)
                || find_named(&org.certificates, name).is_some()
                || is_unreadable
            {
                continue;
            }
            if org.certificates.is_empty() {
                missing.push(Missing { component, reference });
                continue;
            }
            let labelled = labelled(org, &labels, name);
            let near = labelled
                .map(Named::name)
                .or_else(|| suggestions.nearest(name, org.certificates.iter().map(Named::name)));
            let place = near.and_then(|near| org.certificate(near)).map(|certificate| {
                certificate.label.as_ref().map_or(certificate.component.place, |label| label.span)
            });
            let message = match labelled {
                Some(certificate) => format!(
                    "`{name}` is the label of a certificate; its unique name is `{}`",
                    certificate.name()
                ),
                None => format!("the certificate `{name}` is not in the checked files"),
            };
            found
                .report(component, &reference, message)
                .label(if labelled.is_some() {
                    "a label, not a unique name"
                } else {
                    "this certificate"
                })
                .related_to(place, if labelled.is_some() { "the label" } else { "a similar name" })
                .help(match near {
                    Some(near) => format!(
                        "write `{near}`, the unique name in Setup > Security > Certificate and Key \
                         Management, if this is the intended certificate"
                    ),
                    None => format!(
                        "make sure that Setup > Security > Certificate and Key Management of the \
                         org has a certificate with the unique name `{name}` before this is \
                         deployed: a deployment cannot include its private key"
                    ),
                })
                .field("certificate");
        }
        report_all("certificate", &missing, found);
    }
}

/// Every certificate reference in the credentials and the Apex of an org, with its component.
fn references(org: &Org) -> impl Iterator<Item = (&Component, Text)> {
    let external = org.external_credentials.iter().flat_map(|credential| {
        let formulas = credential
            .parameters_of(ParameterType::AuthHeader)
            .filter_map(|header| header.value.as_ref())
            .flat_map(in_formulas);
        credential
            .signing_certificate()
            .cloned()
            .into_iter()
            .chain(formulas)
            .map(|reference| (&credential.component, reference))
    });
    let named = org.named_credentials.iter().flat_map(|named| {
        let references = [&named.jwt_signing_certificate, &named.client_certificate];
        let formulas = named.headers.iter().filter_map(|header| header.value.as_ref());
        references
            .into_iter()
            .flatten()
            .cloned()
            .chain(formulas.flat_map(in_formulas))
            .map(|reference| (&named.component, reference))
    });
    // Without any certificate in the files, names in Apex prove nothing.
    let has_certificates = !org.certificates.is_empty();
    let apex =
        org.apex.iter().filter(move |_| has_certificates).flat_map(|unit| {
            unit.certificates.iter().map(|used| (&unit.component, used.name.clone()))
        });
    external.chain(named).chain(apex)
}

/// The certificates that the formulas of a header sign with.
fn in_formulas(value: &Text) -> Vec<Text> {
    let Some(text) = value.known() else { return Vec::new() };
    formulas(text)
        .flat_map(|formula| {
            let names = formula.expression.certificates();
            names
                .into_iter()
                .map(|(name, range)| value.part(name, range.start, range.end))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The position of the first certificate with each label in lower case.
fn labels(org: &Org) -> HashMap<String, usize> {
    let mut labels = HashMap::new();
    for (position, certificate) in org.certificates.iter().enumerate() {
        if let Some(label) = &certificate.label {
            labels.entry(label.as_str().to_ascii_lowercase()).or_insert(position);
        }
    }
    labels
}

/// The certificate with this label, which is often its name with spaces.
fn labelled<'a>(
    org: &'a Org,
    labels: &HashMap<String, usize>,
    text: &str,
) -> Option<&'a Certificate> {
    let by_label = labels.get(&text.to_ascii_lowercase()).copied();
    let by_name = text.contains(' ').then(|| text.replace(' ', "_"));
    let by_name = by_name.and_then(|name| org.certificates.ignoring_case(&name));
    by_label.into_iter().chain(by_name).min().map(|position| &org.certificates[position])
}
