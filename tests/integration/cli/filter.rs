//! Runs that are limited to rules, to an org, to changes, to an environment, or to one file from standard input.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Project, Run};

const CREDENTIAL: &str =
    "hub/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml";
const APP: &str = "spoke/force-app/main/default/connectedApps/Hub_Org.connectedApp-meta.xml";
const CERTIFICATE: &str = "hub/force-app/main/default/certs/Hub_Org.crt";

/// Changes a file of the project.
fn change(project: &Project, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(project.path().join(name)).unwrap();
    assert!(text.contains(from), "`{from}` is in {name}");
    project.write(name, text.replace(from, to));
}

/// The rules of the reported findings, and the number of hidden ones, from the JSON report.
fn rules(project: &Project, arguments: &[&str]) -> (Vec<String>, u64) {
    let run = Run::of(&mut with_git(
        project,
        &[&["lint", "--today", "2026-11-22", "--format", "json"], arguments].concat(),
    ));
    let json: serde_json::Value =
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:#?}"));
    let rules = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    (rules, json["summary"]["filtered"].as_u64().unwrap())
}

#[test]
fn rules_are_selected_and_ignored_by_name_and_group() {
    let project = Project::of("claim-missing/bad");
    project.lint(&["--select", "audience-*"]).unwrapped().ends(0, &["All checks passed!"]);
    project
        .lint(&["--select", "audience-*,claim-missing"])
        .unwrapped()
        .ends(1, &["error[claim-missing]"]);
    project
        .lint(&["--select", "audience-*", "--select", "claim-missing"])
        .unwrapped()
        .ends(1, &["error[claim-missing]"]);
    project.lint(&["--ignore", "claim-*"]).unwrapped().ends(0, &["All checks passed!"]);
    project
        .lint(&["--select", "claim-missing", "--ignore", "claim-*"])
        .unwrapped()
        .ends(1, &["error[claim-missing]"]);
    project.write("sfcred.toml", "[rules]\nclaim-missing = \"off\"\n");
    project.lint(&[]).unwrapped().ends(0, &["All checks passed!"]);
    project.lint(&["--select", "claim-missing"]).unwrapped().ends(1, &["error[claim-missing]"]);
}

#[test]
fn an_unknown_rule_is_an_error_that_suggests_the_nearest() {
    let project = Project::of("claim-missing/bad");
    project
        .lint(&["--select", "claim-mising"])
        .unwrapped()
        .ends(2, &["`--select`: unknown rule `claim-mising`", "did you mean `claim-missing`?"]);
    project
        .lint(&["--ignore", "banana-*"])
        .unwrapped()
        .ends(2, &["`--ignore`: unknown rule `banana-*`", "`sfcred rules` lists all rules"]);
}

#[test]
fn an_allow_of_a_rule_that_does_not_run_is_not_called_unused() {
    let project = Project::of("claim-missing/bad");
    project.write(
        "sfcred.toml",
        "[[allow]]\nrule = \"claim-missing\"\npath = \"hub/**\"\nreason = \"later\"\n",
    );
    project.lint(&[]).unwrapped().ends(0, &["1 allowed"]);
    project.lint(&["--ignore", "claim-missing"]).unwrapped().ends(0, &["All checks passed!"]);
}

#[test]
fn the_command_line_decides_what_fails() {
    let project = Project::of("app-approves-nobody/bad");
    project.lint(&["--fail-on", "warning"]).unwrapped().ends(1, &["warning["]);
    project.write("sfcred.toml", "fail-on = \"warning\"\n");
    project.lint(&["--fail-on", "error"]).unwrapped().ends(0, &["warning["]);
    Project::of("claim-missing/bad").lint(&["--fail-on", "never"]).unwrapped().ends(0, &["error["]);
    project.lint(&["--fail-on", "sometimes"]).unwrapped().ends(2, &["never"]);
}

