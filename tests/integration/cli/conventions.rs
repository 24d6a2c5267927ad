//! The command itself: version, help, completions and manual pages.

use std::process::{Command, Stdio};

use super::{Project, Run};

/// The commands that the help lists.
fn commands() -> Vec<String> {
    let help = Project::new().run(&["--help"]).out;
    let block = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<String> = block
        .lines()
        .filter_map(|line| {
            line.strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '))?
                .split_whitespace()
                .next()
                .map(str::to_owned)
        })
        .collect();
    assert!(names.len() >= 5 && names.contains(&"lint".to_owned()), "{names:?}");
    names
}

#[test]
fn the_printed_settings_are_a_settings_file_of_the_same_meaning() {
    let project = Project::of("claim-missing/bad");
    let text = "certificate-warning-days = 60\n[rules]\n\"audience-*\" = \"note\"\napp-full-scope = \"error\"\n[[forbid]]\ntype = \"ConnectedApp\"\nfield = \"label\"\npattern = \"a\\\\d\"\n\
                [[allow]]\nrule = \"claim-missing\"\npath = \"hub/**\"\nreason = \"later\"\n[env.uat]\nvalues = { A = \"MARKMARK\" }\n";
    project.write("sfcred.toml", text);
    let run = project.lint(&["--show-settings", "--fail-on", "note", "--ignore", "claim-list"]);
    assert_eq!(run.status, Some(2), "a rule that is none: {run:#?}");
    let run = project.lint(&["--show-settings", "--fail-on", "note", "--ignore", "issuer-unknown"]);
    run.ends(
        0,
        &[
            "# --fail-on",
            "certificate-warning-days = 60",
            "# sfcred.toml",
            "issuer-unknown = \"off\"",
            "# --ignore",
            "audience-list = \"note\"",
            "[[forbid]]",
            "[[allow]]",
            "[env.",
        ],
    );
    assert!(!run.out.contains("MARKMARK") && run.err.is_empty(), "{run:#?}");
    project.write("sfcred.toml", &run.out);
    let again = project.lint(&["--show-settings"]);
    let bare = |text: &str| {
        text.lines()
            .map(|line| line.split(" #").next().unwrap().trim_end().to_owned())
            .filter(|line| !line.starts_with('#'))
            .collect::<Vec<_>>()
    };
    assert_eq!(bare(&again.ends(0, &[]).out), bare(&run.out));
    Project::of("claim-missing/bad")
        .lint(&["--show-settings"])
        .ends(0, &["no sfcred.toml", "fail-on = \"error\"", "# default"]);
}

#[test]
fn show_files_lists_every_file_with_kind_and_org_and_lints_nothing() {
    let project = Project::of("setups/connected-app");
    project.write("hub/force-app/main/default/classes/Empty.cls", "class Empty {}");
    #[cfg(unix)]
    std::os::unix::fs::symlink(project.path(), project.path().join("hub/loop")).unwrap();
    let run = project.lint(&["--show-files"]);
    run.ends(
        0,
        &[
            "ExternalCredential",
            "Spoke_Org.externalCredential-meta.xml",
            "hub",
            "spoke",
            "(no credential metadata)",
        ],
    );
    assert!(!run.out.contains("error["), "{run:#?}");
    let json: serde_json::Value =
        serde_json::from_str(&project.lint(&["--show-files", "--format", "json"]).ends(0, &[]).out)
            .unwrap();
    let files = json["files"].as_array().unwrap();
    assert!(
        files.iter().any(|file| file["kind"] == "ConnectedApp" && file["org"] == "spoke"),
        "{json}"
    );
    assert_eq!(json["skipped"].as_array().unwrap().len(), usize::from(cfg!(unix)));
    project.lint(&["--show-files", "--show-settings"]).ends(2, &["cannot be used with"]);
}

#[test]
fn verbose_writes_to_standard_error_and_changes_nothing_else() {
    let project = Project::of("claim-missing/bad");
    let (plain, verbose) = (project.lint(&[]), project.lint(&["-v"]));
    assert_eq!(plain.out, verbose.out);
    assert!(plain.err.is_empty());
    verbose.ends(
        1,
        &[
            "settings: no sfcred.toml",
            "files: ",
            "1 ExternalCredential",
            "times: found and read in ",
        ],
    );
    assert!(!verbose.err.contains('\r'), "no line that is redrawn where there is no terminal");
    project.lint(&["-q", "-v"]).ends(2, &["cannot be used with"]);
}

#[test]
fn quiet_prints_nothing_without_errors() {
    assert_eq!(Project::of("app-approves-nobody/bad").lint(&["-q"]).ends(0, &[]).out, "");
    Project::of("claim-missing/bad").lint(&["-q"]).ends(1, &["error["]);
}

/// The commands with a manual page of their own: `help` only prints the help of others.
fn documented() -> impl Iterator<Item = String> {
    commands().into_iter().filter(|name| name != "help")
}

