//! Redacts text about files. The secrets of a file are searched in one pass.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::redact::redact;
use crate::source::{FileId, Sources, Span};

/// The minimum length in bytes of a secret that is redacted in other text; a shorter one may be an
/// ordinary word.
const SHORTEST_HIDDEN: usize = 4;
/// The minimum length in bytes of a secret that keeps a fix out of a report.
const SHORTEST_WITHHELD: usize = 8;

/// The password before a host.
static USER_INFO: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(://)[^/\s@]+@").expect("a constant pattern"));

/// The secrets of a file; `None` if it has none.
type Secrets = Option<Rc<AhoCorasick>>;

pub(super) struct Redactor<'s> {
    pub sources: &'s Sources,
    /// Cached by file and minimum length.
    secrets: RefCell<HashMap<(FileId, usize), Secrets>>,
}

impl<'s> Redactor<'s> {
    pub fn new(sources: &'s Sources) -> Self {
        Redactor { sources, secrets: RefCell::new(HashMap::new()) }
    }

    /// Text without secrets: those of the file at `place`, and those recognized by shape.
    pub fn text(&self, text: &str, place: Option<Span>) -> String {
        let text = match place.and_then(|place| self.secrets(place.file, SHORTEST_HIDDEN)) {
            Some(secrets) => {
                let mut result = String::with_capacity(text.len());
                secrets.replace_all_with(text, &mut result, |_, _, result| {
                    result.push_str("••••••");
                    true
                });
                result
            }
            None => text.to_owned(),
        };
        USER_INFO.replace_all(&redact(&text), "$1••••••@").into_owned()
    }

    /// Whether text contains a secret of the file, or one recognized by shape.
    pub fn has_secret(&self, text: &str, file: FileId) -> bool {
        redact(text) != text
            || self.secrets(file, SHORTEST_WITHHELD).is_some_and(|secrets| secrets.is_match(text))
    }

    fn secrets(&self, file: FileId, shortest: usize) -> Secrets {
        let build = || {
            let values: Vec<&str> = self
                .sources
                .concealed(file)
                .iter()
                .filter_map(|span| self.sources.get(span.file).text().get(span.range()))
                .map(str::trim)
                .filter(|secret| secret.len() >= shortest)
                .collect();
            if values.is_empty() {
                return None;
            }
            let mut builder = AhoCorasick::builder();
            builder.match_kind(MatchKind::LeftmostLongest).build(values).ok().map(Rc::new)
        };
        self.secrets.borrow_mut().entry((file, shortest)).or_insert_with(build).clone()
    }
}
