//! `sfcred new`: what it writes is correct in every combination, and its steps can be followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use regex::Regex;
use sfcred::internals::cli::Status;
use sfcred::internals::new::{self, Answer, KEY_PLACEHOLDER};
use sfcred::internals::schema;
use sfcred::{Finding, Severity};
use tempfile::TempDir;

use crate::common::yaml::from_yaml;
use crate::common::{
    Files, STYLE, files_below, lint_folder, new_folder, read, read_files, root, run_command,
    write_below,
};

const KEY: &str =
    "3MVG9uXCfV5zvmOFjh_dF2RKwhxtki0gd8.SGBGiujjd49CufOj2_QTRx64Ba2kpayC.DJbkAl8dlrFFkz94Q";
const CERTIFICATE: &str =
    "fixtures/setups/step-by-step/hub/force-app/main/default/certs/Hub_Org.crt";
/// A part of what a retrieve can contain besides the key.
const SECRET: &str = "9F3A71C4E85BD02697AC3F10D48E6B25C7F9013AD62BE84590FC17E3A6D8B42C";
const WORKS: &str = "The callout would work, as far as the files show";

struct Run {
    status: Status,
    out: String,
    err: String,
}

/// Runs a command. With `typed`, standard input is a terminal.
fn run_with(folder: &Path, arguments: &[&str], typed: Option<&str>) -> Run {
    let (status, out, err) = run_command(folder, arguments, STYLE.width, typed);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status, out: text(out), err: text(err) }
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    run_with(folder, arguments, None)
}

impl Run {
    #[track_caller]
    fn ends(&self, status: Status, words: &[&str]) -> &Run {
        let all = format!("{}{}", self.out, self.err);
        let joined = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(self.status, status, "{all}");
        for word in words {
            assert!(joined.contains(word), "no `{word}` in:\n{all}");
        }
        self
    }
}

const HOSTS: [(&str, &str); 4] = [
    ("production", "my.salesforce.com"),
    ("sandbox", "sandbox.my.salesforce.com"),
    ("scratch", "scratch.my.salesforce.com"),
    ("developer", "develop.my.salesforce.com"),
];

/// The My Domain of an org of a kind.
fn domain(company: &str, kind: usize) -> String {
    let (kind, end) = HOSTS[kind % HOSTS.len()];
    let own = match kind {
        "sandbox" => format!("{company}--uat"),
        "scratch" | "developer" => format!("{company}-dev-ed"),
        _ => company.to_owned(),
    };
    format!("https://{own}.{end}")
}

/// The arguments of a setup.
type Words = Vec<String>;

fn words(arguments: &[&str]) -> Words {
    arguments.iter().map(|word| (*word).to_owned()).collect()
}

const USERS: [&str; 6] = [
    "--integration-user",
    "integration@billing.example.uat",
    "--contact-email",
    "ops@acme.example",
    "--caller",
    "batch@acme.example.uat",
];

/// Every flow, kind of app, kind of org, own or other org or service, with and without a namespace.
fn every_setup() -> Vec<Words> {
    let mut all = Vec::new();
    for kind in 0..HOSTS.len() {
        for namespace in [&[][..], &["--namespace", "acme"]] {
            for flow in ["jwt-bearer", "client-credentials", "authorization-code"] {
                for app in ["external-client-app", "connected-app"] {
                    let hub = domain("acme", kind + 1);
                    let spoke = domain("billing", kind);
                    let own = domain("acme", kind);
                    for target in [
                        ["--hub", &hub, "--spoke", &spoke].as_slice(),
                        ["--hub", &own, "--own-org"].as_slice(),
                    ] {
                        let flow = [flow, "--app", app];
                        all.push(words(&[&flow, target, namespace, &USERS].concat()));
                    }
                }
            }
            let hub = domain("acme", kind);
            let token = ["--token-url", "https://login.weather.example/token"];
            let authorize =
                ["--authorize-url", "https://login.weather.example/auth", "--scope", "read write"];
            for flow in [
                ["api-key", "--header", "X-Key"].as_slice(),
                ["basic"].as_slice(),
                ["aws", "--aws-region", "us-east-1", "--aws-service", "execute-api"].as_slice(),
                &[["client-credentials"].as_slice(), &token].concat(),
                &[["authorization-code"].as_slice(), &token, &authorize].concat(),
            ] {
                let service = [
                    "--hub",
                    &hub,
                    "--url",
                    "https://api.weather.example/v1",
                    "--path",
                    "/forecast",
                ];
                let caller = ["--caller", "batch@acme.example.uat"];
                all.push(words(&[flow, &service, namespace, &caller].concat()));
            }
        }
    }
    all
}

