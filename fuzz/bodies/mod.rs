//! What a fuzzer does with its bytes, one function a target. `tests/fuzz_replay.rs` runs the same on a stable compiler.

mod analyze;
pub mod damage;
mod editor;
mod mutated;
mod repository;

pub use editor::editor;
pub use mutated::mutated;
pub use repository::repository;

use std::io::Read;
use std::path::PathBuf;

use sfcred::internals::check::RULES;
use sfcred::internals::diagnose::{Diagnosis, Reading, read};
use sfcred::internals::discover;
use sfcred::internals::options::Options;
use sfcred::internals::source::Kind;
use time::macros::date;

type File = (PathBuf, Vec<u8>);
pub type Body = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Body)] = &[
    ("allows", allows),
    ("apex", apex),
    ("certificate", certificate),
    ("description", description),
    ("editor", editor),
    ("log", log),
    ("mutated", mutated),
    ("project", project),
    ("repository", repository),
    ("settings", settings),
    ("xml", xml),
    ("zip", zip),
];

/// Lies beside every input: what is wrong with it must be found whatever the input is.
const SOUND: (&str, &str) = (
    "beside/Broken.externalCredential-meta.xml",
    "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol></ExternalCredential>",
);

const CREDENTIAL: &str = "<ExternalCredential>\n<authenticationProtocol>Oauth</authenticationProtocol>\n<externalCredentialParameters>\n<parameterGroup>A</parameterGroup>\n\
    <parameterName>SigningCertificate</parameterName>\n<parameterType>SigningCertificate</parameterType>\n<certificate>Cert</certificate>\n</externalCredentialParameters>\n</ExternalCredential>\n";
const APP: &str = "<ConnectedApp>\n<label>App</label>\n<oauthConfig>\n<certificate>{}</certificate>\n<consumerKey>3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0</consumerKey>\n\
    <isAdminApproved>true</isAdminApproved>\n<scopes>Web</scopes>\n</oauthConfig>\n</ConnectedApp>\n";

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> File {
    (PathBuf::from(path), bytes.into())
}

fn fresh() -> Options {
    Options::new(date!(2026 - 11 - 22), PathBuf::from("/project"))
}

/// Lints files and checks the result. `sound`: the fault of the intact file must be found.
fn lint(files: Vec<File>, settings: &Options, sound: bool) {
    match discover::from_memory(files, settings) {
        Ok(mut file_set) => {
            let analysis = sfcred::internals::pipeline::analyze(&mut file_set, settings);
            analyze::report(&analysis.report(file_set.sources, 0), sound);
        }
        Err(error) => analyze::error(&error),
    }
}

/// Bytes as every kind of metadata that has their root element.
pub fn xml(data: &[u8]) {
    let root = data.split(|byte| *byte == b'<').skip(1).find_map(|tag| {
        let length = tag.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
        std::str::from_utf8(&tag[..length]).ok().filter(|name| !name.is_empty())
    });
    let names = [
        "X.externalCredential-meta.xml",
        "X.namedCredential-meta.xml",
        "X.externalAuthIdentityProvider-meta.xml",
        "X.connectedApp-meta.xml",
        "X.eca-meta.xml",
        "X.ecaGlblOauth-meta.xml",
        "X.ecaOauth-meta.xml",
        "X.ecaOauthPlcy-meta.xml",
        "X.ecaPlcy-meta.xml",
        "X.ecaOauthSecurity-meta.xml",
        "X.permissionset-meta.xml",
        "X.permissionsetgroup-meta.xml",
        "X.mutingpermissionset-meta.xml",
        "X.profile-meta.xml",
        "X.crt-meta.xml",
        "X.authprovider-meta.xml",
        "X.remoteSite-meta.xml",
        "X.cspTrustedSite-meta.xml",
        "X.profileSessionSetting-meta.xml",
        "X.externalServiceRegistration-meta.xml",
        "X.dataSource-meta.xml",
        "MyDomain.settings-meta.xml",
        "ConnectedApp.settings-meta.xml",
        "ExternalClientApp.settings-meta.xml",
        "OauthOidc.settings-meta.xml",
        "X/X.externalCredentialPrincipalAccess-meta.xml",
        "X/UserExternalCredential.objectSettings-meta.xml",
    ];
    let of_root = |name: &&&str| {
        let file_name = name.rsplit('/').next().unwrap_or(name);
        Kind::from_file_name(file_name)
            .is_some_and(|kind| Some(kind.root_element(file_name)) == root)
    };
    let mut files: Vec<File> = names.iter().filter(of_root).map(|name| file(name, data)).collect();
    if files.is_empty() {
        files.push(file(names[0], data));
    }
    files.push(file(SOUND.0, SOUND.1));
    lint(files, &fresh(), true);
}

