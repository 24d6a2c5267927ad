//! Exit codes: 0 no findings, 1 findings, 2 could not run. Invalid input is always reported.

use std::fs;

use super::{Project, Run};

const APP: &str = "spoke/force-app/main/default/connectedApps/Hub_Org.connectedApp-meta.xml";

#[test]
fn a_correct_setup_is_clean_and_the_last_line_counts_what_was_checked() {
    let run = Project::of("setups/connected-app").lint(&[]);
    run.ends(
        0,
        &["All checks passed! Checked ", " components, 1 connection in 2 orgs (hub, spoke)."],
    );
    assert!(run.err.is_empty(), "{run:#?}");
}

#[test]
fn an_error_ends_with_1_and_names_rule_cause_and_help() {
    Project::of("claim-missing/bad").lint(&[]).ends(
        1,
        &[
            "error[claim-missing]: the JWT",
            "Salesforce says: ",
            "help: ",
            "more: sfcred explain claim-missing",
            "1 error",
        ],
    );
}

#[test]
fn a_warning_fails_only_if_the_settings_say_so() {
    let project = Project::of("app-approves-nobody/bad");
    project.lint(&[]).ends(0, &["warning[app-approves-nobody]"]);
    project.write("sfcred.toml", "fail-on = \"warning\"\n");
    project.lint(&[]).ends(1, &["warning[app-approves-nobody]"]);
    let other = project.write("other.toml", "[rules]\napp-approves-nobody = \"off\"\n");
    let off = "Not checked: 1 rule that the settings turn off.";
    project.lint(&["--config", other.to_str().unwrap()]).ends(0, &["All checks passed!", off]);
}

#[test]
fn nothing_to_lint_is_an_error_that_names_what_is_looked_for() {
    let project = Project::new();
    project.write("notes.txt", "nothing");
    let run = project.lint(&[]);
    run.ends(2, &["nothing to lint", "externalCredential-meta.xml", "sfcred.yaml"]);
    assert!(run.out.is_empty(), "{run:#?}");
}

#[test]
fn apex_alone_is_linted_if_a_rule_checks_it() {
    let project = Project::new();
    project.write("A.cls", "class A { Integer one = 1; }");
    project.lint(&[]).ends(2, &["nothing to lint"]);
    project
        .write("B.cls", "class B { String API_KEY = '1pKfF9n1vGISRv0gu4mzMaHpulLCD0HfErxakiZl'; }");
    project.lint(&[]).ends(1, &["error[secret-in-source]"]);
}

