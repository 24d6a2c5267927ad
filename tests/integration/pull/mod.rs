//! `pull` and `--target-org`, with a script in place of the Salesforce CLI.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{files_below, lint_folder, new_folder, root, write_below};

const SCRIPT: &str = include_str!("fake_sf.sh");
/// A part of a secret in the answers.
const SECRET: &str = "Zq7Xw9Kp3vT5n8Rb";

/// A folder to work in, and beside it the CLI.
struct Fake {
    folder: TempDir,
    cli: TempDir,
}

struct Run {
    status: Option<i32>,
    out: String,
    err: String,
}

/// The zip that the Metadata API makes of an org in a setup.
fn zipped(setup: &Path, change: &dyn Fn(&str, String) -> String) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for path in files_below(setup) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        if name == "sfdx-project.json" || name.starts_with('.') || name == "package.xml" {
            continue;
        }
        let plain = match name.strip_suffix("-meta.xml") {
            Some(inner) if !name.contains(".crt") && !name.contains(".cls") => inner,
            _ => name,
        };
        zip.start_file(format!("unpackaged/{folder}/{plain}"), options).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        zip.write_all(change(plain, text).as_bytes()).unwrap();
    }
    zip.start_file("unpackaged/package.xml", options).unwrap();
    zip.write_all(b"<Package/>").unwrap();
    zip.finish().unwrap().into_inner()
}

fn records(records: Value) -> String {
    let count = records.as_array().unwrap().len();
    json!({"status": 0, "result": {"records": records, "totalSize": count, "done": true}})
        .to_string()
}

fn user(name: &str, id: &str) -> Value {
    json!({"Id": id, "Username": name, "IsActive": true, "Profile": {"Name": "Minimum Access"}})
}

fn assignment(user: &str, set: &str) -> Value {
    json!({
        "Assignee": {"Username": user, "IsActive": true},
        "PermissionSetId": "0PS000000000001AAA",
        "PermissionSet": {"Name": set, "NamespacePrefix": null, "IsOwnedByProfile": false},
        "PermissionSetGroup": null,
    })
}

const RUNNER: &str = "batch@acme.example.uat";
const SUBJECT: &str = "integration@billing.example.uat";

impl Fake {
    fn new() -> Fake {
        let fake = Fake { folder: new_folder(), cli: tempfile::tempdir().unwrap() };
        let script = fake.cli.path().join("sf");
        fs::write(&script, SCRIPT).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        fake.answer("missing", "display", &json!({
            "status": 2, "name": "NamedOrgNotFoundError", "message": "No authorization information found",
        }).to_string());
        fake.status("missing", "display", 2);
        fake
    }

    /// Two orgs with the setup of this name, in which everything is assigned and approved.
    fn of(setup: &str) -> Fake {
        let fake = Fake::new();
        let folder = root().join("fixtures/setups").join(setup);
        for (org, host) in [
            ("hub", "https://acme--uat.sandbox.my.salesforce.com"),
            ("spoke", "https://billing--uat.sandbox.my.salesforce.com"),
        ] {
            fake.answer(org, "display", &json!({"status": 0, "result": {
                "username": format!("admin@{org}.example"), "instanceUrl": host, "id": "00D000000000001AAA",
                "apiVersion": "67.0", "connectedStatus": "Connected",
                "accessToken": format!("00D000000000001AAA!{SECRET}"),
            }}).to_string());
            fake.answer(org, "Organization", &records(json!([
                {"Id": "00D000000000001AAA", "IsSandbox": true, "TrialExpirationDate": null, "OrganizationType": "Enterprise Edition"},
            ])));
            fake.answer(
                org,
                "retrieve",
                &json!({"status": 0, "result": {"status": "Succeeded", "messages": []}})
                    .to_string(),
            );
            fake.metadata(org, &folder.join(org), &|_, text| text);
            let fields: Vec<Value> = [
                "Id",
                "Username",
                "IsActive",
                "UserId",
                "IsFrozen",
                "ParentId",
                "SetupEntityId",
                "SetupEntityType",
                "PermissionSetId",
                "ExpirationDate",
                "Name",
                "DeveloperName",
                "NamespacePrefix",
                "LoginTime",
                "Status",
                "LoginType",
                "Application",
            ]
            .iter()
            .map(|name| json!({"name": name, "picklistValues": []}))
            .collect();
            fake.answer(
                org,
                "describe",
                &json!({"status": 0, "result": {"fields": fields}}).to_string(),
            );
            fake.answer(org, "UserLogin", &records(json!([])));
            fake.answer(org, "SetupEntityAccess", &records(json!([])));
            fake.answer(
                org,
                "ConnectedApplication",
                &records(json!([{"Id": "0H4000000000001AAA", "Name": "Hub Org"}])),
            );
            fake.answer(
                org,
                "ExternalClientApplication",
                &records(json!([{"Id": "0xI000000000001AAA", "DeveloperName": "Hub_Org"}])),
            );
        }
        fake.answer("hub", "User", &records(json!([user(RUNNER, "005000000000001AAA")])));
        fake.answer(
            "hub",
            "PermissionSetAssignment",
            &records(json!([assignment(RUNNER, "Spoke_Callout")])),
        );
        fake.answer("hub", "connect-Spoke_Org", &json!({"developerName": "Spoke_Org", "principals": [{
            "id": "0pF000000000001AAA", "principalName": "SpokePrincipal", "authenticationStatus": "Configured",
        }]}).to_string());
        fake.answer("spoke", "User", &records(json!([user(SUBJECT, "005000000000002AAA")])));
        fake.answer(
            "spoke",
            "PermissionSetAssignment",
            &records(json!([assignment(SUBJECT, "Hub_Access")])),
        );
        fake.answer(
            "spoke",
            "SetupEntityAccess",
            &records(json!([
                access("0H4000000000001AAA", "ConnectedApplication"),
                access("0xI000000000001AAA", "ExternalClientApplication"),
            ])),
        );
        fake
    }

