//! `--since` in repositories of strangers: nothing that they contain is run or fetched, and another repository is not used.
//! Ordinary repositories of every form work.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Run, USUAL, git, run};
use crate::common::{cases::case, new_folder, write_below};

const CREDENTIAL: &str =
    "hub/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml";
const CLASS: &str = "hub/force-app/main/default/classes/SpokeLimits.cls";

/// A repository with one commit on `main` and a fault in the credential that was there before.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        Place::with(&[])
    }

    fn with(options: &[&str]) -> Place {
        let place = Place { folder: new_folder() };
        fs::remove_dir(place.folder.path().join(".git")).unwrap();
        let top = place.top();
        fs::create_dir(&top).unwrap();
        case("setups/connected-app").write_to(&top);
        let text = fs::read_to_string(top.join(CREDENTIAL)).unwrap();
        let user = "<parameterValue>integration@billing.example.uat</parameterValue>";
        assert!(text.contains(user));
        let wrong = text.replace(user, "<parameterValue>005000000000001AAA</parameterValue>");
        fs::write(top.join(CREDENTIAL), wrong).unwrap();
        git(&top, &[&["init", "--quiet", "--initial-branch", "main"], options].concat());
        commit(&top);
        place
    }

    fn top(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// A program that leaves a mark if it is run.
    fn program(&self) -> String {
        let mark = self.folder.path().join("mark");
        let path = self.folder.path().join("program");
        fs::write(&path, format!("#!/bin/sh\ntouch {}\ncat\n", mark.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn was_run(&self) -> bool {
        self.folder.path().join("mark").exists()
    }

    fn touch(&self) {
        edit(&self.top(), CREDENTIAL);
    }
}

fn commit(folder: &Path) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "x"]);
}

fn edit(folder: &Path, name: &str) {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    fs::write(folder.join(name), format!("{text}\n<!-- edited -->\n")).unwrap();
}

fn lint(folder: &Path, arguments: &[&str]) -> Run {
    let arguments: Vec<_> =
        [&["lint", "--today", "2026-11-22"], arguments].concat().iter().map(Into::into).collect();
    run(folder, &arguments, USUAL)
}

fn shows(folder: &Path, arguments: &[&str]) -> Run {
    lint(folder, arguments).ends(1, &["error["])
}

fn hides(folder: &Path, arguments: &[&str]) -> Run {
    lint(folder, arguments).ends(0, &["hidden by --since"])
}

#[test]
fn no_program_of_the_repository_is_run() {
    let place = Place::new();
    let (top, program) = (place.top(), place.program());
    git(&top, &["checkout", "--quiet", "-b", "work"]);
    place.touch();
    for setting in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "merge.x.driver",
        "credential.helper",
        "gpg.program",
        "pager.rev-parse",
        "pager.ls-tree",
        "uploadpack.packObjectsHook",
        "remote.origin.uploadpack",
    ] {
        git(&top, &["config", setting, &program]);
    }
    for alias in ["rev-parse", "merge-base", "ls-tree", "cat-file", "diff"] {
        git(&top, &["config", &format!("alias.{alias}"), &format!("!{program}")]);
    }
    git(&top, &["config", "filter.x.required", "true"]);
    git(&top, &["config", "core.hooksPath", place.folder.path().to_str().unwrap()]);
    write_below(&top, ".git/info/attributes", "* filter=x diff=x merge=x\n");
    write_below(&top, ".gitattributes", "* filter=x diff=x merge=x\n");
    for hook in ["post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-commit"] {
        fs::copy(&program, top.join(".git/hooks").join(hook)).unwrap();
    }
    write_below(&top, "new.txt", "new");
    shows(&top, &["--since", "main"]);
    shows(&top, &["--since", "HEAD"]);
    assert!(!place.was_run());
    // The same settings do run the program if git uses them.
    let status = Command::new("git").current_dir(&top).args(["status"]).output().unwrap();
    assert!(place.was_run(), "{status:?}");
}