/// Writes a setup into `setup`, in a new folder.
fn written(arguments: &Words) -> TempDir {
    let folder = new_folder();
    let mut all = vec!["new", "--into", "setup"];
    all.extend(arguments.iter().map(String::as_str));
    let run = run(folder.path(), &all);
    assert_eq!(run.status, Status::Clean, "{arguments:?}: {}", run.err);
    folder
}

fn rules(findings: &[Finding], above: Severity) -> BTreeSet<&'static str> {
    findings.iter().filter(|one| one.severity > above).map(|one| one.rule).collect()
}

fn linted(folder: &Path) -> Vec<Finding> {
    lint_folder(folder).unwrap().findings
}

fn trace(folder: &Path) -> String {
    run(folder, &["trace"]).out
}

/// Fills in everything.
fn resume(folder: &Path) -> Run {
    let certificate = root().join(CERTIFICATE);
    let certificate = certificate.to_str().unwrap();
    run(folder, &["new", "--resume", "--certificate", certificate, "--consumer-key", KEY])
}

/// Collects the faults of all setups.
fn hold(setups: &[Words], fault: impl Fn(&Words) -> Option<String> + Sync) {
    let faults: Vec<String> = setups
        .par_iter()
        .filter_map(|setup| fault(setup).map(|fault| format!("{}: {fault}", setup.join(" "))))
        .collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), setups.len(), faults.join("\n"));
}

#[test]
fn every_setup_is_correct_once_it_is_filled_in_and_before_lacks_only_that() {
    hold(&every_setup(), |setup| {
        let folder = written(setup);
        let folder = folder.path().join("setup");
        let signs = setup[0] == "jwt-bearer";
        let has_key = !signs || setup.contains(&"connected-app".to_owned());
        let mut expected = BTreeSet::new();
        if signs {
            expected.insert("app-certificate-missing");
        }
        if !has_key {
            expected.insert("placeholder-left");
        }
        let found = rules(&linted(&folder), Severity::Note);
        if found != expected {
            return Some(format!("before: {found:?} instead of {expected:?}"));
        }
        if signs {
            let before = trace(&folder);
            let stops = if has_key { "Fails at step 7" } else { "Fails at step 4" };
            if !before.contains(stops) {
                return Some(format!("before:\n{before}"));
            }
            let run = resume(&folder);
            if run.status != Status::Clean {
                return Some(format!("{}{}", run.out, run.err));
            }
        }
        let found = rules(&linted(&folder), Severity::Note);
        if !found.is_empty() {
            return Some(format!("after: {found:?}"));
        }
        let after = trace(&folder);
        // What another service answers is not in the files.
        let is_unknown = after.contains("it is not a Salesforce org");
        let works = after.contains(WORKS) || is_unknown && after.contains("✓ 8 callout: ok");
        let is_called = after.contains("✓ 1 caller and running user: ok");
        (!works || !is_called).then_some(after)
    });
}

/// One setup of each flow and kind of app.
fn few_setups() -> Vec<Words> {
    let per_kind = every_setup().len() / HOSTS.len();
    every_setup().into_iter().skip(per_kind).take(per_kind / 2).collect()
}

#[test]
fn metadata_is_valid_for_every_api_version() {
    const SCHEMA: [&str; 4] = [
        "unknown-element",
        "unknown-value",
        "element-needs-other-api-version",
        "required-element-missing",
    ];
    let mut setups = Vec::new();
    for version in 60..=68 {
        for setup in few_setups() {
            // External auth identity providers are complete since 63.
            if version >= 63 || setup[0] != "authorization-code" {
                setups.push([setup, words(&["--api-version", &version.to_string()])].concat());
            }
        }
    }
    hold(&setups, |setup| {
        let folder = written(setup);
        let findings = linted(&folder.path().join("setup"));
        let bad = findings.iter().find(|finding| SCHEMA.contains(&finding.rule));
        bad.map(|finding| finding.message.clone())
    });
    let folder = new_folder();
    let old = [
        &[
            "new",
            "authorization-code",
            "--own-org",
            "--hub",
            "https://acme.my.salesforce.com",
            "--api-version",
            "62",
        ][..],
        &USERS,
    ]
    .concat();
    run(folder.path(), &old).ends(Status::NoRun, &["needs API version 63.0"]);
}

