//! A merge field in a request is sent literally unless the named credential allows merge fields.

use crate::finding::{Edit, Findings};
use crate::model::{MergeField, Named, NamedCredential, Org, RequestPart, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let formulas = named
            .header_formulas()
            .filter(|formula| formula.known().is_some())
            .map(|formula| formula.span);
        let headers: Vec<Span> = formulas.chain(in_apex(org, named, RequestPart::Header)).collect();
        let bodies: Vec<Span> = in_apex(org, named, RequestPart::Body).collect();
        report(named, "header", named.allow_merge_fields_in_header.as_ref(), &headers, found);
        report(named, "body", named.allow_merge_fields_in_body.as_ref(), &bodies, found);
    }
}

fn in_apex<'a>(
    org: &'a Org,
    named: &'a NamedCredential,
    part: RequestPart,
) -> impl Iterator<Item = Span> + 'a {
    let sent =
        move |field: &&MergeField| field.named.as_ref().is_some_and(|name| org.calls(name, named));
    org.merge_fields
        .iter()
        .filter(move |field| field.part == part)
        .filter(sent)
        .map(|field| field.place)
}

fn report(
    named: &NamedCredential,
    part: &str,
    flag: Option<&Text>,
    places: &[Span],
    found: &mut Findings,
) {
    let Some(first) = places.first().filter(|_| flag.is_none_or(Text::is_false)) else { return };
    let (element, label) = if part == "header" {
        ("allowMergeFieldsInHeader", "Allow Formulas in HTTP Header")
    } else {
        ("allowMergeFieldsInBody", "Allow Formulas in HTTP Body")
    };
    let mut finding = found
        .report(
            &named.component,
            &flag.map_or(*first, |flag| flag.span),
            format!(
                "the {part} of a callout through `{}` uses a merge field, but the named credential \
                 does not allow any there",
                named.name()
            ),
        )
        .label(if flag.is_some() { "merge fields are sent literally" } else { "sent literally" })
        .help(format!(
            "set `{element}` to `true` (*{label}* in Setup > Security > Named Credentials)"
        ))
        .unsafe_fix(
            format!("allow merge fields in the {part}"),
            flag.and_then(|flag| Edit::replace(flag, "true")),
        )
        .field(element);
    for place in places.iter().skip(usize::from(flag.is_none())).take(3) {
        finding = finding.related(place, "a merge field");
    }
}