#[test]
fn a_path_that_does_not_exist_is_an_error_that_names_it() {
    Project::of("claim-missing/bad").lint(&["hub", "spok"]).ends(2, &["`spok` does not exist"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_an_error_that_names_it() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::of("claim-missing/bad");
    let folder = project.path().join("closed");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
    let root_reads_everything = fs::read_dir(&folder).is_ok();
    let run = project.lint(&[]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    if !root_reads_everything {
        run.ends(2, &["cannot read", "closed"]);
    }
}

#[test]
fn malformed_xml_is_a_finding_and_everything_else_is_still_linted() {
    let project = Project::of("claim-missing/bad");
    project.write(
        "force-app/Broken.connectedApp-meta.xml",
        "<?xml version=\"1.0\"?>\n<ConnectedApp><label>x</ConnectedApp>\n",
    );
    project.lint(&[]).ends(
        1,
        &[
            "error[unreadable-file]",
            "Broken.connectedApp-meta.xml:2:",
            "error[claim-missing]",
            "2 errors",
        ],
    );
}

#[test]
fn a_document_type_declaration_is_a_finding() {
    Project::of("unreadable-file/bad-doctype")
        .lint(&[])
        .ends(1, &["error[unreadable-file]", "DOCTYPE"]);
}

#[test]
fn bytes_that_are_not_text_are_a_finding() {
    let project = Project::of("setups/connected-app");
    project.write(APP, b"\xFF\xFE\x00");
    project.lint(&[]).ends(1, &["error[unreadable-file]", "(unreadable file)"]);
}

#[test]
fn a_damaged_certificate_is_a_finding() {
    Project::of("unreadable-file/bad-certificate").lint(&[]).ends(1, &["Hub_Org.crt", "cut off"]);
}

#[test]
fn an_unknown_key_in_a_description_is_an_error_with_its_place() {
    let project = Project::of("setups/yaml-only");
    let path = project.path().join("sfcred.yaml");
    let text = fs::read_to_string(&path).unwrap().replacen(
        "external_credentials:",
        "externl_credentials:",
        1,
    );
    fs::write(&path, text).unwrap();
    project
        .lint(&[])
        .ends(2, &["[sfcred.yaml:", "externl_credentials", "did you mean `external_credentials`?"]);
}

#[test]
fn a_wrong_type_in_a_description_is_an_error_with_its_place() {
    let project = Project::of("setups/connected-app");
    project.write("sfcred.yaml", "orgs:\n  hub: [metadata]\n");
    project.lint(&[]).ends(2, &["[sfcred.yaml:2:"]);
}

#[test]
fn mistakes_in_the_settings_are_all_shown_with_suggestions() {
    let project = Project::of("claim-missing/bad");
    project
        .write("sfcred.toml", "[rules]\nclaim-mising = \"off\"\naudience-host-wrnog = \"note\"\n");
    project.lint(&[]).ends(
        2,
        &[
            "[sfcred.toml:2:1]",
            "did you mean `claim-missing`?",
            "[sfcred.toml:3:1]",
            "did you mean `audience-host-wrong`?",
        ],
    );
    project.write("sfcred.toml", "fail-onn = \"error\"\n");
    project.lint(&[]).ends(2, &["[sfcred.toml:1:1]", "did you mean `fail-on`?"]);
    project.write("sfcred.toml", "certificate-warning-days = \"x\"\n");
    project.lint(&[]).ends(2, &["[sfcred.toml:1:28]"]);
}

#[test]
fn missing_settings_are_an_error() {
    Project::of("claim-missing/bad")
        .lint(&["--config", "nowhere.toml"])
        .ends(2, &["nowhere.toml", "does not exist"]);
}

#[test]
fn usage_errors_suggest_what_was_meant() {
    let project = Project::new();
    project.lint(&["--formt", "json"]).ends(2, &["--formt", "--format"]);
    project.run(&["lnit"]).ends(2, &["lnit", "lint"]);
    project.run(&["lint", "--today", "yesterday"]).ends(2, &["expected a date such as 2026-11-22"]);
    project.run(&[]).ends(2, &["Usage: sfcred"]);
}

#[test]
fn help_and_version_succeed() {
    let project = Project::new();
    project.run(&["--help"]).ends(0, &["sfcred lint hub spoke", "Exit codes"]);
    project.run(&["lint", "--help"]).ends(0, &["sfcred.yaml"]);
    let run = project.run(&["--version"]);
    assert_eq!(run.ends(0, &[]).out, concat!("sfcred ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_version_names_what_installed_the_program() {
    let project = Project::new();
    let version = concat!("sfcred ", env!("CARGO_PKG_VERSION"));
    for (installed, expected) in [
        ("npm", format!("{version} (npm)\n")),
        ("Salesforce CLI plugin", format!("{version} (Salesforce CLI plugin)\n")),
        ("", format!("{version}\n")),
        ("\u{1b}[2Jnpm", format!("{version}\n")),
        ("npm)\n::error ::x", format!("{version}\n")),
    ] {
        for word in ["--version", "-V", "version"] {
            let mut command = project.command(&[word]);
            let run = Run::of(command.env("SFCRED_INSTALLED_BY", installed));
            assert_eq!(run.ends(0, &[]).out, expected, "{word} {installed:?}");
        }
    }
}

#[test]
fn a_closed_pipe_keeps_the_exit_status_of_the_run() {
    let project = Project::of("claim-missing/bad");
    let cases: [(&[&str], i32); 5] = [
        (&["lint", "--today", "2026-11-22"], 1),
        (&["lint", "--today", "2026-11-22", "--format", "json"], 1),
        (&["rules"], 0),
        (&["explain", "claim-missing"], 0),
        (&["--help"], 0),
    ];
    for (arguments, status) in cases {
        let run = project.run_with_closed_stdout(arguments);
        assert_eq!((run.status, run.err.as_str()), (Some(status), ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let project = Project::of("claim-missing/bad");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = project.command(&["lint"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the output"));
}

#[cfg(unix)]
#[test]
fn links_that_loop_or_lead_out_are_skipped_and_counted() {
    let project = Project::of("setups/connected-app");
    let outside = Project::of("claim-missing/bad");
    std::os::unix::fs::symlink(project.path(), project.path().join("hub/loop")).unwrap();
    std::os::unix::fs::symlink(outside.path(), project.path().join("outside")).unwrap();
    project.lint(&[]).ends(0, &["All checks passed!", "(2 skipped)"]);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_skipped_and_counted() {
    let project = Project::of("setups/connected-app");
    let pipe = project.path().join("hub/Pipe.externalCredential-meta.xml");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let run = project.lint(&[]);
    run.ends(1, &["(1 skipped)", "Not checked: `hub/Pipe.externalCredential-meta.xml`"]);
    assert!(!run.out.contains("All checks passed"), "{run:#?}");
    project.lint(&["--fail-on", "never"]).ends(0, &["This counts as an error."]);
}

#[test]
fn the_date_decides_about_certificates() {
    let project = Project::of("setups/connected-app");
    project.lint(&[]).ends(0, &["All checks passed!"]);
    let run: Run = project.run(&["lint", "--today", "2090-01-01"]);
    assert!(
        run.out.contains("[certificate-expired]") || run.out.contains("[app-certificate-expired]"),
        "{run:#?}"
    );
}
