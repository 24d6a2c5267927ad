//! `sfcred trace`: the meaning of the first argument, the exit codes, and the output.

use std::fs;

use serde_json::Value;

use super::{Project, Run};

impl Project {
    /// `sfcred trace` on the day of the fixtures.
    fn trace(&self, arguments: &[&str]) -> Run {
        self.run(&[&["trace", "--today", "2026-11-22"], arguments].concat())
    }
}

#[test]
fn a_complete_setup_gets_a_token() {
    let run = Project::of("setups/step-by-step").trace(&["Spoke_Org"]);
    run.ends(
        0,
        &[
            "`Spoke_Org` in org `hub`",
            "\"iss\": \"3MVG9uXC…z94Q\"",
            "The callout would work, as far as the files show",
        ],
    );
    assert!(run.err.is_empty(), "{run:#?}");
}

#[test]
fn a_failing_step_ends_with_1_and_quotes_salesforce() {
    let run = Project::of("subject-not-approved/bad").trace(&["Spoke_Org"]);
    run.ends(
        1,
        &[
            "✗ 7 target org: fails",
            "user is not admin approved to access this app",
            "sfcred explain subject-not-approved",
        ],
    );
}

#[test]
fn an_unknown_name_is_an_error_that_suggests_the_nearest() {
    let project = Project::of("setups/step-by-step");
    project.trace(&["Spok_Org"]).ends(
        2,
        &[
            "`Spok_Org` is not a named or external credential in these files",
            "did you mean `Spoke_Org`?",
        ],
    );
    project.trace(&["Zebra"]).ends(2, &["the credentials are `Spoke_Org`"]);
}

#[test]
fn the_first_argument_is_a_path_if_it_exists_or_names_no_credential() {
    let project = Project::of("setups/step-by-step");
    project.trace(&["hub", "spoke"]).ends(0, &["`Spoke_Org`"]);
    project.trace(&["Spoke_Org", "hub", "spoke"]).ends(0, &["`Spoke_Org`"]);
    project.trace(&["./nowhere"]).ends(2, &["`./nowhere` does not exist"]);
    project.trace(&["retrieved.zip"]).ends(2, &["`retrieved.zip` does not exist"]);
    let project = Project::of("setups/connected-app");
    fs::create_dir(project.path().join("Spoke_Org")).unwrap();
    project.trace(&["Spoke_Org"]).ends(2, &["nothing to lint"]);
    project.trace(&["--credential", "Spoke_Org"]).ends(0, &["`Spoke_Org`", "Unknown, because"]);
    project.trace(&["--credential", "Spoke_Org", "hub"]).ends(0, &["`Spoke_Org`"]);
}

#[test]
fn neither_settings_nor_forceignore_make_a_callout_work() {
    let project = Project::of("audience-environment-mismatch/bad");
    let fails = |project: &Project| {
        project.trace(&["--color", "never"]).ends(1, &["audience: fails"]);
    };
    fails(&project);
    project.write("sfcred.toml", "[rules]\n\"*\" = \"off\"\n");
    fails(&project);
    fs::remove_file(project.path().join("sfcred.toml")).unwrap();
    project.write("hub/.forceignore", "**\n");
    project.write(".forceignore", "**\n");
    fails(&project);
    let found = project.run(&["diagnose", "-m", "invalid_grant: audience is invalid", "."]);
    assert!(found.out.contains("audience-environment-mismatch"), "{found:#?}");
}

#[test]
fn a_name_is_found_in_any_case() {
    Project::of("setups/step-by-step").trace(&["spoke_org"]).ends(0, &["The callout would work"]);
}

#[test]
fn nothing_to_trace_is_an_error() {
    let project = Project::new();
    project.write(
        "force-app/main/default/permissionsets/X.permissionset-meta.xml",
        "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><externalCredentialPrincipalAccesses/></PermissionSet>",
    );
    project.trace(&[]).ends(2, &["nothing to trace", "help: "]);
}

