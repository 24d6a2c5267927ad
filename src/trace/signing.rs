//! Step 5: the key that signs.

use crate::model::{CertificateBody, Named, X509};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::path::CalloutPath;
use super::step::Step;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Signing, path.stops(Kind::Signing));
    let Some(jwt) = path.jwt else {
        if step.stops.is_empty() {
            match (path.external, path.named) {
                (None, Some(named)) if !named.is_legacy() => {
                    step.note_unknown("what is signed", "")
                }
                (None, None) => step.note_unknown("what is signed", ""),
                (Some(_), _) | (None, Some(_)) => step.note("nothing is signed in this flow"),
            }
        }
        return step;
    };
    let algorithm = jwt
        .header_claims
        .iter()
        .find(|claim| claim.name.as_str() == "alg")
        .and_then(|claim| claim.value.as_ref());
    let Some(reference) =
        jwt.signing_certificate.as_ref().filter(|reference| !reference.is_empty())
    else {
        if step.stops.is_empty() {
            step.unknown(
                "which certificate signs",
                "choose the signing certificate of the credential",
            );
        }
        return step;
    };
    step.fact(
        format!(
            "signs with the certificate `{reference}`, {}",
            algorithm.map_or("RS256 (the default)", |text| text.as_str())
        ),
        reference,
    );
    let Some(certificate) = path.certificate else {
        if step.stops.is_empty() {
            step.unknown(
                format!("which key signs: the certificate `{reference}` is not in these files"),
                format!("retrieve `certs/{reference}.crt` from the org, or describe it: `certificates: {{ {reference}: {{ file: … }} }}`"),
            );
        }
        return step;
    };
    match certificate.body.as_ref().map(|body| (body, &body.value)) {
        Some((body, CertificateBody::Certificate(x509))) => facts(path, x509, body.span, &mut step),
        Some(_) | None if !step.stops.is_empty() => {}
        Some(_) | None => step.unknown(
            format!("which key signs: `{}` has no readable certificate here", certificate.name()),
            format!("retrieve `certs/{}.crt` from the org", certificate.name()),
        ),
    }
    if let Some(kid) = kid(path) {
        step.fact(format!("`kid` is `{kid}`"), kid);
    }
    step
}

fn facts(path: &CalloutPath<'_>, x509: &X509, place: crate::source::Span, step: &mut Step<'_>) {
    let left = (x509.not_after.date() - path.workspace.today).whole_days();
    let left = match left {
        days if days < 0 => format!("expired {} days ago", -days),
        0 => "the last day".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    };
    step.fact(format!("{}, valid {} ({left})", x509.key, x509.validity()), &place);
    step.fact(format!("public key SHA-256 {}…", x509.fingerprint()), &place);
}

fn kid<'a>(path: &CalloutPath<'a>) -> Option<&'a Text> {
    path.jwt?
        .header_claims
        .iter()
        .find(|claim| claim.name.as_str() == "kid")?
        .value
        .as_ref()
        .filter(|text| !text.is_empty())
}
