//! No value in a file can make the output control a terminal, a build server or a parser.

use super::{Project, Run};

/// Unescaped in YAML, TOML and Apex if their syntax allows it; XML rejects most of these characters.
const NASTY: &[&str] = &[
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "\u{9b}31m",
    "\u{7f}\u{8}\u{8}",
    "\u{202e}gnp.exe",
    "\u{200b}\u{feff}",
    "\r::error::x",
    "\n::error file=x::y",
    "##vso[task.setvariable variable=x]y",
    "##[error]z",
    "%0A::warning::q",
    "\u{2028}\u{85}",
    "##teamcity[x]",
    "section_start:1:x\r\u{1b}[0K",
    "word word word word word word word word word word word word ::error::x word word word ::error::x ::error::x",
];

/// The values of `--format` that the help lists.
fn formats(project: &Project) -> Vec<String> {
    let help = super::run(project.path(), &["lint".into(), "--help".into()], super::USUAL)
        .ends(0, &[])
        .out;
    let after = help.split("--format <").nth(1).unwrap();
    let after = regex::Regex::new(r"\n +-{1,2}[a-z]").unwrap().split(after).next().unwrap();
    let listed = regex::Regex::new(r"(?m)^ +(?:- )?([a-z][a-z0-9-]*)(?::| {2,}\S)").unwrap();
    let names: Vec<String> = listed.captures_iter(after).map(|found| found[1].to_owned()).collect();
    assert!(
        names.iter().any(|name| name == "text") && names.iter().any(|name| name == "json"),
        "{help}"
    );
    names
}

fn is_harmless(run: &Run, of: &str) {
    // CSV has the line ends that its standard requires.
    for text in [run.out.replace("\r\n", "\n"), run.err.clone()] {
        let obeyed = |character: char| {
            (character.is_control() && character != '\n')
                || "\u{202e}\u{200b}\u{feff}\u{2028}".contains(character)
        };
        let at = text.find(obeyed);
        assert!(
            at.is_none(),
            "{of}: {:?} in {}",
            at.map(|at| text[at..].chars().take(30).collect::<String>()),
            run.shortened()
        );
    }
}

/// Asserts that no line starts with a command from the text of a file.
fn contains_no_build_server_commands(run: &Run, of: &str) {
    for line in run.out.lines().chain(run.err.lines()) {
        let ours = [
            "::error ",
            "::warning ",
            "::notice ",
            "::group",
            "::endgroup",
            "##vso[task.logissue ",
            "##vso[task.complete ",
        ];
        let line = line.trim_start();
        let is_ours = ours.iter().any(|known| line.starts_with(known));
        let anywhere = ["##vso[task.set", "##[", "##teamcity[", "section_start:1:x\u{fffd}"];
        assert!(is_ours || !anywhere.iter().any(|command| line.contains(command)), "{of}: {line}");
        let foreign = line.starts_with("::error::x")
            || line.starts_with("::error file=x::y")
            || line.starts_with("##vso[task.setvariable")
            || line.starts_with("##[error]z")
            || line.starts_with("::warning::q");
        assert!(!foreign, "{of}: {line}");
        if line.starts_with("::") || line.starts_with("##vso") {
            assert!(ours.iter().any(|known| line.starts_with(known)), "{of}: {line}");
        }
    }
}

