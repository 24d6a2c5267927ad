//! Plants a mark in every field of every metadata type, in attributes, comments, names, settings, descriptions, Apex and
//! logs, and looks for it in every output.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use tempfile::TempDir;

use super::{command_lines, run, written};
use crate::common::{read, root};

/// Marks of different shapes. The last one looks like a word, so public fields show it.
const MARKS: &[&str] = &[
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJxdXh6In0.Zq7Xw9Kp3vT5n8Rb2Lc6Jd4Hs1Mf0",
    "9f3a71c4e85bd02697ac3f10d48e6b25c7f9013ad62be84590fc17e3a6d8b42c",
    "kT9vQ2xLpW7/mZ4rB8+nY3sD6hJ1cF5gA0eU",
    "p8Xv2kQm71ZtLr0sWn4Yb",
    "correcthorsebatterystaple",
];
const WORD: &str = MARKS[MARKS.len() - 1];

/// The root elements with the ends of their file names.
const ROOTS: &[(&str, &str)] = &[
    ("ExternalCredential", "externalCredential"),
    ("NamedCredential", "namedCredential"),
    ("ExternalAuthIdentityProvider", "externalAuthIdentityProvider"),
    ("ConnectedApp", "connectedApp"),
    ("ExternalClientApplication", "eca"),
    ("ExtlClntAppGlobalOauthSettings", "ecaGlblOauth"),
    ("ExtlClntAppOauthSettings", "ecaOauth"),
    ("ExtlClntAppOauthConfigurablePolicies", "ecaOauthPlcy"),
    ("ExtlClntAppConfigurablePolicies", "ecaPlcy"),
    ("ExtlClntAppOauthSecuritySettings", "ecaOauthSecurity"),
    ("PermissionSet", "permissionset"),
    ("PermissionSetGroup", "permissionsetgroup"),
    ("MutingPermissionSet", "mutingpermissionset"),
    ("Profile", "profile"),
    ("Certificate", "crt"),
    ("AuthProvider", "authprovider"),
    ("RemoteSiteSetting", "remoteSite"),
    ("CspTrustedSite", "cspTrustedSite"),
    ("ExternalServiceRegistration", "externalServiceRegistration"),
    ("ExternalDataSource", "dataSource"),
];

/// The elements of each type of the table, with their types.
fn types() -> BTreeMap<String, Vec<(String, String)>> {
    let mut types: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut name = String::new();
    for line in read(root().join("src/model/metadata_types.txt")).lines() {
        if let Some(named) = line.strip_prefix("type ") {
            name = named.split(' ').next().unwrap().to_owned();
            types.insert(name.clone(), Vec::new());
        } else if !line.starts_with(' ') {
            name.clear();
        } else if let Some(elements) = types.get_mut(&name)
            && line.trim().starts_with(|first: char| first.is_ascii_alphabetic())
        {
            let (element, kind) = line.trim().split_once(':').unwrap_or((line.trim(), ""));
            let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
            elements.push((first(element), first(kind)));
        }
    }
    types
}

/// The elements whose words may be shown.
fn public() -> BTreeSet<String> {
    let table = read(root().join("src/model/public_fields.txt"));
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split(" if ").next().unwrap().split_whitespace().skip(1))
        .filter(|element| *element != "parameterValue")
        .map(str::to_owned)
        .collect()
}

/// Types of a value that belong to one type of parameter; other parameters have any text there.
const OF_ONE_PARAMETER: [&str; 3] =
    ["", "ExternalCredentialVariant", "ExtlIdentityProviderClientAuthentication"];

