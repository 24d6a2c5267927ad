//! The expiration date in the metadata of a certificate is not a `dateTime`.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let Some(text) = certificate.malformed_expiration() else { continue };
        let corrected = with_time(text);
        found
            .report(
                &certificate.component,
                text,
                format!(
                    "the expiration date `{text}` of `{}` is not a `dateTime`",
                    certificate.name()
                ),
            )
            .label("not a `dateTime`")
            .help(match &corrected {
                Some(corrected) => format!(
                    "write `{corrected}`: a deployment with only a date is reportedly rejected"
                ),
                None => "write it as `2027-01-19T00:00:00.000Z`: a deployment with any other \
                         format is reportedly rejected"
                    .to_owned(),
            })
            .safe_fix(
                "add the time of day",
                corrected.as_ref().and_then(|corrected| Edit::replace(text, corrected)),
            )
            .field("expirationDate");
    }
}

/// Adds the time that Salesforce writes to a date without one.
fn with_time(text: &Text) -> Option<String> {
    use time::format_description::well_known::Iso8601;
    let date = text.as_str();
    (date.len() == 10 && time::Date::parse(date, &Iso8601::DATE).is_ok())
        .then(|| format!("{date}T00:00:00.000Z"))
}