// --- the steps ---

/// The commands of the Salesforce CLI that may occur, with their options: `!` for those without a value.
const SF: &[(&str, &str)] = &[
    ("org login web", "--alias --instance-url"),
    ("org display", "--target-org"),
    ("org open", "--target-org --path"),
    ("org assign permset", "--target-org --name --on-behalf-of"),
    ("project deploy start", "--target-org --manifest --metadata --dry-run!"),
    ("project retrieve start", "--target-org --metadata --target-metadata-dir --zip-file-name"),
    ("project delete source", "--target-org --metadata"),
    ("data query", "--target-org --query"),
    ("apex run", "--target-org --file"),
];

/// The words of a command line, as a shell reads them.
fn shell_words(line: &str) -> Vec<String> {
    let pattern = Regex::new(r#""([^"]*)"|(\S+)"#).unwrap();
    let word = |found: regex::Captures<'_>| {
        found.get(1).or_else(|| found.get(2)).unwrap().as_str().to_owned()
    };
    pattern.captures_iter(line).map(word).collect()
}

/// The values of the options of a known command.
fn sf_options(words: &[String]) -> Result<BTreeMap<String, String>, String> {
    let line = words.join(" ");
    let known = SF
        .iter()
        .find(|(name, _)| line.strip_prefix("sf ").is_some_and(|rest| rest.starts_with(name)));
    let (name, options) = known.ok_or_else(|| format!("unknown command: {line}"))?;
    let mut rest = words[1 + name.split(' ').count()..].iter();
    let mut found = BTreeMap::new();
    while let Some(word) = rest.next() {
        let mut options = options.split(' ');
        let option = options
            .find(|option| option.trim_end_matches('!') == word)
            .ok_or_else(|| format!("unknown option `{word}`: {line}"))?;
        let value = match option.ends_with('!') {
            true => String::new(),
            false => rest.next().cloned().ok_or_else(|| format!("no value for `{word}`"))?,
        };
        found.insert(word.clone(), value);
    }
    Ok(found)
}

/// Follows the steps in the folder of a setup: checks each command, and runs those of sfcred.
fn follow(folder: &Path, text: &str) -> Result<usize, String> {
    let blocks = Regex::new(r"(?s)```sh\n(.*?)```").unwrap();
    let mut count = 0;
    for block in blocks.captures_iter(text) {
        let mut here = folder.to_owned();
        for line in block[1].lines() {
            count += 1;
            let mut words = shell_words(line);
            if let Some(at) = words.iter().position(|word| word == ">") {
                fs::write(
                    here.join(&words[at + 1]),
                    "Unable to complete the JWT token exchange.\n",
                )
                .unwrap();
                words.truncate(at);
            }
            match words[0].as_str() {
                "cd" => {
                    here = here.join(&words[1]).canonicalize().map_err(|_| line.to_owned())?;
                }
                "sf" => {
                    let options = sf_options(&words)?;
                    for option in ["--manifest", "--file"] {
                        if let Some(path) = options.get(option)
                            && !here.join(path).is_file()
                        {
                            return Err(format!("no such file: {line}"));
                        }
                    }
                    if words[1] == "project" && !here.join("sfdx-project.json").is_file() {
                        return Err(format!("not in a project: {line}"));
                    }
                    if let Some(component) = options.get("--metadata") {
                        component_exists(&here, component)
                            .ok_or(format!("no component: {line}"))?;
                    }
                }
                "sfcred" => {
                    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
                    let run = run(&here, &arguments);
                    if run.status == Status::NoRun {
                        return Err(format!("{line}: {}", run.err));
                    }
                }
                _ => return Err(format!("unknown program: {line}")),
            }
        }
        if here.canonicalize().ok() != folder.canonicalize().ok() {
            return Err(format!("does not come back:\n{}", &block[1]));
        }
    }
    Ok(count)
}