/// Elements with the mark as their value, each between elements that are reported.
fn elements(
    kind: &str,
    mark: &str,
    types: &BTreeMap<String, Vec<(String, String)>>,
    public: &BTreeSet<String>,
    text: &mut String,
) {
    for (element, holds) in &types[kind] {
        if types.contains_key(holds) {
            let _ = write!(text, "<{element}>");
            elements(holds, mark, types, public, text);
            let _ = write!(text, "</{element}>");
            continue;
        }
        let is_word = public.contains(element) || !OF_ONE_PARAMETER.contains(&holds.as_str());
        if mark == WORD && is_word {
            continue;
        }
        let _ = write!(
            text,
            "\n<noSuch>{mark}</noSuch>\n<{element}>{mark}</{element}>\n<noSuch/>\n<{element} a=\"{mark}\"><b>{mark}</b></{element}>\n<!-- curl -u {mark} -->\n<noSuch/>"
        );
        if element == "parameterValue" {
            for (parameter, name) in [
                ("JwtBodyClaim", "client_secret"),
                ("JwtHeaderClaim", "x"),
                ("AuthParameter", "password"),
                ("AuthHeader", "X-Api-Key"),
                ("HttpHeader", "Authorization"),
                ("TokenRequestBodyParameter", "client_secret"),
            ] {
                let _ = write!(
                    text,
                    "</{0}><{0}><parameterName>{name}</parameterName>\n<parameterType>{parameter}</parameterType>\n<parameterValue>{mark}</parameterValue>\n<noSuch/>",
                    if kind == "ExternalCredentialParameter" {
                        "externalCredentialParameters"
                    } else if kind == "NamedCredentialParameter" {
                        "namedCredentialParameters"
                    } else {
                        "externalAuthIdentityProviderParameters"
                    }
                );
            }
        }
        if mark != WORD {
            let _ = write!(
                text,
                "<{element}>https://a.example/{mark}?x={mark}#{mark}</{element}>\n<noSuch/>"
            );
        }
        let _ = write!(
            text,
            "<{element}>http://u:{mark}@a.example/x?token={mark}</{element}>\n<noSuch/>"
        );
    }
}

/// Files in which everything that is not public is the mark.
fn files(mark: &str) -> Vec<(String, String)> {
    let (types, public) = (types(), public());
    let mut files = Vec::new();
    for (kind, suffix) in ROOTS {
        let mut inside = String::new();
        elements(kind, mark, &types, &public, &mut inside);
        let text = super::xml(kind, &inside);
        let unfinished =
            text[..text.rfind(mark).map_or(text.len(), |at| at + mark.len())].to_owned();
        files.push((format!("{suffix}/A.{suffix}-meta.xml"), text));
        files.push((format!("{suffix}/Broken.{suffix}-meta.xml"), unfinished));
    }
    files.push((
        "classes/A.cls".to_owned(),
        format!(
            "class A {{ // {mark}\n  /* {mark} */\n  static final String KEY = '{mark}';\n  void m() {{\n    request.setHeader('X-Api-Key', '{mark}'); request.setEndpoint('callout:None/x?key={mark}');\n    request.setBody('grant_type=password&client_secret={mark}'); request.setEndpoint('callout:None');\n    request.setClientCertificate('{mark}', '{mark}'); request.setEndpoint('callout: None');\n    request.setEndpoint('https://u:{mark}@acme.my.salesforce.com/services?sid={mark}');\n  }}\n}}\n"
        ),
    ));
    files.push((
        "customMetadata/A.B.md-meta.xml".to_owned(),
        super::xml(
            "CustomMetadata",
            &format!(
                "    <label>A</label>\n    <values>\n        <field>Client_Secret__c</field>\n        <value xsi:type=\"xsd:string\">{mark}</value>\n    </values>"
            ),
        ),
    ));
    files.push((
        "a.crt".to_owned(),
        format!("-----BEGIN CERTIFICATE-----\n{mark}\n{mark}\n-----END CERTIFICATE-----\n{mark}\n"),
    ));
    files.push((".env".to_owned(), format!("A={mark}\nSFDX_AUTH_URL=force://PlatformCLI::5Aep861{mark}{mark}@acme.my.salesforce.com\nB={mark}\n")));
    files
}

/// Errors that quote a file, each in a folder of its own. `{}` is the mark.
const MISTAKES: &[(&str, &str)] = &[
    ("sfcred.yaml", "orgs:\n  a:\n    password: {}\n    kind: nonsense\n    secret: {} # {}\n"),
    ("sfcred.yaml", "orgs:\n  a:\n    password: \"{}\n    kind: x\n"),
    ("sfcred.yaml", "orgs: { a: { password: *{}, kind: x } }\n"),
    ("sfcred.yaml", "orgs: { a: { password: {}, password: {} } }\n"),
    ("sfcred.yaml", "orgs: { a: { password: !{} x, kind: y } }\n"),
    ("sfcred.yaml", "orgs:\n  a:\n    password: {}\n\tkind: x\n"),
    ("sfcred.yaml", "orgs:\n  a: {}\n"),
    ("sfcred.yaml", "orgs:\n  a:\n    token: |\n      {}\n      {}\n    kind: nonsense\n"),
    ("sfcred.toml", "consumer_secret = \"{}\"\n"),
    ("sfcred.toml", "consumer_secret = \"{}\n"),
    ("sfcred.toml", "a = {}\n"),
    ("sfcred.toml", "[env.uat]\nA = \"{}\"\nB = {}\n"),
    ("sfcred.toml", "[env.uat]\nA = \"{}\"\nA = \"{}\"\n"),
    ("sfcred.toml", "[rules]\ntoken = \"{}\"\n"),
    ("sfcred.toml", "fail-on = \"note\" # {}\n\n[rules]\nnonsense = \"off\" # {}\n"),
    ("sfdx-project.json", "{ \"password\": \"{}\", \"x\": "),
    (
        "sfdx-project.json",
        "{ \"packageDirectories\": [{ \"path\": \"a\" }], \"token\": \"{}\", \"replacements\": [{ \"stringToReplace\": \"{}\", \"glob\": 1 }] }",
    ),
    ("baseline.json", "{ \"schema\": \"{}\", \"findings\": [] }"),
    (
        "baseline.json",
        "{ \"schema\": \"x\", \"token\": \"{}\", \"findings\": [ { \"token\": \"{}\"",
    ),
];