#[test]
fn nothing_is_fetched() {
    let place = Place::new();
    let (top, program) = (place.top(), place.program());
    git(&top, &["config", "uploadpack.allowFilter", "true"]);
    place.touch();
    edit(&top, CLASS);
    commit(&top);
    let url = format!("file://{}", top.display());
    let clone = place.folder.path().join("clone");
    git(place.folder.path(), &["clone", "--quiet", "--filter=blob:none", &url, "clone"]);
    for (setting, value) in [
        ("remote.origin.uploadpack", program.as_str()),
        ("core.sshCommand", &program),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
    ] {
        git(&clone, &["config", setting, value]);
    }
    let urls = [format!("ext::{program}"), "ssh://a.example/x".into(), url];
    for url in urls {
        git(&clone, &["config", "remote.origin.url", &url]);
        lint(&clone, &["--since", "HEAD~1"]).ends(2, &["partial clone", "--filter"]);
        assert!(!place.was_run());
        hides(&clone, &["--since", "HEAD"]);
    }
}

#[test]
fn an_embedded_bare_repository_is_only_files() {
    let place = Place::new();
    let (top, program) = (place.top(), place.program());
    let bare = top.join("hub/force-app");
    git(&bare, &["init", "--quiet", "--bare", "."]);
    for setting in ["core.fsmonitor", "filter.x.clean", "core.sshCommand"] {
        git(&top, &["config", "--file", "hub/force-app/config", setting, &program]);
    }
    git(&top, &["config", "--file", "hub/force-app/config", "core.worktree", ".."]);
    commit(&top);
    git(&top, &["checkout", "--quiet", "-b", "work"]);
    place.touch();
    for paths in [&["hub"][..], &["hub/force-app"], &["hub/force-app/main", "spoke"]] {
        shows(&top, &[&["--since", "main"], paths].concat());
        shows(&bare, &["--since", "main", "main"]);
        shows(&bare, &["--since", "main"]);
    }
    assert!(!place.was_run());
}

