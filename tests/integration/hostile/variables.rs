//! A project decides where `--env` puts the variables of a pipeline. Nothing that the project can repeat in many variants
//! judges what came from a variable: the variant that applies would reveal it, character by character.

use std::fmt::Write as _;
use std::fs;

use super::Project;

const FOLDER: &str = "force-app/main/default/namedCredentials";

/// A project that puts a variable into labels. The settings and the replacements are those of an attacker.
fn attacked(settings: &str, replacements: &[String]) -> Project {
    let project = Project::new();
    fs::remove_dir_all(project.path().join("beside")).unwrap();
    project.write("sfcred.toml", format!("[env.ci]\n\n{settings}"));
    let replacements: String =
        replacements.iter().fold(String::new(), |text, entry| text + ", " + entry);
    project.write(
        "sfdx-project.json",
        format!(
            "{{ \"packageDirectories\": [{{ \"path\": \"force-app\" }}], \"replacements\": [{{ \"glob\": \"**/*.xml\", \"stringToReplace\": \"@@X@@\", \"replaceWithEnv\": \"X\" }}{replacements}] }}"
        ),
    );
    project.write(
        &format!("{FOLDER}/Weather.namedCredential-meta.xml"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <description>A @@X@@ z</description>\n    <label>@@X@@</label>\n    <namedCredentialParameters>\n        <parameterName>@@X@@</parameterName>\n        <parameterType>Url</parameterType>\n        <parameterValue>https://weather.example</parameterValue>\n    </namedCredentialParameters>\n    <namedCredentialType>SecuredEndpoint</namedCredentialType>\n</NamedCredential>\n",
    );
    project
}

/// What the run prints if the variable has a value.
fn printed(project: &Project, value: &str) -> String {
    project.write("values.env", format!("X={value}\n"));
    let arguments = ["--env", "ci", "--env-file", "values.env", "-o", "json", "--fail-on", "error"];
    let run = project.lint(&arguments);
    assert!(matches!(run.status, Some(0 | 1)), "{}", run.shortened());
    format!("{:?} {} {}", run.status, run.out, run.err)
}

#[test]
fn custom_rules_do_not_judge_what_came_from_a_variable() {
    let mut settings = String::new();
    for demand in ["forbid", "require"] {
        for field in ["label", "description", "namedCredentialParameters/pineapple"] {
            for pattern in ["(?s)p.*", "(?s).*e", ".{9}", "A p.*", "(A )?[a-p]+( z)?", "[^x]*"] {
                let _ = write!(
                    settings,
                    "[[{demand}]]\ntype = \"NamedCredential\"\nfield = \"{field}\"\npattern = \"{pattern}\"\n\n"
                );
            }
        }
    }
    let project = attacked(&settings, &[]);
    assert_eq!(printed(&project, "pineapple"), printed(&project, "xylophone"));
}

#[test]
fn no_suggestion_is_like_what_came_from_a_variable() {
    let project = attacked("", &[]);
    project.write(
        &format!("{FOLDER}/Weather.namedCredential-meta.xml"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <label>Weather</label>\n    <namedCredentialParameters>\n        <parameterName>Url</parameterName>\n        <parameterType>Url</parameterType>\n        <parameterValue>https://weather.example</parameterValue>\n    </namedCredentialParameters>\n    <namedCredentialParameters>\n        <externalCredential>@@X@@</externalCredential>\n        <parameterName>ExternalCredential</parameterName>\n        <parameterType>Authentication</parameterType>\n    </namedCredentialParameters>\n    <namedCredentialType>SecuredEndpoint</namedCredentialType>\n</NamedCredential>\n",
    );
    for name in ["pineappla", "xylophona"] {
        project.write(
            &format!("force-app/main/default/externalCredentials/{name}.externalCredential-meta.xml"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ExternalCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <authenticationProtocol>Custom</authenticationProtocol>\n    <externalCredentialParameters>\n        <parameterGroup>@@X@@</parameterGroup>\n        <parameterName>P</parameterName>\n        <parameterType>NamedPrincipal</parameterType>\n        <sequenceNumber>1</sequenceNumber>\n    </externalCredentialParameters>\n    <label>x</label>\n</ExternalCredential>\n",
        );
    }
    assert!(printed(&project, "pineapple").contains("external-credential-not-found"));
    assert_eq!(printed(&project, "pineapple"), printed(&project, "xylophone"));
}

#[test]
fn a_custom_rule_without_a_restriction_forbids_what_came_from_a_variable_and_placeholders() {
    let forbid = "[[forbid]]\ntype = \"NamedCredential\"\nfield = \"label\"\n";
    for pattern in ["", "pattern = \"(?s).*\"\n"] {
        let project = attacked(&format!("{forbid}{pattern}"), &[]);
        assert!(printed(&project, "pineapple").contains("the settings forbid"));
        assert!(project.lint(&[]).out.contains("the settings forbid"));
    }
}

#[test]
fn no_part_of_a_variable_is_quoted() {
    for value in [
        "Pine4pple-of-ci",
        "https://u:pw@db.example/Pine4pple?k=1",
        "Pine4pple/a==",
        "a'Pine4pple\\b",
    ] {
        for placed in ["calloutStatus", "namedCredentialType", "endpoint", "protocol"] {
            let project = attacked("", &[]);
            project.write(
                &format!("{FOLDER}/Fruit.namedCredential-meta.xml"),
                format!("<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <{placed}>@@X@@ https://a</{placed}>\n    <label>Fruit</label>\n</NamedCredential>\n"),
            );
            let shown = printed(&project, value).to_lowercase();
            assert!(!shown.contains("pine4pple"), "{placed}, {value}: {shown}");
        }
    }
}

#[test]
fn a_replacement_does_not_match_what_another_one_wrote() {
    let replacements: Vec<String> = ["p[a-z]*e", "<label>p[^<]*</label>", "(?s)A p.*z", "(e|x) z"]
        .iter()
        .map(|pattern| {
            format!(
                "{{ \"glob\": \"**/*.xml\", \"regexToReplace\": \"{pattern}\", \"replaceWithFile\": \"shown.txt\" }}"
            )
        })
        .collect();
    let project = attacked("", &replacements);
    project.write("shown.txt", "<nonsense/>");
    assert_eq!(printed(&project, "pineapple"), printed(&project, "xylophone"));
}

#[test]
fn a_file_of_git_does_not_replace_anything() {
    for name in [".git/config", "force-app/../.git/config", "link.txt"] {
        let replacement = format!(
            "{{ \"glob\": \"**/*.xml\", \"stringToReplace\": \"weather\", \"replaceWithFile\": \"{name}\" }}"
        );
        let project = attacked("", &[replacement]);
        project.write(".git/config", "[http]\n  extraheader = AUTHORIZATION: basic pineapple\n");
        project.write(".git/HEAD", "ref: refs/heads/main\n");
        project.write("values.env", "X=x\n");
        std::os::unix::fs::symlink(".git/config", project.path().join("link.txt")).unwrap();
        let run = project.lint(&["--env", "ci", "--env-file", "values.env"]);
        assert_eq!(run.status, Some(2), "{name}: {}", run.shortened());
        assert!(!run.err.contains("pineapple") && run.err.contains(name), "{}", run.shortened());
    }
}
