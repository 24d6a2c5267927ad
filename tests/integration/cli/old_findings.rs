//! Old findings: allows, `never-allow`, and baselines.

use std::fs;

use serde_json::Value;

use super::{Project, Run, copy};

const XML: &str =
    "hub/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml";
const CLASS: &str = "hub/force-app/main/default/classes/SpokeOrders.cls";

impl Project {
    /// Replaces a part of a file.
    fn replace(&self, name: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path().join(name)).unwrap();
        assert!(text.contains(old), "{old} is not in {text}");
        self.write(name, text.replacen(old, new, 1));
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.lint(&[&["--format", "json"], arguments].concat()).out).unwrap()
    }

    /// Findings in each syntax: a project, the rule, and the line above which a comment is inserted.
    fn of_each_syntax()
    -> [(Project, &'static str, &'static str, &'static str, [&'static str; 2]); 3] {
        [
            (
                Project::of("audience-trailing-slash/bad"),
                "audience-trailing-slash",
                XML,
                "<parameterValue>&quot;https://test",
                ["<!--", "-->"],
            ),
            (
                Project::of("audience-trailing-slash/bad-yaml-only"),
                "audience-trailing-slash",
                "sfcred.yaml",
                "aud: https://test.salesforce.com/",
                ["#", ""],
            ),
            (
                Project::of("named-credential-not-found/bad"),
                "named-credential-not-found",
                CLASS,
                "request.setEndpoint",
                ["//", ""],
            ),
        ]
    }
}

#[test]
fn allow_comments_work_in_every_syntax_with_a_reason_and_until_they_expire() {
    for (project, rule, file, place, [open, close]) in Project::of_each_syntax() {
        project.lint(&[]).ends(0, &[&format!("[{rule}]"), "1 "]);
        let comment = |words: &str| {
            let comment = format!("{open} sfcred: allow({rule}) {words} {close}");
            if open == "#" { format!("{place} {comment}") } else { format!("{comment}\n{place}") }
        };
        project.replace(file, place, &comment("reason=\"we know\" until=2026-11-22"));
        let run = project.lint(&[]);
        assert!(run.ends(0, &[]).out.starts_with("No findings (1 allowed)"), "{run:#?}");
        assert_eq!(project.json(&[])["summary"]["allowed"], 1);
        project
            .run(&["lint", "--today", "2026-11-23"])
            .ends(0, &["warning[expired-allow]", "valid until 2026-11-22", &format!("[{rule}]")]);
        let shown = project.lint(&["--no-allows"]);
        assert!(
            !shown.ends(0, &[&format!("[{rule}]")]).out.contains("unused-allow")
                && !shown.out.contains("allowed"),
            "{shown:#?}"
        );
        project.replace(file, " reason=\"we know\" until=2026-11-22", "");
        project
            .lint(&[])
            .ends(0, &[&format!("[{rule}]"), "warning[unused-allow]", "it gives no reason"]);
    }
}

#[test]
fn the_settings_allow_by_path_by_component_and_by_both() {
    for (fits, place) in [
        (true, "path = \"hub/**\""),
        (false, "path = \"spoke/**\""),
        (true, "component = \"ExternalCredential:Spoke_Org\""),
        (false, "component = \"NamedCredential:Spoke_Org\""),
        (
            true,
            "path = \"**/*.externalCredential-meta.xml\"\ncomponent = \"ExternalCredential:Spoke_Org\"",
        ),
        (false, "path = \"spoke/**\"\ncomponent = \"ExternalCredential:Spoke_Org\""),
    ] {
        for rule in ["claim-missing", "claim-*"] {
            let project = Project::of("claim-missing/bad");
            project.write(
                "sfcred.toml",
                format!("[[allow]]\nrule = \"{rule}\"\n{place}\nreason = \"we know\"\n"),
            );
            let run = project.lint(&[]);
            if fits {
                run.ends(0, &["No findings (1 allowed)"]);
            } else {
                run.ends(1, &["error[claim-missing]", "warning[unused-allow]"]);
            }
        }
    }
}

#[test]
fn the_number_of_allowed_findings_is_in_the_last_line_of_quiet_runs_too() {
    let project = Project::of("claim-missing/bad");
    project.write(
        "sfcred.toml",
        "[[allow]]\nrule = \"claim-missing\"\npath = \"hub/**\"\nreason = \"we know\"\n",
    );
    assert_eq!(project.lint(&["--quiet"]).ends(0, &[]).out, "");
    project.write("force-app/Broken.connectedApp-meta.xml", "<ConnectedApp>");
    project.lint(&["--quiet"]).ends(1, &["1 error", "(1 allowed)"]);
}

