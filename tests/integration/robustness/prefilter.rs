//! Files that a byte search rules out are not parsed, which must not change any result. Lints every case, and real
//! metadata if there is a copy, with and without the search, and compares the reports.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde_json::Value;
use sfcred::internals::discover;
use sfcred::internals::pipeline::analyze;
use sfcred::internals::report::{self, Context, Format};
use sfcred::internals::source::{Content, FileId, decode};

use crate::common::cases;
use crate::common::{Files, STYLE, corpus, entries, options, read_files};

/// The report, and the number of dropped files. With `restored`, dropped texts are restored before anything is parsed.
fn run(files: &Files, restored: bool, threads: usize) -> (String, usize) {
    let text = files.get(Path::new("sfcred.toml")).map(|bytes| String::from_utf8_lossy(bytes));
    let mut options = options(Path::new("/project"), text.as_deref()).unwrap();
    options.threads = threads;
    let mut file_set = match discover::from_memory(files.clone(), &options) {
        Err(error) => return (error.to_string(), 0),
        Ok(file_set) => file_set,
    };
    let dropped: Vec<(FileId, PathBuf)> = file_set
        .sources
        .iter()
        .filter(|(_, source)| matches!(source.content, Content::Irrelevant { .. }))
        .map(|(file, source)| (file, source.path.clone()))
        .collect();
    if restored {
        for (file, path) in &dropped {
            // The text of a file in a zip is not restored.
            let bytes = path.strip_prefix("/project").ok().and_then(|path| files.get(path));
            if let Some(Ok((text, _))) = bytes.map(|bytes| decode(bytes.clone())) {
                file_set.sources.rewrite(*file, text);
            }
        }
    }
    let report = analyze(&mut file_set, &options).report(file_set.sources, 0);
    let mut json = Vec::new();
    report::write(&report, &Context { format: Format::Json, style: STYLE }, &mut json).unwrap();
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

/// Findings point at the first byte of a file that was not parsed, and at the root element of a parsed one. Nothing
/// else may differ.
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

fn compare(projects: &[(String, Files)]) -> (usize, String) {
    let unparsed = AtomicUsize::new(0);
    let faults: Vec<String> = projects
        .par_iter()
        .filter_map(|(name, files)| {
            let (with, count) = run(files, false, 1);
            let (without, _) = run(files, true, 2);
            unparsed.fetch_add(count, Ordering::Relaxed);
            let without = without_places_of_skipped(&with, without);
            let with = serde_json::from_str::<Value>(&with)
                .ok()
                .and_then(|value| serde_json::to_string_pretty(&value).ok())
                .map_or(with, |text| text + "\n");
            (with != without).then(|| format!("{name}\n{}", difference(&with, &without)))
        })
        .collect();
    (unparsed.into_inner(), faults.join("\n"))
}

#[test]
fn cases_have_the_same_result_without_short_cuts() {
    let projects: Vec<(String, Files)> =
        cases::all().iter().map(|case| (case.name(), case.files())).collect();
    let (unparsed, faults) = compare(&projects);
    assert!(faults.is_empty(), "{faults}");
    assert!(unparsed > 10, "only {unparsed} files were dropped");
}

#[test]
fn real_metadata_comes_out_the_same_without_short_cuts() {
    let Some(corpus) = corpus() else { return };
    let folders = entries(&corpus).into_iter().filter(|path| path.is_dir());
    let projects: Vec<(String, Files)> =
        folders.map(|folder| (folder.display().to_string(), read_files(&folder))).collect();
    let (unparsed, faults) = compare(&projects);
    assert!(faults.is_empty(), "{faults}");
    println!("{} projects, {unparsed} files that were dropped", projects.len());
}
