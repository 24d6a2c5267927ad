//! The dependencies and the published package: licenses, sources, unsafe code, files and the compiler.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::common::{read, root};

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let metadata: Value = serde_json::from_str(&cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--offline",
        "--locked",
        "--filter-platform",
        &rustc("host:"),
    ]))
    .unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn deny() -> toml::Table {
    read(root().join("deny.toml")).parse().unwrap()
}

/// Whether an SPDX expression is satisfied by the allowed licenses. Supports `AND`, `OR` and parentheses, and the old `/`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ");
    // Splits at a word outside of parentheses.
    let split = |text: &str, word: &str| {
        let mut parts = vec![String::new()];
        let mut depth = 0;
        for piece in text.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
            depth += i32::from(piece == "(") - i32::from(piece == ")");
            if depth == 0 && piece == word {
                parts.push(String::new());
            } else {
                let last = parts.last_mut().unwrap();
                *last = format!("{last} {piece}").trim().to_owned();
            }
        }
        parts
    };
    let either = split(&expression, "OR");
    if either.len() > 1 {
        return either.iter().any(|part| is_allowed(part, allowed));
    }
    let both = split(&expression, "AND");
    if both.len() > 1 {
        return both.iter().all(|part| is_allowed(part, allowed));
    }
    match expression.trim().strip_prefix('(').and_then(|inner| inner.trim().strip_suffix(')')) {
        Some(inner) => is_allowed(inner, allowed),
        None => allowed.contains(expression.trim()),
    }
}

#[test]
fn every_license_is_allowed() {
    let allowed: BTreeSet<String> = deny()["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert!(
        is_allowed("(MIT OR GPL-3.0) AND Zlib", &allowed)
            && !is_allowed("MIT AND GPL-3.0", &allowed)
            && is_allowed("Unlicense/GPL-3.0", &allowed)
    );
    let packages = packages();
    assert!(packages.len() > 50);
    for package in &packages {
        let license = package["license"].as_str().unwrap_or("none");
        assert!(is_allowed(license, &allowed), "{} is under {license}", package["name"]);
    }
}

#[test]
fn everything_comes_from_the_registry_and_nothing_that_is_refused() {
    let refused: Vec<String> = deny()["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["crate"].as_str().unwrap().to_owned())
        .collect();
    assert!(!refused.is_empty());
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        assert!(!refused.iter().any(|other| other == name), "{name} is refused by deny.toml");
        let source = package["source"].as_str();
        assert!(
            name == "sfcred"
                || source == Some("registry+https://github.com/rust-lang/crates.io-index"),
            "{name} comes from {source:?}"
        );
    }
}

#[test]
fn the_table_of_dependencies_has_a_reason_for_each_and_no_other() {
    let manifest: toml::Table = read(root().join("Cargo.toml")).parse().unwrap();
    let contributing = read(root().join("CONTRIBUTING.md"));
    let section = contributing.split("\n## ").find(|text| text.starts_with("Dependencies\n"));
    let explained: BTreeSet<&str> = section
        .expect("a section `Dependencies`")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
        .flat_map(|cell| cell.split("`").step_by(2))
        .collect();
    let of_unix = &manifest["target"]["cfg(unix)"]["dependencies"];
    let used: BTreeSet<&str> = [&manifest["dependencies"], &manifest["dev-dependencies"], of_unix]
        .iter()
        .flat_map(|table| table.as_table().unwrap().keys())
        .map(String::as_str)
        .collect();
    assert_eq!(explained, used, "crates in CONTRIBUTING.md, and in Cargo.toml");
}

#[test]
fn the_package_contains_the_program_and_its_pages_and_nothing_else() {
    let listed = cargo(&["package", "--list", "--allow-dirty", "--offline"]);
    let files: BTreeSet<&str> = listed.lines().collect();
    let own = [
        ".cargo_vcs_info.json",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "skills/sfcred/SKILL.md",
    ];
    for file in &files {
        let source = file.starts_with("src/")
            && (file.ends_with(".rs")
                || [
                    "src/init/example.yaml",
                    "src/model/metadata_types.txt",
                    "src/model/public_fields.txt",
                    "src/model/aws_services.txt",
                ]
                .contains(file));
        let page = file.starts_with("rules/") && file.ends_with(".md");
        let schema = file.starts_with("schemas/") && file.ends_with(".json");
        assert!(
            source || page || schema || own.contains(file),
            "{file} does not belong in the package"
        );
    }
    assert!(
        files.contains("src/main.rs")
            && files.contains("rules/claim-missing.md")
            && files.contains("LICENSE-APACHE")
            && files.contains("LICENSE-MIT"),
        "{listed}"
    );
    assert!(files.iter().filter(|file| file.starts_with("rules/")).count() > 100);
}

#[test]
fn unsafe_code_is_forbidden() {
    let manifest: toml::Table = read(root().join("Cargo.toml")).parse().unwrap();
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}

fn rustc(word: &str) -> String {
    let output = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into()))
        .arg("-vV")
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .find_map(|line| line.strip_prefix(word).map(|rest| rest.trim().to_owned()))
        .unwrap()
}

fn number(version: &str) -> Vec<u32> {
    version.split('.').take(2).map(|part| part.parse().unwrap_or(0)).collect()
}

/// `.ci/run` builds with the oldest supported compiler: otherwise the supported version would be untested.
#[test]
fn the_oldest_supported_compiler_is_the_one_in_use() {
    let manifest: toml::Table = read(root().join("Cargo.toml")).parse().unwrap();
    let promised = manifest["package"]["rust-version"].as_str().unwrap();
    let used = rustc("release:");
    assert!(number(&used) >= number(promised), "{used} is older than {promised}");
    if std::env::var_os("SFCRED_CI").is_some() {
        assert_eq!(
            number(&used),
            number(promised),
            "rust-version promises {promised}, and this is built with {used}"
        );
    }
    for package in packages() {
        let needs = package["rust_version"].as_str().unwrap_or("1.0");
        assert!(number(needs) <= number(promised), "{} needs Rust {needs}", package["name"]);
    }
}
