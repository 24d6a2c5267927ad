//! Stable finding fingerprints: derived from rule, component and field, never from line numbers.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::finding::Finding;

/// The fingerprint of each finding. It survives moved lines and renamed folders.
///
/// Findings with the same rule, component and field are numbered in the given order, so that all
/// fingerprints differ. Pass the reported findings before the allowed ones.
pub fn fingerprints<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<String> {
    let mut ordinals: HashMap<[&str; 4], usize> = HashMap::new();
    findings
        .into_iter()
        .map(|finding| {
            let key = [
                finding.rule,
                finding.component.type_name,
                finding.component.name.as_str(),
                finding.field.as_str(),
            ];
            let ordinal = ordinals.entry(key).or_default();
            *ordinal += 1;
            let digest = Sha256::digest(format!("{}\0{ordinal}", key.join("\0")));
            digest.iter().take(16).fold(String::new(), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        })
        .collect()
}

/// The fingerprint of a single finding; equal for all findings with the same rule, component and
/// field.
pub fn fingerprint(finding: &Finding) -> String {
    fingerprints([finding]).concat()
}
