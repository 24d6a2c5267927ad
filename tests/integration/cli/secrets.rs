//! No output shows a secret, regardless of its place and of other faults in the file.

use super::{Project, Run};

/// A part of every secret below.
const MARK: &str = "MARKMARKMARK";
const KEY: &str =
    "3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0.Mv311p0QFveRtUuQN_P8ywerNlCSMpqZ.Tb5b0AGE7xSitdHyn";

/// Runs in both formats, with and without `--quiet`, and collects the output.
fn is_silent_about_the_mark(project: &Project) -> Run {
    for arguments in [&["--format", "json"][..], &["--quiet"], &["--color", "always"]] {
        let run = project.lint(arguments);
        assert!(!run.out.contains(MARK) && !run.err.contains(MARK), "{arguments:?}: {run:#?}");
    }
    let run = project.lint(&[]);
    assert!(!run.out.contains(MARK) && !run.err.contains(MARK), "{run:#?}");
    run
}

fn app(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <contactEmail>ops@acme.example</contactEmail>\n    \
         <label>Hub Org</label>\n    <oauthConfig>\n        {inside}\n        <consumerKey>{KEY}</consumerKey>\n        <isAdminApproved>false</isAdminApproved>\n        \
         <scopes>Web</scopes>\n    </oauthConfig>\n</ConnectedApp>\n"
    )
}

#[test]
fn a_consumer_secret_near_a_finding_is_hidden() {
    let project = Project::new();
    project.write(
        "Hub_Org.connectedApp-meta.xml",
        app(&format!(
            "<certificate>not a certificate</certificate><consumerSecret>{MARK}</consumerSecret>"
        )),
    );
    is_silent_about_the_mark(&project).ends(1, &["error["]);
}

#[test]
fn a_consumer_secret_in_a_file_that_cannot_be_parsed_is_hidden() {
    let project = Project::new();
    project.write(
        "Hub_Org.connectedApp-meta.xml",
        app(&format!("<consumerSecret>{MARK}</consumerSecre>")),
    );
    is_silent_about_the_mark(&project).ends(1, &["error[unreadable-file]", "••••"]);
    project.write(
        "Hub_Org.connectedApp-meta.xml",
        app(&format!("<consumerSecret>{MARK} & more</consumerSecret>")),
    );
    is_silent_about_the_mark(&project).ends(1, &["error[unreadable-file]"]);
    project.write(
        "Hub_Org.connectedApp-meta.xml",
        app(&format!("<consumerSecret>\n{MARK}\n{MARK}\n")),
    );
    is_silent_about_the_mark(&project).ends(1, &["error[unreadable-file]"]);
}

#[test]
fn a_private_key_in_place_of_a_certificate_is_redacted() {
    let project = Project::new();
    let key = format!(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{MARK}{}\n{MARK}\n-----END RSA PRIVATE KEY-----",
        "A".repeat(52)
    );
    project
        .write("Hub_Org.connectedApp-meta.xml", app(&format!("<certificate>{key}</certificate>")));
    is_silent_about_the_mark(&project).ends(1, &["error["]);
    project.write("certs/Hub_Org.crt", &key);
    project.write("certs/Hub_Org.crt-meta.xml", "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"><masterLabel>Hub Org</masterLabel></Certificate>");
    is_silent_about_the_mark(&project);
}

#[test]
fn passwords_and_tokens_of_a_named_credential_are_hidden() {
    let project = Project::of("token-endpoint-missing/bad-legacy");
    let path = project
        .path()
        .join("hub/force-app/main/default/namedCredentials/Spoke_Org.namedCredential-meta.xml");
    let text = std::fs::read_to_string(&path).unwrap();
    let secrets = format!(
        "<oauthRefreshToken>{MARK}</oauthRefreshToken><oauthToken>{MARK}</oauthToken><password>{MARK}</password>"
    );
    let around = text
        .replace("    <protocol>", &format!("    {secrets}\n    <protocol>"))
        .replace("    <endpoint>", &format!("    {secrets}<endpoint>"));
    assert_ne!(around, text);
    std::fs::write(&path, around).unwrap();
    is_silent_about_the_mark(&project).ends(1, &["error[token-endpoint-missing]", "••••"]);
}

#[test]
fn a_secret_in_a_description_that_cannot_be_used_is_hidden() {
    let project = Project::of("setups/yaml-only");
    let path = project.path().join("sfcred.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let with = text.replacen(
        "    connected_apps:\n",
        &format!("    consumer_secret: {MARK}\n    connected_apps:\n"),
        1,
    );
    assert_ne!(with, text);
    std::fs::write(&path, with).unwrap();
    is_silent_about_the_mark(&project).ends(2, &["consumer_secret", "••••"]);
}

#[test]
fn consumer_keys_are_shortened_everywhere() {
    let project = Project::new();
    project.write("Hub_Org.connectedApp-meta.xml", app("<certificate>x</certificate>"));
    for arguments in [&["--format", "json"][..], &[], &["--color", "always"]] {
        let run = project.lint(arguments);
        assert!(!run.out.contains(&KEY[..24]), "{run:#?}");
    }
    Project::of("issuer-malformed/bad").lint(&[]).ends(1, &["3MVG9", "…"]);
}

#[test]
fn what_a_terminal_would_obey_never_reaches_it() {
    let project = Project::new();
    project.write("Hub_Org.connectedApp-meta.xml", app("<callbackUrl>\u{202e}\u{9b}31m\u{200b}</callbackUrl><certificate>\u{1b}]0;title\u{7}</certificate>"));
    for arguments in [&["--format", "json"][..], &[]] {
        let run = project.lint(arguments);
        let obeyed = |character: char| {
            (character.is_control() && character != '\n') || "\u{202e}\u{200b}".contains(character)
        };
        assert!(!run.out.contains(obeyed) && !run.err.contains(obeyed), "{run:#?}");
    }
}