#[test]
fn claims_are_explained_on_request() {
    let project = Project::of("setups/step-by-step");
    project
        .trace(&["--explain-claims"])
        .ends(0, &["`aud` audience: ", "(RFC 7519", "Spoke_Org.externalCredential-meta.xml:41"]);
    assert!(!project.trace(&[]).out.contains("RFC"));
}

#[test]
fn machines_get_the_header_and_claims_as_they_would_be_sent() {
    let run = Project::of("setups/step-by-step").trace(&["Spoke_Org", "--format", "json"]);
    run.ends(0, &[]);
    let value: Value = serde_json::from_str(&run.out).unwrap();
    let trace = &value["traces"][0];
    assert_eq!(trace["verdict"]["kind"], "issued");
    assert_eq!(trace["jwt"]["header"], serde_json::json!({ "alg": "RS256", "kid": "Hub_Org" }));
    assert_eq!(trace["jwt"]["claims"]["aud"], "https://test.salesforce.com");
    // 2026-11-22 00:00 UTC and 120 seconds.
    assert_eq!(trace["jwt"]["claims"]["exp"], 1_795_305_720);
    assert_eq!(trace["steps"].as_array().unwrap().len(), 8);
    assert_eq!(value["summary"]["issued"], 1);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let project = Project::of("subject-not-approved/bad");
    let run = project.run_with_closed_stdout(&["trace", "--today", "2026-11-22"]);
    assert_eq!(run.status, Some(1));
    assert!(run.err.is_empty(), "{}", run.err);
}

#[test]
fn an_undefined_name_in_apex_is_traced_too() {
    let project = Project::of("setups/step-by-step");
    fs::remove_file(
        project
            .path()
            .join("hub/force-app/main/default/namedCredentials/Spoke_Org.namedCredential-meta.xml"),
    )
    .unwrap();
    project
        .trace(&[])
        .ends(0, &["`Spoke_Org` is called but is not in these files", "Unknown, because"]);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let project = Project::new();
    project.write(
        "force-app/Hub.externalCredential-meta.xml",
        "<?xml version=\"1.0\"?><ExternalCredential><",
    );
    let words = [
        "cannot read `force-app/Hub.externalCredential-meta.xml`: the file ends inside a tag",
        "`sfcred lint` shows the place",
    ];
    project.trace(&[]).ends(2, &words);
    project.trace(&["Hub"]).ends(2, &words);
    project.trace(&["Other"]).ends(2, &["`Other` is not a named or external credential"]);
}

#[test]
fn the_end_names_everything_that_stops_the_callout() {
    let project = Project::of("subject-not-approved/bad");
    let credential =
        "hub/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml";
    let text = std::fs::read_to_string(project.path().join(credential)).unwrap();
    let wrong = text.replace("https://test.salesforce.com", "https://login.salesforce.com");
    assert_ne!(text, wrong);
    project.write(credential, wrong);
    project.trace(&["Spoke_Org"]).ends(
        1,
        &[
            "sfcred explain audience-environment-mismatch",
            "after that: `subject-not-approved` would stop the callout, too (see above)",
        ],
    );
}

#[test]
fn names_that_only_apex_uses_are_traced_up_to_a_limit() {
    let project = Project::new();
    let calls: String = (0..1_003)
        .map(|number| format!("request.setEndpoint('callout:Undefined_{number}');\n"))
        .collect();
    project.write(
        "namedCredentials/Other.namedCredential-meta.xml",
        "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Other</label></NamedCredential>",
    );
    project.write(
        "classes/Caller.cls",
        format!("public class Caller {{ void call() {{ HttpRequest request = new HttpRequest();\n{calls}}} }}"),
    );
    let run = project.trace(&[]);
    assert!(run.out.contains("Not traced: 3 more names that only Apex uses"), "{}", run.err);
    let run = project.trace(&["--json"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["traces"].as_array().unwrap().len(), 1_001);
    assert_eq!(json["summary"]["not_traced"], 3);
    project.trace(&["Undefined_1002"]).ends(0, &["Undefined_1002"]);
}
