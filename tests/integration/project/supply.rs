//! What is built in, and what is handed out: licences, sources, unsafe code, the package's files, the compiler.

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
    read("deny.toml").parse().unwrap()
}

/// An SPDX expression, as far as crates write one: `AND`, `OR` and brackets; `/` is an old `OR`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ");
    // Splits at a word outside brackets.
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
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(is_allowed(licence, &allowed), "{} is under {licence}", package["name"]);
    }
}

#[test]
fn every_dependency_comes_from_the_registry_and_none_is_banned() {
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
fn every_dependency_has_its_reason() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let contributing = read("CONTRIBUTING.md");
    for table in ["dependencies", "dev-dependencies"] {
        for name in manifest[table].as_table().unwrap().keys() {
            assert!(
                contributing
                    .lines()
                    .any(|line| line.starts_with('|') && line.contains(&format!("`{name}`"))),
                "CONTRIBUTING.md gives no reason for `{name}`"
            );
        }
    }
}

#[test]
fn the_package_holds_the_program_and_its_rule_book_and_nothing_else() {
    let listed = cargo(&["package", "--list", "--allow-dirty", "--offline"]);
    let files: BTreeSet<&str> = listed.lines().collect();
    let own = [
        ".cargo_vcs_info.json",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE",
        "README.md",
    ];
    for file in &files {
        let source = file.starts_with("src/")
            && (file.ends_with(".rs") || *file == "src/model/metadata_types.txt");
        let page = file.starts_with("rules/") && file.ends_with(".md");
        let schema = file.starts_with("schemas/") && file.ends_with(".json");
        assert!(
            source || page || schema || own.contains(file),
            "{file} does not belong into the package"
        );
    }
    assert!(
        files.contains("src/main.rs")
            && files.contains("rules/claim-missing.md")
            && files.contains("LICENSE"),
        "{listed}"
    );
    assert!(files.iter().filter(|file| file.starts_with("rules/")).count() > 100);
}

#[test]
fn unsafe_code_is_forbidden() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
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

/// `.ci/run` builds with the oldest compiler that is promised: otherwise nobody has tried the promise.
#[test]
fn the_minimum_supported_compiler_is_the_tested_one() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
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
