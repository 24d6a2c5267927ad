//! `sfcred init` in every case, and in real projects if there is a copy: the written files change no finding, and each commented line is valid
//! once its comment sign is removed.

use std::fs;
use std::path::Path;

use rayon::prelude::*;
use sfcred::internals::cli::Status;
use tempfile::TempDir;

use crate::common::cases::{self, case};
use crate::common::{Files, corpus, entries, lint_folder, on_disk, read_files, run_command};

/// A copy of the files in a temporary folder, where no folder above affects them.
fn written(files: &Files) -> TempDir {
    let inside = files.iter().map(|(path, bytes)| (Path::new("project").join(path), bytes.clone()));
    let folder = on_disk(&inside.collect());
    fs::rename(folder.path().join(".git"), folder.path().join("project/.git")).unwrap();
    folder
}

fn init(folder: &Path, arguments: &[&str]) -> (Status, String) {
    let arguments = [&["init"], arguments].concat();
    let (status, out, err) = run_command(folder, &arguments, 80, None);
    (status, String::from_utf8([out, err].concat()).unwrap())
}

/// The findings: severity, rule, message and file name. A file that `init` wrote may replace the project file.
fn findings(folder: &Path) -> Result<Vec<String>, String> {
    let report = lint_folder(folder).map_err(|error| error.to_string())?;
    let mut found: Vec<String> = report
        .findings
        .iter()
        .map(|finding| format!("{} {}: {}", finding.severity, finding.rule, finding.message))
        .collect();
    found.sort();
    Ok(found)
}