/// Bytes as `sfcred.yaml`, with two folders and files that it may name.
pub fn description(data: &[u8]) {
    let files = vec![
        file("sfcred.yaml", data),
        file("hub/X.externalCredential-meta.xml", CREDENTIAL),
        file("spoke/X.connectedApp-meta.xml", APP.replace("{}", "none")),
        file("certs/Hub_Org.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
        file(
            "assignments.json",
            r#"{"result":{"records":[{"Assignee":{"Username":"a@b.c"},"PermissionSet":{"Name":"P"}}]}}"#,
        ),
    ];
    lint(files, &fresh(), false);
}

/// Bytes as `sfcred.toml`, used for a project with findings.
pub fn settings(data: &[u8]) {
    let mut settings = fresh();
    let text = String::from_utf8_lossy(data);
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    if let Err(error) = settings.read("sfcred.toml", &text, &rules) {
        return analyze::error(&error);
    }
    let files = vec![
        file("X.externalCredential-meta.xml", CREDENTIAL),
        file("X.connectedApp-meta.xml", APP.replace("{}", "none")),
        file(SOUND.0, SOUND.1),
    ];
    // The settings may switch off or allow what is wrong with the sound file.
    lint(files, &settings, false);
}

/// Bytes as a certificate's body, in an app, and as a keystore.
pub fn certificate(data: &[u8]) {
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", base64(data));
    let text = std::str::from_utf8(data).ok().filter(|text| !text.contains(['<', '&', '\0']));
    let files = vec![
        file("Cert.crt", data),
        file(
            "Cert.crt-meta.xml",
            "<Certificate><caSigned>false</caSigned><keySize>2048</keySize><masterLabel>Cert</masterLabel></Certificate>",
        ),
        file("Pem.crt", pem.as_bytes()),
        file(
            "Pem.crt-meta.xml",
            "<Certificate><caSigned>false</caSigned><keySize>2048</keySize><masterLabel>Pem</masterLabel></Certificate>",
        ),
        file("X.connectedApp-meta.xml", APP.replace("{}", text.unwrap_or(&pem))),
        file("X.externalCredential-meta.xml", CREDENTIAL),
        file("store.jks", data),
        file(SOUND.0, SOUND.1),
    ];
    lint(files, &fresh(), true);
}

/// Bytes as a class.
pub fn apex(data: &[u8]) {
    // Without the word, the class would be skipped.
    let class = [b"// callout:\n", data].concat();
    lint(
        vec![
            file("X.cls", class),
            file("Y.trigger", data),
            file("Spoke_Org.externalCredential-meta.xml", CREDENTIAL),
            file(SOUND.0, SOUND.1),
        ],
        &fresh(),
        true,
    );
}

/// Bytes as the zip of a metadata retrieve.
pub fn zip(data: &[u8]) {
    lint(vec![file("retrieved.zip", data), file(SOUND.0, SOUND.1)], &fresh(), true);
}

/// Bytes inside comments, and as whole files: every place of an allow.
pub fn allows(data: &[u8]) {
    let around = |before: &str, after: &str| [before.as_bytes(), data, after.as_bytes()].concat();
    let (start, end) =
        CREDENTIAL.split_at(CREDENTIAL.find("<externalCredentialParameters>").unwrap_or(0));
    let files = vec![
        file(
            "A.externalCredential-meta.xml",
            around(&format!("{start}<!-- sfcred: "), &format!(" -->\n{end}")),
        ),
        file(
            "A.cls",
            around(
                "// 'callout:'\n// sfcred: ",
                "\nclass A { void m() { r.setEndpoint('callout:None/x'); } }",
            ),
        ),
        file("B.externalCredential-meta.xml", around("", CREDENTIAL)),
        file("sfcred.yaml", around("orgs:\n  a: { metadata: . } # sfcred: ", "\n")),
        file(
            ".env",
            around(
                "# sfcred: allow(auth-url-in-source)\nA=force://PlatformCLI::5Aep861GqXkPwZnRt0bYcJ9dLmS2@acme.my.salesforce.com\n# ",
                "\n",
            ),
        ),
        file(SOUND.0, SOUND.1),
    ];
    lint(files.clone(), &fresh(), false);
    lint(
        files.into_iter().filter(|(path, _)| !path.ends_with("sfcred.yaml")).collect(),
        &fresh(),
        true,
    );
}

/// Follows every log: it is found and its secrets are not shown, whatever comes before it.
const ANSWER: &str = "\r\n{\"access_token\":\"00D5g000004XyZQ!AQEAQHqVbN4wKx8eTz2mYc7rLpUo1sDfGhJkXv3Q\",\"error\":\"invalid_grant\",\"error_description\":\"audience is invalid\"}\n";
const SESSION: &str = "AQEAQHqVbN4wKx8eTz2mYc7rLpUo1sDfGhJkXv3Q";

/// A log that comes in small pieces.
struct Dripping<'a>(&'a [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(7);
        self.0.read(&mut buffer[..length])
    }
}

