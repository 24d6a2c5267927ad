//! `sfcred diagnose` on the command line.

use super::Project;

const SAID: &str = "user hasn't approved this consumer";

#[test]
fn a_message_is_explained_without_a_project() {
    Project::new().run(&["diagnose", "--message", SAID]).ends(
        0,
        &[
            "user-not-approved",
            "A login or token request was refused",
            "the log does not show which flow was used",
            "app-not-admin-approved",
            "What to do",
            "No project: ",
        ],
    );
    let thrown =
        format!("Unable to complete the JWT token exchange. Error: a. Error description: {SAID}");
    let run = Project::new().run(&["diagnose", "--message", &thrown]);
    run.ends(0, &["Salesforce got through 6 of 9 checks", "the signature was verified"]);
}

#[test]
fn a_log_is_read_from_a_file_and_from_a_pipe() {
    let project = Project::new();
    project.write("debug.log", format!("one\n{SAID}\n"));
    project.run(&["diagnose", "debug.log"]).ends(0, &["line 2 of debug.log"]);
    project.run_with_stdin(&["diagnose"], SAID).ends(0, &["line 1 of standard input"]);
    project.run_with_stdin(&["diagnose", "-"], SAID).ends(0, &["user-not-approved"]);
}

#[test]
fn a_folder_given_after_a_pipe_is_the_project() {
    let project = Project::of("app-not-admin-approved/bad");
    for arguments in [
        &["diagnose", "--today", "2026-11-22", "."][..],
        &["diagnose", "--today", "2026-11-22", "-", "."],
        &["diagnose", "--today", "2026-11-22"],
    ] {
        project.run_with_stdin(arguments, SAID).ends(
            0,
            &["Found in your files", "1. error[app-not-admin-approved]", "Checked and clear"],
        );
    }
    project
        .run(&["diagnose", "--today", "2026-11-22", "--message", SAID, "."])
        .ends(0, &["1. error[app-not-admin-approved]"]);
}

#[test]
fn unrecognized_messages_are_reported_as_such() {
    let project = Project::new();
    project
        .run(&["diagnose", "--message", "the moon is full"])
        .ends(1, &["No known Salesforce error found in the message"]);
    project
        .run(&["diagnose", "--message", "System.CalloutException: the moon is full"])
        .ends(1, &["Not recognized", "System.CalloutException: the •••• is full"]);
    project.run_with_stdin(&["diagnose"], "").ends(1, &["is empty"]);
}

#[test]
fn a_missing_path_and_a_mistake_in_settings_are_errors() {
    let project = Project::new();
    project.run(&["diagnose", "missing.log"]).ends(2, &["`missing.log` does not exist"]);
    project
        .run(&["diagnose", SAID])
        .ends(2, &["is not a file", "pass it with `--message \"ERROR MESSAGE\"`"]);
    project.write("my logs/debug.log", SAID);
    project.run(&["diagnose", "my logs/debug.log"]).ends(0, &["line 1 of my logs/debug.log"]);
    project.run(&["diagnose", "--message", SAID, "missing"]).ends(2, &["`missing` does not exist"]);
    project.write("sfcred.toml", "fail-on = \"never ever\"\n");
    project.run(&["diagnose", "--message", SAID]).ends(2, &["[sfcred.toml:"]);
}

#[test]
fn no_secret_of_a_log_is_printed() {
    let project = Project::new();
    let log = [
        "{\"access_token\":\"00D5g00000ABCde!AQEAQMARKMARKMARKMARKMARK\",\"error\":\"invalid_grant\",\"error_description\":\"ip restricted\"}",
        "POST /services/oauth2/token grant_type=x&assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJNQVJLIn0.MARKMARKMARKMARKMARK&client_secret=MARK123 invalid assertion",
        "Authorization: Bearer MARKMARKMARKMARK audience is invalid",
        "10:00:00.0 (1)|FATAL_ERROR|System.CalloutException: the moon is full password=MARK123",
    ]
    .join("\n");
    project.write("debug.log", log);
    for arguments in [
        &["diagnose", "debug.log"][..],
        &["diagnose", "debug.log", "--format", "json"],
        &["diagnose", "debug.log", "--color", "always"],
    ] {
        let run = project.run(arguments);
        run.ends(
            0,
            &["ip-restricted", "assertion-invalid", "audience-invalid", "the •••• is full"],
        );
        assert!(!run.out.contains("MARK"), "{run:#?}");
    }
}

#[test]
fn a_reader_that_leaves_is_not_a_failure() {
    let run = Project::new().run_with_closed_stdout(&["diagnose", "--message", SAID]);
    assert_eq!((run.status, run.err.len()), (Some(0), 0));
}

#[test]
fn a_whole_message_can_be_explained() {
    let message = "System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_grant. Error description: user hasn't approved this consumer..";
    Project::new().run(&["explain", message]).ends(0, &["user-not-approved", "What to do"]);
}

/// The log goes on, but the error is complete; an interrupt ends the log, not the program.
#[cfg(unix)]
#[test]
fn an_error_is_shown_while_the_log_is_still_being_written() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::{Command, Stdio};

    let project = Project::new();
    let mut child = project
        .spawn(project.command(&["diagnose", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()));
    let mut log = child.stdin.take().unwrap();
    let lines = "10:00:00.0 (1)|FATAL_ERROR|System.CalloutException: ip restricted\n10:00:00.0 (2)|EXECUTION_FINISHED\n";
    log.write_all(lines.as_bytes()).unwrap();
    let mut shown = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("more: ") {
        line.clear();
        assert!(shown.read_line(&mut line).unwrap() > 0, "the output ended");
    }
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let mut rest = String::new();
    shown.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("Found 1 known Salesforce error in standard input"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(log);
}
