//! Masks the values of an environment in messages.

use std::borrow::Cow;

/// Replaced values, with the placeholder to show for each.
#[derive(Debug, Default)]
pub struct MaskedValues {
    /// The longest first, without duplicates.
    values: Vec<Value>,
}

struct Value {
    text: String,
    folded: String,
    /// The words that say something about it, in lower case.
    words: Vec<String>,
    placeholder: String,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.placeholder)
    }
}

/// Shorter values are masked only if they are quoted alone, because they are parts of many words.
const MIN_UNQUOTED: usize = 4;

/// Words in Salesforce URLs, and flags. These reveal nothing.
const PUBLIC: &[&str] = &[
    "http",
    "https",
    "www",
    "com",
    "mil",
    "salesforce",
    "force",
    "my",
    "login",
    "test",
    "sandbox",
    "develop",
    "scratch",
    "trailblaze",
    "demo",
    "patch",
    "stage",
    "lightning",
    "site",
    "services",
    "oauth2",
    "token",
    "authorize",
    "data",
    "true",
    "false",
    "null",
];

impl MaskedValues {
    pub fn add(&mut self, value: &str, placeholder: &str) {
        let unescaped = quick_xml::escape::unescape(value)
            .ok()
            .filter(|unescaped| unescaped != value)
            .map(Cow::into_owned);
        for text in std::iter::once(value.to_owned()).chain(unescaped) {
            let text = text.trim().to_owned();
            let position = self.values.binary_search_by(|known| {
                text.len().cmp(&known.text.len()).then_with(|| known.text.cmp(&text))
            });
            if let Err(position) = position
                && !text.is_empty()
            {
                let folded = text.to_lowercase();
                let words = words(&folded);
                let placeholder = placeholder.to_owned();
                self.values.insert(position, Value { text, folded, words, placeholder });
            }
        }
    }

    /// The number of different values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Replaces values and parts of values in a string by placeholders.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut result = Cow::Borrowed(text);
        for value in &self.values {
            if value.text.len() >= MIN_UNQUOTED
                && !is_public(&value.folded)
                && result.contains(&value.text)
            {
                result = result.replace(&value.text, &value.placeholder).into();
            }
        }
        let masked = self.mask_quotes(&result, |value, piece| value.is_revealed_by(piece));
        masked.map_or(result, Cow::Owned)
    }

    /// Masks the quoted strings of a message about a replaced text that contain a word of a value: messages also quote what
    /// was split, unescaped or changed in case.
    pub fn mask_words<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let masked = self.mask_quotes(text, |value, piece| {
            let folded = piece.to_lowercase();
            piece != value.placeholder && value.words.iter().any(|word| folded.contains(word))
        });
        masked.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// A text in which each quoted string that reveals a value is replaced by the placeholder; `None` if there is none.
    fn mask_quotes(&self, text: &str, reveals: impl Fn(&Value, &str) -> bool) -> Option<String> {
        let mut pieces: Vec<&str> = text.split('`').collect();
        // Without a quote after it, the last piece is not quoted.
        let quoted = pieces.len().saturating_sub(1) / 2;
        let mut is_masked = false;
        for piece in pieces.iter_mut().skip(1).step_by(2).take(quoted) {
            if let Some(value) = self.values.iter().find(|value| reveals(value, piece)) {
                is_masked = true;
                *piece = &value.placeholder;
            }
        }
        is_masked.then(|| pieces.join("`"))
    }

    /// Whether a string contains a value or a part of one.
    pub fn is_in(&self, text: &str) -> bool {
        self.mask(text) != text || self.values.iter().any(|value| value.is_revealed_by(text))
    }
}

impl Value {
    /// Whether a quoted string is the value, or a significant part of it.
    fn is_revealed_by(&self, piece: &str) -> bool {
        let piece = piece.trim().to_lowercase();
        if piece.is_empty() || piece == self.placeholder.to_lowercase() {
            return false;
        }
        piece == self.folded
            || !is_public(&piece)
                && piece.len() > 2
                && piece.split('…').all(|part| self.folded.contains(part))
    }
}

/// The shortest word of a value that is not shown anywhere in a quote.
const MIN_WORD: usize = 5;

/// The words of a value that are long enough to say something about it.
fn words(folded: &str) -> Vec<String> {
    let words = folded.split(|character: char| !character.is_alphanumeric());
    let mut words: Vec<String> = words
        .filter(|word| word.len() >= MIN_WORD && !PUBLIC.contains(word))
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn is_public(folded: &str) -> bool {
    folded
        .split(|character: char| !character.is_alphanumeric())
        .all(|word| word.len() < 2 || PUBLIC.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_value_is_shown() {
        let mut masked = MaskedValues::default();
        masked.add("https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token", "${URL}");
        masked.add("3MVG9abcdefghijklmnop", "${KEY}");
        masked.add("de", "${LAND}");
        let mask = |words: &str| masked.mask(words).into_owned();
        assert_eq!(
            mask("`https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token` is it"),
            "`${URL}` is it"
        );
        assert_eq!(
            mask("the host `acme--uat.sandbox.my.salesforce.com`, `ACME--uat`"),
            "the host `${URL}`, `${URL}`"
        );
        assert_eq!(mask("`3MVG9abc…mnop` and 3MVG9abcdefghijklmnop"), "`${KEY}` and ${KEY}");
        assert_eq!(mask("`de` is decoded"), "`${LAND}` is decoded");
        assert_eq!(
            mask("`https://login.salesforce.com`, `/services/oauth2/token`, `aud`"),
            "`https://login.salesforce.com`, `/services/oauth2/token`, `aud`"
        );
    }

    #[test]
    fn a_part_of_a_value_is_not_quoted_in_a_message_about_it() {
        let mut masked = MaskedValues::default();
        masked.add("Passw0rd-of-prod", "${SECRET}");
        masked.add(r"topsecret\hidden", "${TOKEN}");
        let mask = |words: &str| masked.mask_words(words).into_owned();
        assert_eq!(mask("`passw0rd-of-prod https` is wrong"), "`${SECRET}` is wrong");
        assert_eq!(mask("`NamedCredential:topsecretA`, `aud`"), "`${TOKEN}`, `aud`");
        assert_eq!(mask("no quote of topsecret"), "no quote of topsecret");
        assert_eq!(mask("`${SECRET}`"), "`${SECRET}`");
    }

    #[test]
    fn an_escaped_value_is_masked_unescaped() {
        let mut masked = MaskedValues::default();
        masked.add("one&amp;only", "${X}");
        assert_eq!(masked.mask("`one&only`"), "`${X}`");
    }
}
