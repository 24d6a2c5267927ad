//! Whatever a rule quotes, no words of a finding hold a text that must not be shown.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::finding::Finding;
use crate::source::{FileId, Sources};

/// Shorter texts are words of any language.
const SHORTEST: usize = 8;

/// Takes the secrets of the files that a finding is about out of its words.
pub fn hide(findings: &mut [Finding], sources: &Sources) {
    let mut known: HashMap<FileId, Secrets<'_>> = HashMap::new();
    for finding in findings {
        let labels = std::iter::once(&finding.primary).chain(&finding.related);
        let files: BTreeSet<FileId> =
            labels.map(|label| label.span.file).chain([finding.component.place.file]).collect();
        for file in files {
            let secrets = known.entry(file).or_insert_with(|| Secrets::of(file, sources));
            secrets.hide(&mut finding.message);
            finding.help.iter_mut().for_each(|help| secrets.hide(help));
            secrets.hide(&mut finding.primary.text);
            finding.related.iter_mut().for_each(|label| secrets.hide(&mut label.text));
            secrets.hide(&mut finding.field);
        }
    }
}

/// The secrets of one file, found in time that does not grow with their number.
struct Secrets<'s> {
    all: HashSet<&'s [u8]>,
    /// The lengths of the secrets that begin with these bytes.
    lengths: HashMap<&'s [u8], BTreeSet<usize>>,
}

impl<'s> Secrets<'s> {
    fn of(file: FileId, sources: &'s Sources) -> Secrets<'s> {
        let text = sources.get(file).text();
        let mut secrets = Secrets { all: HashSet::new(), lengths: HashMap::new() };
        for secret in sources
            .concealed(file)
            .iter()
            .filter_map(|span| text.get(span.range()))
            .map(|secret| secret.trim().as_bytes())
        {
            if let Some(start) = secret.get(..SHORTEST)
                && secrets.all.insert(secret)
            {
                secrets.lengths.entry(start).or_default().insert(secret.len());
            }
        }
        secrets
    }

    /// The length of the longest secret that some bytes begin with.
    fn at(&self, bytes: &[u8]) -> Option<usize> {
        let lengths = self.lengths.get(bytes.get(..SHORTEST)?)?;
        lengths
            .range(..=bytes.len())
            .rev()
            .copied()
            .find(|length| self.all.contains(&bytes[..*length]))
    }

    fn hide(&self, words: &mut String) {
        if self.all.is_empty() {
            return;
        }
        let mut hidden = String::new();
        let mut done = 0;
        let mut at = 0;
        while at + SHORTEST <= words.len() {
            match self.at(&words.as_bytes()[at..]) {
                // Both ends of a secret are ends of characters.
                Some(length) if words.is_char_boundary(at) => {
                    hidden.push_str(&words[done..at]);
                    hidden.push_str("••••••");
                    at += length;
                    done = at;
                }
                _ => at += 1,
            }
        }
        if done > 0 {
            hidden.push_str(&words[done..]);
            *words = hidden;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_secret_is_hidden_wherever_it_stands() {
        let mut secrets = Secrets { all: HashSet::new(), lengths: HashMap::new() };
        for secret in ["abcdefgh", "abcdefghij", "ääääää"] {
            secrets.all.insert(secret.as_bytes());
            secrets.lengths.entry(&secret.as_bytes()[..SHORTEST]).or_default().insert(secret.len());
        }
        for (before, after) in [
            ("x abcdefghi y", "x ••••••i y"),
            ("abcdefghijabcdefgh", "••••••••••••"),
            ("éääääää", "é••••••"),
            ("abcdefg", "abcdefg"),
            ("", ""),
        ] {
            let mut words = before.to_owned();
            secrets.hide(&mut words);
            assert_eq!(words, after);
        }
    }
}