/// Every value of a valid file, with hostile content in it.
fn everywhere(project: &Project, nasty: &str, number: usize) {
    let raw = nasty.replace('&', "&amp;").replace('<', "&lt;");
    let references: String =
        nasty.chars().map(|character| format!("&#x{:X};", character as u32)).collect();
    for (form, value) in [raw, references, format!("<![CDATA[{nasty}]]>")].iter().enumerate() {
        let parameter = |kind: &str, name: &str, element: &str| {
            format!(
                "<externalCredentialParameters><parameterGroup>{value}G</parameterGroup><parameterName>{name}</parameterName><parameterType>{kind}</parameterType><{element}>{value}V</{element}></externalCredentialParameters>"
            )
        };
        let mut text = format!(
            "<ExternalCredential><authenticationProtocol>Jwt{value}</authenticationProtocol><label>{value}</label><unknown{number}>{value}</unknown{number}>"
        );
        for (kind, name, element) in [
            ("JwtBodyClaim", "iss", "parameterValue"),
            ("JwtBodyClaim", "sub", "parameterValue"),
            ("JwtBodyClaim", "aud", "parameterValue"),
            ("JwtBodyClaim", "exp", "parameterValue"),
            ("JwtHeaderClaim", "kid", "parameterValue"),
            ("AuthProviderUrl", "AuthProviderUrl", "parameterValue"),
            ("SigningCertificate", "SigningCertificate", "certificate"),
            ("NamedPrincipal", "P", "parameterValue"),
        ] {
            text.push_str(&parameter(kind, name, element));
            text.push_str(&parameter(kind, value, element));
            text.push_str(&parameter(value, name, element));
        }
        text.push_str("</ExternalCredential>");
        project.write(&format!("c/N{number}_{form}.externalCredential-meta.xml"), text);
        project.write(
            &format!("a/N{number}_{form}.connectedApp-meta.xml"),
            format!("<ConnectedApp><contactEmail>{value}</contactEmail><label>{value}</label><oauthConfig><callbackUrl>{value}</callbackUrl><certificate>{value}</certificate><consumerKey>{value}K</consumerKey><isAdminApproved>{value}</isAdminApproved><scopes>{value}</scopes></oauthConfig><profileName>{value}</profileName><permissionsetName>{value}</permissionsetName></ConnectedApp>"),
        );
        project.write(
            &format!("n/N{number}_{form}.namedCredential-meta.xml"),
            format!("<NamedCredential><allowMergeFieldsInBody>{value}</allowMergeFieldsInBody><label>{value}</label><namedCredentialParameters><parameterName>Url</parameterName><parameterType>Url</parameterType><parameterValue>http://a.b/{value}</parameterValue></namedCredentialParameters><namedCredentialParameters><parameterName>E</parameterName><parameterType>Authentication</parameterType><externalCredential>{value}E</externalCredential></namedCredentialParameters><namedCredentialType>{value}</namedCredentialType></NamedCredential>"),
        );
        project.write(
            &format!("p/N{number}_{form}.permissionset-meta.xml"),
            format!("<PermissionSet><externalCredentialPrincipalAccesses><enabled>{value}</enabled><externalCredentialPrincipal>{value}A-{value}B</externalCredentialPrincipal></externalCredentialPrincipalAccesses><label>{value}</label><license>{value}</license></PermissionSet>"),
        );
        project.write(
            &format!("r/N{number}_{form}.remoteSite-meta.xml"),
            format!("<RemoteSiteSetting><disableProtocolSecurity>true</disableProtocolSecurity><isActive>true</isActive><url>http://a/{value}</url></RemoteSiteSetting>"),
        );
    }
    let literal = nasty.replace('\n', "\\n").replace('\r', "\\r");
    project.write(
        &format!("x/N{number}.cls"),
        format!(
            "class N {{ void m() {{ r.setEndpoint('callout:N{literal}/x'); s.setEndpoint('http://a.b/{literal}'); }} }} // sfcred: allow({nasty}) reason=\"{nasty}\" until={nasty}"
        ),
    );
}

#[test]
fn values_command_nothing_in_any_format() {
    for (number, nasty) in NASTY.iter().enumerate() {
        let project = Project::new();
        everywhere(&project, nasty, number);
        for format in formats(&project) {
            let run = project.lint(&["--format", &format]).ends(1, &[]);
            let of = format!("{nasty:?} in {format}");
            is_harmless(&run, &of);
            contains_no_build_server_commands(&run, &of);
            if matches!(format.as_str(), "text" | "json") {
                run.finds_the_other_fault();
            }
        }
    }
}

