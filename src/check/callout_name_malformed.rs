//! The name behind `callout:` stands between colon and slash without blanks.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace, is_api_name};
use crate::source::Spanned;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        for callout in
            org.callouts.iter().filter(|callout| !callout.in_test && callout.is_padded_or_spaced())
        {
            let name = callout.name.as_str();
            let label = org
                .named_credentials
                .iter()
                .find(|named| named.label.as_ref().is_some_and(|label| label.as_str() == name));
            let right =
                if is_api_name(name) { Some(name) } else { label.map(|named| named.name()) };
            // Text that is only logged or shown may look the same: a request must be sent there, or a credential have that name.
            let known = label.is_some()
                || org
                    .named_credentials
                    .iter()
                    .any(|named| named.name().eq_ignore_ascii_case(name));
            if !callout.sent && !known {
                continue;
            }
            let adding = found
                .at(
                    &callout.class,
                    &callout.name.outer,
                    format!(
                        "the name `{}` behind `callout:` has a blank {}",
                        callout.name.raw().escape_debug(),
                        callout.blank_place()
                    ),
                )
                .label("no blanks between colon and slash")
                .related_to(
                    label.map(|named| named.component.span()),
                    "this named credential has that label",
                )
                .field(name);
            match right {
                Some(right) if is_api_name(name) => {
                    adding.help(format!("write `callout:{right}`")).safe_fix(
                        "take the blanks away",
                        [Edit::Replace(callout.name.outer, right.to_owned())],
                    );
                }
                Some(right) => {
                    adding.help(format!("write `callout:{right}`: a callout takes the name of the named credential (*Name* in Setup), not its label"));
                }
                None => {
                    adding.help("write the name of the named credential (*Name* in Setup > Security > Named Credentials), which has no blanks");
                }
            }
        }
    }
}
