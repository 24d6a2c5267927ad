//! A path holds blanks, bars, braces and quotes only in their percent-encoded form.

use crate::finding::{Edit, Findings};
use crate::model::Workspace;
use crate::source::Syntax;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for callout in workspace
        .orgs
        .iter()
        .flat_map(|org| &org.callouts)
        .filter(|callout| callout.sent && !callout.in_test)
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
            .at(&callout.class, first, format!("the path of this callout holds {} as it is", noun(*character)))
            .label("write it percent-encoded")
            .related(&callout.name, "the named credential that is called")
            .help("encode what is fixed by hand (`%20` for a blank), and what varies with `EncodingUtil.urlEncode(value, 'UTF-8')`")
            .unsafe_fix("encode the characters", edits.filter(|_| exact))
            .field(callout.name.as_str());
    }
}

fn noun(character: char) -> &'static str {
    match character {
        ' ' => "a blank",
        '|' => "a vertical bar",
        '"' => "a double quote",
        _ => "a brace",
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
