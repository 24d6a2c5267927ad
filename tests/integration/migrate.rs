//! `sfcred migrate` for every legacy named credential in the fixtures, in written ones, and in real projects if there is a copy: what was
//! right before is right afterwards, no caller is lost, and the second run changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use serde_json::Value;
use sfcred::Report;
use sfcred::internals::cli::Status;
use sfcred::internals::schema;
use tempfile::TempDir;

use crate::common::{
    Files, all_linted, copy, corpus, entries, lint_folder, on_disk, read_files, run_command,
};

/// What a run printed.
struct Run {
    status: Status,
    out: String,
    err: String,
}

fn migrate(folder: &Path, arguments: &[&str]) -> Run {
    let arguments = [&["migrate"], arguments].concat();
    let (status, out, err) = run_command(folder, &arguments, 100, None);
    Run { status, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

/// The number of findings of each rule.
fn findings(folder: &Path) -> BTreeMap<String, usize> {
    let report = lint_folder(folder).unwrap();
    counted(&report)
}

fn counted(report: &Report) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for finding in &report.findings {
        // The same fault in the current model.
        let rule = if finding.rule == "basic-auth-to-salesforce" {
            "legacy-password"
        } else {
            finding.rule
        };
        *found.entry(rule.to_owned()).or_default() += 1;
    }
    found
}

/// Rules with more findings than before.
fn more(before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>) -> Vec<String> {
    let old = |rule: &String| before.get(rule).copied().unwrap_or_default();
    after
        .iter()
        .filter(|(rule, count)| **count > old(rule))
        .map(|(rule, count)| format!("{rule}: {count} instead of {}", old(rule)))
        .collect()
}

/// How often something calls a named credential: the callouts, registrations and data sources that resolve.
fn calls(folder: &Path) -> usize {
    let report = lint_folder(folder).unwrap();
    let callouts = report.workspace.orgs.iter().map(|org| {
        org.named_credentials.iter().map(|named| org.callouts_of(named).count()).sum::<usize>()
    });
    callouts.sum()
}

/// The text without its line breaks.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn git(folder: &Path, arguments: &[&str], input: &str) -> bool {
    use std::io::Write;
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap())
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait().unwrap().success()
}

