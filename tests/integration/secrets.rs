//! No output shows a secret: a marker is inserted in every secret field, and every command runs in every format.

mod everywhere;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use rayon::prelude::*;
use sfcred::internals::report::Format;
use tempfile::TempDir;

/// No output may contain eight consecutive characters of the marker.
pub const MARK: &str = "Zq7Xw9Kp3vT5n8Rb2Lc6Jd4Hs1Mf0";
const KEY: &str =
    "3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0.Mv311p0QFveRtUuQN_P8ywerNlCSMpqZ.Tb5b0AGE7xSitdHyn";

/// Files with secrets; `{}` is replaced by the marker.
pub struct Plant {
    pub what: &'static str,
    pub files: Vec<(&'static str, String)>,
}

fn xml(root: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{inside}\n</{root}>\n"
    )
}

pub fn plants() -> Vec<Plant> {
    let one = |what, file, text: String| Plant { what, files: vec![(file, text)] };
    let app = |inside: &str| {
        xml(
            "ConnectedApp",
            &format!(
                "    <contactEmail>a@acme.example</contactEmail>\n    <label>App</label>\n    <oauthConfig>\n        {inside}\n        <consumerKey>{KEY}</consumerKey>\n        <isAdminApproved>false</isAdminApproved>\n        <noSuch>x</noSuch>\n        <scopes>Full</scopes>\n    </oauthConfig>"
            ),
        )
    };
    let named = |inside: &str| {
        xml(
            "NamedCredential",
            &format!(
                "    <endpoint>http://acme.example/</endpoint>\n    {inside}\n    <label>N</label>\n    <noSuch>x</noSuch>\n    <principalType>NamedUser</principalType>\n    <protocol>Password</protocol>\n    <username>u</username>"
            ),
        )
    };
    let secured = |kind: &str, name: &str, value: &str| {
        xml(
            "NamedCredential",
            &format!(
                "    <label>N</label>\n    <namedCredentialParameters>\n        <parameterName>{name}</parameterName>\n        <parameterType>{kind}</parameterType>\n        <parameterValue>{value}</parameterValue>\n    </namedCredentialParameters>\n    <namedCredentialType>SecuredEndpoint</namedCredentialType>\n    <noSuch>x</noSuch>"
            ),
        )
    };
    let external = |kind: &str, name: &str, value: &str| {
        xml(
            "ExternalCredential",
            &format!(
                "    <authenticationProtocol>Custom</authenticationProtocol>\n    <externalCredentialParameters>\n        <parameterGroup>G</parameterGroup>\n        <parameterName>{name}</parameterName>\n        <parameterType>{kind}</parameterType>\n        <parameterValue>{value}</parameterValue>\n    </externalCredentialParameters>\n    <label>E</label>\n    <noSuch>x</noSuch>"
            ),
        )
    };
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQD{MARK}{MARK}\n{MARK}{MARK}\n-----END PRIVATE KEY-----\n"
    );
    let session = format!("00D5g000004AbCd!AQEAQ{MARK}{MARK}");
    let login = format!("force://PlatformCLI::5Aep861{MARK}{MARK}@acme.my.salesforce.com");
    let mut plants = vec![
        one(
            "a connected app's secret",
            "A.connectedApp-meta.xml",
            app(&format!("<consumerSecret>{MARK}</consumerSecret>")),
        ),
        one(
            "the same in CDATA",
            "A.connectedApp-meta.xml",
            app(&format!("<consumerSecret><![CDATA[{MARK}]]></consumerSecret>")),
        ),
        one(
            "the same in character references",
            "A.connectedApp-meta.xml",
            app(&format!("<consumerSecret>{}</consumerSecret>", MARK.replace('q', "&#113;"))),
        ),
        one(
            "an auth provider's secret",
            "P.authprovider-meta.xml",
            xml(
                "AuthProvider",
                &format!(
                    "    <consumerKey>{KEY}</consumerKey>\n    <consumerSecret>{MARK}</consumerSecret>\n    <friendlyName>P</friendlyName>\n    <noSuch>x</noSuch>\n    <providerType>Salesforce</providerType>"
                ),
            ),
        ),
        one(
            "a secret of Apple",
            "P.authprovider-meta.xml",
            xml(
                "AuthProvider",
                &format!(
                    "    <appleClientSecret>{MARK}</appleClientSecret>\n    <ecKey>{pem}</ecKey>\n    <friendlyName>P</friendlyName>\n    <noSuch>x</noSuch>\n    <providerType>Apple</providerType>"
                ),
            ),
        ),
        one(
            "a password",
            "N.namedCredential-meta.xml",
            named(&format!("<password>{MARK}</password>")),
        ),
        one(
            "tokens",
            "N.namedCredential-meta.xml",
            named(&format!(
                "<oauthRefreshToken>{MARK}</oauthRefreshToken><oauthToken>{MARK}</oauthToken>"
            )),
        ),
        one(
            "a key of AWS",
            "N.namedCredential-meta.xml",
            named(&format!("<awsAccessSecret>{MARK}</awsAccessSecret>")),
        ),
        one(
            "a custom header",
            "N.namedCredential-meta.xml",
            secured("HttpHeader", "Authorization", &format!("Bearer {MARK}")),
        ),
        one(
            "an API key in a header",
            "N.namedCredential-meta.xml",
            secured("HttpHeader", "X-Api-Key", MARK),
        ),
        one(
            "an API key in a URL",
            "N.namedCredential-meta.xml",
            secured("Url", "Url", &format!("http://acme.example/x?api_key={MARK}")),
        ),
        one(
            "a password in a URL",
            "N.namedCredential-meta.xml",
            secured("Url", "Url", &format!("http://user:{MARK}@acme.example/x")),
        ),
        one(
            "an external credential's header",
            "E.externalCredential-meta.xml",
            external("AuthHeader", "Authorization", &format!("Bearer {MARK}")),
        ),
        one(
            "an external credential's header in a formula",
            "E.externalCredential-meta.xml",
            external("AuthHeader", "Authorization", &format!("{{!'Bearer {MARK}'}}")),
        ),
        one(
            "an external credential's parameter",
            "E.externalCredential-meta.xml",
            external("AuthParameter", "client_secret", MARK),
        ),
        one(
            "an external client app's secret",
            "X.ecaGlblOauth-meta.xml",
            xml(
                "ExtlClntAppGlobalOauthSettings",
                &format!(
                    "    <callbackUrl>http://a</callbackUrl>\n    <consumerKey>{KEY}</consumerKey>\n    <consumerSecret>{MARK}</consumerSecret>\n    <externalClientApplication>X</externalClientApplication>\n    <label>X</label>\n    <noSuch>x</noSuch>"
                ),
            ),
        ),
        one(
            "an external data source's password",
            "D.dataSource-meta.xml",
            xml(
                "ExternalDataSource",
                &format!(
                    "    <endpoint>http://a.example</endpoint>\n    <label>D</label>\n    <noSuch>x</noSuch>\n    <password>{MARK}</password>\n    <oauthToken>{MARK}</oauthToken>"
                ),
            ),
        ),
        one(
            "a password in a remote site",
            "R.remoteSite-meta.xml",
            xml(
                "RemoteSiteSetting",
                &format!(
                    "    <disableProtocolSecurity>true</disableProtocolSecurity>\n    <isActive>true</isActive>\n    <noSuch>x</noSuch>\n    <url>http://user:{MARK}@acme.example</url>"
                ),
            ),
        ),
        one("a login URL in .env", ".env", format!("SFDX_AUTH_URL={login}\n")),
        one("a private key", "server.key", pem.clone()),
        one(
            "a private key in JSON",
            "config.json",
            format!("{{ \"key\": {} }}", serde_json::to_string(&pem).unwrap()),
        ),
        one("a private key in place of a certificate", "H.crt", pem.clone()),
        one("a session id in JSON", "a.json", format!("{{ \"accessToken\": \"{session}\" }}\n")),
        one(
            "a session id in Apex",
            "S.cls",
            format!(
                "class S {{ void m() {{ r.setHeader('Authorization', 'Bearer {session}'); r.setEndpoint('callout:None/x'); }} }}\n"
            ),
        ),
        one(
            "a secret in a callout's path",
            "S.cls",
            format!(
                "class S {{ void m() {{ r.setEndpoint('callout:None/x?api_key={MARK}'); }} }}\n"
            ),
        ),
        one(
            "a secret in a hard-coded endpoint",
            "S.cls",
            format!(
                "class S {{ void m() {{ r.setEndpoint('http://u:{MARK}@acme.my.salesforce.com/services?token={MARK}'); }} }}\n"
            ),
        ),
        one(
            "a login URL in a script",
            "login.sh",
            format!("echo {login} | sf org login sfdx-url\n"),
        ),
        one(
            "a field of a custom metadata record",
            "Setting.Default.md-meta.xml",
            xml(
                "CustomMetadata",
                &format!(
                    "    <label>D</label>\n    <values>\n        <field>Api_Key__c</field>\n        <value>Bearer {MARK}</value>\n    </values>"
                ),
            ),
        ),
        one(
            "a custom label",
            "CustomLabels.labels-meta.xml",
            xml(
                "CustomLabels",
                &format!(
                    "    <labels>\n        <fullName>Api_Key</fullName>\n        <value>{MARK}</value>\n    </labels>"
                ),
            ),
        ),
        one(
            "secrets in Apex",
            "S.cls",
            format!(
                "class S {{\n    static final String API_KEY = '{MARK}';\n    void m() {{\n        r.setHeader('X-Api-Key', '{MARK}');\n        r.setBody('client_secret={MARK}&x=y');\n        Crypto.generateMac('HmacSHA256', b, Blob.valueOf('{MARK}'));\n        // Authorization: Bearer ghp_{MARK}{MARK}\n        r.setHeader('Authorization', 'Basic ' + EncodingUtil.base64Encode(Blob.valueOf('u:{MARK}')));\n    }}\n}}\n"
            ),
        ),
        one("a property", "build.properties", format!("sf.password = {MARK}\n")),
        one("an environment file", ".env", format!("export API_KEY=\"{MARK}\"\n")),
        one(
            "a login of the Salesforce CLI",
            "login.json",
            format!(
                "{{ \"instanceUrl\": \"https://acme.example\", \"refreshToken\": \"{MARK}\" }}\n"
            ),
        ),
        Plant {
            what: "a value that is replaced",
            files: vec![
                (
                    "A.connectedApp-meta.xml",
                    app(&format!("<consumerSecret>{MARK}</consumerSecret>")),
                ),
                (
                    "sfdx-project.json",
                    format!(
                        "{{ \"packageDirectories\": [], \"replacements\": [{{ \"glob\": \"**\", \"stringToReplace\": \"{MARK}\", \"replaceWithEnv\": \"X\" }}] }}"
                    ),
                ),
            ],
        },
    ];
    // If a file cannot be parsed, its elements are unknown.
    let broken: Vec<Plant> = plants
        .iter()
        .filter(|plant| plant.files[0].0.ends_with(".xml"))
        .flat_map(|plant| {
            let (name, text) = &plant.files[0];
            let end = text.rfind(MARK).map_or(text.len(), |at| at + MARK.len());
            let with = |piece: &str| format!("{}{piece}{}", &text[..end], &text[end..]);
            [
                ("cut off", text[..end].to_owned()),
                ("a bare &", with(" & x")),
                ("an entity", with("&x;")),
                ("a bare <", with("<")),
                ("a control character", with("\u{1}")),
                ("a wrong end", with("</wrong>")),
            ]
            .map(|(how, text)| Plant { what: how, files: vec![(*name, text)] })
        })
        .collect();
    plants.extend(broken);
    let description = |what, text: &str| one(what, "sfcred.yaml", text.replace("{}", MARK));
    plants.extend([
        description(
            "a description's unknown key",
            "orgs: { a: { consumer_secret: {}, kind: x } }\n",
        ),
        description("a description with a tab", "orgs:\n  a:\n    password: {}\n\tkind: x\n"),
        description("a description that is cut off", "orgs: { a: { password: \"{}"),
        description("an alias in place of a password", "orgs: { a: { password: *{} } }\n"),
        description("a tag in place of a password", "orgs: { a: { password: !{} x, kind: y } }\n"),
        description("a password twice", "orgs: { a: { password: {}, password: {} } }\n"),
        one("settings with a secret", "sfcred.toml", format!("consumer_secret = \"{MARK}\"\n")),
        one(
            "settings with a secret that is cut off",
            "sfcred.toml",
            format!("consumer_secret = \"{MARK}\n"),
        ),
        one(
            "settings with a secret of another type",
            "sfcred.toml",
            format!("[rules]\ntoken = \"{MARK}\"\n"),
        ),
        one(
            "a project file that is cut off",
            "sfdx-project.json",
            format!("{{ \"password\": \"{MARK}\", \"x\": "),
        ),
    ]);
    plants
}