#[test]
fn findings_of_one_org_are_shown_and_the_others_counted() {
    let project = Project::of("setups/connected-app");
    change(&project, CREDENTIAL, "https://test.salesforce.com", "https://login.salesforce.com");
    project.lint(&["--org", "hub"]).unwrapped().ends(1, &["error["]);
    project
        .lint(&["--org", "spoke"])
        .unwrapped()
        .ends(0, &["No findings (", "hidden by --org spoke)"]);
    project.lint(&["--org", "spoke", "--org", "hub"]).unwrapped().ends(1, &["error["]);
    project
        .lint(&["--org", "spok"])
        .unwrapped()
        .ends(2, &["unknown org `spok`", "did you mean `spoke`?", "`hub`, `spoke`"]);
}

/// The program, with git on its path and without the git settings of this machine.
fn with_git(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command(arguments);
    command
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", project.path());
    command
}

fn git(project: &Project, arguments: &[&str]) {
    let mut command = Command::new("git");
    command
        .current_dir(project.path())
        .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"])
        .args(arguments);
    let output = command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

/// A project with one fault in the hub and one in the spoke, committed on `main`.
fn repository() -> Project {
    let project = Project::of("setups/connected-app");
    fs::remove_dir(project.path().join(".git")).unwrap();
    change(
        &project,
        CREDENTIAL,
        "<parameterValue>integration@billing.example.uat</parameterValue>",
        "<parameterValue>005000000000001AAA</parameterValue>",
    );
    git(&project, &["init", "--quiet", "--initial-branch", "main"]);
    commit(&project);
    project
}

fn commit(project: &Project) {
    git(project, &["add", "--all"]);
    git(project, &["commit", "--quiet", "--message", "x"]);
}

fn since(project: &Project, arguments: &[&str]) -> Run {
    Run::of(&mut with_git(project, &[&["lint", "--today", "2026-11-22"], arguments].concat()))
}

#[test]
fn without_changes_findings_are_only_counted() {
    let project = repository();
    let (all, _) = rules(&project, &[]);
    assert!(!all.is_empty());
    assert_eq!(rules(&project, &["--since", "HEAD"]), (vec![], all.len() as u64));
    since(&project, &["--since", "main"])
        .unwrapped()
        .ends(0, &[&format!("No findings ({} hidden by --since main)", all.len())]);
}

#[test]
fn changed_staged_committed_and_new_files_are_seen() {
    let project = repository();
    let all = rules(&project, &[]).0;
    let touch = |text: &str| change(&project, CREDENTIAL, "<label>", text);
    touch("<!-- a --><label>");
    assert_eq!(rules(&project, &["--since", "main"]).0, all, "an edit");
    git(&project, &["add", "--all"]);
    assert_eq!(rules(&project, &["--since", "main"]).0, all, "a staged edit");
    git(&project, &["checkout", "--quiet", "-b", "work"]);
    commit(&project);
    assert_eq!(rules(&project, &["--since", "main"]).0, all, "a commit");
    assert!(
        rules(&project, &["--since", "HEAD"]).0.is_empty(),
        "what is committed has not changed since"
    );
    let copy = fs::read_to_string(project.path().join(CREDENTIAL)).unwrap();
    project.write(&CREDENTIAL.replace("Spoke_Org.", "Third_Org."), copy);
    let with_new = rules(&project, &["--since", "HEAD"]).0;
    assert!(!with_new.is_empty(), "a new file");
}

#[test]
fn later_commits_on_the_base_branch_are_not_changes() {
    let project = repository();
    git(&project, &["checkout", "--quiet", "-b", "work"]);
    git(&project, &["checkout", "--quiet", "main"]);
    change(&project, CREDENTIAL, "<label>", "<!-- theirs --><label>");
    commit(&project);
    git(&project, &["checkout", "--quiet", "work"]);
    assert!(rules(&project, &["--since", "main"]).0.is_empty());
}

#[test]
fn changes_show_findings_in_both_orgs_of_a_connection_and_in_components_they_name() {
    let project = repository();
    let all = rules(&project, &[]).0;
    change(&project, APP, "<label>", "<!-- a --><label>");
    assert_eq!(
        rules(&project, &["--since", "main"]).0,
        all,
        "the app of the credential has changed"
    );
    git(&project, &["checkout", "--quiet", "--", "."]);
    project.write(
        "hub/force-app/main/default/classes/Other.cls",
        "public class Other { String x = 'callout:Spoke_Org/x'; }",
    );
    assert!(
        rules(&project, &["--since", "main"]).0.contains(&all[0]),
        "a class names the credential"
    );
    fs::remove_file(project.path().join("hub/force-app/main/default/classes/Other.cls")).unwrap();
    change(&project, "hub/sfdx-project.json", "62.0", "63.0");
    assert_eq!(
        rules(&project, &["--since", "main"]).0,
        all,
        "the project file governs all of its project"
    );
}

#[test]
fn what_a_deleted_file_breaks_is_shown() {
    let project = repository();
    fs::remove_file(project.path().join(CERTIFICATE)).unwrap();
    fs::remove_file(project.path().join(format!("{CERTIFICATE}-meta.xml"))).unwrap();
    let (shown, _) = rules(&project, &["--since", "main"]);
    assert!(shown.iter().any(|rule| rule.contains("certificate")), "{shown:?}");
}

#[test]
fn an_unknown_git_reference_is_an_error() {
    let project = repository();
    since(&project, &["--since", "mian"])
        .unwrapped()
        .ends(2, &["unknown commit `mian`", "origin/main"]);
    since(&project, &["--since=--output=stolen"]).unwrapped().ends(2, &["unknown commit"]);
    assert!(!project.path().join("stolen").exists());
    since(&project, &["--since", ""]).unwrapped().ends(2, &["unknown commit"]);
    git(&project, &["checkout", "--quiet", "--orphan", "other"]);
    commit_all_on_orphan(&project);
    since(&project, &["--since", "main"])
        .unwrapped()
        .ends(2, &["this branch and `main` have no common commit"]);
}

fn commit_all_on_orphan(project: &Project) {
    git(project, &["commit", "--quiet", "--allow-empty", "--message", "y"]);
}

#[test]
fn the_error_for_a_shallow_clone_explains_how_to_deepen_it() {
    let project = repository();
    change(&project, CREDENTIAL, "<label>", "<!-- a --><label>");
    commit(&project);
    let clone = Project::new();
    let url = format!("file://{}", project.path().display());
    git(&clone, &["clone", "--quiet", "--depth", "1", &url, "clone"]);
    let mut command = with_git(&clone, &["lint", "--since", "HEAD~1"]);
    Run::of(command.current_dir(clone.path().join("clone")))
        .unwrapped()
        .ends(2, &["shallow clone", "fetch-depth: 0"]);
}

#[test]
fn without_a_repository_or_git_changed_is_an_error() {
    let project = repository();
    fs::remove_dir_all(project.path().join(".git")).unwrap();
    since(&project, &["--since", "main"]).unwrapped().ends(2, &["is not in a git repository"]);
    let empty = tempfile::tempdir().unwrap();
    let project = repository();
    Run::of(project.command(&["lint", "--since", "main"]).env("PATH", empty.path()))
        .unwrapped()
        .ends(2, &["cannot run `git`", "install git"]);
}

/// Values that must not be printed.
const HOST: &str = "acme-mark--uat.sandbox.my.salesforce.com";
const KEY: &str =
    "3MVG9MARKMARKuXCfV5zvmOFjh_dF2RKwhxtki0gd8.SGBGiujjd49CufOj2_QTRx64Ba2kpayC.DJbkAl8dlrFFkz94Q";

/// The hub's host, audience, consumer key and subject come from the environment.
fn replaced() -> Project {
    let project = Project::of("setups/connected-app");
    change(&project, CREDENTIAL, "billing--uat.sandbox.my.salesforce.com", "SPOKE_HOST_HERE_");
    change(&project, CREDENTIAL, "&quot;https://test.salesforce.com&quot;", "&quot;%AUD%&quot;");
    change(
        &project,
        CREDENTIAL,
        "3MVG9uXCfV5zvmOFjh_dF2RKwhxtki0gd8.SGBGiujjd49CufOj2_QTRx64Ba2kpayC.DJbkAl8dlrFFkz94Q",
        "@@KEY@@",
    );
    let entry = |old: &str, name: &str| {
        format!(
            "{{\"glob\": \"**/*.xml\", \"stringToReplace\": \"{old}\", \"replaceWithEnv\": \"{name}\"}}"
        )
    };
    let entries = [
        entry("SPOKE_HOST_HERE_", "SPOKE_HOST"),
        entry("%AUD%", "SPOKE_AUD"),
        entry("@@KEY@@", "HUB_KEY"),
    ]
    .join(", ");
    change(
        &project,
        "hub/sfdx-project.json",
        "\"namespace\"",
        &format!("\"replacements\": [{entries}],\n    \"namespace\""),
    );
    project
}

fn values(audience: &str) -> String {
    format!("# uat\nexport SPOKE_HOST={HOST}\nSPOKE_AUD=\"{audience}\"\nHUB_KEY='{KEY}'\n")
}

#[test]
fn replacements_are_linted_and_their_values_never_shown() {
    let project = replaced();
    let without = project.lint(&[]);
    assert!(!without.out.contains("audience-environment-mismatch"), "{without:#?}");
    project.write("hub/.env.uat", values("https://login.salesforce.com"));
    for format in [
        &[][..],
        &["--format", "json"],
        &["--color", "always"],
        &["--verbose"],
        &["--show-settings"],
        &["--show-files"],
    ] {
        let run = project.lint(&[&["--env", "uat"], format].concat());
        for part in ["acme-mark", KEY, "MARKMARK"] {
            assert!(
                !run.out.contains(part) && !run.err.contains(part),
                "{part} {format:?}: {run:#?}"
            );
        }
    }
    let run = project.lint(&["--env", "uat"]);
    run.unwrapped().ends(
        1,
        &["error[audience-environment-mismatch]", "%AUD%", "with the replacements of uat"],
    );
    let json: serde_json::Value =
        serde_json::from_str(&project.lint(&["--env", "uat", "--format", "json"]).out).unwrap();
    let finding = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "audience-environment-mismatch")
        .unwrap();
    let text = fs::read_to_string(project.path().join(CREDENTIAL)).unwrap();
    let line = text.lines().nth(finding["line"].as_u64().unwrap() as usize - 1).unwrap();
    let from = finding["column"].as_u64().unwrap() as usize - 1;
    assert!(
        line[from..].starts_with("&quot;%AUD%") || line[from..].starts_with("%AUD%"),
        "{line} {from}"
    );
    assert!(finding["fix"].is_null(), "a replaced value is not fixed: {finding}");
    project.write("hub/.env.uat", values("https://test.salesforce.com"));
    let right = project.lint(&["--env", "uat"]);
    assert!(!right.out.contains("audience-environment-mismatch"), "{right:#?}");
}

