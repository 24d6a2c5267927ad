//! Sample logs and messages: `tests/diagnose/answers.txt` and `tests/diagnose/harmless.txt`. Each file contains many
//! samples in the txtar format: a line `-- GROUP/NAME --`, then the text. The group is the answer, or `harmless`. `(utf-16le)`, `(windows-1252)`,
//! `(crlf)` and `(no newline)` after the name specify how the bytes of the sample differ from the text.

use std::fs;
use std::path::Path;

/// One log or message.
pub struct Sample {
    /// The answer that it contains, or `harmless`.
    pub group: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The samples that contain the answer of their group, by group and name.
pub fn labeled() -> Vec<Sample> {
    samples("answers.txt")
}

/// The samples that contain no answer.
pub fn harmless() -> Vec<Sample> {
    samples("harmless.txt")
}

fn samples(file: &str) -> Vec<Sample> {
    let parts = parts(&format!("tests/diagnose/{file}")).into_iter();
    parts
        .map(|(header, body)| {
            let mut options = header.split(" (").map(|option| option.trim_end_matches(')'));
            let path = options.next().unwrap();
            let (group, name) = path.split_once('/').unwrap_or_else(|| panic!("{file}: {path}"));
            let bytes = encoded(&body, options);
            Sample { group: group.to_owned(), name: name.to_owned(), bytes }
        })
        .collect()
}

/// The parts of a file of this project, each with the header `-- HEADER --` and the text below it.
pub fn parts(file: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let text = format!("\n{}", text.strip_suffix('\n').expect("a final newline"));
    let parts = text.split("\n-- ").skip(1).map(|part| {
        let (header, body) = part.split_once(" --\n").unwrap_or_else(|| panic!("{file}: {part}"));
        (header.to_owned(), body.to_owned())
    });
    parts.collect()
}

fn encoded<'o>(text: &str, options: impl Iterator<Item = &'o str>) -> Vec<u8> {
    let mut text = format!("{text}\n");
    let mut encode: fn(&str) -> Vec<u8> = |text| text.as_bytes().to_vec();
    for option in options {
        match option {
            "crlf" => text = text.replace('\n', "\r\n"),
            "no newline" => text.truncate(text.trim_end_matches(['\r', '\n']).len()),
            "utf-16le" => {
                encode = |text| {
                    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
                    units.flat_map(u16::to_le_bytes).collect()
                }
            }
            "windows-1252" => {
                encode = |text| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
            }
            _ => panic!("unknown option `{option}`"),
        }
    }
    encode(&text)
}
