//! Dropping irrelevant files before they are parsed changes no result: every fixture is linted with and without their
//! texts, and so is real public metadata, if `SFCRED_CORPUS` or `../shared/corpus` is a folder of projects.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde_json::Value;
use sfcred::check::RULES;
use sfcred::discover;
use sfcred::options::Options;
use sfcred::pipeline::analyze;
use sfcred::report::{self, Context, Format, Style};
use sfcred::source::{Content, FileId, decode};
use time::macros::date;

fn folders(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The report, and how many files were dropped. `restored`: dropped texts are put back before anything is parsed.
fn run(project: &Path, restored: bool, threads: usize) -> (String, usize) {
    let mut settings = Options::new(date!(2026 - 11 - 22), project.to_owned());
    if let Ok(text) = fs::read_to_string(project.join("sfcred.toml")) {
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        settings.read("sfcred.toml", &text, &rules).unwrap();
    }
    settings.threads = threads;
    let mut file_set = match discover::discover(&[PathBuf::from(".")], &settings) {
        Err(error) => return (error.to_string(), 0),
        Ok(file_set) => file_set,
    };
    let dropped: Vec<(FileId, PathBuf)> = file_set
        .sources
        .iter()
        .filter(|(_, source)| matches!(source.content, Content::Uninteresting { .. }))
        .map(|(file, source)| (file, source.path.clone()))
        .collect();
    if restored {
        for (file, path) in &dropped {
            // What is in a zip stays dropped.
            let Ok(bytes) = fs::read(path) else { continue };
            if let Ok((text, _)) = decode(bytes) {
                file_set.sources.rewrite(*file, text);
            }
        }
    }
    let report = analyze(&mut file_set, &settings).report(file_set.sources, 0);
    let mut json = Vec::new();
    let context = Context {
        format: Format::Json,
        style: Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false },
    };
    report::write(&report, &context, &mut json).unwrap();
    (String::from_utf8(json).unwrap(), dropped.len())
}

/// The lines in which two reports differ.
fn difference(left: &str, right: &str) -> String {
    let only = |one: &str, other: &str, mark: &str| {
        one.lines()
            .filter(|line| !other.lines().any(|known| known == *line))
            .map(|line| format!("{mark} {line}\n"))
            .collect::<String>()
    };
    only(left, right, "with   ") + &only(right, left, "without")
}

/// A finding about a dropped file points at its first byte; about a parsed one, at its root element. Nothing else may
/// differ.
fn with_positions_of_dropped(with: &str, without: String) -> String {
    let (Ok(with), Ok(mut value)) = (serde_json::from_str(with), serde_json::from_str(&without))
    else {
        return without;
    };
    as_whole(&with, &mut value);
    serde_json::to_string_pretty(&value).map(|text| text + "\n").unwrap_or(without)
}

fn as_whole(with: &Value, without: &mut Value) {
    match (with, without) {
        (Value::Array(with), Value::Array(without)) => {
            with.iter().zip(without).for_each(|(with, without)| as_whole(with, without))
        }
        (Value::Object(with), Value::Object(without)) => {
            let first =
                with.get("line") == Some(&1.into()) && with.get("column") == Some(&1.into());
            for (key, value) in without.iter_mut() {
                let Some(other) = with.get(key) else { continue };
                if first && matches!(key.as_str(), "line" | "column" | "end_line" | "end_column") {
                    *value = other.clone();
                } else {
                    as_whole(other, value);
                }
            }
        }
        (_, _) => {}
    }
}

fn compare(projects: &[PathBuf]) -> (usize, String) {
    let dropped = AtomicUsize::new(0);
    let faults: Vec<String> = projects
        .par_iter()
        .filter_map(|project| {
            let (with, count) = run(project, false, 1);
            let (without, _) = run(project, true, 2);
            dropped.fetch_add(count, Ordering::Relaxed);
            let without = with_positions_of_dropped(&with, without);
            let with = serde_json::from_str::<Value>(&with)
                .ok()
                .and_then(|value| serde_json::to_string_pretty(&value).ok())
                .map_or(with, |text| text + "\n");
            (with != without)
                .then(|| format!("{}\n{}", project.display(), difference(&with, &without)))
        })
        .collect();
    (dropped.into_inner(), faults.join("\n"))
}

#[test]
fn fixtures_have_the_same_findings_with_all_files_parsed() {
    let projects: Vec<PathBuf> = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .iter()
        .flat_map(|rule| folders(rule))
        .collect();
    assert!(projects.len() > 1000, "the fixtures are not where they should be");
    let (dropped, faults) = compare(&projects);
    assert!(faults.is_empty(), "{faults}");
    assert!(dropped > 10, "only {dropped} files were dropped");
}

#[test]
fn real_metadata_has_the_same_findings_with_all_files_parsed() {
    let corpus = std::env::var_os("SFCRED_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let Ok(corpus) = corpus.canonicalize() else {
        println!("the corpus is not there: set SFCRED_CORPUS to a folder of projects");
        return;
    };
    let projects = folders(&corpus);
    let (dropped, faults) = compare(&projects);
    assert!(faults.is_empty(), "{faults}");
    println!("{} projects, {dropped} files dropped", projects.len());
}