#[test]
fn process_variables_override_files_and_files_override_settings() {
    let project = replaced();
    let mismatch = |arguments: &[&str], process: &[(&str, &str)]| {
        let run = Run::of(
            project
                .command(&[&["lint", "--today", "2026-11-22"], arguments].concat())
                .envs(process.iter().copied()),
        );
        assert!(run.out.contains("with the replacements of"), "{run:#?}");
        run.out.contains("error[audience-environment-mismatch]")
    };
    project.write("hub/.env.uat", values("https://login.salesforce.com"));
    assert!(mismatch(&["--env", "uat"], &[]));
    project.write("sfcred.toml", "[env.uat]\nfile = \"shared.env\"\n");
    project.write("shared.env", "SPOKE_AUD=https://test.salesforce.com\n");
    assert!(
        !mismatch(&["--env", "uat"], &[]),
        "a file of the settings is stronger than one beside the project"
    );
    project.write("sfcred.toml", "[env.uat]\nfile = \"shared.env\"\nvalues = { SPOKE_AUD = \"https://login.salesforce.com\" }\n");
    assert!(mismatch(&["--env", "uat"], &[]), "a value is stronger than a file of the settings");
    assert!(
        !mismatch(&["--env", "uat", "--env-file", "shared.env"], &[]),
        "a file that was given is stronger than the settings"
    );
    assert!(
        mismatch(
            &["--env", "uat", "--env-file", "shared.env"],
            &[("SPOKE_AUD", "https://login.salesforce.com")]
        ),
        "the process is strongest"
    );
    project.write("all.env", values("https://login.salesforce.com"));
    assert!(mismatch(&["--env-file", "all.env"], &[]), "a file alone is an environment");
}