/// Whether a project has the file of a component. The certificate comes from the org.
fn component_exists(project: &Path, component: &str) -> Option<()> {
    let (kind, name) = component.split_once(':')?;
    let is_its_file = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path).unwrap_or_default();
        file.starts_with(&format!("{name}.")) && text.contains(&format!("<{kind} "))
    };
    let exists = kind == "Certificate" || files_below(project).iter().any(is_its_file);
    exists.then_some(())
}

#[test]
fn every_command_of_the_steps_can_be_run_where_it_stands() {
    hold(&every_setup(), |setup| {
        let folder = written(setup);
        let folder = folder.path().join("setup");
        let steps = fs::read_to_string(folder.join("STEPS.md")).unwrap();
        match follow(&folder, &steps) {
            Ok(count) if count > 10 => None,
            Ok(count) => Some(format!("only {count} commands")),
            Err(fault) => Some(fault),
        }
    });
    // The test can fail.
    let folder = written(&every_setup()[0]);
    let folder = folder.path().join("setup");
    for wrong in
        ["sf org list auth", "sf org open --targetorg x", "cd nowhere", "sfcred lnt", "rm x"]
    {
        assert!(follow(&folder, &format!("```sh\n{wrong}\n```")).is_err(), "{wrong}");
    }
}

#[test]
fn commands_in_sentences_are_valid() {
    let inline = Regex::new(r"`(sfcred [^`]+)`").unwrap();
    let folder = written(&every_setup()[0]);
    let folder = folder.path().join("setup");
    let steps = fs::read_to_string(folder.join("STEPS.md")).unwrap();
    let mut commands: BTreeSet<String> =
        inline.captures_iter(&steps).map(|found| found[1].to_owned()).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    commands.insert("sfcred new --resume --certificate FILE".to_owned());
    for command in commands {
        let words = shell_words(&command);
        let mut words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        words.push("--help");
        run(&folder, &words).ends(Status::Clean, &["Usage:"]);
    }
}

const DEFAULT: [&str; 4] = [
    "--hub",
    "https://acme--uat.sandbox.my.salesforce.com",
    "--spoke",
    "https://billing--uat.sandbox.my.salesforce.com",
];

fn default() -> Words {
    words(&[&["jwt-bearer"][..], &DEFAULT, &USERS].concat())
}

#[test]
fn the_steps_of_the_default_setup_are_as_expected() {
    let folder = written(&default());
    let steps = fs::read_to_string(folder.path().join("setup/STEPS.md")).unwrap();
    let path = root().join("tests/new/STEPS.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, steps).unwrap();
    } else {
        assert!(steps == read(path), "`UPDATE=1 cargo test new` writes tests/new/STEPS.md");
    }
}

// --- resume ---

