//! Edits that several rules offer: a principal for a credential without one, and another lifetime in `exp`.

use crate::finding::{Edit, external_credential_parameter};
use crate::model::{ExternalCredential, JwtCredential, Lifetime, expiry_formula};
use crate::source::Syntax;

/// Adds a named principal to the metadata, after the last parameter.
pub fn named_principal(credential: &ExternalCredential) -> Option<Edit> {
    let protocol = credential.protocol.as_ref().filter(|text| text.syntax == Syntax::Xml)?;
    let last = credential.parameters.last().map_or(protocol.element, |last| last.element);
    let parameter = external_credential_parameter(
        "NamedPrincipal",
        "NamedPrincipal",
        "NamedPrincipal",
        &[("sequenceNumber", "1")],
    );
    Some(Edit::LineAfter(last, parameter))
}

/// Changes only the number of seconds if the claim has the usual form, else the whole formula.
pub fn lifetime(credential: &JwtCredential, seconds: i64) -> Option<Edit> {
    if let Some(field) = &credential.validity_seconds {
        return Edit::replace(field, &seconds.to_string());
    }
    let text = credential.claim("exp")?;
    let claim = text.as_str();
    match Lifetime::offset_place(claim).and_then(|place| Some((claim.get(place.clone())?, place))) {
        Some((number, place)) => {
            Edit::replace(&text.part(number, place.start, place.end), &seconds.to_string())
        }
        None => Edit::replace(text, &expiry_formula(seconds)),
    }
}
