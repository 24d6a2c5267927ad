//! `--fix`, `--unsafe-fixes` and `--diff`: what they write, what they leave unchanged, and what they print.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Project, Run, copy};

const XML: &str =
    "hub/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml";

fn text(project: &Project, name: &str) -> String {
    fs::read_to_string(project.path().join(name)).unwrap()
}

fn apply(patch: &str, folder: &Path) {
    let mut git = Command::new("git")
        .args(["apply", "-"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
    let output = git.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{patch}", String::from_utf8_lossy(&output.stderr));
}

impl Project {
    /// The project of a fixture, in a git repository.
    fn in_git(name: &str) -> Project {
        let project = Project::of(name);
        fs::remove_dir(project.path().join(".git")).unwrap();
        assert!(
            Command::new("git")
                .args(["init", "-q"])
                .current_dir(project.path())
                .status()
                .unwrap()
                .success()
        );
        project
    }

    fn lint_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(&[&["lint", "--today", "2026-11-22"], arguments].concat());
        Run::of(command.current_dir(self.path().join(folder)))
    }
}

#[test]
fn fixes_are_counted_and_the_status_reflects_the_remaining_findings() {
    let project = Project::of("audience-trailing-slash/bad");
    copy(&Project::of("claim-missing/bad").path().join("hub"), &project.path().join("other"));
    let run = project.lint(&["--fix"]);
    run.ends(
        1,
        &[
            "error[claim-missing]",
            "Fixed 1 finding in 1 file: 1 audience-trailing-slash",
            "1 fixable with `--fix --unsafe-fixes`.",
        ],
    );
    assert!(!run.out.contains("audience-trailing-slash"), "{run:#?}");
    assert_eq!(text(&project, XML), text(&Project::of("audience-trailing-slash/good"), XML));
    project.lint(&["--fix", "--quiet"]).ends(1, &["1 error"]);
    let run = project.lint(&["--fix", "--unsafe-fixes", "--format", "json"]);
    let json: Value =
        serde_json::from_str(&run.ends(0, &["Fixed 1 finding in 1 file: 1 claim-missing"]).out)
            .unwrap();
    assert_eq!((&json["summary"]["fixed"], &json["summary"]["errors"]), (&1.into(), &0.into()));
    project
        .lint(&["--fix", "--unsafe-fixes"])
        .ends(0, &["All checks passed!", "Nothing was fixed"]);
}

#[test]
fn contradictory_fix_options_are_usage_errors() {
    let project = Project::of("claim-missing/bad");
    for arguments in [
        &["--unsafe-fixes"][..],
        &["--fix", "--diff"],
        &["--fix", "--write-baseline", "x"],
        &["--baseline", "x", "--write-baseline", "x"],
    ] {
        project.lint(arguments).ends(2, &["Usage: sfcred lint"]);
    }
}

#[test]
fn what_is_allowed_or_old_is_not_fixed() {
    let project = Project::of("audience-trailing-slash/bad");
    let before = text(&project, XML);
    project.lint(&["--write-baseline", "old.json"]).ends(0, &[]);
    project.lint(&["--fix", "--baseline", "old.json"]).ends(0, &["Nothing was fixed"]);
    project
        .write("sfcred.toml", "[[allow]]\nrule = \"audience-*\"\npath = \"**\"\nreason = \"x\"\n");
    project.lint(&["--fix"]).ends(0, &["Nothing was fixed"]);
    assert_eq!(text(&project, XML), before);
}

#[test]
fn an_allow_that_covers_nothing_is_taken_out_of_settings_with_a_byte_order_mark() {
    let project = Project::of("unused-allow/bad");
    let before = text(&project, "sfcred.toml");
    project
        .write("sfcred.toml", [b"\xEF\xBB\xBF", before.replace('\n', "\r\n").as_bytes()].concat());
    project.lint(&["--fix"]).ends(0, &["Fixed 1 finding in 1 file: 1 unused-allow"]);
    assert_eq!(
        fs::read(project.path().join("sfcred.toml")).unwrap(),
        b"\xEF\xBB\xBFfail-on = \"error\"\r\n\r\n"
    );
}

#[test]
fn a_file_outside_the_project_is_reported_and_left_alone() {
    let project = Project::of("audience-trailing-slash/bad-yaml-only");
    project.write("hub/Maps.remoteSite-meta.xml", "<RemoteSiteSetting xmlns=\"http://soap.sforce.com/2006/04/metadata\"><url>https://a.example</url></RemoteSiteSetting>");
    let before = text(&project, "sfcred.yaml");
    project.lint(&["hub", "--fix"]).ends(0, &["Not fixed: audience-trailing-slash in sfcred.yaml, line 16: it is outside of the given paths"]);
    assert_eq!(text(&project, "sfcred.yaml"), before);
    project.lint(&["--fix"]).ends(0, &["Fixed 1 finding"]);
}

#[cfg(unix)]
#[test]
fn read_only_and_hard_linked_files_are_reported_and_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::of("audience-trailing-slash/bad");
    let (path, before) = (project.path().join(XML), text(&project, XML));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    project.lint(&["--fix"]).ends(
        0,
        &["Not fixed: audience-trailing-slash in hub/", "it is read-only", "Nothing was fixed"],
    );
    project.lint(&["--diff"]).ends(0, &["it is read-only", "Nothing to fix"]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    fs::hard_link(&path, project.path().join("other-name")).unwrap();
    project.lint(&["--fix"]).ends(0, &["it has hard links"]);
    assert_eq!(text(&project, XML), before);
    fs::remove_file(project.path().join("other-name")).unwrap();
    project.lint(&["--fix"]).ends(0, &["Fixed 1 finding"]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let folder: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(folder.len(), 1, "{folder:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_two_paths_lead_to_is_written_once_and_a_link_stays_a_link() {
    let project = Project::of("audience-trailing-slash/bad");
    std::os::unix::fs::symlink("hub", project.path().join("link")).unwrap();
    project.lint(&["hub", "link", "--fix"]).ends(0, &["All checks passed!"]);
    assert_eq!(text(&project, XML), text(&Project::of("audience-trailing-slash/good"), XML));
    let project = Project::of("audience-trailing-slash/bad");
    let link = project.path().join("Spoke_Org.externalCredential-meta.xml");
    std::os::unix::fs::symlink(XML, &link).unwrap();
    project.lint(&["Spoke_Org.externalCredential-meta.xml", "--fix"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(text(&project, XML), text(&Project::of("audience-trailing-slash/good"), XML));
}

#[test]
fn a_file_in_a_zip_is_reported_and_left_alone() {
    let project = Project::new();
    let inside = Project::of("audience-trailing-slash/bad");
    let mut zip = zip::ZipWriter::new(fs::File::create(project.path().join("hub.zip")).unwrap());
    zip.start_file(
        "externalCredentials/Spoke_Org.externalCredential",
        zip::write::SimpleFileOptions::default(),
    )
    .unwrap();
    zip.write_all(text(&inside, XML).as_bytes()).unwrap();
    zip.finish().unwrap();
    let before = fs::read(project.path().join("hub.zip")).unwrap();
    project.lint(&["hub.zip", "--fix"]).ends(
        0,
        &["Not fixed: audience-trailing-slash in hub.zip/", "it is in a zip", "Nothing was fixed"],
    );
    assert_eq!(fs::read(project.path().join("hub.zip")).unwrap(), before);
}

#[test]
fn a_patch_applies_in_the_folder_where_it_was_created() {
    for (folder, paths) in [("", &[][..]), ("hub", &["."]), ("hub/force-app/main", &[])] {
        let project = Project::in_git("audience-trailing-slash/bad");
        let before = text(&project, XML);
        let run = project.lint_in(folder, &[&["--diff"], paths].concat());
        run.ends(1, &["Would fix 1 finding in 1 file: 1 audience-trailing-slash"]);
        assert_eq!(text(&project, XML), before);
        apply(&run.out, &project.path().join(folder));
        assert_eq!(text(&project, XML), text(&Project::of("audience-trailing-slash/good"), XML));
        assert_eq!(project.lint_in(folder, &["--diff"]).ends(0, &["Nothing to fix"]).out, "");
    }
    let project = Project::in_git("audience-trailing-slash/bad");
    fs::create_dir(project.path().join("elsewhere")).unwrap();
    let run = project.lint_in("elsewhere", &["--diff", ".."]);
    assert_eq!(run.ends(1, &["Not in the patch: ../hub/", "outside of this folder"]).out, "");
}

#[test]
fn a_patch_names_files_as_git_does() {
    for name in ["a b", "ä", "a\"b\\c", "a\tb"] {
        let project = Project::in_git("audience-trailing-slash/bad");
        fs::rename(project.path().join("hub"), project.path().join(name)).unwrap();
        let run = project.lint(&["--diff"]);
        apply(&run.ends(1, &[]).out, project.path());
        project.lint(&["--diff"]).ends(0, &[]);
    }
}

#[test]
fn a_patch_leaves_out_what_it_cannot_hold() {
    let project = Project::of("audience-trailing-slash/bad");
    let plain = text(&project, XML);
    project.write(
        XML,
        [0xFEFF]
            .into_iter()
            .chain(plain.replace("UTF-8", "UTF-16").encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
    );
    assert_eq!(project.lint(&["--diff"]).ends(1, &["Not in the patch: hub/", "UTF-16"]).out, "");
    project.lint(&["--fix"]).ends(0, &["Fixed 1 finding"]);
}

#[test]
fn no_patch_shows_a_secret() {
    let secret = format!("00D5g000004XyZa!AQEAQ{}", "MARKMARKMARKMARKMARKMARK");
    let line = "    <parameterValue>&quot;https://test.salesforce.com/&quot;</parameterValue>";
    let project = Project::in_git("audience-trailing-slash/bad");
    let before = text(&project, XML);
    assert!(before.contains(line), "{before}");
    project.write(XML, before.replace(line, &format!("    <!-- {secret} -->\n{line}")));
    let run = project.lint(&["--diff"]);
    assert!(
        run.out.contains("@@") && !run.out.contains("MARK") && !run.err.contains("MARK"),
        "{run:#?}"
    );
    apply(&run.out, project.path());
    assert!(!text(&project, XML).contains("salesforce.com/&quot;"));
    for (old, new) in [
        (line.to_owned(), format!("{line} <!-- {secret} -->")),
        (format!("{line}\n"), format!("{line}\n<!-- {secret} -->\n")),
    ] {
        project.write(XML, before.replace(&old, &new));
        let run = project.lint(&["--diff"]);
        assert!(
            run.ends(1, &["Not in the patch: hub/", "a value that is not shown"]).out.is_empty()
                && !run.err.contains("MARK"),
            "{run:#?}"
        );
    }
}

#[test]
fn patches_are_colored_only_on_terminals() {
    let project = Project::of("audience-trailing-slash/bad");
    assert!(!project.lint(&["--diff"]).out.contains('\u{1b}'));
    assert!(project.lint(&["--diff", "--color", "always"]).out.contains("\u{1b}[32m+"));
}

#[test]
fn the_help_has_examples() {
    let run = Project::new().run(&["lint", "--help"]);
    run.ends(
        0,
        &["sfcred lint --diff | git apply", "--write-baseline sfcred-baseline.json", "never-allow"],
    );
    assert!(run.out.lines().all(|line| line.chars().count() <= 80), "{}", run.out);
}