#[test]
fn mistakes_in_settings_and_descriptions_command_nothing() {
    for nasty in NASTY {
        let quoted = serde_json::to_string(nasty).unwrap();
        for (file, text) in [
            ("sfcred.toml", format!("[rules]\n{quoted} = \"off\"\n")),
            ("sfcred.toml", format!("[rules]\nclaim-missing = {quoted}\n")),
            ("sfcred.toml", format!("{quoted} = 1\n")),
            ("sfcred.toml", format!("[[forbid]]\ntype = {quoted}\nfield = {quoted}\n")),
            (
                "sfcred.toml",
                format!(
                    "[[forbid]]\ntype = \"ConnectedApp\"\nfield = \"label\"\npattern = \"({nasty}\"\n"
                ),
            ),
            (
                "sfcred.toml",
                format!(
                    "[[allow]]\nrule = \"claim-missing\"\npath = {quoted}\nuntil = {quoted}\ncomponent = {quoted}\nreason = {quoted}\n"
                ),
            ),
            ("sfcred.toml", format!("fail-on = \"{nasty}\"")),
            (
                "sfcred.yaml",
                format!(
                    "orgs: {{ {quoted}: {{ {quoted}: {quoted}, kind: {quoted}, metadata: {quoted} }} }}\n"
                ),
            ),
            (
                "sfcred.yaml",
                format!(
                    "orgs: {{ a: {{ my_domain: {quoted}, org_id: {quoted}, users: {quoted} }} }}\n"
                ),
            ),
            ("sfcred.yaml", format!("orgs: *{nasty}\n")),
            ("sfcred.yaml", format!("{nasty}: [\n")),
        ] {
            let project = Project::new();
            project.write(file, &text);
            let run = project.lint(&[]);
            assert!(matches!(run.status, Some(1 | 2)), "{text}: {}", run.shortened());
            is_harmless(&run, &text);
            contains_no_build_server_commands(&run, &text);
        }
    }
}

#[test]
fn arguments_command_nothing() {
    let project = Project::new();
    for nasty in NASTY {
        for arguments in [
            &["lint", nasty][..],
            &["explain", nasty],
            &["lint", "--config", nasty],
            &["lint", "--today", nasty],
            &["lint", "--format", nasty],
            &[nasty],
            &["lint", "--threads", nasty],
        ] {
            let arguments: Vec<_> = arguments.iter().map(Into::into).collect();
            let run = super::run(project.path(), &arguments, super::USUAL).ends(2, &[]);
            is_harmless(&run, &format!("{arguments:?}"));
        }
    }
}

/// The commands and options whose output people read, besides reports of `lint`.
const PLAIN: &[&[&str]] = &[
    &["trace"],
    &["trace", "--explain-claims"],
    &["trace", "--format", "json"],
    &["trace", "--format", "svg"],
    &["trace", "--format", "html"],
    &["graph"],
    &["graph", "--certificates"],
    &["graph", "--format", "json"],
    &["graph", "--format", "mermaid"],
    &["graph", "--format", "dot"],
    &["graph", "--format", "svg"],
    &["diagnose", "log.txt"],
    &["diagnose", "log.txt", "--format", "json"],
    &["lint", "--show-files"],
    &["lint", "--show-settings"],
    &["lint", "--unsafe-fixes", "--diff"],
    &["lint", "--verbose", "--statistics"],
    &["init", "--dry-run"],
    &["migrate", "--all"],
    &["migrate", "--all", "--format", "json"],
    &["migrate", "--all", "--diff", "--switch"],
    &["migrate", "--app", "Hub_Org"],
    &["migrate", "--app", "Hub_Org", "--format", "json"],
    &["migrate", "--app", "Hub_Org", "--diff"],
];

#[test]
fn values_command_nothing_in_any_command() {
    for (number, nasty) in NASTY.iter().enumerate() {
        let project = Project::new();
        everywhere(&project, nasty, number);
        let quoted = serde_json::to_string(nasty).unwrap();
        project.write(
            "sfcred.toml",
            format!(
                "[[forbid]]\ntype = \"ConnectedApp\"\nfield = \"label\"\nmessage = {quoted}\n\n[[allow]]\nrule = \"claim-missing\"\npath = \"**\"\nreason = {quoted}\n\n[env.uat]\nX = {quoted}\n"
            ),
        );
        project.write("log.txt", format!("{nasty} audience is invalid {nasty}\n{nasty}\n"));
        for words in PLAIN {
            let arguments: Vec<_> = words.iter().map(Into::into).collect();
            let run = super::run(project.path(), &arguments, super::USUAL);
            assert!(matches!(run.status, Some(0..=2)), "{words:?}: {}", run.shortened());
            let of = format!("{nasty:?} in {words:?}");
            is_harmless(&run, &of);
            contains_no_build_server_commands(&run, &of);
        }
    }
}
