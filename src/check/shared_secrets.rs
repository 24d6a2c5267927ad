//! Removes secrets from the texts of findings, regardless of what a rule quotes.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::finding::Finding;
use crate::source::{FileId, Sources};

/// Shorter values may be ordinary words.
const MIN_LENGTH: usize = 8;

/// Masks the secrets of all files that a finding refers to, in all of its texts.
pub fn hide(findings: &mut [Finding], sources: &Sources) {
    let mut by_file: HashMap<FileId, Secrets<'_>> = HashMap::new();
    for finding in findings {
        let labels = std::iter::once(&finding.primary).chain(&finding.related);
        let files: BTreeSet<FileId> =
            labels.map(|label| label.span.file).chain([finding.component.place.file]).collect();
        for file in files {
            let secrets = by_file.entry(file).or_insert_with(|| Secrets::new(file, sources));
            secrets.hide(&mut finding.message);
            finding.help.iter_mut().for_each(|help| secrets.hide(help));
            secrets.hide(&mut finding.primary.text);
            finding.related.iter_mut().for_each(|label| secrets.hide(&mut label.text));
            secrets.hide(&mut finding.field);
        }
    }
}

/// The secrets of one file, indexed so that a search does not depend on their number.
struct Secrets<'s> {
    all: HashSet<&'s [u8]>,
    /// Lengths of the secrets that start with these bytes.
    lengths: HashMap<&'s [u8], BTreeSet<usize>>,
}

impl<'s> Secrets<'s> {
    fn new(file: FileId, sources: &'s Sources) -> Secrets<'s> {
        let text = sources.get(file).text();
        let mut secrets = Secrets { all: HashSet::new(), lengths: HashMap::new() };
        for secret in sources
            .concealed(file)
            .iter()
            .filter_map(|span| text.get(span.range()))
            .map(|secret| secret.trim().as_bytes())
        {
            if let Some(start) = secret.get(..MIN_LENGTH)
                && secrets.all.insert(secret)
            {
                secrets.lengths.entry(start).or_default().insert(secret.len());
            }
        }
        secrets
    }

    /// The length of the longest secret at the start of `bytes`.
    fn length_at_start(&self, bytes: &[u8]) -> Option<usize> {
        let lengths = self.lengths.get(bytes.get(..MIN_LENGTH)?)?;
        lengths
            .range(..=bytes.len())
            .rev()
            .copied()
            .find(|length| self.all.contains(&bytes[..*length]))
    }

    fn hide(&self, text: &mut String) {
        if self.all.is_empty() {
            return;
        }
        let mut hidden = String::new();
        let mut done = 0;
        let mut at = 0;
        while at + MIN_LENGTH <= text.len() {
            match self.length_at_start(&text.as_bytes()[at..]) {
                // A secret starts and ends at character boundaries.
                Some(length) if text.is_char_boundary(at) => {
                    hidden.push_str(&text[done..at]);
                    hidden.push_str("••••••");
                    at += length;
                    done = at;
                }
                _ => at += 1,
            }
        }
        if done > 0 {
            hidden.push_str(&text[done..]);
            *text = hidden;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_secret_is_hidden_at_any_position() {
        let mut secrets = Secrets { all: HashSet::new(), lengths: HashMap::new() };
        for secret in ["abcdefgh", "abcdefghij", "ääääää"] {
            secrets.all.insert(secret.as_bytes());
            secrets
                .lengths
                .entry(&secret.as_bytes()[..MIN_LENGTH])
                .or_default()
                .insert(secret.len());
        }
        for (before, after) in [
            ("x abcdefghi y", "x ••••••i y"),
            ("abcdefghijabcdefgh", "••••••••••••"),
            ("éääääää", "é••••••"),
            ("abcdefg", "abcdefg"),
            ("", ""),
        ] {
            let mut text = before.to_owned();
            secrets.hide(&mut text);
            assert_eq!(text, after);
        }
    }
}