/// Every command line that prints something from a project. `FORMATS` is replaced by all formats of a report, each with
/// its file.
const COMMANDS: &[&[&str]] = &[
    &["lint", "--today", "2026-11-22", "FORMATS", "--write-baseline", "out/baseline.json"],
    &["trace", "--explain-claims"],
    &["diagnose", "log.txt"],
    &["lint", "--today", "2026-11-22", "--unsafe-fixes", "--diff"],
    &["trace", "--explain-claims", "--format", "json"],
    &["diagnose", "log.txt", "--format", "json"],
    &["trace", "--format", "svg"],
    &["trace", "--format", "html"],
    &["graph"],
    &["graph", "--format", "json"],
    &["graph", "--format", "mermaid"],
    &["graph", "--format", "dot"],
    &["graph", "--format", "svg"],
    &["lint", "--today", "2026-11-22", "--color", "always", "--statistics", "--verbose"],
    &["lint", "--show-settings"],
    &["lint", "--show-files"],
    &["init", "--dry-run"],
    &["migrate", "--all"],
    &["migrate", "--all", "--format", "json"],
    &["migrate", "--all", "--diff", "--switch", "--remove"],
    &["migrate", "--app", "Hub_Org"],
    &["migrate", "--app", "Hub_Org", "--format", "json"],
    &["migrate", "--app", "Hub_Org", "--diff"],
];

