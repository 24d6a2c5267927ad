//! A header or body whose merge field is sent as literal text, and a header without its credential.

use crate::finding::{Edit, FindingBuilder, Findings};
use crate::model::{
    Component, HeaderFlaw, ParameterType, RequestText, Workspace, is_secret_header,
};
use crate::source::{Certainty, Span, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        for header in credential.parameters_of(ParameterType::AuthHeader) {
            // Another rule reports a type that external credentials do not have.
            if header.kind_text.as_ref().is_some_and(|kind| kind.as_str() == "AuthHeader") {
                let value = header.value.as_ref();
                report(&credential.component, &header.name, value, header.element, found);
            }
        }
    }
    for (_, named) in workspace.named_credentials() {
        for header in &named.headers {
            report(&named.component, &header.name, header.value.as_ref(), header.element, found);
        }
    }
    for org in &workspace.orgs {
        for unit in &org.apex {
            for request in &unit.request_texts {
                in_apex(&unit.component, request, found);
            }
        }
    }
}

fn report(
    component: &Component,
    name: &Option<Text>,
    value: Option<&Text>,
    element: Span,
    found: &mut Findings,
) {
    let Some(name) = name.as_ref().and_then(Text::known) else { return };
    let flaw = match value {
        Some(value) if value.certainty != Certainty::Known => return,
        Some(value) if !value.is_empty() => HeaderFlaw::find(name, value.as_str()),
        _ if is_secret_header(name) => Some(HeaderFlaw::Empty),
        _ => None,
    };
    let Some(flaw) = flaw else { return };
    let place = value.map_or(element, |value| place(value, &flaw));
    let edit = value.and_then(|value| Edit::replace(value, &flaw.fixed(name, value.as_str())?));
    described(
        found.report(component, &place, message(&format!("the header `{name}`"), &flaw)),
        &flaw,
    )
    .unsafe_fix(title(&flaw), edit)
    .field(name);
}

/// Parts that are computed at run time are unknown, so only the merge field itself is judged.
fn in_apex(component: &Component, request: &RequestText, found: &mut Findings) {
    let Some(value) = request.text.known() else { return };
    let Some(flaw @ HeaderFlaw::MissingMark(_)) = HeaderFlaw::find("", value) else { return };
    let what = match &request.header {
        Some(_) => "a header of this request",
        None => "the body of this request",
    };
    described(found.report(component, &request.text, message(what, &flaw)), &flaw)
        .field(request.header.as_deref().unwrap_or("body"));
}

fn title(flaw: &HeaderFlaw) -> &'static str {
    match flaw {
        HeaderFlaw::HeaderName(_) => "remove the name of the header",
        HeaderFlaw::Empty
        | HeaderFlaw::SchemeOnly
        | HeaderFlaw::MissingMark(_)
        | HeaderFlaw::OutsideBraces(_) => "write it as a formula",
    }
}

/// The faulty part of a value.
fn place(value: &Text, flaw: &HeaderFlaw) -> Span {
    match flaw {
        HeaderFlaw::Empty => value.element,
        HeaderFlaw::SchemeOnly => value.span,
        HeaderFlaw::MissingMark(range)
        | HeaderFlaw::OutsideBraces(range)
        | HeaderFlaw::HeaderName(range) => {
            let part = value.as_str().get(range.clone()).unwrap_or_default();
            value.part(part, range.start, range.end).span
        }
    }
}

fn message(what: &str, flaw: &HeaderFlaw) -> String {
    match flaw {
        HeaderFlaw::Empty => format!("{what} has no value, so it is sent without a credential"),
        HeaderFlaw::SchemeOnly => {
            format!("{what} has a scheme but nothing after it, so it is sent without a credential")
        }
        HeaderFlaw::MissingMark(_) => {
            format!("{what} is sent literally: its merge field lacks the `!`")
        }
        HeaderFlaw::OutsideBraces(_) => {
            format!("{what} sends its quotes and operator literally: they are outside the braces")
        }
        HeaderFlaw::HeaderName(_) => format!("the value of {what} repeats the name of the header"),
    }
}

fn described<'a>(finding: FindingBuilder<'a>, flaw: &HeaderFlaw) -> FindingBuilder<'a> {
    let (label, help) = match flaw {
        HeaderFlaw::Empty | HeaderFlaw::SchemeOnly => (
            if *flaw == HeaderFlaw::Empty { "empty value" } else { "only a scheme" },
            "read the credential with a merge field, such as `Bearer \
             {!$Credential.Spoke_Org.Token}` with the name of the external credential and of a \
             parameter of its principal",
        ),
        HeaderFlaw::MissingMark(_) => {
            ("plain text", "write `{!$Credential…}`: a formula begins with `{!`")
        }
        HeaderFlaw::OutsideBraces(_) => (
            "sent literally",
            "put the whole value into one formula, such as `{!'Bearer ' & \
             $Credential.Spoke_Org.Token}`, or write the text without quotes and operator: \
             `Bearer {!$Credential.Spoke_Org.Token}`",
        ),
        HeaderFlaw::HeaderName(_) => (
            "sent as part of the value",
            "remove it: the name of the header is the name of the parameter",
        ),
    };
    finding.label(label).help(help)
}
