//! The pages of `docs/` agree with the schemas and with the program.
//!
//! `UPDATE=1 cargo test --test project docs` writes the tables of keys.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::{Captures, Regex};
use serde_json::Value;

use crate::common::{read, root};

const PAGES: &[(&str, &str)] = &[
    ("docs/settings.md", "schemas/sfcred-settings-1.json"),
    ("docs/description.md", "schemas/sfcred-description-1.json"),
    ("docs/new.md", "schemas/sfcred-new-1.json"),
];

/// The maximum number of values that a table lists.
const MAX_VALUES: usize = 10;

fn schema(path: &str) -> Value {
    serde_json::from_str(&read(root().join(path))).unwrap()
}

fn resolved<'a>(schema: &'a Value, of: &'a Value) -> &'a Value {
    match of["$ref"].as_str() {
        Some(reference) => schema.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => of,
    }
}

/// The type of a value in words: `string`, `list of strings`, or the possible values.
fn type_of(schema: &Value, of: &Value, mapping: &str) -> String {
    let of = resolved(schema, of);
    // For an object, `anyOf` lists keys of which at least one is required.
    if let Some(alternatives) = of["anyOf"].as_array().filter(|_| of["type"] != "object") {
        let mut types: Vec<String> = Vec::new();
        for alternative in alternatives {
            let name = type_of(schema, alternative, mapping);
            if !types.contains(&name) && alternative["$ref"] != "#/definitions/placeholder" {
                types.push(name);
            }
        }
        return types.join(" or ");
    }
    if let Some(values) = of["enum"].as_array().filter(|values| values.len() <= MAX_VALUES) {
        // A boolean is also accepted as a string: `true` and `"true"` are the same value.
        let mut words: Vec<String> = Vec::new();
        for word in values.iter().filter(|value| !value.is_null()).map(code) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        return words.join(", ");
    }
    let names: Vec<&str> = match &of["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut types: Vec<String> = Vec::new();
    for name in names {
        let name = match name {
            "null" => continue,
            // The schemas also accept a number as a string, because YAML strings can lack quotes.
            "number" | "boolean" if names_a_string(of) => continue,
            "object" => mapping.to_owned(),
            "array" => match type_of(schema, &of["items"], mapping).as_str() {
                "table" => "array of tables".to_owned(),
                _ => "list of strings".to_owned(),
            },
            other => other.to_owned(),
        };
        if !types.contains(&name) {
            types.push(name);
        }
    }
    if types.is_empty() { "string".to_owned() } else { types.join(" or ") }
}

fn names_a_string(of: &Value) -> bool {
    of["type"].as_array().is_some_and(|names| names.iter().any(|name| name == "string"))
}

fn code(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// The table of the keys of a mapping.
fn table(schema: &Value, pointer: &str, mapping: &str) -> String {
    let object = schema.pointer(pointer).unwrap_or_else(|| panic!("the schema has no `{pointer}`"));
    let required = |key: &str| {
        object["required"].as_array().is_some_and(|keys| keys.iter().any(|other| other == key))
    };
    let mut text = String::from("| key | type | meaning |\n| --- | --- | --- |\n");
    for (key, of) in object["properties"].as_object().unwrap() {
        let mut kind = type_of(schema, of, mapping);
        if !of["default"].is_null() {
            kind += &format!("; default {}", code(&of["default"]));
        }
        if required(key) {
            kind += "; required";
        }
        let meaning = of["description"].as_str().unwrap().replace('|', "\\|");
        text += &format!("| `{key}` | {kind} | {meaning} |\n");
    }
    text
}

/// The mappings of a schema that have keys. The names of rules are listed in `rules/README.md`.
fn mappings(value: &Value, pointer: &str, found: &mut BTreeSet<String>) {
    if value["properties"].is_object() && pointer != "/definitions/rules" {
        found.insert(pointer.to_owned());
    }
    if let Some(object) = value.as_object() {
        for (key, inner) in object {
            mappings(inner, &format!("{pointer}/{key}"), found);
        }
    }
}

#[test]
fn every_key_of_a_schema_is_documented_and_no_other() {
    let marked = Regex::new(r"(?ms)^<!-- schema: (\S*) ?-->\n.*?^<!-- end -->$").unwrap();
    for (page, schema_file) in PAGES {
        let schema = schema(schema_file);
        let text = read(root().join(page));
        let mapping = if page.contains("settings") { "table" } else { "mapping" };
        let mut documented = BTreeSet::new();
        let expected = marked.replace_all(&text, |found: &Captures| {
            documented.insert(found[1].to_owned());
            let table = table(&schema, &found[1], mapping);
            format!("<!-- schema: {} -->\n\n{table}\n<!-- end -->", &found[1])
        });
        let mut described = BTreeSet::new();
        mappings(&schema, "", &mut described);
        assert_eq!(documented, described, "{page}: one `<!-- schema: … -->` for each mapping");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(root().join(page), expected.as_ref()).unwrap();
        } else {
            assert!(
                text == expected,
                "`UPDATE=1 cargo test --test project docs` writes the tables of {page}"
            );
        }
    }
}

/// The fenced blocks of a page in one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = Regex::new(&format!(r"(?ms)^```{language}\n(.*?)^```$")).unwrap();
    fence.captures_iter(&read(root().join(page))).map(|found| found[1].to_owned()).collect()
}

