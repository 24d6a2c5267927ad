//! Tells a finding again in a later run: by what it is about, and not by where it stands.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::finding::Finding;

/// One for each finding, told by rule, component and field and not by place, so that it survives moved lines and folders. Findings that
/// share all of these are numbered in the order in which they come, so that no two are alike: give the reported ones first, then the
/// allowed, and an allow changes no fingerprint of what stands before it.
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

/// That of the first finding about the same field of the same component: the same for all of them.
pub fn of(finding: &Finding) -> String {
    fingerprints([finding]).concat()
}
