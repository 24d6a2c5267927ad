//! `sfcred init` in every project of `fixtures/`, and in real ones where a copy is at hand: what it writes changes nothing about what is
//! found, and each line that waits to be filled in is right as soon as it is no comment.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sfcred::cli::{self, Environment, Status};
use sfcred::pipeline::lint;
use sfcred::settings::Settings;
use sfcred::{check, discover};
use tempfile::TempDir;
use time::macros::date;

/// The projects: the folders `fixtures/<rule>/<case>/`.
fn projects() -> Vec<PathBuf> {
    let all: Vec<PathBuf> = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .iter()
        .flat_map(|rule| folders(rule))
        .collect();
    assert!(all.len() > 100, "only {} projects under fixtures", all.len());
    all
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    all
}

/// A copy, cut off from whatever lies above it.
fn copy_of(project: &Path) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_symlink() || path.file_name().is_some_and(|name| name == ".git") {
                continue;
            }
            if path.is_dir() {
                copy(&path, &target);
            } else {
                fs::copy(&path, target).unwrap();
            }
        }
    }
    let folder = tempfile::Builder::new().prefix("init").tempdir().unwrap();
    copy(project, &folder.path().join("project"));
    fs::create_dir(folder.path().join("project/.git")).unwrap();
    folder
}

fn init(folder: &Path, arguments: &[&str]) -> (Status, String) {
    let nothing = |_: &str| None;
    let environment = Environment {
        working_directory: folder.to_owned(),
        today: date!(2026 - 11 - 22),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        stdin_is_terminal: false,
        width: Some(80),
        lookup: &nothing,
        variables: &Vec::new,
        stdin: &|| Box::new(std::io::empty()),
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["sfcred", "init"].iter().chain(arguments).map(Into::into);
    let status = cli::run(words, &environment, &mut out, &mut err);
    (status, String::from_utf8([out, err].concat()).unwrap())
}

/// What is found: severity, rule, message and the file's name. A file that `init` wrote may stand where the project file stood.
fn findings(folder: &Path) -> Result<Vec<String>, String> {
    let mut settings = Settings::new(date!(2026 - 11 - 22), folder.to_owned());
    if let Some((name, text)) =
        discover::settings_file(folder).map_err(|error| error.to_string())?
    {
        let rules = check::rule_names();
        settings.read(&name, &text, &rules).map_err(|error| format!("{error}\n{text}"))?;
    }
    let report = lint(&[PathBuf::from(".")], &settings).map_err(|error| error.to_string())?;
    let mut found: Vec<String> = report
        .findings
        .iter()
        .map(|finding| format!("{} {}: {}", finding.severity, finding.rule, finding.message))
        .collect();
    found.sort();
    Ok(found)
}

/// Takes the comment away from lines that wait to be filled in: those without a blank after `#`, or with an indent there.
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

/// What is wrong with what `init` does to a project.
fn fault(project: &Path) -> Option<String> {
    let copy = copy_of(project);
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

fn stands(projects: &[PathBuf]) {
    let faults: Vec<String> = projects
        .par_iter()
        .filter_map(|project| fault(project).map(|fault| format!("{}: {fault}", project.display())))
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
    stands(&projects());
}

#[test]
fn real_projects_are_described_without_a_mistake() {
    let corpus = std::env::var_os("SFCRED_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    if corpus.is_dir() {
        stands(&folders(&corpus));
    } else {
        println!("the corpus is not there: set SFCRED_CORPUS to a folder of projects");
    }
}

#[test]
fn a_file_that_is_there_is_never_touched() {
    let copy = copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claim-missing/bad"));
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
fn settings_or_a_description_further_up_get_no_second_one() {
    let copy = copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claim-missing/bad"));
    let folder = copy.path().join("project");
    assert_eq!(init(&folder, &[]).0, Status::Clean);
    let inside = folders(&folder).into_iter().find(|path| !path.ends_with(".git")).unwrap();
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
    let copy = copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claim-missing/bad"));
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
fn odd_names_are_quoted_and_nothing_to_look_at_is_said() {
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
