//! The style of a report: color, symbols, width, and what is omitted.

use super::{Project, Run};

#[test]
fn color_is_off_without_a_terminal_or_on_request() {
    let project = Project::of("claim-missing/bad");
    for run in [
        project.lint(&[]),
        project.lint(&["--color", "never"]),
        Run::of(project.command(&["lint", "--color", "never"]).env("CLICOLOR_FORCE", "1")),
    ] {
        assert!(!run.out.contains('\u{1b}'), "{}", run.out);
    }
    for run in [
        project.lint(&["--color", "always"]),
        Run::of(project.command(&["lint"]).env("CLICOLOR_FORCE", "1")),
    ] {
        assert!(run.out.contains("\u{1b}["), "{}", run.out);
    }
}

#[test]
fn color_changes_nothing_but_color() {
    let project = Project::of("certificate-mismatch/bad");
    let plain = regex::Regex::new("\u{1b}\\[[0-9;]*m")
        .unwrap()
        .replace_all(&project.lint(&["--color", "always"]).out, "")
        .into_owned();
    assert_eq!(plain, project.lint(&[]).out);
}

#[test]
fn a_locale_without_unicode_gets_ascii() {
    for name in ["claim-missing/bad", "certificate-mismatch/bad", "issuer-malformed/bad"] {
        let run =
            Run::of(Project::of(name).command(&["lint", "--today", "2026-11-22"]).env("LANG", "C"));
        assert!(run.out.is_ascii(), "{}", run.out);
        run.ends(1, &["error["]);
    }
    let run = Run::of(Project::new().command(&["explain", "claim-missing"]).env("LANG", "C"));
    assert!(run.out.is_ascii(), "{}", run.out);
}

#[test]
fn a_narrow_terminal_is_respected() {
    let run = Run::of(
        Project::of("claim-missing/bad")
            .command(&["lint", "--today", "2026-11-22"])
            .env("COLUMNS", "64"),
    );
    for line in run.out.lines().filter(|line| !line.contains("─[")) {
        assert!(line.chars().count() <= 64, "{line}");
    }
}

#[test]
fn quiet_shows_errors_and_nothing_else() {
    let run = Project::of("app-approves-nobody/bad").lint(&["--quiet"]);
    assert_eq!(run.ends(0, &[]).out, "");
    Project::of("claim-missing/bad").lint(&["-q"]).ends(1, &["error[claim-missing]", "1 error"]);
}

#[test]
fn the_help_of_a_rule_is_shown_once() {
    let project = Project::of("claim-missing/bad");
    let folder = project.path().join("hub/force-app/main/default/externalCredentials");
    std::fs::copy(
        folder.join("Spoke_Org.externalCredential-meta.xml"),
        folder.join("Other_Org.externalCredential-meta.xml"),
    )
    .unwrap();
    let run = project.lint(&[]);
    assert!(run.out.matches("error[claim-missing]").count() > 1, "{}", run.out);
    assert_eq!(run.out.matches("sfcred explain claim-missing").count(), 1, "{}", run.out);
    assert!(!run.out.contains("\n\n\n"), "{}", run.out);
}

#[test]
fn threads_change_nothing() {
    let project = Project::of("certificate-mismatch/bad");
    assert_eq!(project.lint(&["--threads", "1"]).out, project.lint(&["--threads", "8"]).out);
}
