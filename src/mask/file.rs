//! What must not be shown of a file.

use std::ops::Range;

use super::mark::{Mask, disjoint};
use super::{apex, keyed, shapes, value, xml};
use crate::source::Kind;

/// The notation of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    Xml,
    Apex,
    /// A certificate: nothing but its first and last line is shown.
    Pem,
    /// Keys and values, of which some are public.
    Keyed,
    /// Keys and values, none of which is public.
    Unknown,
}

impl From<Kind> for Notation {
    fn from(kind: Kind) -> Self {
        match kind {
            kind if kind.is_xml() || kind == Kind::Manifest => Notation::Xml,
            Kind::Apex => Notation::Apex,
            Kind::CertificateBody => Notation::Pem,
            Kind::Description | Kind::Project | Kind::Toml | Kind::Export => Notation::Keyed,
            _ => Notation::Unknown,
        }
    }
}

/// What must not be shown of a file, sorted and disjoint. `concealed` contains the secrets that the parsers found.
pub fn masks(
    notation: Notation,
    text: &str,
    concealed: impl IntoIterator<Item = Range<usize>>,
) -> Vec<Mask> {
    let mut all = shapes::shapes(text);
    all.extend(
        concealed
            .into_iter()
            .filter(|range| !range.is_empty() && text.get(range.clone()).is_some())
            .map(Mask::hidden),
    );
    match notation {
        Notation::Xml => xml::masks(text, &mut all),
        Notation::Apex => apex::masks(text, &mut all),
        Notation::Pem => pem(text, &mut all),
        Notation::Keyed => keyed::masks(text, true, &mut all),
        Notation::Unknown => keyed::masks(text, false, &mut all),
    }
    disjoint(text, all)
}

/// Masks every line except `-----BEGIN CERTIFICATE-----` and its like.
fn pem(text: &str, all: &mut Vec<Mask>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let shown = line.trim();
        let is_boundary = shown.starts_with("-----")
            && shown.ends_with("-----")
            && shown.len() < 60
            && !value::is_generated(shown.trim_matches('-'));
        if !shown.is_empty() && !is_boundary {
            let start = at + (line.len() - line.trim_start().len());
            all.push(Mask::hidden(start..start + shown.len()));
        }
        at += line.len();
    }
}
