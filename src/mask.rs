//! Decides what may be shown, in excerpts of files, in messages about them, and in quotes from logs.
//!
//! An excerpt is shown by allow-list: names, keys, punctuation, and the values of fields that
//! `model/public_fields.txt` or [`keyed`] lists. Everything else is masked, whether or not it looks like a secret. A
//! public value is masked, too, if it looks generated.
//!
//! The scanners here are not parsers: they also have to mask files that cannot be parsed.

mod apex;
mod comment;
mod fields;
mod file;
mod keyed;
mod log;
mod mark;
mod shapes;
mod texts;
mod value;
mod xml;

pub use file::{Notation, masks};
pub use log::{Vocabulary, log_line, typed};
pub use mark::Mask;
pub use texts::{FileMasks, HiddenValues, Masker, mask_findings, name, text};