#[test]
fn the_settings_cannot_allow_a_rule_that_is_not_suppressible() {
    let project = Project::of("secret-in-source/bad");
    project.write("sfcred.toml", "never-allow = [\"*-in-source\"]\n");
    project.lint(&[]).ends(2, &["unknown rule `*-in-source`"]);
    project.write("sfcred.toml", "never-allow = [\"secret-in-source\"]\n\n[[allow]]\nrule = \"secret-in-source\"\npath = \"**\"\nreason = \"x\"\n");
    project.lint(&[]).ends(
        2,
        &[
            "[sfcred.toml:4:8]",
            "`secret-in-source` is allowed here, but `never-allow` contains it",
            "never to be allowed",
        ],
    );
    project.write(
        "sfcred.toml",
        "never-allow = [\"secret-in-source\"]\n[rules]\n\"secret-*\" = \"off\"\n",
    );
    project.lint(&[]).ends(2, &["[sfcred.toml:3:1]", "is off here, but `never-allow` contains it"]);
}

#[test]
fn a_rule_that_is_not_suppressible_is_reported_despite_comments_and_baselines() {
    let project = Project::of("secret-in-source/bad");
    let file = "hub/force-app/main/default/authproviders/Maps.authprovider-meta.xml";
    project.replace(
        file,
        "<consumerSecret>",
        "<!-- sfcred: allow(secret-in-source) reason=\"x\" -->\n    <consumerSecret>",
    );
    project.lint(&[]).ends(0, &["(1 allowed)"]);
    project
        .lint(&["--write-baseline", "old.json", "--no-allows"])
        .ends(0, &["1 baselined", "Wrote 1 finding to old.json (new baseline)"]);
    project.write("sfcred.toml", "never-allow = [\"secret-in-source\"]\n");
    project.lint(&[]).ends(1, &["error[secret-in-source]", "unused-allow", "`never-allow` in"]);
    project.lint(&["--baseline", "old.json"]).ends(1, &["error[secret-in-source]"]);
    project
        .lint(&["--write-baseline", "new.json"])
        .ends(1, &["error[secret-in-source]", "Findings of `never-allow` rules are not in it"]);
    let written = fs::read_to_string(project.path().join("new.json")).unwrap();
    assert!(
        !written.contains("\"rule\": \"secret-in-source\"") && written.contains("unused-allow"),
        "{written}"
    );
    // A group still allows its other rules.
    project.replace(file, "allow(secret-in-source)", "allow(secret-*)");
    project.lint(&[]).ends(1, &["error[secret-in-source]", "`secret-*` finds nothing here"]);
}

#[test]
fn a_baseline_covers_what_is_old_and_nothing_that_is_new() {
    let project = Project::of("claim-missing/bad");
    project
        .lint(&["--baseline", "old.json"])
        .ends(2, &["the baseline `old.json` does not exist", "--write-baseline old.json"]);
    project
        .lint(&["--write-baseline", "old.json"])
        .ends(0, &["No new findings (1 baselined)", "Wrote 1 finding to old.json (new baseline)"]);
    project.lint(&[]).ends(1, &["error[claim-missing]"]);
    project.lint(&["--baseline", "old.json"]).ends(0, &["No new findings (1 baselined)"]);
    // Moved lines and another indentation make no difference.
    let text = fs::read_to_string(project.path().join(XML)).unwrap();
    project.write(XML, text.replace('\n', "\n\n  "));
    project.lint(&["--baseline", "old.json"]).ends(0, &["(1 baselined)"]);
    // A moved file makes no difference either, but a second equal finding in another file is new.
    let moved =
        "hub/force-app/main/other/externalCredentials/Spoke_Org.externalCredential-meta.xml";
    project.write(moved, fs::read(project.path().join(XML)).unwrap());
    fs::remove_file(project.path().join(XML)).unwrap();
    project.lint(&["--baseline", "old.json"]).ends(0, &["(1 baselined)"]);
    project.write(XML, text.replace("AuthProviderUrl", "AuthProviderUrl "));
    project.lint(&["--baseline", "old.json"]).ends(1, &["1 error", "(1 baselined)"]);
    let json = project.json(&["--baseline", "old.json"]);
    assert_eq!(
        (&json["summary"]["baselined"], &json["summary"]["errors"], &json["baseline"]["gone"]),
        (&1.into(), &1.into(), &Value::Array(vec![]))
    );
}

