//! The same setup in another form has the same findings: line ends, byte order marks, CDATA, character references, namespace prefixes, UTF-16,
//! PEM armor and the file suffixes of the Metadata API make no difference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rayon::prelude::*;
use regex::{Captures, Regex};
use sfcred::internals::finding::Severity;
use sfcred::internals::options::Options;
use sfcred::lint_in_memory;

use crate::common::cases::{self, Case};
use crate::common::{Files, TODAY, rewritten};

type Found = BTreeMap<(Severity, &'static str, String), usize>;

fn found(files: Files) -> Result<Found, String> {
    let settings = Options::new(TODAY, PathBuf::from("/project"));
    let report = lint_in_memory(files, &settings).map_err(|error| error.to_string())?;
    let mut found = Found::new();
    for finding in report.findings {
        *found.entry((finding.severity, finding.rule, finding.message)).or_default() += 1;
    }
    Ok(found)
}

/// The cases with their findings. Excludes cases with replacements or unreadable files, because they depend on the
/// form.
static BEFORE: LazyLock<Vec<(&Case, Result<Found, String>)>> = LazyLock::new(|| {
    let cases = cases::all()
        .par_iter()
        .filter(|case| case.rule != "unreadable-file" && !case.name().contains("replacements"));
    cases.map(|case| (case, found(case.files()))).collect()
});

/// The same project with the text of every XML file changed, and with other file names.
fn in_form(case: &Case, name: &dyn Fn(&str) -> String, change: &dyn Fn(&str) -> Vec<u8>) -> Files {
    let plain = |path: &Path, text: &str| {
        path.extension().is_some_and(|extension| extension == "xml")
            && !path.ends_with("package.xml")
            && !text.contains('\r')
            && !text.contains("CDATA")
            && !text.starts_with('\u{feff}')
            && text.contains("UTF-8")
    };
    let changed = rewritten(&case.files(), |path, text| plain(path, text).then(|| change(text)));
    let renamed = changed.into_iter().map(|(path, bytes)| {
        let new = name(&path.file_name().unwrap().to_string_lossy());
        (path.with_file_name(new), bytes)
    });
    renamed.collect()
}

fn same_in(
    form: &str,
    name: &(dyn Fn(&str) -> String + Sync),
    change: &(dyn Fn(&str) -> Vec<u8> + Sync),
) {
    let fault = |(case, before): &(&Case, Result<Found, String>)| {
        let after = found(in_form(case, name, change));
        let differs = *before != after && !is_masked(before, &after);
        differs.then(|| format!("{}:\n  before {before:?}\n  after  {after:?}", case.name()))
    };
    let faults: Vec<String> = BEFORE.par_iter().filter_map(fault).collect();
    assert!(
        faults.is_empty(),
        "{form} makes a difference to {} projects:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Whether the findings differ only in values that are masked because of their form: what an unusual form spells is not
/// shown.
fn is_masked(before: &Result<Found, String>, after: &Result<Found, String>) -> bool {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| Regex::new("`[^`]*`").unwrap());
    let without_values = |found: &Found| {
        let mut plain = Found::new();
        for ((severity, rule, message), count) in found {
            let message = VALUE.replace_all(message, "``").into_owned();
            *plain.entry((*severity, *rule, message)).or_default() += count;
        }
        plain
    };
    match (before, after) {
        (Ok(before), Ok(after)) => {
            after.keys().any(|(_, _, message)| message.contains("••••"))
                && without_values(before) == without_values(after)
        }
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn as_it_is(name: &str) -> String {
    name.to_owned()
}

fn leaves(text: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let leaf = Regex::new(r"<([A-Za-z]+)>([^<>]+)</([A-Za-z]+)>").unwrap();
    leaf.replace_all(text, |found: &Captures<'_>| {
        format!("<{}>{}</{}>", &found[1], change(&found[2]), &found[3])
    })
    .into_owned()
    .into_bytes()
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[test]
fn crlf_and_a_byte_order_mark() {
    same_in("CRLF with a byte order mark", &as_it_is, &|text| {
        [b"\xEF\xBB\xBF".as_slice(), text.replace('\n', "\r\n").as_bytes()].concat()
    });
}

#[test]
fn utf_16() {
    same_in("UTF-16", &as_it_is, &|text| {
        let text = text.replace("UTF-8", "UTF-16");
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    });
}

#[test]
fn cdata_sections() {
    same_in("CDATA", &as_it_is, &|text| {
        leaves(text, |value| format!("<![CDATA[{}]]>", unescaped(value)))
    });
}

#[test]
fn character_references() {
    same_in("character references", &as_it_is, &|text| {
        leaves(text, |value| {
            let value = unescaped(value);
            value
                .chars()
                .map(|character| {
                    if character.is_whitespace() {
                        character.to_string()
                    } else {
                        format!("&#x{:X};", character as u32)
                    }
                })
                .collect()
        })
    });
}

#[test]
fn comments_and_processing_instructions() {
    same_in("comments", &as_it_is, &|text| {
        text.replace("</", "<!-- a <b> & c --></")
            .replace("?>\n", "?>\n<?editor on?>\n<!-- head -->\n")
            .into_bytes()
    });
}

#[test]
fn namespace_prefixes() {
    let tag = Regex::new(r"<(/?)([A-Za-z])").unwrap();
    same_in("a namespace prefix", &as_it_is, &|text| {
        tag.replace_all(text, "<${1}m:$2").replace("xmlns=", "xmlns:m=").into_bytes()
    });
}

#[test]
fn pem_armor_in_apps() {
    let body = Regex::new(r"<certificate>(MI[A-Za-z0-9+/=\s]{300,})</certificate>").unwrap();
    same_in("PEM armour", &as_it_is, &|text| {
        body.replace_all(text, |found: &Captures<'_>| {
            let compact: Vec<char> = found[1].chars().filter(|character| !character.is_whitespace()).collect();
            let lines: Vec<String> = compact.chunks(64).map(|chunk| chunk.iter().collect()).collect();
            format!("<certificate>-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n</certificate>", lines.join("\n"))
        })
        .into_owned()
        .into_bytes()
    });
}

#[test]
fn the_suffixes_of_the_metadata_api() {
    let keep = ["crt-meta.xml", "cls-meta.xml", "trigger-meta.xml", "resource-meta.xml"];
    let name = |name: &str| {
        if keep.iter().any(|suffix| name.ends_with(suffix)) {
            name.to_owned()
        } else {
            name.trim_end_matches("-meta.xml").to_owned()
        }
    };
    same_in("the metadata API's suffixes", &name, &|text| text.as_bytes().to_vec());
}
