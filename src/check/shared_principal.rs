//! The fix for a credential without a principal.

use crate::finding::{Edit, external_credential_parameter};
use crate::model::ExternalCredential;
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
