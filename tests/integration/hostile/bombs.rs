//! Small files that expand to large ones, and extremely deep nesting.

use super::{Project, Run};

const XML: &str = "Bomb.externalCredential-meta.xml";

/// A description that cannot be read ends the run, because the other files cannot be checked correctly without it.
fn description(text: impl AsRef<[u8]>, words: &[&str]) -> Run {
    let project = Project::new();
    project.write("sfcred.yaml", text);
    project.lint(&["--format", "json"]).ends(2, &[]);
    project.lint(&[]).ends(2, words)
}

fn xml(text: impl AsRef<[u8]>, words: &[&str]) {
    let project = Project::new();
    project.write(XML, text);
    project.says(1, &[&["error[unreadable-file]", XML], words].concat());
}

#[test]
fn a_billion_laughs_in_xml_are_refused() {
    let mut text =
        String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n<!ENTITY lol \"lol\">\n");
    for level in 1..10 {
        text.push_str(&format!(
            "<!ENTITY lol{level} \"{}\">\n",
            format!("&lol{};", level - 1).repeat(10)
        ));
    }
    text.push_str("]>\n<ExternalCredential><label>&lol9;</label></ExternalCredential>\n");
    xml(text, &["document type declaration", "nothing in it is expanded"]);
}

#[test]
fn quadratic_blow_up_in_xml_is_refused() {
    let long = "a".repeat(100_000);
    xml(
        format!(
            "<!DOCTYPE a [<!ENTITY x \"{long}\">]>\n<ExternalCredential><label>{}</label></ExternalCredential>",
            "&x;".repeat(100_000)
        ),
        &["document type declaration"],
    );
    xml(
        format!(
            "<ExternalCredential><label>{}</label></ExternalCredential>",
            "&x;".repeat(100_000)
        ),
        &["custom entities are not expanded"],
    );
}

#[test]
fn external_entities_are_not_fetched() {
    xml(
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">\n<ExternalCredential/>",
        &["document type declaration"],
    );
    xml(
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<ExternalCredential><label>&x;</label></ExternalCredential>",
        &["document type declaration"],
    );
}

#[test]
fn ten_thousand_levels_of_xml_are_refused() {
    xml("<a>".repeat(10_000), &["nested more than 128 levels deep"]);
    xml(
        format!(
            "<ExternalCredential>{}{}</ExternalCredential>",
            "<a>".repeat(10_000),
            "</a>".repeat(10_000)
        ),
        &["nested more than 128 levels deep"],
    );
}

#[test]
fn ten_thousand_attributes_are_read_in_bounded_time() {
    let attributes: String = (0..10_000).map(|number| format!(" a{number}='x'")).collect();
    let project = Project::new();
    project.write(XML, format!("<ExternalCredential{attributes}/>"));
    project.says(1, &[]);
}

#[test]
fn a_billion_laughs_in_yaml_are_refused() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..10 {
        text.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{}", level - 1); 10].join(", ")
        ));
    }
    description(text, &["aliases expand to more than 250000 values"]);
}

#[test]
fn quadratic_blow_up_in_yaml_is_refused() {
    let text = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(100_000), "*a, ".repeat(100_000));
    description(text, &["aliases expand to more than"]);
    // Here the length of the values grows, not their number.
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), "*a, ".repeat(100_000));
    description(text, &["sfcred.yaml"]);
}

#[test]
fn ten_thousand_levels_of_yaml_are_refused() {
    description("[".repeat(10_000), &["sfcred.yaml"]);
    description("{a: ".repeat(10_000), &["sfcred.yaml"]);
    description(
        (0..10_000)
            .map(|level| format!("{}a:\n", " ".repeat(level.min(2_000))))
            .collect::<String>(),
        &["sfcred.yaml"],
    );
    description("- ".repeat(10_000), &["sfcred.yaml"]);
    description("? ".repeat(10_000), &["sfcred.yaml"]);
}

#[test]
fn a_thousand_anchors_inside_each_other_are_read_in_bounded_time() {
    let text: String =
        (0..60).map(|level| format!("{}a: &x{level}\n", " ".repeat(level))).collect();
    description(
        format!("{text}{}b: {}\n", " ".repeat(60), "x".repeat(1_000_000)),
        &["sfcred.yaml"],
    );
}

#[test]
fn ten_thousand_levels_of_toml_are_refused() {
    for text in [
        format!("a = {}{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("a = {}", "{a=".repeat(10_000)),
        format!("[{}a]", "a.".repeat(10_000)),
        format!("{}a = 1", "a.".repeat(10_000)),
    ] {
        let project = Project::new();
        project.write("sfcred.toml", text);
        project.lint(&[]).ends(2, &["error: ", "sfcred.toml:1:"]);
    }
}

#[test]
fn ten_thousand_levels_of_json_are_refused() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let project = Project::new();
    project.write("sfdx-project.json", &deep);
    project.write("Deep.externalCredential-meta.xml", format!("<ExternalCredential><authenticationProtocol>Jwt</authenticationProtocol><externalCredentialParameters><parameterName>aud</parameterName><parameterType>JwtBodyClaim</parameterType><parameterValue>{deep}</parameterValue></externalCredentialParameters></ExternalCredential>"));
    project.says(1, &["unreadable-file", "sfdx-project.json"]);
    let project = Project::new();
    project.write(
        "sfcred.yaml",
        "orgs: { a: { metadata: beside, assignments: a.json, users: b.json } }",
    );
    project.write("a.json", &deep);
    project.write("b.json", "{\"result\":".repeat(10_000));
    project.says(1, &[]);
}

#[test]
fn ten_thousand_levels_of_apex_are_read_in_bounded_time() {
    for (open, close) in [
        ("{", "}"),
        ("(", ")"),
        ("[", "]"),
        ("class X {", "}"),
        ("if (x) {", "}"),
        ("String.format(", ")"),
        ("'callout:A' + (", ")"),
        ("new Map<String, ", ">"),
        ("/*", ""),
        ("x.y(", ""),
    ] {
        let inner = "r.setEndpoint('callout:A/b');";
        let project = Project::new();
        project.write(
            "classes/Deep.cls",
            format!(
                "class X {{ void m() {{ r.setEndpoint({0}{inner}{1} }} }}",
                open.repeat(10_000),
                close.repeat(10_000)
            ),
        );
        project.says(1, &[]);
    }
}

#[test]
fn a_pattern_that_would_compile_to_too_much_is_refused() {
    let project = Project::new();
    project.write("sfcred.toml", "[[forbid]]\ntype = \"ConnectedApp\"\nfield = \"label\"\npattern = \"((a{1000}){1000}){1000}\"\n");
    project.lint(&[]).ends(2, &["sfcred.toml", "invalid regular expression"]);
    let project = Project::new();
    project.write(
        "sfcred.toml",
        format!(
            "[[allow]]\nrule = \"claim-missing\"\npath = \"{}\"\nreason = \"x\"\n",
            "{a,".repeat(10_000)
        ),
    );
    project.lint(&[]).ends(2, &["sfcred.toml", "glob pattern"]);
    let project = Project::new();
    project.write("sfdx-project.json", r#"{"packageDirectories":[],"replacements":[{"glob":"**","regexToReplace":"((a{1000}){1000}){1000}","replaceWithEnv":"X"}]}"#);
    project.says(1, &[]);
}
