//! Several reports in one run, and when files are written.

use std::fs;

use super::{Project, Run};

const BAD: &str = "claim-missing/bad";

#[test]
fn one_run_writes_several_reports() {
    let project = Project::of(BAD);
    project
        .lint(&["-o", "text", "-o", "sarif=out.sarif", "-o", "gitlab=cq.json"])
        .ends(1, &["error[claim-missing]", "Checked 9 files"]);
    for (file, mark) in
        [("out.sarif", "\"version\": \"2.1.0\""), ("cq.json", "\"check_name\": \"claim-missing\"")]
    {
        assert!(fs::read_to_string(project.path().join(file)).unwrap().contains(mark), "{file}");
    }
    let mut names: Vec<_> =
        fs::read_dir(project.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("sfcred-")), "{names:?}");
}

#[test]
fn files_alone_leave_standard_output_empty() {
    let project = Project::of(BAD);
    let run = project.lint(&["-o", "json=a.json", "-o", "text=a.txt"]);
    run.ends(1, &[]);
    assert_eq!(run.out, "");
    assert!(fs::read_to_string(project.path().join("a.txt")).unwrap().contains("claim-missing"));
}

#[test]
fn an_output_that_cannot_be_created_is_reported_before_linting() {
    let project = Project::of(BAD);
    for (arguments, words) in [
        (vec!["-o", "json=none/out.json"], vec!["cannot write", "help:"]),
        (vec!["-o", "json=hub"], vec!["cannot write"]),
        (vec!["-o", "json=a", "-o", "sarif=./a"], vec!["two reports would be written to `./a`"]),
        (vec!["-o", "json", "-o", "text"], vec!["only one report can go to standard output"]),
        (vec!["-o", "json", "--format", "text"], vec!["cannot be used with"]),
        (vec!["-o", "yaml=a"], vec!["unknown format `yaml`", "sarif"]),
        (vec!["-o", "json="], vec!["has no file name"]),
        (vec!["--format", "yaml"], vec!["yaml"]),
    ] {
        let run: Run = project.lint(&arguments);
        run.ends(2, &words);
        assert_eq!(run.out, "", "{arguments:?}");
    }
    assert!(!project.path().join("a").exists());
}

#[test]
fn an_old_report_is_replaced_whole() {
    let project = Project::of(BAD);
    let file = project.write("out.txt", "x".repeat(100_000));
    project.lint(&["-o", "compact=out.txt"]).ends(1, &[]);
    let report = fs::read_to_string(file).unwrap();
    assert!(report.contains(" 1 fixable with `--fix --unsafe-fixes`.\n"));
    assert!(!report.contains("xxx"));
}

#[test]
fn every_format_has_its_name() {
    let project = Project::of(BAD);
    for name in [
        "text",
        "compact",
        "json",
        "jsonl",
        "sarif",
        "junit",
        "github",
        "gitlab",
        "checkstyle",
        "azure",
        "markdown",
        "csv",
    ] {
        project.lint(&["--format", name]).ends(1, &["claim-missing"]);
        project.run(&["lint", "--help"]).ends(0, &[name]);
    }
}

#[test]
fn the_job_summary_of_github_gets_the_report_for_people() {
    let project = Project::of(BAD);
    let file = project.write("summary.md", "before\n");
    let lint = ["lint", "--today", "2026-11-22", "--format", "github"];
    Run::of(project.command(&lint).env("GITHUB_STEP_SUMMARY", &file)).ends(1, &["::error file="]);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("before\n<!-- sfcred -->\n## sfcred: 1 error"), "{text}");
    Run::of(project.command(&lint).env("GITHUB_STEP_SUMMARY", project.path().join("none/x")))
        .ends(1, &["could not write"]);
    Run::of(project.command(&["lint"]).env("GITHUB_STEP_SUMMARY", &file)).ends(1, &[]);
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "only for the format `github`");
}

#[test]
fn statistics_replace_findings() {
    let project = Project::of(BAD);
    let run = project.lint(&["--statistics"]);
    run.ends(1, &["count", "    1  error    claim-missing      1", "Checked 9 files"]);
    assert!(!run.out.contains("this flow signs"));
    project
        .lint(&["--statistics", "--format", "json"])
        .ends(1, &["sfcred-statistics-1.json", "\"count\": 1"]);
    project.lint(&["--statistics", "-o", "text", "-o", "csv=a.csv"]).ends(1, &["count"]);
    assert!(fs::read_to_string(project.path().join("a.csv")).unwrap().contains("claim-missing"));
}

#[test]
fn hyperlinks_appear_on_terminals_and_on_request() {
    let project = Project::of(BAD);
    assert!(!project.lint(&[]).out.contains('\u{1b}'));
    let run = Run::of(project.command(&["lint"]).env("FORCE_HYPERLINK", "1"));
    run.ends(1, &["\u{1b}]8;;https://github.com/sfcred/sfcred/blob/main/rules/claim-missing.md\u{1b}\\claim-missing\u{1b}]8;;\u{1b}\\"]);
    run.ends(
        1,
        &["\u{1b}]8;;file:///", "Spoke_Org.externalCredential-meta.xml:8:25\u{1b}]8;;\u{1b}\\]"],
    );
    let linked =
        Run::of(project.command(&["lint", "-o", "text=a.txt"]).env("FORCE_HYPERLINK", "1"));
    assert!(
        linked.status == Some(1)
            && !fs::read_to_string(project.path().join("a.txt")).unwrap().contains('\u{1b}')
    );
}