#[test]
fn a_new_finding_does_not_replace_a_fixed_one_in_another_file() {
    let project = Project::new();
    copy(&Project::of("claim-missing/bad").path().join("hub"), &project.path().join("one"));
    copy(&Project::of("claim-missing/good").path().join("hub"), &project.path().join("two"));
    project.lint(&["--write-baseline", "old.json"]).ends(0, &["1 baselined"]);
    let file = |org: &str| {
        format!(
            "{org}/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml"
        )
    };
    let (bad, good) = (
        fs::read(project.path().join(file("one"))).unwrap(),
        fs::read(project.path().join(file("two"))).unwrap(),
    );
    project.write(&file("one"), good);
    project.write(&file("two"), bad);
    project.lint(&["--baseline", "old.json"]).ends(
        1,
        &[
            "error[claim-missing]",
            "two/force-app",
            "1 baseline entry no longer occurs (claim-missing in one/",
        ],
    );
}

#[test]
fn fixed_findings_are_reported_and_removed_from_the_baseline() {
    let project = Project::of("claim-missing/bad");
    project.write("sfcred.toml", "baseline = \"old.json\"\n");
    project.lint(&[]).ends(2, &["the baseline `", "old.json` does not exist"]);
    project.lint(&["--write-baseline", "old.json"]).ends(0, &[]);
    project
        .lint(&["--write-baseline", "old.json"])
        .ends(0, &["Wrote 1 finding to old.json (unchanged)"]);
    copy(&Project::of("claim-missing/good").path().join("hub"), &project.path().join("hub"));
    project.lint(&[]).ends(
        0,
        &["1 baseline entry no longer occurs (claim-missing in hub/", "--write-baseline old.json"],
    );
    assert_eq!(project.json(&[])["baseline"]["gone"][0]["rule"], "claim-missing");
    // A run of other files or without the rule cannot check the entry and keeps it.
    project.write("other/Maps.remoteSite-meta.xml", "<RemoteSiteSetting xmlns=\"http://soap.sforce.com/2006/04/metadata\"><url>https://a.example</url></RemoteSiteSetting>");
    let elsewhere = project.lint(&["other"]);
    assert!(!elsewhere.out.contains("no longer"), "{elsewhere:#?}");
    project
        .lint(&["other", "--write-baseline", "old.json"])
        .ends(0, &["1 finding to old.json (unchanged)"]);
    project
        .lint(&["--write-baseline", "old.json"])
        .ends(0, &["0 findings to old.json (0 added, 1 removed, 0 unchanged)"]);
    assert!(
        fs::read_to_string(project.path().join("old.json")).unwrap().contains("\"findings\": []")
    );
}

#[test]
fn a_file_that_is_not_a_baseline_is_not_overwritten() {
    let project = Project::of("claim-missing/bad");
    let text = "{\n  \"name\": \"a package\"\n}\n";
    project.write("package.json", text);
    for option in ["--baseline", "--write-baseline"] {
        let run = project.lint(&[option, "package.json"]);
        run.ends(2, &["package.json", "not an sfcred baseline"]);
        assert!(!run.err.contains("a package"), "the file is not quoted: {run:#?}");
    }
    assert_eq!(fs::read_to_string(project.path().join("package.json")).unwrap(), text);
    project
        .lint(&["--write-baseline", "nowhere/old.json"])
        .ends(2, &["cannot write", "nowhere/old.json"]);
}

#[test]
fn a_baseline_is_found_from_a_folder_inside() {
    let project = Project::of("claim-missing/bad");
    project.write("config/sfcred.toml", "");
    project.lint(&["--write-baseline", "config/old.json"]).ends(0, &["1 baselined"]);
    let inside = |arguments: &[&str]| {
        let mut command =
            project.command(&[&["lint", "--today", "2026-11-22"], arguments].concat());
        Run::of(command.current_dir(project.path().join("hub")))
    };
    inside(&["--baseline", "../config/old.json"]).ends(0, &["1 baselined"]);
    project.write("sfcred.toml", "baseline = \"config/old.json\"\n");
    inside(&[]).ends(0, &["1 baselined"]);
}

#[test]
fn a_baseline_has_one_line_a_finding_and_keeps_to_its_schema() {
    let project = Project::of("setups/connected-app");
    copy(&Project::of("claim-missing/bad").path().join("hub"), &project.path().join("a"));
    copy(&Project::of("audience-trailing-slash/bad").path().join("hub"), &project.path().join("b"));
    project.lint(&["--write-baseline", "old.json"]).ends(0, &[]);
    let text = fs::read_to_string(project.path().join("old.json")).unwrap();
    let schema =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/sfcred-baseline-1.json"))
            .unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(schema.is_valid(&value), "{text}");
    let count = value["findings"].as_array().unwrap().len();
    assert!(count > 1 && text.lines().count() == count + 5, "{text}");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("fingerprint"))
        .map(|line| line.trim_end_matches(','))
        .collect();
    assert!(lines.is_sorted(), "{text}");
    let mut broken = value.clone();
    broken["findings"][0]["line"] = 1.into();
    assert!(!schema.is_valid(&broken));
}
