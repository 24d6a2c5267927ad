//! Bytes as a project, and changes of its elements: values, copies, names. XML stays well-formed, so that the checks see it.

use sfcred::internals::source::work;

use super::{File, analyze, file, fresh, sections};

/// Values that every field must hide, refuse or survive.
const VALUES: &[&str] = &[
    "",
    "Placeholder_Value",
    "{!$Credential.E.P}",
    "${SECRET}",
    "https://acme.my.salesforce.com/services/oauth2/token",
    "http://127.0.0.1:8080/x?api_key=",
    "callout:Spoke_Org/x",
    "true",
    "99999999999999999999",
    "-1",
    "JwtBearer",
    "ClientCredentialsClientSecretBasic",
    "2001-01-01T00:00:00Z",
    "&#65;&#x42;",
];
/// A value that looks generated. No output shows it, wherever it is.
const MARK: &str = "Vq7Xw9Kp3vT5n8Rb2Lc6Jd4Hs1Mf0";

/// The work of a run is at most this, and so much for each byte. Cases need a tenth of it.
const STEPS: u64 = 200_000;
const STEPS_PER_BYTE: u64 = 200;

/// The section `changes` has four bytes for each change: what to do, which file, which element, and a value.
pub fn mutated(data: &[u8]) {
    let mut files = sections(data);
    let changes = files.iter().position(|(path, _)| path.ends_with("changes"));
    let changes = changes.map(|at| files.remove(at).1).unwrap_or_default();
    for change in changes.chunks_exact(4).take(40) {
        apply([change[0], change[1], change[2], change[3]], &mut files);
    }
    let length: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    files.push(file(super::SOUND.0, super::SOUND.1));
    let options = fresh();
    let before = work::steps();
    match sfcred::lint_in_memory(files, &options) {
        Ok(report) => {
            let steps = work::steps() - before;
            assert!(
                steps <= STEPS + STEPS_PER_BYTE * length as u64,
                "{steps} steps for {length} bytes"
            );
            analyze::shows_nothing_of(&report, MARK);
            analyze::report(&report, false);
        }
        Err(error) => analyze::error_without(&error, MARK),
    }
}

fn apply([action, which, element, value]: [u8; 4], files: &mut Vec<File>) {
    if files.is_empty() {
        return;
    }
    let which = usize::from(which) % files.len();
    let text = String::from_utf8_lossy(&files[which].1).into_owned();
    let leaves = leaves(&text);
    if leaves.is_empty() {
        return;
    }
    let (outer, inner) = leaves[usize::from(element) % leaves.len()].clone();
    let new = match action % 6 {
        0 => replaced(&text, inner, MARK),
        1 => replaced(&text, inner, VALUES[usize::from(value) % VALUES.len()]),
        // The value of another element.
        2 => {
            let (_, other) = &leaves[usize::from(value) % leaves.len()];
            let value = text[other.clone()].to_owned();
            replaced(&text, inner, &value)
        }
        3 => replaced(&text, outer.end..outer.end, &text[outer].repeat(usize::from(value) % 50)),
        4 => replaced(&text, outer, ""),
        // A copy of the file under another name.
        _ => {
            let (path, bytes) = files[which].clone();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((path.with_file_name(format!("C{value}{name}")), bytes));
            return;
        }
    };
    if new.len() < 200_000 {
        files[which].1 = new.into_bytes();
    }
}

fn replaced(text: &str, range: std::ops::Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..range.start], &text[range.end..])
}

/// The elements without children: their range, and that of their text.
fn leaves(text: &str) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut leaves = Vec::new();
    for (start, _) in text.match_indices('<') {
        let Some(end) = text[start..].find('>').map(|end| start + end) else { break };
        let name = &text[start + 1..end];
        let Some(close) = text[end + 1..].find('<').map(|length| end + 1 + length) else { break };
        if name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && text[close..].starts_with(&format!("</{name}>"))
        {
            leaves.push((start..close + name.len() + 3, end + 1..close));
        }
    }
    leaves
}