    fn metadata(&self, org: &str, folder: &Path, change: &dyn Fn(&str, String) -> String) {
        fs::create_dir_all(self.cli.path().join(org)).unwrap();
        fs::write(self.cli.path().join(org).join("org.zip"), zipped(folder, change)).unwrap();
    }

    fn answer(&self, org: &str, name: &str, text: &str) {
        write_below(self.cli.path(), format!("{org}/{name}.json"), text);
    }

    fn status(&self, org: &str, name: &str, status: i32) {
        write_below(self.cli.path(), format!("{org}/{name}.status"), status.to_string());
    }

    /// Makes a command fail.
    fn refuse(&self, org: &str, command: &str, name: &str, message: &str) {
        self.answer(
            org,
            command,
            &json!({"status": 1, "name": name, "message": message}).to_string(),
        );
        self.status(org, command, 1);
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.cli.path().join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sfcred"));
        let path = format!("{}:/usr/bin:/bin", self.cli.path().display());
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("PATH", path)
            .env("SF_TEMP_SHOW_SECRETS", "true")
            .env("TMPDIR", self.cli.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program. No run leaves a temporary folder behind or prints a secret.
    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap(), self)
    }

    fn left_behind(&self) -> Vec<PathBuf> {
        let is_temporary =
            |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(".sfcred");
        crate::common::entries(self.cli.path()).into_iter().filter(is_temporary).collect()
    }
}

fn access(entity: &str, kind: &str) -> Value {
    json!({
        "ParentId": "0PS000000000002AAA",
        "Parent": {"Name": "Hub_Access", "Label": "Hub Access", "NamespacePrefix": null, "IsOwnedByProfile": false, "Profile": null},
        "SetupEntityId": entity, "SetupEntityType": kind,
    })
}

impl Run {
    fn of(output: Output, fake: &Fake) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let run = Run {
            status: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(fake.left_behind().is_empty(), "{:?}", fake.left_behind());
        assert!(!run.out.contains(SECRET) && !run.err.contains(SECRET), "{}{}", run.out, run.err);
        run
    }

    #[track_caller]
    fn ends(&self, status: i32, words: &[&str]) -> &Run {
        let all = format!("{}{}", self.out, self.err);
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(self.status, Some(status), "{}\n{}", self.out, self.err);
        for word in words {
            assert!(all.contains(word), "no `{word}` in:\n{}\n{}", self.out, self.err);
        }
        self
    }
}

const PULL: &[&str] = &["pull", "hub", "spoke"];

