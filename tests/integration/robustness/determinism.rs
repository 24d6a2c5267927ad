//! The same files give the same bytes, for any number of threads, working directory and order of paths.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::common::cases;
use crate::common::{Files, on_disk};

/// One large project of many cases, each in its own folder and without the files that apply to a whole run.
fn project() -> TempDir {
    let mut files = Files::new();
    for case in cases::all().iter().filter(|case| case.id == "bad") {
        let own = case.files().into_iter().filter(|(path, _)| {
            !path.file_name().unwrap().to_string_lossy().starts_with("sfcred.")
        });
        files
            .extend(own.map(|(path, bytes)| (Path::new("all").join(&case.rule).join(path), bytes)));
    }
    assert!(files.len() > 500);
    on_disk(&files)
}

fn lint(folder: &Path, arguments: &[&str], threads: Option<&str>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sfcred"));
    command
        .args(["lint", "--today", "2026-11-22"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("LANG", "C.UTF-8");
    if let Some(threads) = threads {
        command.args(["--threads", threads]).env("RAYON_NUM_THREADS", threads);
    }
    let output = command.output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_number_of_threads_makes_no_difference() {
    let project = project();
    for format in ["text", "json"] {
        let first = lint(project.path(), &["--format", format], Some("1"));
        assert!(first.len() > 10_000);
        for threads in [Some("1"), Some("2"), Some("16"), Some("16"), None] {
            assert!(
                lint(project.path(), &["--format", format], threads) == first,
                "{format} on {threads:?} threads"
            );
        }
    }
}

#[test]
fn the_order_of_the_paths_makes_no_difference() {
    let project = project();
    let mut paths: Vec<String> = fs::read_dir(project.path().join("all"))
        .unwrap()
        .map(|entry| format!("all/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    paths.sort();
    paths.truncate(60);
    let run = |paths: &[String]| {
        let mut arguments = vec!["--format", "json"];
        arguments.extend(paths.iter().map(String::as_str));
        lint(project.path(), &arguments, None)
    };
    let first = run(&paths);
    let reversed: Vec<String> = paths.iter().rev().cloned().collect();
    let mut mixed = paths.clone();
    mixed.sort_by_key(|path| {
        path.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)))
    });
    let twice = [paths.clone(), mixed.clone()].concat();
    let nested = [vec!["all/../all".to_owned() + &paths[0][3..]], paths.clone()].concat();
    for (what, other) in
        [("reversed", reversed), ("mixed", mixed), ("twice", twice), ("by two names", nested)]
    {
        assert!(run(&other) == first, "{what}");
    }
}

#[test]
fn the_working_directory_makes_no_difference() {
    let project = project();
    let inside = project.path().join("all");
    let deeper = project.path().join("else/where");
    fs::create_dir_all(&deeper).unwrap();
    let absolute = inside.to_str().unwrap();
    let json = |folder: &Path, path: &str, prefix: &str| {
        let mut value: serde_json::Value =
            serde_json::from_str(&lint(folder, &["--format", "json", path], None)).unwrap();
        without_prefix(&mut value, prefix);
        value
    };
    let here = json(&inside, ".", "");
    assert!(here["findings"].as_array().unwrap().len() > 50);
    assert_eq!(json(project.path(), "all", "all/"), here);
    assert_eq!(json(&deeper, "../../all", "../../all/"), here);
    assert_eq!(json(&deeper, absolute, "../../all/"), here);
    assert_eq!(json(&inside, absolute, ""), here);
    assert_eq!(json(Path::new("/"), absolute, &format!("{}/", &absolute[1..])), here);
}

/// Removes the path of the project from every path.
fn without_prefix(value: &mut serde_json::Value, prefix: &str) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    serde_json::Value::String(text) if key == "file" => {
                        *text = text.strip_prefix(prefix).unwrap_or(text).to_owned()
                    }
                    value => without_prefix(value, prefix),
                }
            }
        }
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|item| without_prefix(item, prefix))
        }
        _ => {}
    }
}

#[test]
fn the_order_in_which_files_were_created_makes_no_difference() {
    let names: BTreeSet<String> = (0..40)
        .map(|number| format!("E{}.externalCredential-meta.xml", number * 7919 % 41))
        .collect();
    let text = "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>";
    let run = |names: &mut dyn Iterator<Item = &String>| {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        fs::create_dir_all(project.join(".git")).unwrap();
        names.for_each(|name| fs::write(project.join(name), text).unwrap());
        lint(&project, &["--format", "json"], None)
    };
    assert_eq!(run(&mut names.iter()), run(&mut names.iter().rev()));
}