/// The zip that the Salesforce CLI writes.
fn zipped(files: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in files {
        zip.start_file(format!("unpackaged/{name}"), options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn resume_reads_what_was_retrieved_and_keeps_what_was_edited() {
    let folder = written(&default());
    let folder = folder.path().join("setup");
    let credential = folder.join(
        "hub/force-app/main/default/externalCredentials/Billing_Uat.externalCredential-meta.xml",
    );
    let edited = fs::read_to_string(&credential).unwrap().replace("Issuer", "Issuer of Acme");
    fs::write(&credential, &edited).unwrap();
    run(&folder, &["new", "--resume"]).ends(
        Status::Findings,
        &["Still missing: the consumer key", "Still missing: the certificate"],
    );
    assert_eq!(fs::read_to_string(&credential).unwrap(), edited);

    let hub = zipped(&[
        ("certs/Billing_Uat_Signing.crt", read(root().join(CERTIFICATE))),
        (
            "certs/Billing_Uat_Signing.crt-meta.xml",
            read(root().join(format!("{CERTIFICATE}-meta.xml"))),
        ),
        ("package.xml", "<Package/>".to_owned()),
    ]);
    write_below(&folder, "retrieved/hub.zip", hub);
    run(&folder, &["new", "--resume"]).ends(
        Status::Clean,
        &[
            "Filled in the certificate in spoke/",
            "Filled in the certificate in hub/",
            "Still missing: the consumer key",
        ],
    );
    assert_eq!(rules(&linted(&folder), Severity::Note), BTreeSet::from(["placeholder-left"]));

    let global = "spoke/force-app/main/default/extlClntAppGlobalOauthSets/Acme_Uat_glbloauth.ecaGlblOauth-meta.xml";
    let global = fs::read_to_string(folder.join(global)).unwrap();
    let both = format!(
        "<consumerKey>{KEY}</consumerKey><consumerSecret>{SECRET}</consumerSecret><external"
    );
    let global = global.replace("<external", &both);
    let spoke = zipped(&[
        ("extlClntAppGlobalOauthSets/Acme_Uat_glbloauth.ecaGlblOauth", global),
        ("package.xml", "<Package/>".to_owned()),
    ]);
    write_below(&folder, "retrieved/spoke.zip", spoke);
    let filled = run(&folder, &["new", "--resume"]);
    filled.ends(Status::Clean, &["Filled in the consumer key", "sfcred trace Billing_Uat"]);
    assert!(!format!("{}{}", filled.out, filled.err).contains(SECRET));
    let holds_secret = |(name, bytes): (&PathBuf, &Vec<u8>)| {
        !name.ends_with("spoke.zip") && String::from_utf8_lossy(bytes).contains(SECRET)
    };
    assert!(!read_files(&folder).iter().any(holds_secret), "only the key is taken");
    assert_eq!(
        fs::read_to_string(&credential).unwrap(),
        edited.replace(KEY_PLACEHOLDER, KEY),
        "nothing else is changed"
    );
    assert_eq!(rules(&linted(&folder), Severity::Note), BTreeSet::new());
    assert!(trace(&folder).contains(WORKS), "{}", trace(&folder));

    let all = read_files(&folder);
    run(&folder, &["new", "--resume"]).ends(Status::Clean, &["Nothing to fill in"]);
    run(&folder, &["new", "--resume", "--consumer-key", "AnotherKey1234567890"])
        .ends(Status::Clean, &["Nothing to fill in"]);
    assert!(all == read_files(&folder), "a second run changes nothing");
}

#[test]
fn resume_explains_what_it_cannot_use() {
    let folder = written(&default());
    let folder = folder.path().join("setup");
    run(folder.parent().unwrap(), &["new", "--resume"])
        .ends(Status::NoRun, &["is not the folder of a setup"]);
    let request = write_below(
        &folder,
        "request.crt",
        "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n",
    );
    run(&folder, &["new", "--resume", "--certificate", request.to_str().unwrap()])
        .ends(Status::NoRun, &["certificate signing request"]);
    run(&folder, &["new", "--resume", "--certificate", "none.crt"])
        .ends(Status::NoRun, &["none.crt"]);
    run(&folder, &["new", "--resume", "--consumer-key", "a b"])
        .ends(Status::NoRun, &["this is not a consumer key"]);
    run(&folder, &["new", "--resume", "--own-org"]).ends(Status::NoRun, &["cannot be used with"]);
    // A damaged zip, and one without anything.
    write_below(&folder, "retrieved/hub.zip", zipped(&[]));
    run(&folder, &["new", "--resume"]).ends(Status::Findings, &["Still missing: the certificate"]);
    fs::write(folder.join("retrieved/hub.zip"), "no zip").unwrap();
    assert_ne!(run(&folder, &["new", "--resume"]).status, Status::Clean);
    fs::remove_file(folder.join("retrieved/hub.zip")).unwrap();
    let credential =
        "hub/force-app/main/default/externalCredentials/Billing_Uat.externalCredential-meta.xml";
    fs::remove_file(folder.join(credential)).unwrap();
    run(&folder, &["new", "--resume"]).ends(Status::Findings, &["Still missing: the file itself"]);
}

#[test]
fn a_flow_without_placeholders_has_nothing_to_resume() {
    let setup =
        words(&[&["client-credentials", "--own-org", "--hub", DEFAULT[1]][..], &USERS].concat());
    let folder = written(&setup);
    run(&folder.path().join("setup"), &["new", "--resume"])
        .ends(Status::Clean, &["Nothing to fill in"]);
}

#[test]
fn a_generated_key_differs_each_time_and_is_the_same_on_both_sides() {
    let setup = [default(), words(&["--app", "connected-app"])].concat();
    let key = || {
        let folder = written(&setup);
        let folder = folder.path().join("setup");
        let app = read(
            folder
                .join("spoke/force-app/main/default/connectedApps/Acme_Uat.connectedApp-meta.xml"),
        );
        let pattern = Regex::new("<consumerKey>([A-Za-z0-9]{40})</consumerKey>").unwrap();
        let key = pattern.captures(&app).unwrap()[1].to_owned();
        let credential = "hub/force-app/main/default/externalCredentials/Billing_Uat.externalCredential-meta.xml";
        assert!(read(folder.join(credential)).contains(&format!("<parameterValue>{key}<")));
        // Without the key in the file of the app, as the steps say, the setup is still complete.
        resume(&folder).ends(Status::Clean, &[]);
        let path = folder
            .join("spoke/force-app/main/default/connectedApps/Acme_Uat.connectedApp-meta.xml");
        let without = fs::read_to_string(&path).unwrap();
        let line = format!("        <consumerKey>{key}</consumerKey>\n");
        assert!(without.contains(&line));
        fs::write(&path, without.replace(&line, "")).unwrap();
        assert_eq!(rules(&linted(&folder), Severity::Note), BTreeSet::new());
        assert!(trace(&folder).contains(WORKS), "{}", trace(&folder));
        key
    };
    assert_ne!(key(), key());
}

// --- answers ---

#[test]
fn missing_answers_are_listed_all_at_once() {
    let folder = new_folder();
    let run = run(folder.path(), &["new"]);
    run.ends(
        Status::NoRun,
        &["missing: `--hub`, `--spoke`, `--integration-user`, `--caller`, `--contact-email`"],
    );
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_terminal_asks_for_what_is_missing() {
    let folder = new_folder();
    let typed = format!(
        "\n\n{}\n\n{}\nbilling\nintegration\nintegration@billing.example.uat\nbatch@acme.example.uat\nops@acme.example\n\n",
        DEFAULT[1], DEFAULT[3]
    );
    let run = run_with(folder.path(), &["new"], Some(&typed));
    run.ends(
        Status::Clean,
        &[
            "What is called",
            "[jwt-bearer]",
            "`integration` is not a username",
            "Wrote",
            "Billing_Uat/STEPS.md",
        ],
    );
    let answers = read(folder.path().join("Billing_Uat/sfcred-new.yaml"));
    assert!(answers.contains("spoke_alias: billing\n"), "{answers}");
    // The input ends too early.
    let other = new_folder();
    run_with(other.path(), &["new"], Some("\n\n")).ends(Status::NoRun, &["missing: `--hub`"]);
}

#[test]
fn a_file_of_answers_is_the_same_as_options() {
    let folder = written(&default());
    let answers = read(folder.path().join("setup/sfcred-new.yaml"));
    let again = new_folder();
    write_below(again.path(), "answers.yaml", &answers);
    run(again.path(), &["new", "--answers", "answers.yaml", "--into", "setup"])
        .ends(Status::Clean, &["Wrote"]);
    let files = |folder: &TempDir| read_files(&folder.path().join("setup"));
    assert!(files(&folder) == files(&again));
    // Options come first.
    run(again.path(), &["new", "--answers", "answers.yaml", "--into", "other", "--name", "Other"])
        .ends(Status::Clean, &[]);
    assert!(
        again
            .path()
            .join(
                "other/hub/force-app/main/default/namedCredentials/Other.namedCredential-meta.xml"
            )
            .exists()
    );
    for (text, said) in [
        ("flw: basic\n", "did you mean `flow`?"),
        ("flow: oauth\n", "`flow`: `oauth` is not one of jwt-bearer"),
        ("hub: [a]\n", "expected a string for `hub`"),
        ("hub: https://login.salesforce.com\n", "is not a My Domain URL"),
        ("- a\n", "expected a mapping for the answers"),
        ("hub: https://YOUR_DOMAIN.my.salesforce.com\n", "is a placeholder"),
    ] {
        write_below(again.path(), "wrong.yaml", text);
        run(again.path(), &["new", "--answers", "wrong.yaml"])
            .ends(Status::NoRun, &[said, "wrong.yaml"]);
    }
}

#[test]
fn contradictions_are_refused() {
    let folder = new_folder();
    for (arguments, said) in [
        (
            vec!["jwt-bearer", "--url", "https://api.weather.example"],
            "the flow jwt-bearer is for Salesforce orgs",
        ),
        (vec!["--spoke", DEFAULT[1]], "both orgs have the same My Domain"),
        (vec!["--own-org", "--spoke", DEFAULT[3]], "cannot be used with"),
        (vec!["jwt", "--spoke", DEFAULT[3]], "`FLOW`: `jwt` is not one of"),
        (vec!["--spoke", DEFAULT[3], "--api-version", "55"], "is not an API version from"),
        (vec!["--spoke", DEFAULT[3], "--name", "A__B"], "is not a name"),
        (vec!["--spoke", DEFAULT[3], "--from-org", "target=x"], "is not `hub` or `spoke`"),
        (
            vec!["client-credentials", "--spoke", DEFAULT[3], "--certificate", "x.crt"],
            "this flow signs nothing",
        ),
    ] {
        let users: &[&str] =
            if arguments.contains(&"--integration-user") { &USERS[4..] } else { &USERS };
        let all = [&["new", "--hub", DEFAULT[1]][..], &arguments, users].concat();
        run(folder.path(), &all).ends(Status::NoRun, &[said]);
    }
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn the_schema_of_answers_accepts_what_the_program_accepts() {
    let schema: serde_json::Value = serde_json::from_str(schema::NEW.text).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    let keys: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(keys, Answer::ALL.iter().map(|answer| answer.key()).collect());
    let validator = jsonschema::validator_for(&schema).unwrap();
    for setup in every_setup() {
        let folder = written(&setup);
        let text = read(folder.path().join("setup/sfcred-new.yaml"));
        let value = from_yaml(&text);
        assert!(validator.is_valid(&value), "{text}");
        assert!(new::parse("answers", &text).is_ok(), "{text}");
    }
    for (key, property) in properties {
        for value in property["enum"].as_array().into_iter().flatten() {
            let text = format!("{key}: {}\n", value.as_str().unwrap());
            assert!(new::parse("answers", &text).is_ok(), "{text}");
        }
    }
    for text in ["flow: oauth\n", "hub_alias: --json\n", "name: A__B\n", "x: y\n", "header: a b\n"]
    {
        assert!(new::parse("answers", text).is_err(), "{text}");
        assert!(!validator.is_valid(&from_yaml(text)), "{text}");
    }
}

// --- files ---

#[test]
fn existing_files_are_never_overwritten() {
    let folder = written(&default());
    let path = folder.path().join("setup");
    fs::remove_file(path.join("sfcred.yaml")).unwrap();
    let before = read_files(&path);
    let mut all = vec!["new", "--into", "setup"];
    let setup = default();
    all.extend(setup.iter().map(String::as_str));
    run(folder.path(), &all)
        .ends(Status::NoRun, &["nothing was written", "setup/STEPS.md", "never overwritten"]);
    assert!(before == read_files(&path));
    // A single file is enough.
    let other = new_folder();
    write_below(other.path(), "setup/smoke.apex", "mine");
    run(other.path(), &all).ends(Status::NoRun, &["`setup/smoke.apex` already exists"]);
    assert_eq!(read_files(&other.path().join("setup")).len(), 1);
}

#[test]
fn a_dry_run_prints_every_file_and_writes_none() {
    let folder = new_folder();
    let setup = default();
    let mut all = vec!["new", "--dry-run"];
    all.extend(setup.iter().map(String::as_str));
    let run = run(folder.path(), &all);
    run.ends(Status::Clean, &["# ---- STEPS.md ----", "# ---- hub/manifest/package.xml ----"]);
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
}

/// A project with two package directories.
fn project() -> Files {
    let json = r#"{"packageDirectories": [{"path": "core"}, {"path": "./app/", "default": true}], "namespace": "", "sourceApiVersion": "61.0"}"#;
    Files::from([("sfdx-project.json".into(), json.into())])
}

#[test]
fn an_existing_project_keeps_its_folders_and_its_version() {
    let block = Regex::new(r"(?s)```yaml\n(.*?)```").unwrap();
    for description in [None, Some("orgs: {}\n")] {
        let folder = crate::common::on_disk(&project());
        if let Some(text) = description {
            write_below(folder.path(), "sfcred.yaml", text);
        }
        let setup = default();
        let mut all = vec!["new"];
        all.extend(setup.iter().map(String::as_str));
        run(folder.path(), &all).ends(Status::Clean, &["Next: follow Billing_Uat/STEPS.md"]);
        let named = "app/main/default/namedCredentials/Billing_Uat.namedCredential-meta.xml";
        assert!(folder.path().join(named).exists());
        let manifest = read(folder.path().join("manifest/Billing_Uat-package.xml"));
        assert!(manifest.contains("<version>61.0</version>"), "{manifest}");
        let own = folder.path().join("Billing_Uat");
        let steps = read(own.join("STEPS.md"));
        if let Some(text) = description {
            assert_eq!(read(folder.path().join("sfcred.yaml")), text);
            let block = block.captures(&steps).expect("entries to add")[1].to_owned();
            fs::write(folder.path().join("sfcred.yaml"), block).unwrap();
        }
        let found = rules(&linted(folder.path()), Severity::Note);
        assert_eq!(found, BTreeSet::from(["app-certificate-missing", "placeholder-left"]));
        follow(&own, &steps).unwrap();
        resume(&own).ends(Status::Clean, &["Filled in the consumer key in"]);
        assert_eq!(rules(&linted(folder.path()), Severity::Note), BTreeSet::new());
        assert!(trace(folder.path()).contains(WORKS), "{}", trace(folder.path()));
    }
}

#[test]
fn a_project_with_folders_outside_is_refused() {
    for path in ["../elsewhere", "/tmp", "", "a`touch x`", "a;b"] {
        let json = format!(r#"{{"packageDirectories": [{{"path": "{path}", "default": true}}]}}"#);
        let files = Files::from([("sfdx-project.json".into(), json.into())]);
        let folder = crate::common::on_disk(&files);
        let setup = default();
        let mut all = vec!["new"];
        all.extend(setup.iter().map(String::as_str));
        run(folder.path(), &all).ends(Status::NoRun, &["no package directory in its folder"]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_the_files_outside() {
    let outside = tempfile::tempdir().unwrap();
    let folder = new_folder();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("setup")).unwrap();
    let setup = default();
    let mut all = vec!["new", "--into", "setup"];
    all.extend(setup.iter().map(String::as_str));
    run(folder.path(), &all).ends(Status::NoRun, &["outside"]);
    assert_eq!(files_below(outside.path()), Vec::<PathBuf>::new());
}

#[cfg(unix)]
#[test]
fn resume_reads_and_writes_nothing_outside() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    let folder = written(&default());
    let folder = folder.path().join("setup");
    let hub = zipped(&[
        ("certs/Billing_Uat_Signing.crt", read(root().join(CERTIFICATE))),
        ("package.xml", "<Package/>".to_owned()),
    ]);
    fs::write(outside.path().join("hub.zip"), hub).unwrap();
    symlink(outside.path().join("hub.zip"), folder.join("retrieved/hub.zip")).unwrap();
    run(&folder, &["new", "--resume"]).ends(Status::Findings, &["Still missing: the certificate"]);

    let credential =
        "hub/force-app/main/default/externalCredentials/Billing_Uat.externalCredential-meta.xml";
    let text = fs::read_to_string(folder.join(credential)).unwrap();
    fs::write(outside.path().join("credential.xml"), &text).unwrap();
    fs::remove_file(folder.join(credential)).unwrap();
    symlink(outside.path().join("credential.xml"), folder.join(credential)).unwrap();
    resume(&folder);
    assert_eq!(fs::read_to_string(outside.path().join("credential.xml")).unwrap(), text);

    fs::rename(folder.join("sfcred-new.yaml"), outside.path().join("answers.yaml")).unwrap();
    symlink(outside.path().join("answers.yaml"), folder.join("sfcred-new.yaml")).unwrap();
    run(&folder, &["new", "--resume"]).ends(Status::NoRun, &["has no `sfcred-new.yaml`"]);
}

#[test]
fn a_certificate_of_the_org_can_be_reused() {
    let setup = [default(), words(&["--reuse-certificate", "Hub_Org"])].concat();
    let folder = written(&setup);
    let folder = folder.path().join("setup");
    let steps = read(folder.join("STEPS.md"));
    assert!(steps.contains("read the certificate") && !steps.contains("Create Self-Signed"));
    assert!(steps.contains("Certificate:Hub_Org"));
    resume(&folder).ends(Status::Clean, &[]);
    assert!(trace(&folder).contains(WORKS), "{}", trace(&folder));
}