#[test]
fn two_orgs_are_read_and_described() {
    let fake = Fake::of("connected-app");
    fake.run(PULL).ends(
        0,
        &[
            "Wrote orgs/sfcred.yaml",
            "hub (acme--uat.sandbox.my.salesforce.com, sandbox)",
            "sfcred lint orgs",
        ],
    );
    let text = fs::read_to_string(fake.path().join("orgs/sfcred.yaml")).unwrap();
    for line in [
        "kind: sandbox",
        "my_domain: https://billing--uat.sandbox.my.salesforce.com",
        "Spoke_Callout: { assigned_to: [batch@acme.example.uat] }",
        "integration@billing.example.uat: { active: true, profile: \"Minimum Access\", permission_sets: [Hub_Access], api_enabled: true }",
        "Spoke_Org: { configured_principals: [SpokePrincipal] }",
        "Hub_Org: { profiles: [], permission_sets: [\"Hub Access\"] }",
        "#callouts_run_as: [batch@acme.example.uat]",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    let mode =
        |name: &str| fs::metadata(fake.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("orgs"), mode("orgs/hub")), (0o700, 0o700));
    fake.run(&["lint", "orgs", "--today", "2026-11-22"]).ends(0, &["All checks passed"]);
    fake.run(&["trace", "Spoke_Org", "orgs", "--today", "2026-11-22"])
        .ends(0, &["configured in the org", "`batch@acme.example.uat` has it"]);
    let environment = fs::read_to_string(fake.cli.path().join("environment")).unwrap();
    assert!(
        environment.contains("NO_COLOR=1") && !environment.contains("SECRETS"),
        "{environment}"
    );
    let folders = fs::read_to_string(fake.cli.path().join("folders")).unwrap();
    assert!(folders.lines().all(|folder| folder.contains("/.sfcred-")), "{folders}");
    let forbidden =
        ["oauthtoken", "apps/oauth", "/credential?", "show-access-token", "accesstoken"];
    for call in fake.calls() {
        let call = call.to_lowercase();
        assert!(!forbidden.iter().any(|word| call.contains(word)), "{call}");
        let known = [
            "org display ",
            "data query ",
            "sobject describe ",
            "project retrieve start ",
            "api request rest /services/data/v67.0/named-credentials/external-credentials/",
        ];
        assert!(known.iter().any(|start| call.starts_with(start)), "{call}");
    }
}

/// The rule and component of every finding above a note.
fn found(report: &sfcred::Report) -> BTreeSet<(String, String)> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity != sfcred::Severity::Note)
        .map(|finding| (finding.rule.to_owned(), finding.component.name.clone()))
        .collect()
}

#[test]
fn at_most_two_processes_run_at_once() {
    let fake = Fake::of("connected-app");
    // Long enough that runs overlap; how long does not matter for what is counted.
    write_below(fake.cli.path(), "slow", "");
    // Each org is read by a thread of its own.
    let aliases = ["hub", "spoke", "a", "b", "c"];
    for alias in &aliases[2..] {
        for path in crate::common::entries(&fake.cli.path().join("hub")) {
            let bytes = fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            write_below(fake.cli.path(), format!("{alias}/{name}"), bytes);
        }
    }
    let orgs = aliases.map(|alias| format!("{alias}={alias}"));
    let arguments = [vec!["pull"], orgs.iter().map(String::as_str).collect()].concat();
    fake.run(&arguments).ends(0, &[]);
    let counts = fs::read_to_string(fake.cli.path().join("at-once")).unwrap();
    let counts: Vec<usize> = counts.lines().map(|line| line.trim().parse().unwrap()).collect();
    assert!(counts.len() > 10, "{counts:?}");
    assert!(counts.iter().all(|&count| count <= 2), "{counts:?}");
}

#[test]
fn pulled_metadata_has_the_findings_of_the_files() {
    for setup in ["connected-app", "external-client-app", "mdapi", "broken-certificate"] {
        let fake = Fake::of(setup);
        fake.run(&["pull", "hub", "spoke", "--only-metadata", "--apex"]).ends(0, &[]);
        let pulled = lint_folder(&fake.path().join("orgs")).unwrap();
        let files = lint_folder(&root().join("fixtures/setups").join(setup)).unwrap();
        assert_eq!(found(&pulled), found(&files), "{setup}");
    }
}

