//! Ignore files hide nothing that git tracks, and nothing without saying so.

use std::fs;

use super::{Project, Run, git};
use crate::common::{new_folder, write_below};

const FAULTY: &str = "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>";
const HIDDEN: &str = "hub/force-app/Hidden.externalCredential-meta.xml";

fn key() -> String {
    format!("force://PlatformCLI::{}@acme.my.salesforce.com\n", "5Aep861GqXkPwZnRt0bYcJ9dLmS2")
}

/// A repository with these patterns in its `.gitignore`.
fn repository(patterns: &str) -> Project {
    let project = Project::new();
    fs::remove_dir(project.path().join(".git")).unwrap();
    git(project.path(), &["init", "--quiet"]);
    project.write(".gitignore", patterns);
    project.write(HIDDEN, FAULTY);
    project.write("hub/server.key", key());
    project
}

fn finds(run: &Run, name: &str) -> bool {
    run.out.contains(name)
}

#[test]
fn what_git_tracks_is_read_although_an_ignore_file_matches_it() {
    for patterns in [
        "*.externalCredential-meta.xml\n*.key\n",
        "hub/\n",
        "*\n",
        "/hub/**\n",
        "force-app\n*.key\n",
    ] {
        let project = repository(patterns);
        let run = project.lint(&[]);
        assert!(
            !finds(&run, "Hidden.") && !finds(&run, "server.key"),
            "{patterns}: {}",
            run.shortened()
        );
        git(project.path(), &["add", "--force", "hub"]);
        for version in ["2", "3", "4"] {
            git(project.path(), &["update-index", "--index-version", version]);
            for paths in [&[][..], &["hub", "beside"]] {
                let run = project.lint(paths);
                assert!(
                    finds(&run, "Hidden.") && finds(&run, "server.key"),
                    "{patterns}: {}",
                    run.shortened()
                );
            }
        }
        git(project.path(), &["rm", "--quiet", "--cached", "hub/server.key"]);
        let run = project.lint(&[]);
        assert!(finds(&run, "Hidden.") && !finds(&run, "server.key"), "{}", run.shortened());
    }
}

#[test]
fn the_exclude_file_of_the_clone_hides_nothing_that_is_tracked() {
    let project = repository("");
    project.write(".git/info/exclude", "hub/\n");
    let run = project.lint(&["--show-files"]);
    assert!(finds(&run, "hub/  (in .gitignore)") && !finds(&run, "Hidden."), "{}", run.shortened());
    git(project.path(), &["add", "--force", "hub"]);
    assert!(finds(&project.lint(&[]), "Hidden."));
}

#[test]
fn without_an_index_package_directories_are_read() {
    for patterns in ["hub/\n", "force-app/\n", "*.externalCredential-meta.xml\n*.key\n", "*\n"] {
        let project = Project::new();
        project.write(".gitignore", patterns);
        project.write(
            "sfdx-project.json",
            "{ \"packageDirectories\": [{ \"path\": \"hub/force-app\" }] }",
        );
        project.write(HIDDEN, FAULTY);
        project.write("hub/force-app/server.key", key());
        project.write("hub/Elsewhere.externalCredential-meta.xml", FAULTY);
        let run = project.lint(&[]);
        assert!(
            finds(&run, "Hidden.") && finds(&run, "server.key"),
            "{patterns}: {}",
            run.shortened()
        );
        let is_hidden = patterns != "force-app/\n";
        assert_eq!(!finds(&run, "Elsewhere."), is_hidden, "{patterns}: {}", run.shortened());
    }
}

#[test]
fn ignore_files_above_the_repository_or_the_given_path_have_no_effect() {
    let above = new_folder();
    fs::remove_dir(above.path().join(".git")).unwrap();
    write_below(above.path(), ".gitignore", "*\n");
    for git_folder in [true, false] {
        let folder = above.path().join(format!("repository-{git_folder}"));
        write_below(&folder, "hub/Hidden.externalCredential-meta.xml", FAULTY);
        if git_folder {
            fs::create_dir(folder.join(".git")).unwrap();
        }
        let run = super::run(&folder, &["lint".into()], super::USUAL);
        assert!(finds(&run, "Hidden."), "{}", run.shortened());
        // Its own still has.
        write_below(&folder, ".gitignore", "hub/\n");
        write_below(&folder, "Kept.externalCredential-meta.xml", FAULTY);
        let run = super::run(&folder, &["lint".into()], super::USUAL);
        assert!(!finds(&run, "Hidden.") && finds(&run, "Kept."), "{}", run.shortened());
    }
}

#[test]
fn patterns_of_the_repository_apply_to_a_given_folder_and_stop_at_a_nested_repository() {
    let project = Project::new();
    project.write(".gitignore", "Hidden.*\n");
    project.write(HIDDEN, FAULTY);
    project.write("hub/Seen.externalCredential-meta.xml", FAULTY);
    project.write("hub/nested/.git/HEAD", "");
    project.write("hub/nested/Hidden.externalCredential-meta.xml", FAULTY);
    let run = project.lint(&["hub"]);
    assert!(finds(&run, "Seen.") && finds(&run, "nested/Hidden."), "{}", run.shortened());
    assert!(!finds(&run, "force-app/Hidden."), "{}", run.shortened());
}

#[test]
fn what_is_left_out_is_counted_and_listed() {
    let project = repository("ignored/\n*.key\n.sfdx/\nnode_modules/\n*.log\n");
    project.write("ignored/A.externalCredential-meta.xml", FAULTY);
    project.write(".sfdx/a.json", "{}");
    project.write("node_modules/a/a.js", "");
    project.write("x.log", "");
    project.lint(&[]).ends(
        1,
        &["Not checked: 1 file and 1 folder that `.gitignore` excludes", "`-v` lists them"],
    );
    project.lint(&["-v"]).ends(1, &["ignored: hub/server.key", "ignored: ignored/"]);
    project.lint(&["--show-files"]).ends(0, &["hub/server.key (in .gitignore)"]);
    project
        .lint(&["--show-files", "--format", "json"])
        .ends(0, &["\"ignored\": [", "\"ignored/\""]);
    git(project.path(), &["add", "--force", "hub", "ignored"]);
    let run = project.lint(&[]);
    assert!(finds(&run, "A.externalCredential-meta.xml"), "{}", run.shortened());
}

#[test]
fn a_damaged_index_hides_nothing_more() {
    let project = repository("hub/\n");
    git(project.path(), &["add", "--force", "hub"]);
    project.write(
        "sfdx-project.json",
        "{ \"packageDirectories\": [{ \"path\": \"hub/force-app\" }] }",
    );
    for bytes in [&b"DIRC"[..], b"", b"DIRC\0\0\0\x02\xFF\xFF\xFF\xFFxxxxxxxxxxxxxx"] {
        project.write(".git/index", bytes);
        let run = project.lint(&[]);
        assert!(finds(&run, "Hidden."), "{}", run.shortened());
    }
}