#[test]
fn an_unknown_environment_and_a_variable_without_value_are_errors() {
    let project = replaced();
    project.write("sfcred.toml", "[env.uat]\n");
    project
        .lint(&["--env", "uta"])
        .unwrapped()
        .ends(2, &["unknown environment `uta`", "did you mean `uat`?", ".env.uta"]);
    project.lint(&["--env", "uat"]).unwrapped().ends(
        2,
        &[
            "`HUB_KEY`, `SPOKE_AUD`, `SPOKE_HOST`",
            "hub/sfdx-project.json",
            "a deployment would stop",
        ],
    );
    project.lint(&["--env-file", "none.env"]).unwrapped().ends(2, &["none.env", "does not exist"]);
    project.write("bad.env", "A=1\nMARKMARK\n");
    let run = project.lint(&["--env-file", "bad.env"]);
    assert!(!run.ends(2, &["bad.env", "NAME=value"]).err.contains("MARKMARK"), "{run:#?}");
}

#[test]
fn a_secret_that_a_replacement_fills_in_is_not_in_source() {
    let project = Project::of("setups/connected-app");
    change(
        &project,
        APP,
        "<consumerKey>",
        "<consumerSecret>@@SECRET@@</consumerSecret>\n        <consumerKey>",
    );
    change(
        &project,
        "spoke/sfdx-project.json",
        "\"namespace\"",
        "\"replacements\": [{\"glob\": \"**/*.xml\", \"stringToReplace\": \"@@SECRET@@\", \"replaceWithFile\": \"secret.txt\"}], \"namespace\"",
    );
    project.write("spoke/.env.uat", "X=1\n");
    project.lint(&["--env", "uat"]).unwrapped().ends(2, &["secret.txt", "does not exist"]);
    project.write("spoke/secret.txt", "0123456789ABCDEFMARKMARK");
    let run = project.lint(&["--env", "uat"]);
    assert!(
        !run.out.contains("secret-in-source")
            && !run.out.contains("MARKMARK")
            && run.out.contains("with the replacements of uat"),
        "{run:#?}"
    );
}