#[test]
fn secrets_are_dropped_before_anything_is_written() {
    let fake = Fake::of("external-client-app");
    let setup = root().join("fixtures/setups/external-client-app/spoke");
    fake.metadata("spoke", &setup, &|name, text| {
        if name.ends_with(".ecaGlblOauth") {
            let secret = format!("<consumerSecret>{SECRET}</consumerSecret>\n    <consumerKey>");
            return text.replace("<consumerKey>", &secret);
        }
        text
    });
    fake.run(PULL).ends(0, &[]);
    let mut has_key = false;
    for path in files_below(&fake.path().join("orgs")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(SECRET), "{}", path.display());
        has_key |= path.extension().is_some_and(|end| end == "ecaGlblOauth")
            && text.contains("<consumerKey>3MVG9");
    }
    assert!(has_key);
}

#[test]
fn a_second_run_shows_what_has_changed_and_replaces_only_if_asked() {
    let fake = Fake::of("connected-app");
    fake.run(PULL).ends(0, &[]);
    let before = crate::common::read_files(&fake.path().join("orgs"));
    fake.run(PULL).ends(0, &["Nothing has changed"]);
    fake.answer("hub", "PermissionSetAssignment", &records(json!([])));
    fs::remove_file(fake.cli.path().join("spoke/org.zip")).unwrap();
    fake.run(PULL).ends(
        1,
        &["Nothing was written", "+ Spoke_Callout: { assigned_to: [] }", "removed spoke/"],
    );
    assert_eq!(crate::common::read_files(&fake.path().join("orgs")), before);
    fake.run(&["pull", "hub", "spoke", "--force"]).ends(0, &["Wrote orgs/sfcred.yaml"]);
    assert!(!fake.path().join("orgs/spoke/connectedApps").exists());
    fake.run(&["lint", "orgs", "--today", "2026-11-22"]).ends(1, &["permission-set-unassigned"]);
}

#[test]
fn files_of_others_are_never_replaced() {
    let fake = Fake::of("connected-app");
    for (name, text) in
        [("mine/sfcred.yaml", "orgs: {}\n"), ("other/hub/package.xml", "<Package/>")]
    {
        let path = write_below(fake.path(), name, text);
        let folder = name.split('/').next().unwrap();
        fake.run(&["pull", "hub", "--into", folder, "--force"])
            .ends(2, &["was not written by `sfcred pull`"]);
        assert_eq!(fs::read_to_string(path).unwrap(), text);
    }
    fs::create_dir_all(fake.path().join("linked")).unwrap();
    std::os::unix::fs::symlink(fake.cli.path(), fake.path().join("linked/hub")).unwrap();
    fake.run(&["pull", "hub", "--into", "linked"]).ends(2, &["was not written by"]);
    assert!(fake.calls().is_empty());
}

#[test]
fn every_fault_has_its_own_message_and_writes_nothing() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "display",
            "NamedOrgNotFoundError",
            "No authorization information found",
            &["has no org with the alias or username `hub`", "sf org login web --alias hub"],
        ),
        (
            "display",
            "RefreshTokenAuthError",
            "expired access/refresh token",
            &["has expired or was revoked", "sf org login web --alias hub"],
        ),
        (
            "Organization",
            "INVALID_SESSION_ID",
            "Session expired or invalid",
            &["has expired or was revoked"],
        ),
        ("display", "TypeError", "fetch failed", &["cannot be reached", "check the network"]),
        (
            "retrieve",
            "INSUFFICIENT_ACCESS",
            "insufficient access rights",
            &["must not read metadata", "Modify Metadata"],
        ),
        (
            "retrieve",
            "SomeError",
            "went wrong",
            &["`sf project retrieve start` for `hub` failed: went wrong", "--dry-run"],
        ),
        (
            "retrieve",
            "SomeError",
            "went wrong pw=Hunter2secret passphrase: correcthorse",
            &["failed: went wrong pw=•••• passphrase: ••••"],
        ),
        ("display", "NonExistentFlagsError", "Nonexistent flag: --json", &["too old", "sf update"]),
    ];
    for (command, name, message, words) in cases {
        let fake = Fake::of("connected-app");
        fake.refuse("hub", command, name, message);
        fake.run(PULL).ends(2, words);
        assert!(!fake.path().join("orgs").exists(), "{name}");
    }
    let fake = Fake::of("connected-app");
    fake.answer("hub", "display", "node: not found");
    fake.run(PULL).ends(2, &["too old or damaged"]);
    let none = fake.command(PULL).env("PATH", "/nowhere").output().unwrap();
    Run::of(none, &fake)
        .ends(2, &["`sf` was not found", "npm install --global @salesforce/cli", "SFCRED_SF"]);
    fake.run(&["pull", "hub=--json"]).ends(2, &["cannot be the alias"]);
    fake.run(&["pull", "../hub"]).ends(2, &["cannot be the name of an org"]);
    fake.run(&["pull", "a=hub", "A=spoke"]).ends(2, &["two orgs have the name"]);
    write_below(fake.cli.path(), "spoke/org.zip", "PK\u{3}\u{4}damaged");
    fake.run(&["pull", "spoke"]).ends(2, &["the metadata of `spoke` cannot be read"]);
}

