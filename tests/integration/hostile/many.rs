//! Very large numbers of findings, elements, components or allows. The work grows linearly with the number.

use sfcred::lint_in_memory;

use super::{Limits, Project};
use crate::common::read_files;
use crate::linear::{compare, options, steps};

const LONG: Limits = Limits { megabytes: 2048, cpu_seconds: 480 };

/// A project with `count` items completes within the limits in both formats, and four times as many items take at most
/// five times the steps.
fn grows_with_the_work(what: &str, count: usize, write: impl Fn(&Project, usize)) {
    let project_of = |count: usize| {
        let project = Project::new();
        write(&project, count);
        project
    };
    let count_steps = |project: &Project| {
        let files = read_files(project.path());
        steps(move || drop(lint_in_memory(files, &options()).unwrap()))
    };
    let (few, many) = (project_of(count), project_of(count * 4));
    compare(what, count_steps(&few), count_steps(&many));
    many.lint_within(&["--format", "json"], LONG).ends(1, &[]).finds_the_other_fault();
    many.lint_within(&[], LONG).ends(1, &[]).finds_the_other_fault();
}

fn xml(root: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{inside}</{root}>\n"
    )
}

#[test]
fn unknown_elements() {
    grows_with_the_work("unknown elements", 2_500, |project, count| {
        let inside: String = (0..count)
            .map(|number| format!("    <noSuchElement{number}>x</noSuchElement{number}>\n"))
            .collect();
        project.write("Many.connectedApp-meta.xml", xml("ConnectedApp", &inside));
    });
}

#[test]
fn findings_on_one_line() {
    grows_with_the_work("findings on one line", 1_000, |project, count| {
        let inside: String = (0..count)
            .map(|number| format!("<noSuchElement{number}>x</noSuchElement{number}>"))
            .collect();
        project.write("Many.connectedApp-meta.xml", xml("ConnectedApp", &inside));
    });
}

#[test]
fn principals_and_grants() {
    grows_with_the_work("principals and grants", 1_000, |project, count| {
        let principals: String = (0..count)
            .map(|number| format!("<externalCredentialParameters><parameterGroup>P{number}</parameterGroup><parameterName>P{number}</parameterName><parameterType>NamedPrincipal</parameterType><sequenceNumber>{number}</sequenceNumber></externalCredentialParameters>\n"))
            .collect();
        let grants: String = (0..count)
            .map(|number| format!("<externalCredentialPrincipalAccesses><enabled>true</enabled><externalCredentialPrincipal>Many-Q{number}</externalCredentialPrincipal></externalCredentialPrincipalAccesses>\n"))
            .collect();
        project.write(
            "Many.externalCredential-meta.xml",
            xml("ExternalCredential", &format!("<authenticationProtocol>Oauth</authenticationProtocol>\n{principals}<label>Many</label>\n")),
        );
        project.write(
            "Many.permissionset-meta.xml",
            xml("PermissionSet", &format!("{grants}<label>Many</label>\n")),
        );
    });
}

#[test]
fn many_callouts_in_one_class() {
    grows_with_the_work("callouts", 1_000, |project, count| {
        let calls: String = (0..count)
            .map(|number| format!("        r.setEndpoint('callout:None{number}/x');\n"))
            .collect();
        project.write(
            "Many.cls",
            format!("public class Many {{\n    void m() {{\n{calls}    }}\n}}\n"),
        );
    });
}

#[test]
fn many_methods_in_one_class() {
    grows_with_the_work("methods", 1_000, |project, count| {
        let methods: String = (0..count).map(|number| format!("    static final String F{number} = 'callout:None{number}';\n    void m{number}() {{ String v{number} = F{number} + '/x'; r.setEndpoint(v{number}); r.setHeader('Authorization', 'x'); }}\n")).collect();
        project.write("Many.cls", format!("public class Many {{\n{methods}}}\n"));
    });
}

#[test]
fn credentials_in_one_file_each() {
    grows_with_the_work("credentials", 250, |project, count| {
        for number in 0..count {
            let claim = |name: &str, value: &str| {
                format!(
                    "<externalCredentialParameters><parameterGroup>D</parameterGroup><parameterName>{name}</parameterName><parameterType>JwtBodyClaim</parameterType><parameterValue>{value}</parameterValue></externalCredentialParameters>\n"
                )
            };
            let inside = format!(
                "<authenticationProtocol>Oauth</authenticationProtocol>\n{}{}",
                claim("iss", &format!("3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY{number}")),
                claim("aud", "https://login.salesforce.com/")
            );
            project.write(
                &format!("e/E{number}.externalCredential-meta.xml"),
                xml("ExternalCredential", &inside),
            );
            project.write(&format!("a/A{number}.connectedApp-meta.xml"), xml("ConnectedApp", &format!("<contactEmail>a@b.c</contactEmail><label>A</label><oauthConfig><consumerKey>3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY{number}</consumerKey><isAdminApproved>true</isAdminApproved><scopes>Full</scopes></oauthConfig>")));
        }
    });
}

