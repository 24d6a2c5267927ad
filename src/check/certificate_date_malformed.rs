//! The expiration date of a certificate's metadata is no `dateTime`.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for certificate in workspace.orgs.iter().flat_map(|org| &org.certificates) {
        let Some(text) = certificate.malformed_expiration() else { continue };
        let fixed = with_time(text);
        found
            .at(&certificate.component, text, format!("`{text}` is the expiration date of `{}`, and no dateTime", certificate.name()))
            .label("no dateTime")
            .help(match &fixed {
                Some(fixed) => format!("write `{fixed}`: a deployment of the bare date is reported to be refused"),
                None => "write it as `2027-01-19T00:00:00.000Z`: a deployment of anything else is reported to be refused".to_owned(),
            })
            .safe_fix("add the time of day", fixed.as_ref().and_then(|fixed| Edit::replace(text, fixed)))
            .field("expirationDate");
    }
}

/// A date alone with the time that Salesforce writes behind it.
fn with_time(text: &Text) -> Option<String> {
    use time::format_description::well_known::Iso8601;
    let date = text.as_str();
    (date.len() == 10 && time::Date::parse(date, &Iso8601::DATE).is_ok())
        .then(|| format!("{date}T00:00:00.000Z"))
}