#[test]
fn an_unanswered_question_is_unknown_and_not_none() {
    let fake = Fake::of("connected-app");
    fake.refuse(
        "hub",
        "PermissionSetAssignment",
        "INSUFFICIENT_ACCESS",
        "no access to assignments",
    );
    fake.refuse("spoke", "User", "INVALID_TYPE", "sObject type 'User' is not supported");
    fake.answer("hub", "connect-Spoke_Org", "[{\"errorCode\":\"API_DISABLED\",\"message\":\"x\"}]");
    fake.answer(
        "spoke",
        "SetupEntityAccess",
        &json!({"status": 0, "result": {"records": [], "totalSize": 12000}}).to_string(),
    );
    fake.run(PULL).ends(
        0,
        &[
            "hub: unknown: permission set assignments: no access to assignments",
            "spoke: unknown: users:",
            "API_DISABLED",
            "only 0 of 12000 records",
        ],
    );
    let text = fs::read_to_string(fake.path().join("orgs/sfcred.yaml")).unwrap();
    assert!(!text.contains("assigned_to: []") && !text.contains("exists: false"), "{text}");
    assert!(!text.contains("profiles: []"), "{text}");
    assert!(text.contains("# Unknown: permission set assignments"), "{text}");
    fake.run(&["lint", "orgs", "--today", "2026-11-22"]).ends(0, &["All checks passed"]);
}

#[test]
fn types_that_the_cli_or_the_org_lacks_are_left_out_and_named() {
    let fake = Fake::of("connected-app");
    let message =
        "Missing metadata type definition in registry for id 'ExtlClntAppOauthSecuritySettings'.";
    // The script refuses every call that names the type.
    let script = SCRIPT.replace(
        "answers=$home/$alias\n",
        "answers=$home/$alias\nif grep -q \"ExtlClntAppOauthSecuritySettings\" \"$home/calls\" && [ \"$name\" = retrieve ] && [ \"$(grep -c 'project retrieve' \"$home/calls\")\" = 1 ]; then cat \"$home/refusal\"; exit 1; fi\n",
    );
    fs::write(fake.cli.path().join("sf"), script).unwrap();
    let refusal = json!({"status": 1, "name": "RegistryError", "message": message}).to_string();
    fs::write(fake.cli.path().join("refusal"), refusal).unwrap();
    fake.answer(
        "hub",
        "retrieve",
        &json!({"status": 0, "result": {"messages": {"problem": "Entity type 'X' is unknown"}}})
            .to_string(),
    );
    fake.run(&["pull", "hub", "--only-metadata"]).ends(0, &[
        "hub: unknown: ExtlClntAppOauthSecuritySettings: this version of the CLI does not support it",
        "the org remarks: Entity type 'X' is unknown",
    ]);
    let manifest = fs::read_to_string(fake.path().join("orgs/hub/package.xml")).unwrap();
    assert!(
        !manifest.contains("ExtlClntAppOauthSecuritySettings") && manifest.contains("ConnectedApp")
    );
}