/// The number of these command lines to run for files that cannot be parsed: the same code prints all such files.
const FOR_BROKEN: usize = 4;

/// Commands that do not read a project.
const WITHOUT_PROJECT: &[&str] = &[
    "pull",
    "new",
    "explain",
    "rules",
    "lsp",
    "mcp",
    "completions",
    "man",
    "schema",
    "help",
    "version",
];

fn run(folder: &Path, arguments: &[String]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sfcred"));
    let output = command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap()
    )
}

/// The values of `--format` that the help of a command lists.
fn formats(folder: &Path) -> Vec<String> {
    let help = run(folder, &["lint".to_owned(), "--help".to_owned()]);
    let after = help.split("--format <").nth(1).expect("an option for formats");
    let own =
        regex::Regex::new(r"\n +-{1,2}[a-z]").unwrap().split(after).next().unwrap().to_owned();
    let listed = regex::Regex::new(r"(?m)^ +(?:- )?([a-z][a-z0-9-]*)(?::| {2,}\S)").unwrap();
    let formats: Vec<String> =
        listed.captures_iter(&own).map(|found| found[1].to_owned()).collect();
    assert_eq!(formats.len(), Format::all().len(), "{own}");
    formats
}

/// All command lines, including the one with all formats at once.
fn command_lines(folder: &Path) -> Vec<Vec<String>> {
    let formats: Vec<String> = formats(folder)
        .into_iter()
        .flat_map(|format| ["-o".to_owned(), format!("{format}=out/{format}")])
        .collect();
    let line = |words: &&[&str]| {
        words
            .iter()
            .flat_map(
                |word| if *word == "FORMATS" { formats.clone() } else { vec![(*word).to_owned()] },
            )
            .collect()
    };
    COMMANDS.iter().map(line).collect()
}