/// Lines of logs with a secret. `{}` is the mark.
const LOGS: &[&str] = &[
    "{\"error\":\"invalid_grant\",\"access_token\":\"{}\"}",
    "client_secret={}&grant_type=password&password={} error=invalid_grant",
    "Authorization: Bearer {} INVALID_SESSION_ID: Session expired or invalid",
    "Authorization: Digest username=\"a\", response=\"{}\" INVALID_SESSION_ID: Session expired or invalid",
    "X-WSSE: UsernameToken Username=\"a\", PasswordDigest=\"{}\", Nonce=\"{}\" INVALID_SESSION_ID: Session expired or invalid",
    "<wsse:Password Type=\"x\">{}</wsse:Password> INVALID_SESSION_ID: Session expired or invalid",
    "<SessionHeader sessionId=\"{}\"/> INVALID_SESSION_ID: Session expired or invalid",
    "curl -u admin:{} https://acme.example INVALID_SESSION_ID: Session expired or invalid",
    "curl --user admin:{} https://acme.example INVALID_SESSION_ID: Session expired or invalid",
    "https://u:{}@acme.example/x?token={} INVALID_SESSION_ID: Session expired or invalid",
    "https://acme.example/x#access_token={} INVALID_SESSION_ID: Session expired or invalid",
    "Set-Cookie: sid={}; INVALID_SESSION_ID: Session expired or invalid",
    "the password is {} INVALID_SESSION_ID: Session expired or invalid",
    "INVALID_SESSION_ID: Session expired or invalid, client secret {}",
    "token {} INVALID_SESSION_ID: Session expired or invalid",
    "mot de passe : {} INVALID_SESSION_ID: Session expired or invalid",
    "secret = {} INVALID_SESSION_ID: Session expired or invalid",
    "{\"zugang\": \"{}\", \"x\": [\"{}\"], \"m\": \"INVALID_SESSION_ID: Session expired or invalid\"}",
    "x%3D{}%26y INVALID_SESSION_ID: Session expired or invalid",
    "<a><b c='{}'>{}</b></a> INVALID_SESSION_ID: Session expired or invalid",
    "INVALID_SESSION_ID: Session expired or invalid\n{}\nsecret:\n  {}",
    "secret:\n  {}\nINVALID_SESSION_ID: Session expired or invalid",
    "{} INVALID_SESSION_ID: Session expired or invalid {}",
    "System.CalloutException: {} is not {}: unknown error of the token endpoint, {}",
    "The named callout URL {} {} is malformed",
];

/// Nine consecutive characters of the mark: more than a key that is shortened shows.
fn leaked(text: &str, mark: &str) -> Option<String> {
    let length = if mark == WORD { mark.len() } else { 9 };
    (0..=mark.len() - length)
        .map(|start| &mark[start..start + length])
        .find(|piece| text.contains(piece))
        .map(str::to_owned)
}

fn faults(folder: &Path, lines: &[Vec<String>], mark: &str, what: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for line in lines {
        let text = run(folder, line) + &written(folder);
        if let Some(piece) = leaked(&text, mark) {
            let near: Vec<&str> =
                text.lines().filter(|line| line.contains(&piece)).take(4).collect();
            faults.push(format!("{what}: {}\n  {}", line.join(" "), near.join("\n  ")));
        }
    }
    faults
}