/// Migrates everything in a folder, and checks what must hold for every project. Returns whether anything was written.
fn checked(name: &str, folder: &TempDir, faults: &mut Vec<String>) -> bool {
    let folder = folder.path();
    let Ok(before) = lint_folder(folder).map(|report| counted(&report)) else { return false };
    let (old_files, old_calls) = (read_files(folder), calls(folder));
    let mut fault = |text: String| faults.push(format!("{name}: {text}"));

    let plan = migrate(folder, &["--all", "--format", "json"]);
    if plan.status == Status::NoRun {
        fault(format!("no plan: {}", plan.err));
        return false;
    }
    let text: Value = serde_json::from_str(&plan.out).unwrap();
    let schema = schema::ALL.iter().find(|schema| schema.name == "migrate").unwrap();
    let schema: Value = serde_json::from_str(schema.text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(&text).for_each(|error| fault(format!("JSON: {error}")));
    migrate(folder, &["--all"]);
    if read_files(folder) != old_files {
        fault("a plan changed files".to_owned());
    }

    // The patch and the files are the same.
    let patched = on_disk(&old_files);
    let patch = migrate(folder, &["--all", "--diff", "--switch"]);
    if !patch.out.is_empty() && !git(patched.path(), &["apply", "--check"], &patch.out) {
        fault(format!("the patch does not apply:\n{}", patch.out));
    }
    let written = migrate(folder, &["--all", "--write"]);
    if written.status == Status::NoRun {
        fault(format!("not written: {}", written.err));
        return false;
    }
    let added = read_files(folder);
    if added == old_files {
        return false;
    }
    old_files
        .iter()
        .filter(|(path, bytes)| added.get(*path) != Some(bytes))
        .for_each(|(path, _)| fault(format!("adding changed {}", path.display())));
    let secrets: Vec<&Vec<u8>> = added
        .iter()
        .filter(|(path, _)| !old_files.contains_key(*path))
        .map(|(_, bytes)| bytes)
        .collect();
    if secrets.iter().any(|bytes| String::from_utf8_lossy(bytes).contains("password")) {
        fault("a new file contains a password".to_owned());
    }
    migrate(folder, &["--all", "--write"]);
    if read_files(folder) != added {
        fault("adding twice is not the same as once".to_owned());
    }
    // Before the callers are switched, no code calls the new credential, and no user is known to have the permission set.
    migrate(folder, &["--all", "--switch", "--write"]);
    if calls(folder) != old_calls {
        fault(format!("{} calls instead of {old_calls}", calls(folder)));
    }
    let switched = read_files(folder);
    migrate(folder, &["--all", "--switch", "--write"]);
    if read_files(folder) != switched {
        fault("switching twice is not the same as once".to_owned());
    }
    if patch.err.is_empty()
        && git(patched.path(), &["apply"], &patch.out)
        && read_files(patched.path()) != switched
    {
        fault("the patch and the files differ".to_owned());
    }
    migrate(folder, &["--all", "--remove", "--write"]);
    if calls(folder) != old_calls {
        fault("removing lost a caller".to_owned());
    }
    let after = findings(folder);
    more(&before, &after).into_iter().for_each(|line| fault(format!("new findings: {line}")));
    let removed = read_files(folder);
    let again = migrate(folder, &["--all", "--switch", "--remove", "--write"]);
    if again.status == Status::NoRun || read_files(folder) != removed {
        fault("removing twice is not the same as once".to_owned());
    }
    true
}

#[test]
fn every_legacy_credential_of_the_fixtures_is_migrated() {
    let has_legacy =
        |report: &Report| report.workspace.named_credentials().any(|(_, named)| named.is_legacy());
    let cases: Vec<_> = all_linted().filter(|(_, report)| has_legacy(report)).collect();
    let results: Vec<(bool, Vec<String>)> = cases
        .par_iter()
        .map(|(case, _)| {
            let mut faults = Vec::new();
            let written = checked(&case.name(), &on_disk(&case.files()), &mut faults);
            (written, faults)
        })
        .collect();
    let written = results.iter().filter(|(written, _)| *written).count();
    let faults: Vec<String> = results.into_iter().flat_map(|(_, faults)| faults).collect();
    assert!(faults.is_empty(), "{}\n{} faults", faults.join("\n"), faults.len());
    assert!(written > 40, "only {written} of {} cases were migrated", cases.len());
}

#[test]
fn real_projects_are_migrated() {
    let Some(corpus) = corpus() else { return };
    let projects: Vec<PathBuf> =
        entries(&corpus).into_iter().filter(|path| path.is_dir()).collect();
    let faults: Vec<String> = projects
        .par_iter()
        .flat_map(|project| {
            let folder = crate::common::new_folder();
            copy(project, folder.path());
            let mut faults = Vec::new();
            checked(&project.display().to_string(), &folder, &mut faults);
            faults
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const PROJECT: &str =
    r#"{"packageDirectories": [{"path": "app", "default": true}], "sourceApiVersion": "62.0"}"#;

/// A project with one named credential, of these elements.
fn project(elements: &str) -> Files {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{elements}</NamedCredential>\n"
    );
    files(&[
        ("sfdx-project.json", PROJECT),
        ("app/namedCredentials/Maps.namedCredential-meta.xml", &text),
    ])
}

fn files(all: &[(&str, &str)]) -> Files {
    all.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect()
}

fn with(mut files: Files, path: &str, text: &str) -> Files {
    files.insert(PathBuf::from(path), text.as_bytes().to_vec());
    files
}

fn text(folder: &TempDir, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const PASSWORD: &str = "    <endpoint>https://api.example.com/v1</endpoint>\n    <label>Maps &amp; more</label>\n    <password>Kx7!pq92-Zt</password>\n    <principalType>NamedUser</principalType>\n    <protocol>Password</protocol>\n    <username>maps</username>\n";
const OPEN: &str = "    <endpoint>https://api.example.com</endpoint>\n    <label>Maps</label>\n    <principalType>Anonymous</principalType>\n    <protocol>NoAuthentication</protocol>\n";

/// The parameters of the external credential, as `type name=value`.
fn parameters(xml: &str) -> Vec<String> {
    let leaf = |text: &str, name: &str| {
        let start = text.find(&format!("<{name}>"))? + name.len() + 2;
        let end = text[start..].find('<')? + start;
        Some(text[start..end].to_owned())
    };
    xml.split("<externalCredentialParameters>")
        .skip(1)
        .map(|one| {
            let part = |name: &str| leaf(one, name).unwrap_or_default();
            let value = ["parameterValue", "certificate", "authProvider"].map(part).concat();
            format!("{} {}={value}", part("parameterType"), part("parameterName"))
        })
        .collect()
}

#[test]
fn each_protocol_becomes_the_one_that_replaces_it() {
    let jwt = "<endpoint>https://api.example.com</endpoint><jwtAudience>[\"a\",\"b\"]</jwtAudience><jwtIssuer>acme</jwtIssuer><jwtSigningCertificate>Acme</jwtSigningCertificate><jwtValidityPeriodSeconds>60</jwtValidityPeriodSeconds><label>Maps</label>";
    let user =
        "<jwtTextSubject>a@acme.example</jwtTextSubject><principalType>NamedUser</principalType>";
    let each = "<jwtFormulaSubject>'u=' + $User.Username</jwtFormulaSubject><principalType>PerUser</principalType>";
    let claims = |sub: &str| {
        vec![
            "SigningCertificate SigningCertificate=Acme".to_owned(),
            "JwtBodyClaim iss=acme".to_owned(),
            format!("JwtBodyClaim sub={sub}"),
            "JwtBodyClaim aud=[&quot;a&quot;,&quot;b&quot;]".to_owned(),
            "JwtBodyClaim exp={!Text(FLOOR((NOW() - DATETIMEVALUE( &quot;1970-01-01 00:00:00&quot; )) * 86400 + 60))}".to_owned(),
            "JwtHeaderClaim alg=RS256".to_owned(),
            "JwtHeaderClaim kid=Acme".to_owned(),
        ]
    };
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
    let cases: Vec<(String, &str, Vec<String>)> = vec![
        (PASSWORD.to_owned(), "Basic", list(&["NamedPrincipal NamedUser="])),
        (
            OPEN.to_owned(),
            "Custom",
            list(&["AuthProtocolVariant Custom=NoAuthentication", "NamedPrincipal Anonymous="]),
        ),
        (
            "<authProvider>Login</authProvider><endpoint>https://api.example.com</endpoint><label>Maps</label><oauthScope>api refresh_token</oauthScope><principalType>PerUser</principalType><protocol>Oauth</protocol>".to_owned(),
            "Oauth",
            list(&[
                "AuthProvider AuthProvider=Login",
                "AuthParameter Scope=api refresh_token",
                "PerUserPrincipal PerUser=",
            ]),
        ),
        (
            "<awsAccessKey>AKIAIOSFODNN7EXAMPLE</awsAccessKey><awsRegion>us-east-1</awsRegion><awsService>s3</awsService><endpoint>https://s3.us-east-1.amazonaws.com</endpoint><label>Maps</label><principalType>NamedUser</principalType><protocol>AwsSv4</protocol>".to_owned(),
            "AwsSv4",
            list(&[
                "AuthParameter AwsRegion=us-east-1",
                "AuthParameter AwsService=s3",
                "NamedPrincipal NamedUser=",
            ]),
        ),
        (
            format!("{jwt}{user}<protocol>Jwt</protocol>"),
            "Jwt",
            [claims("a@acme.example"), list(&["NamedPrincipal NamedUser="])].concat(),
        ),
        (
            format!("{jwt}{each}<protocol>JwtExchange</protocol><authTokenEndpointUrl>https://login.example.com/token</authTokenEndpointUrl>"),
            "Oauth",
            [
                list(&[
                    "AuthProtocolVariant Oauth=JwtBearer",
                    "AuthProviderUrl AuthProviderUrl=https://login.example.com/token",
                ]),
                claims("{!&apos;u=&apos; + $User.Username}"),
                list(&["PerUserPrincipal PerUser="]),
            ]
            .concat(),
        ),
    ];
    for (elements, protocol, wanted) in cases {
        let folder = on_disk(&project(&elements));
        let run = migrate(folder.path(), &["Maps", "--write"]);
        assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
        let external = text(&folder, "app/externalCredentials/Maps.externalCredential-meta.xml");
        assert!(external.contains(&format!("<authenticationProtocol>{protocol}<")), "{external}");
        assert_eq!(parameters(&external), wanted);
        let set = text(&folder, "app/permissionsets/Maps_Access.permissionset-meta.xml");
        assert!(set.contains("<externalCredentialPrincipal>Maps-"), "{set}");
        let all = [external, set, run.out, run.err].concat();
        for secret in ["Kx7!pq92", "AKIAIOSFODNN7EXAMPLE"] {
            assert!(!all.contains(secret), "{secret} is copied or printed");
        }
    }
}

#[test]
fn what_cannot_be_migrated_is_said_with_the_reason() {
    let replace = |from: &str, to: &str| OPEN.replace(from, to);
    let password = |from: &str, to: &str| PASSWORD.replace(from, to);
    for (elements, reason) in [
        (replace("NoAuthentication", "Custom"), "has no known counterpart"),
        (replace("<protocol>NoAuthentication</protocol>", ""), "it has no `protocol`"),
        (replace("NoAuthentication", "${PROTOCOL}"), "is a placeholder"),
        (replace("https://api.example.com", "${URL}"), "is a placeholder"),
        (replace("https:", "http:"), "not an https URL"),
        (replace("example.com", "example.com?a=b"), "has a query"),
        (replace("https://", "https://me:s3cretWord@"), "contains a secret"),
        (
            replace("https://api.example.com", "arn:aws:US-WEST-2:123456789012"),
            "target of an event relay",
        ),
        (password("NamedUser", "Anonymous"), "does not fit the protocol"),
        (password("Password<", "Oauth<"), "it has no `authProvider`"),
        (
            password("Password<", "AwsSv4<").replace("NamedUser", "PerUser"),
            "has only named principals",
        ),
    ] {
        let folder = on_disk(&project(&elements));
        let before = read_files(folder.path());
        for arguments in [&["Maps"][..], &["Maps", "--write", "--switch", "--remove"], &["--all"]] {
            let run = migrate(folder.path(), arguments);
            assert_eq!(run.status, Status::Findings, "{elements}: {}{}", run.out, run.err);
            let out = words(&run.out);
            assert!(out.contains("cannot be migrated") && out.contains(reason), "{reason}: {out}");
            assert!(!out.contains("s3cretWord"), "{out}");
        }
        assert_eq!(read_files(folder.path()), before);
    }
    let old = PROJECT.replace("62.0", "55.0");
    let broken = "<NamedCredential><label>Maps</NamedCredential>";
    let managed =
        project(OPEN)[Path::new("app/namedCredentials/Maps.namedCredential-meta.xml")].clone();
    for (files, name, reason) in [
        (with(project(OPEN), "sfdx-project.json", &old), "Maps", "need 59"),
        (
            with(project(OPEN), "app/namedCredentials/Maps.namedCredential-meta.xml", broken),
            "Maps",
            "could not be parsed",
        ),
        (
            with(
                project(OPEN),
                "app/namedCredentials/pkg__Maps.namedCredential-meta.xml",
                &String::from_utf8(managed).unwrap(),
            ),
            "pkg__Maps",
            "managed package",
        ),
        (with(project(OPEN), ".forceignore", "**/namedCredentials/**\n"), "Maps", ".forceignore"),
    ] {
        let folder = on_disk(&files);
        let run = migrate(folder.path(), &[name, "--write"]);
        assert_eq!(run.status, Status::Findings, "{}{}", run.out, run.err);
        assert!(words(&run.out).contains(reason), "{reason}: {}", run.out);
        assert_eq!(read_files(folder.path()), files);
    }
    let folder = on_disk(&project(OPEN));
    let run = migrate(folder.path(), &["Map"]);
    assert_eq!(run.status, Status::NoRun);
    assert!(run.err.contains("`Maps`"), "{}", run.err);
    for name in ["../Maps", "a-b", "", "a__b__c"] {
        let run = migrate(folder.path(), &["Maps", "--name", name, "--write"]);
        assert_eq!(run.status, Status::NoRun, "{name}");
    }
    assert_eq!(migrate(folder.path(), &["Maps", "--name", "Maps"]).status, Status::Findings);
}

const CLASS: &str = "public class Calls {\r\n    void run(HttpRequest r) {\r\n        r.setEndpoint('callout:Maps/x'); // callout:Maps\r\n        r.setHeader('A', '{!$Credential.Username}:{!$credential.Password}:{!$Credential.OAuthToken}');\r\n    }\r\n}\r\n";
const SERVICE: &str = "<ExternalServiceRegistration xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>S</label><namedCredential>Maps</namedCredential><namedCredentialReference>Maps</namedCredentialReference><registrationProviderType>Custom</registrationProviderType><status>Complete</status></ExternalServiceRegistration>\n";
const SOURCE: &str = "<ExternalDataSource xmlns=\"http://soap.sforce.com/2006/04/metadata\"><endpoint>callout:Maps/odata</endpoint><isWritable>false</isWritable><label>D</label><principalType>Anonymous</principalType><protocol>NoAuthentication</protocol><type>OData4</type></ExternalDataSource>\n";

fn called() -> Files {
    let files = with(project(PASSWORD), "app/classes/Calls.cls", CLASS);
    let files = with(files, "app/registrations/S.externalServiceRegistration-meta.xml", SERVICE);
    with(files, "app/dataSources/D.dataSource-meta.xml", SOURCE)
}

#[test]
fn callers_are_listed_and_switched_byte_by_byte() {
    let folder = on_disk(&called());
    let plan = migrate(folder.path(), &["Maps"]).out;
    for caller in
        ["Apex `Calls`", "external service `S`", "external data source `D`", "Calls.cls:3:32"]
    {
        assert!(plan.contains(caller), "{caller}: {plan}");
    }
    let kept = migrate(folder.path(), &["Maps", "--remove", "--write"]);
    assert_eq!(kept.status, Status::Findings);
    assert!(kept.out.contains("its file is kept"), "{}", kept.out);
    assert!(folder.path().join("app/namedCredentials/Maps.namedCredential-meta.xml").exists());
    let run = migrate(folder.path(), &["Maps", "--switch", "--remove", "--write"]);
    assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
    let switched = CLASS
        .replace("'callout:Maps/x'", "'callout:Maps_V2/x'")
        .replace("$Credential.Username", "$Credential.Maps.Username")
        .replace("$credential.Password", "$credential.Maps.Password");
    assert_eq!(text(&folder, "app/classes/Calls.cls"), switched);
    let service = text(&folder, "app/registrations/S.externalServiceRegistration-meta.xml");
    assert_eq!(service, SERVICE.replace(">Maps<", ">Maps_V2<"));
    let source = text(&folder, "app/dataSources/D.dataSource-meta.xml");
    assert_eq!(source, SOURCE.replace("callout:Maps/", "callout:Maps_V2/"));
    assert!(!folder.path().join("app/namedCredentials/Maps.namedCredential-meta.xml").exists());
}

#[test]
fn the_name_can_be_kept_or_chosen_and_is_never_that_of_another_component() {
    let folder = on_disk(&called());
    let run = migrate(folder.path(), &["Maps", "--keep-name", "--switch", "--write"]);
    assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
    let named = text(&folder, "app/namedCredentials/Maps.namedCredential-meta.xml");
    assert!(named.contains("<externalCredential>Maps</externalCredential>"), "{named}");
    let class = text(&folder, "app/classes/Calls.cls");
    assert!(class.contains("'callout:Maps/x'") && class.contains("$Credential.Maps.Username"));
    let run = migrate(folder.path(), &["Maps"]);
    assert!(run.out.contains("is not a legacy named credential"), "{}", run.out);

    let folder = on_disk(&called());
    migrate(folder.path(), &["Maps", "--name", "Charts", "--write"]);
    let added = read_files(folder.path());
    assert!(added.contains_key(Path::new("app/namedCredentials/Charts.namedCredential-meta.xml")));
    let again = migrate(folder.path(), &["Maps", "--write"]);
    assert!(again.out.contains("already migrated to `Charts`"), "{}", again.out);
    assert_eq!(read_files(folder.path()), added);

    // Every default name is taken by something else.
    let other = OPEN.replace("api.example.com", "other.example.com");
    let wrap = |elements: &str| {
        format!(
            "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">{elements}</NamedCredential>"
        )
    };
    let external = "<ExternalCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><authenticationProtocol>Basic</authenticationProtocol><label>Maps</label></ExternalCredential>";
    let set = "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Maps &amp; more Access</label></PermissionSet>";
    let mut files = called();
    for (path, text) in [
        ("app/namedCredentials/Maps_V2.namedCredential-meta.xml", wrap(&other).as_str()),
        ("app/externalCredentials/maps.externalCredential-meta.xml", external),
        ("app/permissionsets/Maps_Access.permissionset-meta.xml", set),
    ] {
        files = with(files, path, text);
    }
    let folder = on_disk(&files);
    let run = migrate(folder.path(), &["Maps", "--write"]);
    assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
    for path in [
        "app/namedCredentials/Maps_V2_2.namedCredential-meta.xml",
        "app/externalCredentials/Maps_2.externalCredential-meta.xml",
        "app/permissionsets/Maps_Access_2.permissionset-meta.xml",
    ] {
        assert!(folder.path().join(path).exists(), "{path}");
    }
    let after = read_files(folder.path());
    assert!(files.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
    migrate(folder.path(), &["Maps", "--write"]);
    assert_eq!(read_files(folder.path()), after);
}

#[test]
fn files_in_every_format_and_encoding_are_migrated_next_to_the_old_one() {
    let xml = String::from_utf8(
        project(OPEN)[Path::new("app/namedCredentials/Maps.namedCredential-meta.xml")].clone(),
    )
    .unwrap();
    let commented = xml.replace("<label>", "<!-- a & b --><label>");
    let windows = xml.replace('\n', "\r\n");
    let marked = format!("\u{feff}{xml}");
    let utf16: Vec<u8> = format!("\u{feff}{}", xml.replace("UTF-8", "UTF-16"))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let manifest = "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><version>62.0</version></Package>";
    for (folder_name, ending) in [
        ("app/namedCredentials", "-meta.xml"),
        ("src/namedCredentials", ""),
        ("app/any", "-meta.xml"),
    ] {
        for bytes in
            [xml.as_bytes(), commented.as_bytes(), windows.as_bytes(), marked.as_bytes(), &utf16]
        {
            let mut files = files(&[("sfdx-project.json", PROJECT)]);
            if ending.is_empty() {
                files = with(files, "src/package.xml", manifest);
            }
            let old = PathBuf::from(format!("{folder_name}/Maps.namedCredential{ending}"));
            files.insert(old.clone(), bytes.to_vec());
            let folder = on_disk(&files);
            let run = migrate(folder.path(), &["Maps", "--write"]);
            assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
            let parent = old.parent().unwrap();
            let in_its_folder = parent.ends_with("namedCredentials");
            let external = if in_its_folder {
                parent.with_file_name("externalCredentials")
            } else {
                parent.to_owned()
            };
            let external = external.join(format!("Maps.externalCredential{ending}"));
            let new = fs::read_to_string(folder.path().join(&external)).unwrap();
            assert_eq!(new.contains("\r\n"), bytes == windows.as_bytes(), "{new}");
            let run = migrate(folder.path(), &["Maps", "--remove", "--write"]);
            assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
            assert!(!folder.path().join(&old).exists());
        }
    }
}

#[test]
fn nothing_is_written_outside_of_the_given_paths() {
    let files = project(OPEN);
    let folder = on_disk(&files);
    let path = "app/namedCredentials/Maps.namedCredential-meta.xml";
    let run = migrate(folder.path(), &["Maps", path, "--write"]);
    assert_eq!(run.status, Status::Findings);
    assert!(words(&run.out).contains("outside of the given paths"), "{}", run.out);
    assert_eq!(read_files(folder.path()), files);
    #[cfg(unix)]
    {
        let outside = tempfile::tempdir().unwrap();
        let link = folder.path().join("app/externalCredentials");
        std::os::unix::fs::symlink(outside.path(), &link).unwrap();
        let run = migrate(folder.path(), &["Maps", "--write"]);
        assert_eq!(run.status, Status::Findings, "{}{}", run.out, run.err);
        assert!(entries(outside.path()).is_empty());
        fs::remove_file(link).unwrap();
        assert_eq!(read_files(folder.path()), files);
    }
}

const APP_FILE: &str = "app/connectedApps/Portal.connectedApp-meta.xml";
const APP_KEY: &str =
    "3MVG9uXCfV5zvmOFjh_dF2RKwhxtki0gd8.SGBGiujjd49CufOj2_QTRx64Ba2kpayC.DJbkAl8dlrFFkz94Q";

/// A project with one connected app, of these elements and OAuth settings.
fn with_app(elements: &str, oauth: &str) -> Files {
    let text = format!(
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <contactEmail>ops@acme.example</contactEmail>\n    <label>Portal</label>\n    <oauthConfig>\n        <callbackUrl>https://acme.example/callback</callbackUrl>\n        <consumerKey>{APP_KEY}</consumerKey>\n{oauth}    </oauthConfig>\n{elements}</ConnectedApp>\n"
    );
    files(&[("sfdx-project.json", PROJECT), (APP_FILE, &text)])
}

/// Every element of a connected app, with values that can be copied.
const ALL_ELEMENTS: &str = "<attributes><formula>$User.Id</formula><key>user</key></attributes><canvasConfig><accessMethod>Get</accessMethod></canvasConfig><contactPhone>555</contactPhone><description>Kx7 pq92</description><ipRanges><description>a</description><end>10.0.0.9</end><start>10.0.0.1</start></ipRanges><ipRanges><end>10.0.1.9</end><start>10.0.1.1</start></ipRanges><mobileAppConfig><version>1</version></mobileAppConfig><mobileStartUrl>https://acme.example/m</mobileStartUrl><oauthPolicy><ipRelaxation>ENFORCE_RELAXREFRESH</ipRelaxation><refreshTokenPolicy>specific_lifetime:90:DAYS</refreshTokenPolicy></oauthPolicy><permissionSetName>Portal Users</permissionSetName><plugin>Handler</plugin><pluginExecutionUser>a@acme.example</pluginExecutionUser><profileName>System Administrator</profileName><samlConfig><entityUrl>https://acme.example</entityUrl></samlConfig><sessionPolicy><policyAction>Block</policyAction><sessionLevel>STANDARD</sessionLevel><sessionTimeout>30</sessionTimeout></sessionPolicy><startUrl>https://acme.example/start</startUrl>";
const ALL_OAUTH: &str = "<consumerSecret>Kx7!pq92-Zt</consumerSecret><idTokenConfig><idTokenIncludeCustomPerms>true</idTokenIncludeCustomPerms><idTokenValidity>2</idTokenValidity></idTokenConfig><isAdminApproved>true</isAdminApproved><isClientCredentialEnabled>true</isClientCredentialEnabled><isCodeCredentialEnabled>false</isCodeCredentialEnabled><isIpBindingEnabled>true</isIpBindingEnabled><isPkceRequired>true</isPkceRequired><oauthClientCredentialUser>a@acme.example</oauthClientCredentialUser><scopes>Api</scopes><scopes>SFAP</scopes><scopes>Nope</scopes>";

/// The rules that compare files with the table of metadata types.
const INVALID: &[&str] = &[
    "unreadable-file",
    "unknown-element",
    "unknown-value",
    "element-needs-other-api-version",
    "required-element-missing",
];

#[test]
fn every_element_of_a_connected_app_is_mapped_and_what_can_be_copied_is_in_the_patch() {
    let set = "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Portal Users</label></PermissionSet>";
    let files = with(
        with_app(ALL_ELEMENTS, ALL_OAUTH),
        "app/permissionsets/Portal_Access.permissionset-meta.xml",
        set,
    );
    let folder = on_disk(&files);
    let json = migrate(folder.path(), &["Portal", "--format", "json"]);
    assert_eq!(json.status, Status::Clean, "{}{}", json.out, json.err);
    let plan: Value = serde_json::from_str(&json.out).unwrap();
    let app = &plan["apps"][0];
    let elements: BTreeMap<&str, &str> = app["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["from"].as_str().unwrap(), one["to"].as_str().unwrap()))
        .collect();
    for (from, to) in [
        ("attributes", "`customAttributes` of `ExtlClntAppOauthSettings`"),
        ("canvasConfig", "does not plan"),
        ("description", "not in the patch"),
        ("ipRanges", "`trustedIpRanges`"),
        ("mobileAppConfig", "does not plan"),
        ("mobileStartUrl", "no known counterpart"),
        ("oauthConfig/callbackUrl", "`callbackUrl` of `ExtlClntAppGlobalOauthSettings`"),
        ("oauthConfig/consumerKey", "which Salesforce sets"),
        ("oauthConfig/consumerSecret", "neither copied nor printed"),
        ("oauthConfig/idTokenConfig/idTokenValidity", "`idTokenValidityInMinutes`"),
        ("oauthConfig/isAdminApproved", "`permittedUsersPolicyType`"),
        ("oauthConfig/isClientCredentialEnabled", "both must be on"),
        ("oauthConfig/isIpBindingEnabled", "enter it again"),
        ("oauthConfig/scopes", "`commaSeparatedOauthScopes`"),
        ("oauthPolicy/refreshTokenPolicy", "`refreshTokenValidityUnit`"),
        ("permissionSetName", "`commaSeparatedPermissionSet`"),
        ("plugin", "`Auth.ExternalClientAppOauthHandler`"),
        ("pluginExecutionUser", "`executeHandlerAs`"),
        ("profileName", "`commaSeparatedProfile`"),
        ("samlConfig", "does not plan"),
        ("sessionPolicy/sessionTimeout", "`sessionTimeoutInMinutes`"),
        ("startUrl", "`startUrl` of `ExtlClntAppConfigurablePolicies`"),
    ] {
        assert!(elements.get(from).is_some_and(|text| text.contains(to)), "{from}: {elements:#?}");
    }
    assert!(!elements.values().any(|to| to.contains("from API version")), "{elements:#?}");

    let run = migrate(folder.path(), &["Portal", "--diff"]);
    assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
    let patched = on_disk(&files);
    assert!(git(patched.path(), &["apply"], &run.out), "{}", run.out);
    let part = |folder: &str, file: &str| text(&patched, &format!("app/{folder}/{file}-meta.xml"));
    let settings = part("extlClntAppOauthSettings", "Portal_oauth.ecaOauth");
    let globals = part("extlClntAppGlobalOauthSets", "Portal_glbloauth.ecaGlblOauth");
    let oauth_policies = part("extlClntAppOauthPolicies", "Portal_oauthPlcy.ecaOauthPlcy");
    let policies = part("extlClntAppPolicies", "Portal_plcy.ecaPlcy");
    for (text, wanted) in [
        (&settings, ">Api, SFApiPlatform<"),
        (&settings, "<startIpAddress>10.0.1.1<"),
        (&globals, "<idTokenValidityInMinutes>2<"),
        (&globals, "<isClientCredentialsFlowEnabled>true<"),
        (&globals, "<isPkceRequired>true<"),
        (&oauth_policies, "<clientCredentialsFlowUser>a@acme.example<"),
        (&oauth_policies, "<commaSeparatedPermissionSet>Portal_Access<"),
        (&oauth_policies, "<commaSeparatedProfile>System Administrator<"),
        (&oauth_policies, "<ipRelaxationPolicyType>Enforce_RelaxRefresh<"),
        (&oauth_policies, "<isClientCredentialsFlowEnabled>true<"),
        (&oauth_policies, "<permittedUsersPolicyType>AdminApprovedPreAuthorized<"),
        (&oauth_policies, "<refreshTokenPolicyType>SpecificLifetime<"),
        (&oauth_policies, "<refreshTokenValidityPeriod>90<"),
        (&oauth_policies, "<refreshTokenValidityUnit>Days<"),
        (&policies, "<startPage>Custom<"),
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let printed = [json.out, json.err, run.out, run.err].concat();
    for hidden in ["Kx7", "oauthLink>", "consumerKey>", &APP_KEY[20..60]] {
        assert!(!printed.contains(hidden), "{hidden} is printed");
    }
    // The new files are valid.
    let invalid = |folder: &Path| {
        let found = findings(folder);
        INVALID.iter().map(|rule| found.get(*rule).copied().unwrap_or_default()).sum::<usize>()
    };
    assert_eq!(invalid(patched.path()), invalid(folder.path()));
}

#[test]
fn callers_of_the_consumer_key_are_listed_wherever_it_is() {
    let provider = format!(
        "<AuthProvider xmlns=\"http://soap.sforce.com/2006/04/metadata\"><consumerKey>{APP_KEY}</consumerKey><friendlyName>P</friendlyName><providerType>Salesforce</providerType></AuthProvider>\n"
    );
    let class = format!(
        "public class Calls {{ void run(HttpRequest r) {{ r.setEndpoint('callout:Maps'); String key = '{APP_KEY}'; }} }}\n"
    );
    let longer = class.replace(APP_KEY, &format!("{APP_KEY}x")).replace("Calls", "Others");
    let external = format!(
        "<ExternalCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\"><authenticationProtocol>Oauth</authenticationProtocol>{}<label>Login</label></ExternalCredential>\n",
        [
            ("AuthProtocolVariant", "Oauth", "JwtBearer"),
            ("AuthProviderUrl", "AuthProviderUrl", "https://login.salesforce.com/services/oauth2/token"),
            ("JwtBodyClaim", "iss", APP_KEY),
        ]
        .map(|(kind, name, value)| format!(
            "<externalCredentialParameters><parameterGroup>DefaultGroup</parameterGroup><parameterName>{name}</parameterName><parameterType>{kind}</parameterType><parameterValue>{value}</parameterValue></externalCredentialParameters>"
        ))
        .concat()
    );
    let mut files = with_app("", "");
    for (path, text) in [
        ("app/authproviders/P.authprovider-meta.xml", &provider),
        ("app/classes/Calls.cls", &class),
        ("app/classes/Others.cls", &longer),
        ("app/externalCredentials/Login.externalCredential-meta.xml", &external),
    ] {
        files = with(files, path, text);
    }
    let folder = on_disk(&files);
    let run = migrate(folder.path(), &["Portal"]);
    assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
    let out = words(&run.out);
    for caller in [
        "auth provider with its consumer key, app/authproviders/P.authprovider-meta.xml",
        "Apex with its consumer key, app/classes/Calls.cls:1:",
        "external credential `Login` (jwt-bearer), app/externalCredentials/Login",
        "answer `app_not_found`, so change such token endpoints first app/externalCredentials/Login",
    ] {
        assert!(out.contains(caller), "{caller}: {out}");
    }
    assert!(!out.contains("Others.cls"), "{out}");
}

#[test]
fn salesforce_moves_an_app_so_no_option_changes_its_files() {
    let files = with_app("", "");
    let folder = on_disk(&files);
    for option in ["--write", "--switch", "--remove", "--keep-name", "--name=Other"] {
        let run = migrate(folder.path(), &["Portal", option]);
        assert_eq!(run.status, Status::NoRun, "{option}: {}", run.out);
        let err = words(&run.err);
        assert!(err.contains("Salesforce migrates a connected app itself"), "{err}");
    }
    let all = migrate(folder.path(), &["--all"]);
    assert!(all.out.contains("No legacy named credential"), "{}", all.out);
    assert_eq!(read_files(folder.path()), files);

    // What is migrated, and what is none of both.
    let globals = format!(
        "<ExtlClntAppGlobalOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\"><callbackUrl>https://acme.example/callback</callbackUrl><consumerKey>{APP_KEY}</consumerKey><externalClientApplication>Portal_New</externalClientApplication><label>x</label></ExtlClntAppGlobalOauthSettings>"
    );
    let moved = with(
        with(
            files.clone(),
            "app/externalClientApps/Portal_New.eca-meta.xml",
            "<ExternalClientApplication xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Portal</label></ExternalClientApplication>",
        ),
        "app/extlClntAppGlobalOauthSets/Portal_New_glbloauth.ecaGlblOauth-meta.xml",
        &globals,
    );
    let folder = on_disk(&moved);
    let run = migrate(folder.path(), &["Portal"]);
    assert_eq!(run.status, Status::Clean, "{}{}", run.out, run.err);
    let out = words(&run.out);
    assert!(out.contains("already migrated to the external client app `Portal_New`"), "{out}");
    assert!(migrate(folder.path(), &["Portal", "--diff"]).out.is_empty());
    let run = migrate(folder.path(), &["Portal_New"]);
    assert!(words(&run.out).contains("is an external client app: nothing to migrate"));

    // A name that a credential has as well.
    let both = with(
        files,
        "app/namedCredentials/Portal.namedCredential-meta.xml",
        &format!(
            "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">{OPEN}</NamedCredential>"
        ),
    );
    let folder = on_disk(&both);
    let run = migrate(folder.path(), &["Portal"]);
    assert_eq!(run.status, Status::NoRun, "{}", run.out);
    let err = words(&run.err);
    for part in
        ["Portal.namedCredential", "Portal.connectedApp", "`--credential Portal` or `--app Portal`"]
    {
        assert!(err.contains(part), "{part}: {err}");
    }
    let one = migrate(folder.path(), &["--credential", "Portal"]).out;
    assert!(one.contains("`Portal` can be migrated") && !one.contains("connected app"), "{one}");
    let other = migrate(folder.path(), &["--app", "Portal"]).out;
    assert!(other.contains("can become an external client app"), "{other}");
}

#[test]
fn an_app_that_cannot_be_migrated_is_said_with_the_reason() {
    let wrap = |elements: &str| {
        format!(
            "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\"><contactEmail>ops@acme.example</contactEmail><label>Portal</label>{elements}</ConnectedApp>"
        )
    };
    let project = files(&[("sfdx-project.json", PROJECT)]);
    let packaged = with_app("", "")[Path::new(APP_FILE)].clone();
    for (path, text, name, reason) in [
        (APP_FILE, wrap("<samlConfig><issuer>x</issuer></samlConfig>"), "Portal", "a SAML app"),
        (
            APP_FILE,
            wrap("<canvasConfig><accessMethod>Get</accessMethod></canvasConfig>"),
            "Portal",
            "a canvas app",
        ),
        (APP_FILE, wrap(""), "Portal", "no OAuth settings"),
        (
            "app/connectedApps/pkg__Portal.connectedApp-meta.xml",
            String::from_utf8(packaged).unwrap(),
            "pkg__Portal",
            "only local apps",
        ),
        (APP_FILE, "<ConnectedApp><label></ConnectedApp>".to_owned(), "Portal", "not be parsed"),
        (
            "sfcred.yaml",
            "orgs:\n  hub:\n    connected_apps:\n      Portal: { scopes: [Api] }\n".to_owned(),
            "Portal",
            "only in the description",
        ),
    ] {
        let folder = on_disk(&with(project.clone(), path, &text));
        for format in ["text", "json"] {
            let run = migrate(folder.path(), &[name, "--format", format]);
            assert_eq!(run.status, Status::Findings, "{reason}: {}{}", run.out, run.err);
            assert!(words(&run.out).contains(reason), "{reason}: {}", run.out);
        }
        assert!(migrate(folder.path(), &[name, "--diff"]).out.is_empty());
    }
}