/// Uncomments the suggested lines: those without a space after `#`, or with an indent there.
fn filled_in(text: &str) -> String {
    let line = |line: &str| {
        let (unfilled, rest) = line.split_at(line.len() - line.trim_start().len());
        match rest.strip_prefix('#') {
            Some(rest)
                if !rest.starts_with(':') && (!rest.starts_with(' ') || rest.starts_with("  ")) =>
            {
                format!("{unfilled}{rest}\n")
            }
            _ => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// Describes a fault in the result of `init` for a project; `None` if there is none.
fn fault(files: &Files) -> Option<String> {
    let copy = written(files);
    let folder = copy.path().join("project");
    let before = match findings(&folder) {
        Ok(before) => before,
        Err(_) => {
            return (init(&folder, &[]).0 != Status::NoRun)
                .then(|| "nothing can be linted, and yet something is written".into());
        }
    };
    let there = |name: &str| folder.join(name).exists();
    let old = [there("sfcred.toml"), there("sfcred.yaml")];
    let (status, said) = init(&folder, &[]);
    let written = old != [there("sfcred.toml"), there("sfcred.yaml")];
    if status != if written { Status::Clean } else { Status::NoRun } {
        return Some(format!("{status:?}: {said}"));
    }
    let after = match findings(&folder) {
        Ok(after) => after,
        Err(error) => return Some(format!("cannot be linted any more: {error}")),
    };
    let texts = || {
        ["sfcred.toml", "sfcred.yaml"]
            .iter()
            .map(|name| fs::read_to_string(folder.join(name)).unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n")
    };
    if before != after {
        let new: Vec<_> = after.iter().filter(|finding| !before.contains(finding)).collect();
        let gone: Vec<_> = before.iter().filter(|finding| !after.contains(finding)).collect();
        return Some(format!("new: {new:#?}, gone: {gone:#?}\n{}", texts()));
    }
    for name in ["sfcred.toml", "sfcred.yaml"] {
        let Ok(text) = fs::read_to_string(folder.join(name)) else { continue };
        if text.starts_with("#:schema") || text.starts_with("# yaml-language-server") {
            fs::write(folder.join(name), filled_in(&text)).unwrap();
        }
    }
    findings(&folder).err().map(|error| format!("once filled in: {error}\n{}", texts()))
}

fn changes_nothing(projects: Vec<(String, Files)>) {
    let faults: Vec<String> = projects
        .par_iter()
        .filter_map(|(name, files)| fault(files).map(|fault| format!("{name}: {fault}")))
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        projects.len(),
        faults.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn both_files_change_nothing_about_what_is_found() {
    changes_nothing(cases::all().iter().map(|case| (case.name(), case.files())).collect());
}

#[test]
fn real_projects_are_described_without_a_mistake() {
    let Some(corpus) = corpus() else { return };
    let folders = entries(&corpus).into_iter().filter(|path| path.is_dir());
    changes_nothing(
        folders.map(|folder| (folder.display().to_string(), read_files(&folder))).collect(),
    );
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let copy = written(&case("claim-missing/bad").files());
    let folder = copy.path().join("project");
    fs::write(folder.join("sfcred.toml"), "# mine\n").unwrap();
    let (status, said) = init(&folder, &[]);
    assert_eq!(status, Status::Clean, "{said}");
    assert!(said.contains("Kept sfcred.toml") && said.contains("Wrote sfcred.yaml"), "{said}");
    let written = fs::read(folder.join("sfcred.yaml")).unwrap();
    let (status, said) = init(&folder, &[]);
    assert!(status == Status::NoRun && said.contains("already"), "{said}");
    assert_eq!(fs::read(folder.join("sfcred.toml")).unwrap(), b"# mine\n");
    assert_eq!(fs::read(folder.join("sfcred.yaml")).unwrap(), written);
}

#[test]
fn settings_or_a_description_in_a_parent_folder_are_not_shadowed() {
    let copy = written(&case("claim-missing/bad").files());
    let folder = copy.path().join("project");
    assert_eq!(init(&folder, &[]).0, Status::Clean);
    let inside = folder.join("hub");
    let (status, said) = init(&inside, &[]);
    assert!(
        status == Status::NoRun
            && said.contains("`../sfcred.toml`")
            && said.contains("`../sfcred.yaml`"),
        "{said}"
    );
    assert!(!inside.join("sfcred.toml").exists());
}

#[test]
fn a_dry_run_prints_both_and_writes_nothing() {
    let copy = written(&case("claim-missing/bad").files());
    let folder = copy.path().join("project");
    for name in ["--dry-run", "--stdout"] {
        let (status, said) = init(copy.path(), &["project", name]);
        assert_eq!(status, Status::Clean, "{said}");
        for word in ["#:schema https://", "# yaml-language-server: $schema=https://", "orgs:"] {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
    assert!(!folder.join("sfcred.toml").exists() && !folder.join("sfcred.yaml").exists());
}

#[test]
fn odd_names_are_quoted_and_an_empty_project_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(init(folder.path(), &[]).0, Status::NoRun);
    let names = ["yes", "1: a", "it's \"so\"", " blank ", "#x", "a{b}", "Süd"];
    for name in names {
        let own = folder.path().join(name);
        fs::create_dir(&own).unwrap();
        fs::write(
            own.join("sfdx-project.json"),
            "{\"packageDirectories\": [{\"path\": \".\", \"default\": true}]}",
        )
        .unwrap();
        let grant = "<externalCredentialPrincipalAccesses><enabled>true</enabled><externalCredentialPrincipal>A-B</externalCredentialPrincipal></externalCredentialPrincipalAccesses>";
        fs::write(own.join("X: y.permissionset-meta.xml"), format!("<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">{grant}<label>X</label></PermissionSet>\n"))
            .unwrap();
    }
    let (status, said) = init(folder.path(), &[]);
    assert_eq!(status, Status::Clean, "{said}");
    let text = fs::read_to_string(folder.path().join("sfcred.yaml")).unwrap();
    assert_eq!(text.matches("metadata:").count(), names.len(), "{text}");
    assert!(text.contains("#  \"X: y\": { assigned_to:"), "{text}");
    findings(folder.path()).unwrap_or_else(|error| panic!("{error}: {text}"));
    fs::write(folder.path().join("sfcred.yaml"), filled_in(&text)).unwrap();
    findings(folder.path()).unwrap_or_else(|error| panic!("{error}: {}", filled_in(&text)));
}

#[test]
fn an_example_is_written_without_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let (status, text) = init(folder.path(), &["--example"]);
    assert_eq!(status, Status::Clean, "{text}");
    assert!(text.contains("2 orgs (hub, spoke)"), "{text}");
    let found = findings(folder.path()).unwrap();
    assert!(found.iter().all(|finding| finding.starts_with("note ")), "{found:?}");
    let (status, text) = init(folder.path(), &["--example"]);
    assert_eq!(status, Status::NoRun, "{text}");
}
