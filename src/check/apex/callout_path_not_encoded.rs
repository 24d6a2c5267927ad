//! Spaces, vertical bars, braces and double quotes in a path must be percent-encoded.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;
use crate::source::Syntax;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for callout in workspace
        .orgs
        .iter()
        .flat_map(|org| &org.callouts)
        .filter(|callout| callout.sent && !callout.in_test && callout.before_scheme.is_none())
    {
        let Some(path) = &callout.path_text else { continue };
        let reserved = callout.reserved_in_path();
        let Some((first, character)) = reserved.first() else { continue };
        let edits = reserved
            .iter()
            .map(|(place, character)| Edit::Replace(place.span, encoded(*character).to_owned()));
        let exact = path.syntax == Syntax::Verbatim
            && (path.outer.end - path.outer.start) as usize == path.raw().len();
        found
            .report(
                &callout.class,
                first,
                format!("the path of this callout contains an unencoded {}", noun(*character)),
            )
            .label("needs percent-encoding")
            .related(&callout.name, "the named credential of this callout")
            .help(
                "encode constant parts by hand (`%20` for a space), and variable parts with \
                 `EncodingUtil.urlEncode(value, 'UTF-8')`",
            )
            .unsafe_fix("encode the characters", edits.filter(|_| exact))
            .field(callout.name.as_str());
    }
}

fn noun(character: char) -> &'static str {
    match character {
        ' ' => "space",
        '|' => "vertical bar",
        '"' => "double quote",
        _ => "brace",
    }
}

fn encoded(character: char) -> &'static str {
    match character {
        ' ' => "%20",
        '|' => "%7C",
        '"' => "%22",
        '{' => "%7B",
        _ => "%7D",
    }
}
