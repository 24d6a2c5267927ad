//! An endpoint begins with `callout:`, and the name after it does not contain whitespace.

use std::collections::HashMap;

use crate::finding::{Edit, Findings};
use crate::model::{Named, NamedCredential, Workspace, is_api_name};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(before) = &callout.before_scheme else { continue };
            found
                .report(
                    &callout.class,
                    &before.outer,
                    format!(
                        "the endpoint has `{}` before `callout:`, so it is not a callout to a named \
                         credential",
                        before.raw().escape_debug()
                    ),
                )
                .label("before the scheme")
                .help(format!("begin the string with `callout:{}`", callout.name.as_str()))
                .field(callout.name.as_str());
        }
        let mut by_label: HashMap<&str, &NamedCredential> = HashMap::new();
        for named in &org.named_credentials {
            if let Some(label) = &named.label {
                by_label.entry(label.as_str()).or_insert(named);
            }
        }
        for callout in
            org.callouts.iter().filter(|callout| !callout.in_test && callout.is_padded_or_spaced())
        {
            let name = callout.name.as_str();
            let label = by_label.get(name).copied();
            let right =
                if is_api_name(name) { Some(name) } else { label.map(|named| named.name()) };
            // A log or display message may look the same, so the string must be used for a request,
            // or contain the name of a credential.
            let known = label.is_some() || org.named_credentials.ignoring_case(name).is_some();
            if !callout.sent && !known {
                continue;
            }
            let finding = found
                .report(
                    &callout.class,
                    &callout.name.outer,
                    format!(
                        "the name `{}` after `callout:` has {}",
                        callout.name.raw().escape_debug(),
                        whitespace_position(callout.name.raw())
                    ),
                )
                .label("no whitespace between colon and slash")
                .related_to(
                    label.map(|named| named.component.span()),
                    "this named credential has that label",
                )
                .field(name);
            match right {
                Some(right) if is_api_name(name) => {
                    finding.help(format!("write `callout:{right}`")).safe_fix(
                        "remove the whitespace",
                        [Edit::Replace(callout.name.outer, right.to_owned())],
                    );
                }
                Some(right) => {
                    finding.help(format!(
                        "write `callout:{right}`: a callout takes the name of the named credential \
                         (*Name* in Setup), not its label"
                    ));
                }
                None => {
                    finding.help(
                        "write the name of the named credential (*Name* in Setup > Security > \
                         Named Credentials), which contains no whitespace",
                    );
                }
            }
        }
    }
}

fn whitespace_position(raw: &str) -> &'static str {
    if raw.starts_with(char::is_whitespace) {
        "leading whitespace"
    } else if raw.ends_with(char::is_whitespace) {
        "trailing whitespace"
    } else {
        "whitespace in it"
    }
}