#[test]
fn a_git_file_cannot_lead_to_another_repository() {
    let place = Place::new();
    let other = Place::new();
    let (top, program) = (place.top(), other.program());
    git(&other.top(), &["config", "core.fsmonitor", &program]);
    fs::remove_dir_all(top.join(".git")).unwrap();
    let target = other.top().join(".git");
    for text in [
        format!("gitdir: {}\n", target.display()),
        "gitdir: /proc/self/cwd\n".to_owned(),
        "gitdir: /dev/zero\n".to_owned(),
        format!("gitdir: {}", "a".repeat(1 << 20)),
        "\0\0\0".to_owned(),
    ] {
        fs::write(top.join(".git"), text).unwrap();
        let run = lint(&top, &["--since", "main"]).ends(2, &["cannot use the repository"]);
        assert!(!run.err.contains("aaaa"), "{}", run.shortened());
        lint(&top, &[]).ends(1, &["error["]);
    }
    fs::remove_file(top.join(".git")).unwrap();
    symlink(&target, top.join(".git")).unwrap();
    lint(&top, &["--since", "main"]).ends(2, &["leads to another repository", "--allow-outside"]);
    fs::remove_file(top.join(".git")).unwrap();
    // A folder that claims to be a linked working tree of the other repository.
    fs::create_dir(top.join(".git")).unwrap();
    fs::write(top.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(top.join(".git/commondir"), target.to_str().unwrap()).unwrap();
    lint(&top, &["--since", "main"]).ends(2, &["leads to another repository"]);
    assert!(!other.was_run());
}

#[test]
fn damaged_repositories_are_errors() {
    let place = Place::new();
    let top = place.top();
    let replaced = |name: &str, bytes: &[u8], words: &[&str]| {
        let path = top.join(".git").join(name);
        let old = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        lint(&top, &["--since", "main"]).ends(2, words);
        lint(&top, &[]).ends(1, &["error["]);
        fs::write(&path, old).unwrap();
    };
    replaced("index", b"DIRC\0\0\0\x02\xFF\xFF\xFF\xFF", &["index is damaged"]);
    replaced("index", b"DIRC\0\0\0\x09\0\0\0\0", &["unsupported version"]);
    replaced("HEAD", b"\x1b[31m::error::", &["unknown commit"]);
    replaced("refs/heads/main", b"root:x:0:0\n", &["unknown commit"]);
    git(&top, &["update-index", "--split-index"]);
    lint(&top, &["--since", "main"]).ends(2, &["--no-split-index"]);
}

#[test]
fn linked_working_trees_and_submodules_are_ordinary() {
    let place = Place::new();
    let top = place.top();
    git(&top, &["worktree", "add", "--quiet", "-b", "work", "../tree"]);
    let tree = place.folder.path().join("tree");
    hides(&tree, &["--since", "main"]);
    edit(&tree, CREDENTIAL);
    shows(&tree, &["--since", "main"]);
    shows(&tree, &["--since", "main", "hub", "spoke"]);
    hides(&top, &["--since", "main"]);
    commit(&tree);
    shows(&tree, &["--since", "main"]);
    hides(&tree, &["--since", "HEAD"]);

    let outer = place.folder.path().join("outer");
    fs::create_dir(&outer).unwrap();
    git(&outer, &["init", "--quiet", "--initial-branch", "main"]);
    git(&outer, &["submodule", "--quiet", "add", top.to_str().unwrap(), "orgs"]);
    commit(&outer);
    hides(&outer, &["--since", "main"]);
    let inner = outer.join("orgs");
    hides(&inner, &["--since", "main"]);
    edit(&inner, CREDENTIAL);
    shows(&outer, &["--since", "main"]);
    shows(&inner, &["--since", "main"]);
    commit(&inner);
    shows(&outer, &["--since", "main"]);
    hides(&inner, &["--since", "HEAD"]);
}

#[test]
fn every_form_of_a_repository_is_read() {
    for options in [&["--object-format", "sha256"][..], &["--ref-format", "reftable"], &[]] {
        let folder = new_folder();
        let mut init = Command::new("git");
        // An old git does not know every form.
        if !init.arg("init").args(options).arg(folder.path()).output().unwrap().status.success() {
            println!("this git does not support {options:?}");
            continue;
        }
        let place = Place::with(options);
        let top = place.top();
        if options.is_empty() {
            git(&top, &["gc", "--quiet"]);
            git(&top, &["tag", "--annotate", "--message", "x", "v1"]);
            git(&top, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
            git(&top, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
            for reference in ["v1", "origin/main", "origin/HEAD", "origin", "main~0", "HEAD^0"] {
                hides(&top, &["--since", reference]);
            }
        }
        for version in ["2", "3", "4"] {
            git(&top, &["update-index", "--index-version", version]);
            hides(&top, &["--since", "main"]);
        }
        git(&top, &["checkout", "--quiet", "-b", "work"]);
        place.touch();
        shows(&top, &["--since", "main"]);
        commit(&top);
        shows(&top, &["--since", "main"]);
        git(&top, &["checkout", "--quiet", "--detach"]);
        shows(&top, &["--since", "main"]);
    }
}

#[test]
fn a_copy_and_other_line_endings_are_not_changes() {
    let place = Place::new();
    let copy = place.folder.path().join("copy");
    let status = Command::new("cp").arg("-r").arg(place.top()).arg(&copy).status().unwrap();
    assert!(status.success());
    hides(&copy, &["--since", "main"]);
    let text = fs::read_to_string(copy.join(CREDENTIAL)).unwrap();
    fs::write(copy.join(CREDENTIAL), text.replace('\n', "\r\n")).unwrap();
    hides(&copy, &["--since", "main"]);
    edit(&copy, CREDENTIAL);
    shows(&copy, &["--since", "main"]);
}

#[test]
fn moved_deleted_and_sparse_files_are_seen() {
    let place = Place::new();
    let top = place.top();
    git(&top, &["checkout", "--quiet", "-b", "work"]);
    fs::create_dir(top.join("hub/force-app/moved")).unwrap();
    git(&top, &["mv", CREDENTIAL, "hub/force-app/moved"]);
    shows(&top, &["--since", "main"]);
    commit(&top);
    shows(&top, &["--since", "main"]);
    git(&top, &["checkout", "--quiet", "main"]);
    git(&top, &["rm", "--quiet", "--cached", CREDENTIAL]);
    shows(&top, &["--since", "main"]);
    git(&top, &["reset", "--quiet"]);
    git(&top, &["sparse-checkout", "set", "hub", "--sparse-index"]);
    let run = lint(&top, &["--since", "main"]);
    assert_eq!(run.status, Some(0), "{}", run.shortened());
}