#[test]
fn every_command_has_examples_and_a_manual_page() {
    let project = Project::new();
    for name in documented() {
        let help = project.run(&[&name, "--help"]);
        assert!(help.ends(0, &[]).out.contains("Usage: sfcred "), "{help:#?}");
        let page = project.run(&["man", &name]);
        assert!(
            page.ends(0, &[".TH sfcred"]).out.contains(&format!("sfcred\\-{name}"))
                || page.out.contains(&format!("sfcred-{name}")),
            "{page:#?}"
        );
    }
    for name in ["lint", "explain", "completions", "man", "rules"] {
        project.run(&[name, "--help"]).ends(0, &["Examples:\n  sfcred "]);
    }
    project.run(&["man"]).ends(0, &[".TH sfcred 1", "Exit codes"]);
    project.run(&["man", "lnt"]).ends(2, &["unknown command `lnt`", "did you mean `lint`?"]);
}

/// A program, or `None` if it is not installed, which is a failure if `SFCRED_CI` is set.
fn tool(name: &str) -> Option<Command> {
    let there = Command::new(name).arg("--version").stdin(Stdio::null()).output().is_ok();
    assert!(there || std::env::var_os("SFCRED_CI").is_none(), "`{name}` is not installed");
    if !there {
        eprintln!("SKIPPED: `{name}` is not installed");
    }
    there.then(|| Command::new(name))
}

#[test]
fn shells_accept_the_completions() {
    let project = Project::new();
    for (shell, check) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let script = project.run(&["completions", shell]);
        let path = project
            .write(&format!("sfcred.{shell}"), &script.ends(0, &["stdin-path", "completions"]).out);
        let Some(mut command) = tool(shell) else { continue };
        let output = command.args(check).arg(path).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}");
    }
    for shell in ["powershell", "elvish"] {
        project.run(&["completions", shell]).ends(0, &["sfcred", "stdin-path"]);
    }
    project.run(&["completions", "csh"]).ends(2, &["csh", "bash"]);
}

#[test]
fn bash_completes_commands_and_options() {
    let Some(mut bash) = tool("bash") else { return };
    let project = Project::new();
    let path = project.write("sfcred.bash", &project.run(&["completions", "bash"]).out);
    let script = format!(
        "source {}; COMP_WORDS=(sfcred lint --si); COMP_CWORD=2; _sfcred sfcred --si lint; echo \"${{COMPREPLY[@]}}\"",
        path.display()
    );
    let output = bash.args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "--since", "{output:?}");
}

#[test]
fn mandoc_accepts_the_manual_pages() {
    let project = Project::new();
    for name in documented() {
        let path = project.write(&format!("sfcred-{name}.1"), &project.run(&["man", &name]).out);
        let Some(mut groff) = tool("groff") else { return };
        let output = groff.args(["-man", "-Tutf8", "-ww"]).arg(path).output().unwrap();
        // In the output, a bold letter is printed twice, with a backspace in between.
        let struck = String::from_utf8_lossy(&output.stdout);
        let mut text = String::new();
        for character in struck.chars() {
            if character == '\u{8}' {
                text.pop();
            } else {
                text.push(character);
            }
        }
        assert!(
            output.status.success() && text.contains("NAME") && text.contains("OPTIONS"),
            "{name}: {output:?}"
        );
        assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_reader_that_leaves_is_not_a_failure_of_any_command() {
    let project = Project::of("claim-missing/bad");
    let cases: [(&[&str], i32); 6] = [
        (&["completions", "bash"], 0),
        (&["man"], 0),
        (&["lint", "--show-files"], 0),
        (&["lint", "--show-settings"], 0),
        (&["lint", "-v", "--fail-on", "never"], 0),
        (&["lint", "--select", "claim-missing"], 1),
    ];
    for (arguments, status) in cases {
        let run = project.run_with_closed_stdout(arguments);
        assert_eq!(run.status, Some(status), "{arguments:?}");
        assert!(arguments.contains(&"-v") || run.err.is_empty(), "{arguments:?}: {run:?}");
    }
}

#[test]
fn the_exit_status_does_not_depend_on_the_format() {
    // Most severe finding, `--fail-on`, exit code.
    let cases = [
        ("claim-missing/bad", "error", 1),
        ("claim-missing/bad", "warning", 1),
        ("claim-missing/bad", "note", 1),
        ("claim-missing/bad", "never", 0),
        ("app-approves-nobody/bad", "error", 0),
        ("app-approves-nobody/bad", "warning", 1),
        ("app-approves-nobody/bad", "note", 1),
        ("app-approves-nobody/bad", "never", 0),
        ("setups/connected-app", "error", 0),
        ("setups/connected-app", "note", 0),
        ("setups/connected-app", "never", 0),
    ];
    for (fixture, limit, status) in cases {
        let project = Project::of(fixture);
        for form in
            [&[][..], &["--quiet"], &["--verbose"], &["--format", "json"], &["--color", "always"]]
        {
            let run: Run = project.lint(&[&["--fail-on", limit], form].concat());
            assert_eq!(run.status, Some(status), "{fixture} {limit} {form:?}: {run:#?}");
        }
    }
    for form in [
        &[][..],
        &["--quiet"],
        &["--verbose"],
        &["--format", "json"],
        &["--fail-on", "never"],
        &["--select", "claim-missing"],
        &["--show-files"],
    ] {
        assert_eq!(Project::new().lint(form).status, Some(2), "nothing to lint: {form:?}");
    }
}