fn sfcred(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sfcred")).args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn every_example_of_settings_is_accepted() {
    for page in ["README.md", "docs/settings.md"] {
        let blocks = blocks(page, "toml");
        assert!(!blocks.is_empty(), "{page} has examples");
        for text in blocks {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("sfcred.toml"), &text).unwrap();
            let output = sfcred(folder.path(), &["lint", "--show-settings"]);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{page}:\n{text}\n{errors}");
        }
    }
}

#[test]
fn every_example_of_a_description_is_accepted() {
    let path = Regex::new(r"[\w./-]+\.(?:crt|pem|json)\b").unwrap();
    for page in ["README.md", "docs/description.md"] {
        let blocks = blocks(page, "yaml");
        assert!(!blocks.is_empty(), "{page} has examples");
        for text in blocks {
            let folder = tempfile::tempdir().unwrap();
            for name in ["hub", "spoke", "certs"] {
                fs::create_dir(folder.path().join(name)).unwrap();
            }
            // A remote site is enough to give every example something to lint.
            fs::write(
                folder.path().join("hub/A.remoteSite-meta.xml"),
                "<RemoteSiteSetting xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>\n",
            )
            .unwrap();
            let code = text.lines().filter(|line| !line.starts_with('#')).collect::<String>();
            for file in path.find_iter(&code) {
                fs::write(folder.path().join(file.as_str()), "{}").unwrap();
            }
            fs::write(folder.path().join("sfcred.yaml"), &text).unwrap();
            let output = sfcred(folder.path(), &["lint"]);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_ne!(output.status.code(), Some(2), "{page}:\n{text}\n{errors}");
        }
    }
}

/// The pages that a code host shows, except the rule pages.
fn pages() -> Vec<PathBuf> {
    let mut pages = super::files("docs", "md");
    pages.extend(super::files(".", "md"));
    pages
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let fence = Regex::new(r"(?ms)^```.*?^```$").unwrap();
    let mut followed = 0;
    for page in pages() {
        let text = read(&page);
        let text = fence.replace_all(&text, "");
        for found in link.captures_iter(&text) {
            let target = &found[1];
            if target.starts_with("http") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            assert!(path.exists(), "{}: {target} does not exist", page.display());
            if !anchor.is_empty() {
                let headings: Vec<String> =
                    read(&path).lines().filter(|line| line.starts_with('#')).map(slug).collect();
                assert!(
                    headings.iter().any(|heading| heading == anchor),
                    "{}: {target} is not a heading: {headings:?}",
                    page.display()
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 20, "only {followed} links");
}

/// The anchor that GitHub generates for a heading.
fn slug(heading: &str) -> String {
    let mut slug = String::new();
    for character in heading.trim_start_matches('#').trim().to_lowercase().chars() {
        match character {
            ' ' => slug.push('-'),
            '-' | '_' => slug.push(character),
            letter if letter.is_alphanumeric() => slug.push(letter),
            _ => {}
        }
    }
    slug
}