#[test]
fn grants_of_profiles_missing_users_and_frozen_users_are_described() {
    let fake = Fake::of("connected-app");
    fake.answer("spoke", "User", &records(json!([])));
    fake.answer("hub", "SetupEntityAccess", &records(json!([{
        "ParentId": "0PS000000000009AAA",
        "Parent": {"Name": "X00e000000000001", "Label": "x", "NamespacePrefix": null, "IsOwnedByProfile": true, "Profile": {"Name": "Integration"}},
        "SetupEntityId": "0pF000000000001AAA", "SetupEntityType": "ExternalCredentialParameter",
    }])));
    let mut by_profile = assignment(RUNNER, "X00e000000000001");
    by_profile["PermissionSet"]["IsOwnedByProfile"] = json!(true);
    fake.answer("hub", "PermissionSetAssignment", &records(json!([by_profile])));
    fake.run(PULL).ends(0, &["1 missing user"]);
    let text = fs::read_to_string(fake.path().join("orgs/sfcred.yaml")).unwrap();
    let line = "X00e000000000001: { profile: Integration, principals: [Spoke_Org-SpokePrincipal], assigned_to: [batch@acme.example.uat] }";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("integration@billing.example.uat: { exists: false }"), "{text}");
    fake.run(&["trace", "Spoke_Org", "orgs", "--today", "2026-11-22"])
        .ends(1, &["the profile `Integration` grants it"]);
    let lint = fake.run(&["lint", "orgs", "--today", "2026-11-22"]);
    assert!(
        lint.out.contains("subject-unknown") && !lint.out.contains("permission-set-unassigned"),
        "{}",
        lint.out
    );
}

#[test]
fn users_on_the_command_line_limit_what_is_read() {
    let fake = Fake::of("connected-app");
    fake.run(&["pull", "hub", "spoke", "--user", RUNNER]).ends(0, &[]);
    let text = fs::read_to_string(fake.path().join("orgs/sfcred.yaml")).unwrap();
    assert!(
        text.contains("callouts_run_as: [batch@acme.example.uat]") && !text.contains("assigned_to"),
        "{text}"
    );
    assert!(!fake.calls().iter().any(|call| call.contains("PermissionSet.Name IN")));
    fake.run(&["trace", "Spoke_Org", "orgs", "--today", "2026-11-22"])
        .ends(0, &["`batch@acme.example.uat` has the permission set `Spoke_Callout`"]);
}

#[test]
fn orgs_are_linted_traced_and_diagnosed_without_files() {
    let fake = Fake::of("broken-certificate");
    let orgs = ["--target-org", "hub", "--target-org", "spoke", "--today", "2026-11-22"];
    fake.run(&[&["lint"], &orgs[..]].concat())
        .ends(1, &["certificate-mismatch", "hub:externalCredentials/Spoke_Org.externalCredential"]);
    let run = fake.run(&[&["trace", "Spoke_Org"], &orgs[..]].concat());
    run.ends(1, &["Spoke_Org"]);
    let run = run.err.replace("\n      ", " ");
    assert!(run.contains("run `sfcred pull hub spoke`"), "{run}");
    fake.answer("spoke", "LoginHistory", &records(json!([
        {"LoginTime": "2026-11-22T09:56:30.000+0000", "Status": "Success", "LoginType": "Remote Access 2.0", "Application": "Hub Org"},
        {"LoginTime": "2026-11-22T09:57:30.000+0000", "Status": "Failed: Not approved for access", "LoginType": "Remote Access 2.0", "Application": "Hub Org"},
    ])));
    fake.run(&[&["diagnose"], &orgs[..]].concat()).ends(0, &[
        "user-not-admin-approved",
        "failed login at spoke: 2026-11-22T09:57:30.000+0000, `integration@billing.example.uat` by `Hub Org`: Failed: Not approved for access (user-not-admin-approved)",
    ]);
    let message = ["diagnose", "--message", "Unable to complete the JWT token exchange."];
    fake.run(&[&message, &orgs[..]].concat())
        .ends(0, &["Other findings that can stop this callout", "error[certificate-mismatch]"]);
    let run = fake.run(&[&["diagnose", "--only-metadata"], &orgs[..]].concat());
    run.ends(1, &[]);
    assert!(run.err.contains("`--only-metadata` reads no users"), "{}", run.err);
    let json = fake.run(
        &[&["diagnose", "--format", "json", "--message", "invalid_grant"], &orgs[..]].concat(),
    );
    let document: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(document["login_history"][0]["answer"], "user-not-admin-approved");
    assert_eq!(document["login_history"].as_array().unwrap().len(), 1);
    assert_eq!(crate::common::entries(fake.path()).len(), 1, "nothing was written");
    fake.run(&["lint", "--target-org", "hub", "x"]).ends(2, &["reads orgs instead of files"]);
    fake.run(&["lint", "--user", RUNNER]).ends(2, &["name the org with `--target-org ALIAS`"]);
    fake.run(&["lint", "--target-org", "hub", "--fix"]).ends(2, &["does not change"]);
}