#[test]
fn allows_and_secrets_of_one_file() {
    grows_with_the_work("allows", 1_000, |project, count| {
        let inside: String =
            (0..count).map(|number| format!("    <!-- sfcred: allow(unknown-element) reason=\"x\" -->\n    <noSuchElement{number}>x</noSuchElement{number}>\n")).collect();
        project.write("Many.connectedApp-meta.xml", xml("ConnectedApp", &inside));
    });
    grows_with_the_work("secrets", 1_000, |project, count| {
        let inside: String = (0..count).map(|number| format!("    <consumerSecret>abcdefgh{number}</consumerSecret><noSuch{number}>y</noSuch{number}>\n")).collect();
        project.write(
            "Many.connectedApp-meta.xml",
            xml("ConnectedApp", &format!("<oauthConfig>{inside}</oauthConfig>")),
        );
    });
}

#[test]
fn a_description_of_many_components() {
    grows_with_the_work("described components", 500, |project, count| {
        let users: String = (0..count).map(|number| format!("      u{number}@acme.example: {{ profile: P{number}, permission_sets: [S{number}] }}\n")).collect();
        let credentials: String = (0..count)
            .map(|number| format!("      E{number}: {{ protocol: Oauth, flow: JwtBearer, claims: {{ iss: x, sub: u{number}@acme.example, aud: y }}, principals: [P] }}\n"))
            .collect();
        let sets: String = (0..count).map(|number| format!("      S{number}: {{ principals: [E{number}-P], assigned_to: [u{number}@acme.example] }}\n")).collect();
        project.write("sfcred.yaml", format!("orgs:\n  hub:\n    metadata: beside\n    users:\n{users}    external_credentials:\n{credentials}    permission_sets:\n{sets}"));
    });
}

#[test]
fn keys_of_any_length() {
    grows_with_the_work("private keys", 8_000, |project, count| {
        for (name, between) in [("a.key", "\n"), ("b.txt", "<\n")] {
            let text = format!("-----BEGIN PRIVATE KEY-----{between}").repeat(count);
            project.write(
                name,
                format!("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n{text}"),
            );
        }
        let text = "-----BEGIN PRIVATE KEY-----&lt;x<b/>".repeat(count);
        project.write(
            "Keys.connectedApp-meta.xml",
            xml("ConnectedApp", &format!("<noSuch>{text}</noSuch>")),
        );
    });
}

#[test]
fn a_value_of_ten_megabytes() {
    let project = Project::new();
    let long = "x".repeat(10_000_000);
    let claim = |name: &str| {
        format!(
            "<externalCredentialParameters><parameterGroup>D</parameterGroup><parameterName>{name}</parameterName><parameterType>JwtBodyClaim</parameterType><parameterValue>{long}</parameterValue></externalCredentialParameters>"
        )
    };
    project.write(
        "Long.externalCredential-meta.xml",
        xml(
            "ExternalCredential",
            &format!(
                "<authenticationProtocol>Oauth</authenticationProtocol>{}{}",
                claim("aud"),
                claim("sub")
            ),
        ),
    );
    for format in ["text", "json"] {
        let run = project.lint(&["--format", format]).ends(1, &[]).finds_the_other_fault();
        assert!(run.out.len() < 1 << 20, "{format}: {} bytes", run.out.len());
    }
}

/// `HOSTILE_MILLION=1 cargo test --release a_million`: too long without optimization.
#[test]
fn a_million_findings() {
    let full = std::env::var_os("HOSTILE_MILLION").is_some();
    let count = if full { 1_000_000 } else { 50_000 };
    let project = Project::new();
    for file in 0..10 {
        let inside: String = (0..count / 10).map(|number| format!("<e{number}x/>\n")).collect();
        project.write(&format!("Many{file}.connectedApp-meta.xml"), xml("ConnectedApp", &inside));
    }
    let limits = Limits { megabytes: if full { 4096 } else { 1024 }, cpu_seconds: 600 };
    let run =
        project.lint_within(&["--format", "json"], limits).ends(1, &[]).finds_the_other_fault();
    assert!(run.out.matches("\"unknown-element\"").count() >= count, "{}", run.shortened());
}
