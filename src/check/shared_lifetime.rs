//! The edit that changes the lifetime in `exp`, for the rules about its length.

use crate::finding::Edit;
use crate::model::{JwtCredential, Lifetime, expiry_formula};

/// Changes only the number of seconds if the claim has the usual form, else the whole formula.
pub fn edit(credential: &JwtCredential, seconds: i64) -> Option<Edit> {
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
