//! A baseline file: one sorted line per finding, so that diffs are readable and merges keep both
//! sides.

use serde_json::json;

use super::json::escaped;
use crate::baseline::{Entry, SCHEMA};
use crate::mask;

/// The whole file.
pub fn write(entries: &[Entry]) -> String {
    let lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            let text = |text: &str| escaped(&json!(mask::text(text)).to_string());
            let field = if entry.field.is_empty() { String::new() } else { format!("\"field\": {}, ", text(&entry.field)) };
            let component = escaped(&json!(mask::name(&entry.component)).to_string());
            let (file, rule) = (text(&entry.file), text(&entry.rule));
            format!("    {{ \"file\": {file}, \"rule\": {rule}, \"component\": {component}, {field}\"fingerprint\": \"{}\" }}", entry.fingerprint)
        })
        .collect();
    let findings =
        if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", lines.join(",\n")) };
    format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"findings\": {findings}\n}}\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::baseline::Baseline;

    #[test]
    fn a_written_baseline_can_be_read_and_contains_no_secret() {
        let entry = |name: &str, field: &str| Entry {
            file: "a \"b\"\\ä.xml".into(),
            rule: "claim-missing".into(),
            component: format!("ConnectedApp:{name}"),
            field: field.into(),
            fingerprint: "0123456789abcdef0123456789abcdef".into(),
        };
        for entries in [vec![], vec![entry("Hub\u{202e}", ""), entry("Hub", "aud")]] {
            let text = write(&entries);
            assert!(!text.contains('\u{202e}'));
            assert_eq!(Baseline::read("b.json", Path::new("x"), &text).unwrap().entries, entries);
        }
        assert!(
            write(&[entry("00D5g00000ABCde!AQEAQMARKMARKMARKMARKMARK", "")])
                .contains("ConnectedApp:••••")
        );
    }
}