/// Bytes as a log, with a project that has a fault.
pub fn log(data: &[u8]) {
    let log = [data, ANSWER.as_bytes()].concat();
    let reading = read(&mut log.as_slice()).expect("memory can be read");
    let dripped = read(&mut Dripping(&log)).expect("memory can be read");
    assert_eq!(
        format!("{reading:?}"),
        format!("{dripped:?}"),
        "what is read depends on how it comes"
    );
    // UTF-16 and a log with too many answers hide what follows.
    let seen = |reading: &Reading| {
        reading.more > 0 || reading.answers.iter().any(|found| found.answer == "audience-invalid")
    };
    let is_utf8 =
        !data.starts_with(&[0xFF, 0xFE]) && !data.starts_with(&[0xFE, 0xFF]) && !data.contains(&0);
    assert!(!is_utf8 || seen(&reading), "an answer is lost after what precedes it");
    let settings = fresh();
    let file_set = discover::from_memory(
        [file(SOUND.0, SOUND.1), file("X.connectedApp-meta.xml", APP.replace("{}", "none"))],
        &settings,
    );
    let mut file_set = file_set.expect("the sound file is sound");
    let analysis =
        sfcred::internals::pipeline::analyze(&mut file_set, &settings).report(file_set.sources, 0);
    for project in [None, Some((&analysis, &settings))] {
        let reading = read(&mut log.as_slice()).expect("memory can be read");
        analyze::diagnosis(&Diagnosis::new("log".to_owned(), reading, None, project), SESSION);
    }
}

/// Several files in one: each begins behind a line `==> path <==`.
fn sections(data: &[u8]) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let path = line
            .strip_prefix(b"==> ")
            .and_then(|rest| rest.trim_ascii_end().strip_suffix(b" <=="))
            .and_then(|path| std::str::from_utf8(path).ok());
        match (path, files.last_mut()) {
            (Some(path), _) => files.push(file(path, "")),
            (None, Some((_, bytes))) => bytes.extend_from_slice(line),
            (None, None) => {}
        }
    }
    files
}

/// The options of a run with the `sfcred.toml` among some files.
fn with_settings(files: &[File], mut options: Options) -> Options {
    if let Some((_, bytes)) = files.iter().find(|(path, _)| path.ends_with("sfcred.toml")) {
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        if let Err(error) = options.read("sfcred.toml", &String::from_utf8_lossy(bytes), &rules) {
            analyze::error(&error);
        }
    }
    options
}

/// Bytes as several files.
pub fn project(data: &[u8]) {
    let files = sections(data);
    let options = with_settings(&files, fresh());
    lint(files, &options, false);
}

/// By hand, so that the fuzzer needs one crate less.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |bits, (index, byte)| bits | u32::from(*byte) << (16 - 8 * index));
        for index in 0..4 {
            text.push(if index <= chunk.len() {
                char::from(SIGNS[(bits >> (18 - 6 * index)) as usize & 63])
            } else {
                '='
            });
        }
    }
    text
}