#[test]
fn commands_and_the_manifest_are_printed_without_a_cli() {
    let fake = Fake::new();
    let run = fake.run(&["pull", "hub=my-org", "--dry-run", "--api-version", "66"]);
    run.ends(
        0,
        &[
            "sf org display --target-org my-org --json",
            "sf project retrieve start --target-org my-org --metadata AuthProvider Certificate",
            "--api-version 66.0",
            "SELECT Id, Username, IsActive, Profile.Name FROM User WHERE Username IN ('USERNAME')",
        ],
    );
    assert!(fake.calls().is_empty());
    let manifest = fake.run(&["pull", "--package-xml", "--apex"]);
    manifest.ends(
        0,
        &[
            "<name>ExternalCredential</name>",
            "<name>ApexClass</name>",
            "<members>MyDomain</members>",
        ],
    );
    fake.run(&["pull"]).ends(2, &["NAME=ALIAS"]);
}

#[test]
fn the_program_can_be_anywhere_but_in_the_project() {
    let fake = Fake::of("connected-app");
    let spaced = fake.path().join("a folder/sf tool");
    fs::create_dir_all(spaced.parent().unwrap()).unwrap();
    fs::write(
        &spaced,
        SCRIPT
            .replace("$(cd \"$(dirname \"$0\")\" && pwd)", &fake.cli.path().display().to_string()),
    )
    .unwrap();
    fs::set_permissions(&spaced, fs::Permissions::from_mode(0o755)).unwrap();
    let run = |name: &str, path: &str| {
        let output = fake
            .command(&["pull", "hub", "--only-metadata", "--into", "a b"])
            .env("SFCRED_SF", name)
            .env("PATH", path)
            .output()
            .unwrap();
        Run::of(output, &fake)
    };
    run("./a folder/sf tool", "/usr/bin:/bin").ends(0, &["Wrote a b/sfcred.yaml"]);
    // A relative entry of PATH means the project.
    run("sf tool", "a folder:.:/usr/bin:/bin").ends(2, &["was not found"]);
}

#[test]
fn a_command_that_does_not_end_is_ended() {
    let fake = Fake::of("connected-app");
    write_below(fake.cli.path(), "hub/hang-Organization", "");
    let output = fake.command(PULL).env("SFCRED_SF_TIMEOUT", "1").output().unwrap();
    Run::of(output, &fake).ends(
        2,
        &["`sf data query` for `hub` did not end within 1 seconds", "SFCRED_SF_TIMEOUT=1800"],
    );
    assert!(!fake.path().join("orgs").exists());
    let output = fake.command(PULL).env("SFCRED_SF_TIMEOUT", "soon").output().unwrap();
    Run::of(output, &fake).ends(2, &["is not a number of seconds"]);
}

#[test]
fn an_interrupt_ends_everything_and_removes_temporary_files() {
    let fake = Fake::of("connected-app");
    write_below(fake.cli.path(), "hub/hang-retrieve", "");
    let mut child =
        fake.command(PULL).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !fake.cli.path().join("started").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(fake.left_behind().is_empty(), "{:?}", fake.left_behind());
    assert!(!fake.path().join("orgs").exists());
}

#[test]
fn a_new_setup_takes_what_the_cli_knows() {
    let fake = Fake::of("connected-app");
    let arguments = [
        "new",
        "--from-org",
        "hub=hub",
        "--from-org",
        "spoke=spoke",
        "--integration-user",
        SUBJECT,
    ];
    let rest = ["--caller", RUNNER, "--contact-email", "ops@acme.example"];
    fake.run(&[&arguments[..], &rest].concat()).ends(0, &["Next: follow Billing_Uat/STEPS.md"]);
    let answers = fs::read_to_string(fake.path().join("Billing_Uat/sfcred-new.yaml")).unwrap();
    for line in [
        "hub: https://acme--uat.sandbox.my.salesforce.com",
        "hub_alias: hub",
        "spoke: https://billing--uat.sandbox.my.salesforce.com",
    ] {
        assert!(answers.lines().any(|other| other == line), "{answers}");
    }
    let is_known =
        |call: &String| call.starts_with("org display") || call.contains("FROM Organization");
    assert!(fake.calls().iter().all(is_known), "{:?}", fake.calls());
    fake.run(&["new", "--from-org", "hub=missing"])
        .ends(2, &["has no org with the alias or username `missing`"]);
}