#[test]
fn every_command_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(folder.path(), &["--help".to_owned()]);
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    for line in commands.lines() {
        let Some(name) = line
            .strip_prefix("  ")
            .and_then(|rest| rest.split(' ').next())
            .filter(|name| !name.is_empty())
        else {
            continue;
        };
        assert!(
            COMMANDS.iter().any(|words| words[0] == name) != WITHOUT_PROJECT.contains(&name),
            "`{name}` is not in the table of this test"
        );
    }
    for line in command_lines(folder.path()) {
        let folder = planted(&plants()[0]);
        let said = run(folder.path(), &line);
        let written = fs::read_dir(folder.path().join("out")).unwrap().count();
        assert_eq!(
            written,
            if line.contains(&"-o".to_owned()) { Format::all().len() + 1 } else { 0 },
            "{}: {said}",
            line.join(" ")
        );
        assert!(
            !said.contains("Usage:") && !said.contains("unexpected argument"),
            "{}: {said}",
            line.join(" ")
        );
    }
}

fn planted(plant: &Plant) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    fs::write(folder.path().join("Beside.externalCredential-meta.xml"), "<ExternalCredential/>")
        .unwrap();
    fs::write(
        folder.path().join("log.txt"),
        format!(
            "{{\"error\":\"invalid_grant\",\"access_token\":\"{MARK}\"}}\nSet-Cookie: sid={MARK}\nclient_secret={MARK}&assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhYmMifQ.{MARK}\n"
        ),
    )
    .unwrap();
    for (name, text) in &plant.files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Eight consecutive characters of the marker, if a string contains them.