fn with_stdin(project: &Project, arguments: &[&str], text: &str) -> Run {
    let arguments = [&["lint", "--today", "2026-11-22"], arguments].concat();
    project.run_with_stdin(&arguments, text)
}

#[test]
fn standard_input_replaces_the_file_at_its_path() {
    let project = Project::of("setups/connected-app");
    let text = fs::read_to_string(project.path().join(CREDENTIAL)).unwrap();
    with_stdin(&project, &["-", "--stdin-path", CREDENTIAL], &text)
        .unwrapped()
        .ends(0, &["All checks passed!", "1 connection"]);
    let wrong = text.replace("https://test.salesforce.com", "https://login.salesforce.com");
    with_stdin(&project, &["-", "--stdin-path", CREDENTIAL], &wrong)
        .unwrapped()
        .ends(1, &["error[audience-environment-mismatch]", CREDENTIAL]);
    with_stdin(&project, &["-", "hub", "--stdin-path", CREDENTIAL], &wrong)
        .unwrapped()
        .ends(1, &["error[audience-environment-mismatch]"]);
    project.lint(&[]).unwrapped().ends(0, &["All checks passed!"]);
    let unsaved: PathBuf =
        PathBuf::from(CREDENTIAL).with_file_name("New_Org.externalCredential-meta.xml");
    with_stdin(&project, &["-", "--stdin-path", unsaved.to_str().unwrap()], "<ExternalCredential>")
        .unwrapped()
        .ends(1, &["error[unreadable-file]", "New_Org"]);
    change(&project, APP, "<consumerKey>", "<consumerKey>x</consumerKey><consumerKey>");
    with_stdin(
        &project,
        &["-", "--stdin-path", "hub/force-app/main/default/classes/X.cls"],
        "class X {}",
    )
    .unwrapped()
    .ends(0, &["No findings (", "hidden by --stdin-path)"]);
}

