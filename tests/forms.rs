//! The same setup in another form is the same setup: line ends, byte order marks, CDATA, character references, prefixes,
//! UTF-16, PEM armour and the suffixes of the metadata API make no difference to what is found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use sfcred::finding::Severity;
use sfcred::pipeline::lint;
use sfcred::settings::Settings;
use time::macros::date;

type Found = BTreeMap<(Severity, &'static str, String), usize>;

fn found(folder: &Path) -> Result<Found, String> {
    let settings = Settings::new(date!(2026 - 11 - 22), folder.to_owned());
    let report = lint(&[PathBuf::from(".")], &settings).map_err(|error| error.to_string())?;
    let mut found = Found::new();
    for finding in report.findings {
        *found.entry((finding.severity, finding.rule, finding.message)).or_default() += 1;
    }
    Ok(found)
}

/// What `replacements` match is the form itself, so those projects are left out, as are the files that cannot be read at all.
fn projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = |path: &Path| -> Vec<PathBuf> {
        fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let mut projects: Vec<PathBuf> = folders(&root)
        .iter()
        .filter(|rule| !rule.ends_with("unreadable-file"))
        .flat_map(|rule| folders(rule))
        .filter(|path| !path.to_string_lossy().contains("replacements"))
        .collect();
    projects.sort();
    projects
}

/// Copies a project, with every XML text changed, and file names too.
fn copy(from: &Path, to: &Path, name: &dyn Fn(&str) -> String, change: &dyn Fn(&str) -> Vec<u8>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let file_name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            copy(&path, &to.join(file_name), name, change);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let xml = file_name.ends_with(".xml") && file_name != "package.xml";
        let plain = std::str::from_utf8(&bytes).ok().filter(|text| {
            xml && !text.contains('\r')
                && !text.contains("CDATA")
                && !text.starts_with('\u{feff}')
                && text.contains("UTF-8")
        });
        fs::write(to.join(name(&file_name)), plain.map_or(bytes.clone(), change)).unwrap();
    }
}

/// What is found in every project as it stands.
static BEFORE: LazyLock<Vec<(PathBuf, Result<Found, String>)>> = LazyLock::new(|| {
    projects().into_iter().map(|project| (project.clone(), found(&project))).collect()
});

fn same_in(form: &str, name: &dyn Fn(&str) -> String, change: &dyn Fn(&str) -> Vec<u8>) {
    let mut faults = Vec::new();
    for (project, before) in BEFORE.iter() {
        let copied = tempfile::tempdir().unwrap();
        copy(project, copied.path(), name, change);
        let after = found(copied.path());
        if *before != after {
            faults.push(format!("{}:\n  before {before:?}\n  after  {after:?}", project.display()));
        }
    }
    assert!(
        faults.is_empty(),
        "{form} makes a difference to {} projects:\n{}",
        faults.len(),
        faults.join("\n")
    );
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
fn windows_line_ends_and_a_byte_order_mark() {
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
fn pem_armour_in_apps() {
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
    let keep = ["crt-meta.xml", "cls-meta.xml", "trigger-meta.xml"];
    let name = |name: &str| {
        if keep.iter().any(|suffix| name.ends_with(suffix)) {
            name.to_owned()
        } else {
            name.trim_end_matches("-meta.xml").to_owned()
        }
    };
    same_in("the metadata API's suffixes", &name, &|text| text.as_bytes().to_vec());
}