fn shown(text: &str) -> Option<&'static str> {
    (0..=MARK.len() - 8).map(|start| &MARK[start..start + 8]).find(|piece| text.contains(piece))
}

#[test]
fn no_output_shows_the_mark() {
    let empty = tempfile::tempdir().unwrap();
    let lines = command_lines(empty.path());
    let whole = plants().iter().position(|plant| plant.what == "cut off").unwrap();
    let plants: Vec<(usize, Plant)> = plants().into_iter().enumerate().collect();
    let faults: Vec<String> = plants
        .par_iter()
        .flat_map_iter(|(number, plant)| {
            let folder = planted(plant);
            let lines = if *number < whole { &lines[..] } else { &lines[..FOR_BROKEN] };
            let leaks = lines.iter().filter_map(|line| {
                let text = run(folder.path(), line) + &written(folder.path());
                // A patch contains whole lines, and a consumer key is not a secret: it is shortened only in text for people.
                let patch = line.contains(&"--diff".to_owned());
                let leaky =
                    |text: &str| shown(text).is_some() || (!patch && text.contains(&KEY[..24]));
                let near: Vec<&str> = text.lines().filter(|line| leaky(line)).take(3).collect();
                leaky(&text).then(|| {
                    format!(
                        "{} in {}, {}:\n  {}",
                        plant.what,
                        plant.files[0].0,
                        line.join(" "),
                        near.join("\n  ")
                    )
                })
            });
            leaks.collect::<Vec<_>>()
        })
        .collect();
    assert!(faults.is_empty(), "{} leaks\n{}", faults.len(), faults.join("\n"));
}

/// The files that a run has written to `out`.
fn written(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder.join("out")).into_iter().flatten() {
        let path = entry.unwrap().path();
        all.push_str(&fs::read_to_string(&path).unwrap());
        fs::remove_file(path).unwrap();
    }
    all
}

/// Most of the files also have a finding, so that an excerpt is printed.
#[test]
fn every_planted_secret_is_reported() {
    let mut silent = Vec::new();
    for plant in plants() {
        let folder = planted(&plant);
        let text =
            run(folder.path(), &["lint".to_owned(), "--today".to_owned(), "2026-11-22".to_owned()]);
        if !plant.files.iter().any(|(name, _)| text.contains(name)) {
            silent.push(plant.what);
        }
    }
    assert!(silent.len() <= 6, "nothing is said about {silent:?}");
}