#[test]
fn standard_input_needs_a_path_of_a_kind_that_is_read() {
    let project = Project::of("setups/connected-app");
    with_stdin(&project, &["-"], "x").unwrapped().ends(2, &["its path is unknown", "--stdin-path"]);
    with_stdin(&project, &["--stdin-path", CREDENTIAL], "x")
        .unwrapped()
        .ends(2, &["`-` is not among the paths"]);
    with_stdin(&project, &["-", "--stdin-path", "x.png"], "x")
        .unwrapped()
        .ends(2, &["does not read files such as", "x.png`"]);
}

/// A copy of a file is reported with its original, but neither an org, an allow nor a baseline that covers the one hides the other.
#[test]
fn a_copy_is_hidden_only_by_what_is_about_the_copy() {
    const NAME: &str = "main/externalCredentials/Spoke_Org.externalCredential-meta.xml";
    let project = Project::of("claim-missing/bad");
    let text = fs::read_to_string(project.path().join(CREDENTIAL)).unwrap();
    let copies = Project::new();
    let (first, second) = (format!("one/{NAME}"), format!("two/{NAME}"));
    copies.write(&first, &text);
    copies.write(&second, &text);
    copies.write("sfcred.yaml", "orgs:\n  one: { metadata: one }\n  two: { metadata: two }\n");
    let of_rule =
        |found: (Vec<String>, u64)| found.0.iter().filter(|rule| *rule == "claim-missing").count();
    assert_eq!(of_rule(rules(&copies, &[])), 1);
    copies.lint(&["--select", "claim-missing"]).ends(1, &[&first, &second, "also in this copy"]);
    for (org, path, other) in [("one", &first, &second), ("two", &second, &first)] {
        let run = copies.lint(&["--org", org, "--select", "claim-missing"]);
        run.ends(1, &[path]);
        assert!(!run.out.contains(other.as_str()), "{run:#?}");
        let allow =
            format!("[[allow]]\nrule = \"claim-missing\"\npath = \"{org}/**\"\nreason = \"x\"\n");
        copies.write("sfcred.toml", allow);
        let run = copies.lint(&["--select", "claim-missing,unused-allow"]);
        run.ends(1, &[other]);
        assert!(!run.out.contains("unused-allow"), "{run:#?}");
        fs::remove_file(copies.path().join("sfcred.toml")).unwrap();
    }
    fs::remove_file(copies.path().join(&second)).unwrap();
    copies.lint(&["--write-baseline", "base.json"]);
    copies.write(&second, &text);
    let run = copies.lint(&["--baseline", "base.json", "--select", "claim-missing"]);
    run.ends(1, &[&second]);
}