fn folder(files: &[(String, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn no_output_shows_a_mark_in_any_field_of_any_type() {
    let lines = command_lines(tempfile::tempdir().unwrap().path());
    let all: Vec<String> = MARKS
        .par_iter()
        .flat_map_iter(|mark| {
            let mut files = files(mark);
            files.push(("log.txt".to_owned(), LOGS.join("\n").replace("{}", mark)));
            let folder = folder(&files);
            faults(folder.path(), &lines, mark, mark)
        })
        .collect();
    assert!(all.is_empty(), "{} leaks\n{}", all.len(), all.join("\n"));
}

/// A test that plants its mark where nothing is printed would prove nothing.
#[test]
fn the_masked_fields_are_printed_and_a_copy_of_a_file_would_be_a_leak() {
    for mark in MARKS {
        let files = files(mark);
        for (name, text) in &files {
            // Every word-like value of a type can be public.
            assert!(leaked(text, mark).is_some() || *mark == WORD, "{name}");
        }
        let folder = folder(&files);
        let text = run(folder.path(), &words(&["lint", "--today", "2026-11-22"]));
        assert!(
            text.matches("••••").count() > 200,
            "{} masked values",
            text.matches("••••").count()
        );
    }
}

#[test]
fn no_error_shows_a_mark_of_the_file_that_it_is_about() {
    let lint = vec![words(&["lint", "--today", "2026-11-22"]), words(&["lint", "--show-settings"])];
    let baseline = vec![words(&["lint", "--baseline", "baseline.json"])];
    let all: Vec<String> = MARKS
        .par_iter()
        .flat_map_iter(|mark| {
            MISTAKES.iter().map(move |(name, text)| (name, text.replace("{}", mark), mark))
        })
        .flat_map_iter(|(name, text, mark)| {
            let folder = folder(&[
                ((*name).to_owned(), text.clone()),
                (
                    "Beside.externalCredential-meta.xml".to_owned(),
                    "<ExternalCredential/>".to_owned(),
                ),
            ]);
            let lines = if *name == "baseline.json" { &baseline } else { &lint };
            faults(folder.path(), lines, mark, &text)
        })
        .collect();
    assert!(all.is_empty(), "{} leaks\n{}", all.len(), all.join("\n"));
}

#[test]
fn no_quote_from_a_log_shows_a_mark_and_the_message_stays_readable() {
    let all: Vec<String> = MARKS
        .par_iter()
        .flat_map_iter(|mark| {
            LOGS.iter().flat_map(move |log| {
                let folder = folder(&[]);
                let log = log.replace("{}", mark);
                let line = words(&["diagnose", "--message", &log]);
                let mut found = faults(folder.path(), std::slice::from_ref(&line), mark, &log);
                let said = run(folder.path(), &line);
                let said = said.replace('│', " ");
                let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                if log.contains("INVALID_SESSION_ID: Session expired or invalid")
                    && !said.contains("INVALID_SESSION_ID: Session expired or invalid")
                {
                    found.push(format!("{log}: the message is masked: {said}"));
                }
                found
            })
        })
        .collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn what_was_typed_by_mistake_is_not_echoed() {
    let all: Vec<String> = MARKS
        .iter()
        .flat_map(|mark| {
            let folder = folder(&[(
                "Beside.externalCredential-meta.xml".to_owned(),
                "<ExternalCredential/>".to_owned(),
            )]);
            // A single word can be a misspelled name; more words are not one.
            let pasted = format!("zz {mark}");
            let mut lines = vec![
                words(&["explain", &pasted]),
                words(&["trace", "--credential", &pasted]),
                words(&["lint", "--select", &pasted]),
                words(&["lint", "--org", &pasted]),
                words(&["lint", "--format", &pasted]),
                words(&["lint", "--today", &pasted]),
                words(&["lint", &format!("--zz {mark}")]),
                words(&["man", &pasted]),
                words(&[&pasted]),
            ];
            let single = vec![
                words(&["explain", mark]),
                words(&["explain", &format!("client_secret={mark}")]),
                words(&["explain", "zz hunter", mark]),
                words(&["trace", "--credential", mark]),
                words(&["lint", "--select", mark]),
                words(&["lint", "--org", mark]),
                words(&["lint", "--format", mark]),
                words(&["lint", &format!("--{mark}")]),
                words(&["lint", "--today", mark]),
                words(&["man", mark]),
                words(&[mark]),
            ];
            if *mark != WORD {
                lines.extend(single);
            }
            faults(folder.path(), &lines, mark, "typed")
        })
        .collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}
