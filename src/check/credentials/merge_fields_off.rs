//! A merge field in a request is sent literally unless the named credential allows merge fields.

use std::collections::HashMap;

use crate::finding::{Edit, Findings};
use crate::model::{MergeField, Named, NamedCredential, Org, RequestPart, Workspace};
use crate::source::{Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let in_apex = fields_in_apex(org);
        for (position, named) in org.named_credentials.iter().enumerate() {
            let in_apex = |part: RequestPart| {
                let fields = in_apex.get(&position).into_iter().flatten();
                fields.filter(move |field| field.part == part).map(|field| field.place)
            };
            let formulas = named
                .header_formulas()
                .filter(|formula| formula.known().is_some())
                .map(|formula| formula.span);
            let headers: Vec<Span> = formulas.chain(in_apex(RequestPart::Header)).collect();
            let bodies: Vec<Span> = in_apex(RequestPart::Body).collect();
            report(named, "header", named.allow_merge_fields_in_header.as_ref(), &headers, found);
            report(named, "body", named.allow_merge_fields_in_body.as_ref(), &bodies, found);
        }
    }
}

/// The merge fields that Apex sends through each named credential, by its position.
fn fields_in_apex(org: &Org) -> HashMap<usize, Vec<&MergeField>> {
    let mut fields: HashMap<usize, Vec<&MergeField>> = HashMap::new();
    for field in &org.merge_fields {
        let position = field.named.as_ref().and_then(|name| org.named_credentials.position(name));
        if let Some(position) = position {
            fields.entry(position).or_default().push(field);
        }
    }
    fields
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
