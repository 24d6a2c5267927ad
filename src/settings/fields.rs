//! Reads the tables of `sfcred.toml` key by key, so that every mistake is reported and not only the first.

use std::ops::Range;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::Placed;
use crate::error::Mistake;
use crate::nearest::advice;

/// A value with its byte range.
pub type Value<'i> = Spanned<DeValue<'i>>;

/// The mistakes in a file.
#[derive(Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub fn add(&mut self, place: Range<usize>, message: String, help: Option<String>) {
        let Range { start, end } = place;
        self.push(Mistake { message, start, end, help, related: None });
    }

    pub fn push(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn unexpected(&mut self, value: &Value<'_>, expected: &str, key: &str) {
        let found = noun(value.get_ref());
        self.add(value.span(), format!("expected {expected} for `{key}`, found {found}"), None);
    }

    /// The mistakes in the order of the file.
    pub fn in_order(mut self) -> Vec<Mistake> {
        self.0.sort_by_key(|mistake| mistake.start);
        self.0
    }
}

/// A table whose keys are read one after the other.
pub struct Fields<'i> {
    noun: &'static str,
    place: Range<usize>,
    entries: DeTable<'i>,
    asked: Vec<&'static str>,
}

/// The top of a file.
///
/// # Errors
/// What is not valid TOML.
pub fn document<'i>(text: &'i str, noun: &'static str) -> Result<Fields<'i>, Vec<Mistake>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let (place, entries) = (document.span(), document.into_inner());
        return Ok(Fields { noun, place, entries, asked: Vec::new() });
    }
    let mut mistakes = Mistakes::default();
    for error in errors {
        mistakes.add(error.span().unwrap_or(0..0), error.message().to_owned(), None);
    }
    Err(mistakes.in_order())
}

/// The entries of a table whose keys are names, in the order of the file.
pub fn entries<'i>(
    value: Value<'i>,
    key: &str,
    mistakes: &mut Mistakes,
) -> Vec<(Placed<String>, Value<'i>)> {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        mistakes.unexpected(&value, "a table", key);
    }
    let DeValue::Table(table) = value.into_inner() else { return Vec::new() };
    let mut entries: Vec<_> = table
        .into_iter()
        .map(|(name, value)| (Placed::new(name.get_ref().clone().into_owned(), name.span()), value))
        .collect();
    entries.sort_by_key(|(name, _)| name.start);
    entries
}

/// A string.
pub fn text(value: Value<'_>, key: &str, mistakes: &mut Mistakes) -> Option<Placed<String>> {
    let place = value.span();
    if !matches!(value.get_ref(), DeValue::String(_)) {
        mistakes.unexpected(&value, "a string", key);
    }
    let DeValue::String(text) = value.into_inner() else { return None };
    Some(Placed::new(text.into_owned(), place))
}

/// One of several words.
pub fn choice<T: Copy>(
    value: Value<'_>,
    key: &str,
    choices: &[(&'static str, T)],
    mistakes: &mut Mistakes,
) -> Option<T> {
    let word = text(value, key, mistakes)?;
    let found = choices.iter().find(|(name, _)| *name == word.value).map(|(_, choice)| *choice);
    if found.is_none() {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        mistakes.add(
            word.range(),
            format!("invalid value `{}` for `{key}`", word.value),
            Some(advice(&word.value, &names)),
        );
    }
    found
}

impl<'i> Fields<'i> {
    /// A table, if the value is one.
    pub fn new(
        value: Value<'i>,
        key: &str,
        noun: &'static str,
        mistakes: &mut Mistakes,
    ) -> Option<Fields<'i>> {
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            mistakes.unexpected(&value, "a table", key);
        }
        let place = value.span();
        let DeValue::Table(entries) = value.into_inner() else { return None };
        Some(Fields { noun, place, entries, asked: Vec::new() })
    }

    /// From the header of the table to the end of its last value.
    pub fn range(&self) -> Range<usize> {
        let ends = self.entries.iter().map(|(_, value)| value.span().end);
        self.place.start..ends.fold(self.place.end, usize::max)
    }

    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The value of a key, which then counts as known.
    pub fn take(&mut self, key: &'static str) -> Option<Value<'i>> {
        self.asked.push(key);
        self.entries.remove(key)
    }

    pub fn text(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<Placed<String>> {
        self.take(key).and_then(|value| text(value, key, mistakes))
    }

    pub fn required_text(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes,
    ) -> Option<Placed<String>> {
        if !self.has(key) {
            mistakes.add(
                self.place.clone(),
                format!("missing key `{key}` for {}", self.noun),
                None,
            );
        }
        self.text(key, mistakes)
    }

    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        mistakes: &mut Mistakes,
    ) -> Option<T> {
        self.take(key).and_then(|value| choice(value, key, choices, mistakes))
    }

    /// A whole number that is not negative.
    pub fn number(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<u32> {
        let value = self.take(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            mistakes.unexpected(&value, &format!("a whole number from 0 to {}", u32::MAX), key);
        }
        number
    }

    pub fn list(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Vec<Value<'i>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        if !matches!(value.get_ref(), DeValue::Array(_)) {
            mistakes.unexpected(&value, "an array", key);
        }
        let DeValue::Array(items) = value.into_inner() else { return Vec::new() };
        items.into_iter().collect()
    }

    pub fn entries(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes,
    ) -> Vec<(Placed<String>, Value<'i>)> {
        self.take(key).map_or_else(Vec::new, |value| entries(value, key, mistakes))
    }

    /// Reports the unknown keys.
    pub fn finish(self, mistakes: &mut Mistakes) {
        for key in self.entries.keys() {
            mistakes.add(
                key.span(),
                format!("unknown key `{}` for {}", key.get_ref(), self.noun),
                Some(advice(key.get_ref(), &self.asked)),
            );
        }
    }
}

/// The kind of value, for messages.
fn noun(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
