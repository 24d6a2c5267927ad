//! Values of an environment, and how they are kept out of what is said.

use std::borrow::Cow;

/// Values that were put into texts, with what stands for each.
#[derive(Debug, Default)]
pub struct Hidden {
    values: Vec<Value>,
}

struct Value {
    text: String,
    folded: String,
    stands: String,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.stands)
    }
}

/// A shorter value is hidden only where it is quoted alone: it occurs everywhere.
const MIN_ANYWHERE: usize = 4;

/// Words of Salesforce's own URLs, and of flags: they tell nothing.
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

impl Hidden {
    pub fn add(&mut self, value: &str, stands: &str) {
        let unescaped = quick_xml::escape::unescape(value)
            .ok()
            .filter(|unescaped| unescaped != value)
            .map(Cow::into_owned);
        for text in std::iter::once(value.to_owned()).chain(unescaped) {
            let text = text.trim().to_owned();
            if !text.is_empty() && !self.values.iter().any(|known| known.text == text) {
                self.values.push(Value {
                    folded: text.to_lowercase(),
                    text,
                    stands: stands.to_owned(),
                });
            }
        }
        self.values.sort_by(|left, right| {
            right.text.len().cmp(&left.text.len()).then_with(|| left.text.cmp(&right.text))
        });
    }

    /// The same words with no value, and no part of one, in them.
    pub fn hide<'t>(&self, words: &'t str) -> Cow<'t, str> {
        let mut result = Cow::Borrowed(words);
        for value in &self.values {
            if value.text.len() >= MIN_ANYWHERE
                && !is_public(&value.folded)
                && result.contains(&value.text)
            {
                result = result.replace(&value.text, &value.stands).into();
            }
        }
        let pieces: Vec<&str> = result.split('`').collect();
        let count = pieces.len();
        let hidden: Vec<&str> = pieces
            .iter()
            .enumerate()
            .map(|(index, piece)| {
                let quoted = index % 2 == 1 && index + 1 < count;
                quoted
                    .then(|| self.values.iter().find(|value| value.gives(piece)))
                    .flatten()
                    .map_or(*piece, |value| &value.stands)
            })
            .collect();
        if hidden == pieces { result } else { hidden.join("`").into() }
    }

    pub fn is_in(&self, words: &str) -> bool {
        self.hide(words) != words || self.values.iter().any(|value| value.gives(words))
    }
}

impl Value {
    /// Whether a quoted piece is the value, or a part of it that tells something.
    fn gives(&self, piece: &str) -> bool {
        let piece = piece.trim().to_lowercase();
        if piece.is_empty() || piece == self.stands.to_lowercase() {
            return false;
        }
        piece == self.folded
            || !is_public(&piece)
                && piece.len() > 2
                && piece.split('…').all(|part| self.folded.contains(part))
    }
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
    fn no_part_of_a_value_is_said() {
        let mut hidden = Hidden::default();
        hidden.add("https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token", "${URL}");
        hidden.add("3MVG9abcdefghijklmnop", "${KEY}");
        hidden.add("de", "${LAND}");
        let said = |words: &str| hidden.hide(words).into_owned();
        assert_eq!(
            said("`https://acme--uat.sandbox.my.salesforce.com/services/oauth2/token` is it"),
            "`${URL}` is it"
        );
        assert_eq!(
            said("the host `acme--uat.sandbox.my.salesforce.com`, `ACME--uat`"),
            "the host `${URL}`, `${URL}`"
        );
        assert_eq!(said("`3MVG9abc…mnop` and 3MVG9abcdefghijklmnop"), "`${KEY}` and ${KEY}");
        assert_eq!(said("`de` is decoded"), "`${LAND}` is decoded");
        assert_eq!(
            said("`https://login.salesforce.com`, `/services/oauth2/token`, `aud`"),
            "`https://login.salesforce.com`, `/services/oauth2/token`, `aud`"
        );
    }

    #[test]
    fn an_escaped_value_is_known_when_it_is_read() {
        let mut hidden = Hidden::default();
        hidden.add("one&amp;only", "${X}");
        assert_eq!(hidden.hide("`one&only`"), "`${X}`");
    }
}
