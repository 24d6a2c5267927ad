//! What is told by a search of bytes and never parsed changes no result: everything is linted with and without that, and compared
//! byte for byte. The fixtures, and real public metadata where a copy is at hand: `SFCRED_CORPUS`, or `../shared/corpus`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde_json::Value;
use sfcred::check::RULES;
use sfcred::pipeline::lint;
use sfcred::report::{self, Context, Format, Style};
use sfcred::settings::Settings;
use sfcred::source::Content;
use time::macros::date;

fn folders(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The report, and how many files were not parsed.
fn run(project: &Path, short_cuts: bool, threads: usize) -> (String, usize) {
    let mut settings = Settings::new(date!(2026 - 11 - 22), project.to_owned());
    if let Ok(text) = fs::read_to_string(project.join("sfcred.toml")) {
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        settings.read("sfcred.toml", &text, &rules).unwrap();
    }
    settings.short_cuts = short_cuts;
    settings.threads = threads;
    match lint(&[PathBuf::from(".")], &settings) {
        Err(error) => (error.to_string(), 0),
        Ok(report) => {
            let mut json = Vec::new();
            let context = Context {
                format: Format::Json,
                style: Style {
                    width: 80,
                    color: false,
                    unicode: true,
                    quiet: false,
                    hyperlinks: false,
                },
            };
            report::write(&report, &context, &mut json).unwrap();
            let unparsed = report
                .sources
                .iter()
                .filter(|(_, source)| matches!(source.content, Content::Irrelevant { .. }))
                .count();
            (String::from_utf8(json).unwrap(), unparsed)
        }
    }
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

/// A file that was not parsed is pointed at as a whole, at its first byte; parsed, at its root element. Nothing else may differ.
fn without_places_of_skipped(with: &str, without: String) -> String {
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
    let unparsed = AtomicUsize::new(0);
    let faults: Vec<String> = projects
        .par_iter()
        .filter_map(|project| {
            let (with, count) = run(project, true, 1);
            let (without, none) = run(project, false, 2);
            unparsed.fetch_add(count, Ordering::Relaxed);
            assert_eq!(none, 0, "{}: every file is parsed without short cuts", project.display());
            let without = without_places_of_skipped(&with, without);
            let with = serde_json::from_str::<Value>(&with)
                .ok()
                .and_then(|value| serde_json::to_string_pretty(&value).ok())
                .map_or(with, |text| text + "\n");
            (with != without)
                .then(|| format!("{}\n{}", project.display(), difference(&with, &without)))
        })
        .collect();
    (unparsed.into_inner(), faults.join("\n"))
}

#[test]
fn fixtures_come_out_the_same_without_short_cuts() {
    let projects: Vec<PathBuf> = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .iter()
        .flat_map(|rule| folders(rule))
        .collect();
    assert!(projects.len() > 1000, "the fixtures are not where they should be");
    let (unparsed, faults) = compare(&projects);
    assert!(faults.is_empty(), "{faults}");
    assert!(unparsed > 10, "only {unparsed} files took a short cut");
}

#[test]
fn real_metadata_comes_out_the_same_without_short_cuts() {
    let corpus = std::env::var_os("SFCRED_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let Ok(corpus) = corpus.canonicalize() else {
        println!("the corpus is not there: set SFCRED_CORPUS to a folder of projects");
        return;
    };
    let projects = folders(&corpus);
    let (unparsed, faults) = compare(&projects);
    assert!(faults.is_empty(), "{faults}");
    println!("{} projects, {unparsed} files that took a short cut", projects.len());
}
