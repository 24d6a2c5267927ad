//! The schemas accept exactly the keys, values and rules that the program accepts.
//!
//! `UPDATE=1 cargo test schemas` writes the names of rules and metadata types into the schema of the settings.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::{Map, Value};
use sfcred::internals::check::RULES;
use sfcred::internals::description;
use sfcred::internals::error::{ConfigError, Error, Mistake};
use sfcred::internals::model::MetadataTypes;
use sfcred::internals::options::Options;
use sfcred::internals::schema::{self, Schema};
use sfcred::internals::source::{Content, Encoding, Kind, Source, Sources};

use crate::common::yaml::from_yaml;
use crate::common::{TODAY, cases, root};

fn value(schema: &Schema) -> Value {
    serde_json::from_str(schema.text).unwrap_or_else(|error| panic!("{}: {error}", schema.name))
}

fn validator(schema: &Schema) -> Validator {
    jsonschema::validator_for(&value(schema))
        .unwrap_or_else(|error| panic!("{}: {error}", schema.name))
}

fn problems(validator: &Validator, instance: &Value) -> Vec<String> {
    validator
        .iter_errors(instance)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect()
}

/// The errors that the program reports for a description; empty if it is valid.
fn of_description(text: &str) -> Vec<Mistake> {
    let content = Content::Text(text.to_owned());
    let encoding = Encoding::Utf8 { byte_order_mark: false };
    let file = Sources::default().add(Source {
        path: PathBuf::new(),
        name: "sfcred.yaml".into(),
        kind: Kind::Description,
        content,
        encoding,
        ignored: false,
    });
    mistakes(description::parse(file, "sfcred.yaml", text).map(drop))
}

/// The errors that the program reports for settings; empty if they are valid.
fn of_settings(text: &str) -> Vec<Mistake> {
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    mistakes(Options::new(TODAY, PathBuf::new()).read("sfcred.toml", text, &rules))
}

fn mistakes(result: Result<(), Error>) -> Vec<Mistake> {
    match result {
        Ok(()) => Vec::new(),
        Err(Error::Config(ConfigError::Mistakes { mistakes, .. })) => mistakes,
        Err(error) => panic!("{error}"),
    }
}

/// The words between backticks.
fn quoted(message: &str) -> BTreeSet<String> {
    message.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn words(list: &str) -> BTreeSet<String> {
    list.split(',').map(|word| word.trim().to_owned()).collect()
}

fn keys(object: &Value) -> BTreeSet<String> {
    object["properties"]
        .as_object()
        .unwrap_or_else(|| panic!("no properties: {object}"))
        .keys()
        .cloned()
        .collect()
}

fn strings(list: &Value) -> BTreeSet<String> {
    list.as_array()
        .unwrap_or_else(|| panic!("no list: {list}"))
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The text of every file with this name, over all cases.
fn fixtures(name: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for case in cases::all() {
        let own = case.files().into_iter().filter(|(path, _)| path.ends_with(name));
        found.extend(own.map(|(_, bytes)| (case.name(), String::from_utf8(bytes).unwrap())));
    }
    found
}

// --- all schemas ---

#[test]
fn every_schema_of_the_folder_is_known_under_its_id() {
    let mut files: Vec<String> = fs::read_dir(root().join("schemas"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut known: Vec<String> =
        schema::ALL.iter().map(|schema| format!("sfcred-{}-1.json", schema.name)).collect();
    known.sort();
    assert_eq!(files, known, "src/schema.rs lists them");
    for schema in schema::ALL {
        let value = value(schema);
        assert_eq!(value["$id"], schema.url, "{}", schema.name);
        assert!(value["title"].is_string(), "{} has a title", schema.name);
        assert!(jsonschema::meta::is_valid(&value), "{} is not a JSON Schema", schema.name);
    }
}

// --- sfcred.toml ---

/// The settings schema with the current names of rules and types.
fn settings_as_they_should_be() -> String {
    let quote = |text: &str| serde_json::to_string(text).unwrap();
    let list = |names: Vec<&str>, indent: &str| {
        names.iter().map(|name| format!("{indent}{}", quote(name))).collect::<Vec<_>>().join(",\n")
    };
    let rules: Vec<String> = RULES
        .iter()
        .map(|rule| {
            format!(
                "        {}: {{ \"description\": {}, \"$ref\": \"#/definitions/level\" }}",
                quote(rule.name),
                quote(&rule.page().summary)
            )
        })
        .collect();
    let text = fs::read_to_string(root().join("schemas/sfcred-settings-1.json")).unwrap();
    let mut types: Vec<&str> = MetadataTypes::get().type_names().collect();
    types.sort_unstable();
    let text = between(
        &text,
        "    \"type\": {\n      \"enum\": [\n",
        "\n      ]",
        &list(types, "        "),
    );
    let text = between(
        &text,
        "        {\n          \"enum\": [\n",
        "\n          ]",
        &list(RULES.iter().map(|rule| rule.name).collect(), "            "),
    );
    between(
        &text,
        "\"$ref\": \"#/definitions/level\" } },\n      \"properties\": {\n",
        "\n      }",
        &rules.join(",\n"),
    )
}

fn between(text: &str, begin: &str, end: &str, inside: &str) -> String {
    let start = text.find(begin).unwrap_or_else(|| panic!("not found: {begin}")) + begin.len();
    let stop =
        (start - 1) + text[start - 1..].find(end).unwrap_or_else(|| panic!("not found: {end}"));
    format!("{}{inside}{}", &text[..start], &text[stop..])
}

#[test]
fn the_schema_lists_the_rules_and_metadata_types() {
    let expected = settings_as_they_should_be();
    let path = root().join("schemas/sfcred-settings-1.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == expected,
        "`UPDATE=1 cargo test schemas` writes the names of rules and types into {}",
        path.display()
    );
}

/// TOML as editors pass it to a schema validator: a date is a string.
fn from_toml(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(datetime) => datetime.to_string().into(),
        toml::Value::Array(items) => items.iter().map(from_toml).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), from_toml(value)))
            .collect::<Map<_, _>>()
            .into(),
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(truth) => (*truth).into(),
    }
}

fn settings_json(text: &str) -> Value {
    from_toml(&toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

#[test]
fn every_settings_file_of_the_fixtures_keeps_to_the_schema() {
    let validator = validator(&schema::SETTINGS);
    let files = fixtures("sfcred.toml");
    assert!(files.len() > 10, "only {} settings", files.len());
    for (case, text) in files {
        let problems = problems(&validator, &settings_json(&text));
        assert!(problems.is_empty(), "{case}: {problems:#?}");
    }
}

/// Each table of the settings, with a key that does not exist.
const TABLES: &[(&str, &str)] = &[
    ("", "nothing-has-it = 1\n"),
    ("allow", "[[allow]]\nnothing-has-it = 1\n"),
    ("custom", "[[forbid]]\nnothing-has-it = 1\n"),
    ("custom", "[[require]]\nnothing-has-it = 1\n"),
];

#[test]
fn the_schema_has_the_keys_of_the_settings_and_no_other() {
    let schema = value(&schema::SETTINGS);
    for (table, text) in TABLES {
        let reported = of_settings(text);
        let unknown = reported.iter().find(|mistake| mistake.message.contains("nothing-has-it"));
        let help = unknown.unwrap_or_else(|| panic!("{reported:?}")).help.as_deref().unwrap();
        let expected = words(help.strip_prefix("expected one of ").unwrap());
        let table = if table.is_empty() { &schema } else { &schema["definitions"][table] };
        assert_eq!(keys(table), expected, "{text}");
        assert!(!validator(&schema::SETTINGS).is_valid(&settings_json(text)), "{text}");
    }
    let tables = schema["definitions"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, table)| table["type"] == "object" && *name != "rules")
        .count();
    assert_eq!(tables, 2, "another table: add it to TABLES");
}

#[test]
fn the_schema_has_the_words_of_the_settings_and_no_other() {
    let schema = value(&schema::SETTINGS);
    let custom = &schema["definitions"]["custom"]["properties"]["severity"]["enum"];
    for (text, words) in [
        ("fail-on = \"no-such-word\"", &schema["properties"]["fail-on"]["enum"]),
        ("[rules]\nclaim-missing = \"no-such-word\"", &schema["definitions"]["level"]["enum"]),
        (
            "[[forbid]]\ntype = \"ConnectedApp\"\nfield = \"label\"\nseverity = \"no-such-word\"",
            custom,
        ),
    ] {
        let reported = of_settings(text);
        assert_eq!(reported.len(), 1, "{reported:?}");
        let help = reported[0].help.as_deref().unwrap();
        let expected = self::words(help.strip_prefix("expected one of ").unwrap());
        assert_eq!(strings(words), expected, "{text}");
        assert!(!validator(&schema::SETTINGS).is_valid(&settings_json(text)), "{text}");
    }
}

#[test]
fn program_and_schema_agree_about_settings() {
    let validator = validator(&schema::SETTINGS);
    let allow = |rest: &str| format!("[[allow]]\nrule = \"claim-missing\"\n{rest}\n");
    let good = [
        String::new(),
        "certificate-warning-days = 0".into(),
        "[rules]\n\"audience-*\" = \"note\"\n\"*\" = \"off\"\nclaim-missing = \"error\"".into(),
        allow("path = \"spoke/**\"\nreason = \"x\"\nuntil = 2027-03-31"),
        allow("component = \"ConnectedApp:Hub_Org\"\nreason = \"x\"\nuntil = \"2027-03-31\""),
        "[[allow]]\nrule = \"app-*\"\npath = \"a\"\nreason = \"x\"".into(),
        "[[require]]\ntype = \"NamedCredential\"\nfield = \"description\"".into(),
    ];
    for text in good {
        assert!(of_settings(&text).is_empty(), "{text}: {:?}", of_settings(&text));
        assert_eq!(problems(&validator, &settings_json(&text)), [""; 0], "{text}");
    }
    let bad = [
        "certificate-warning-days = -1".into(),
        "certificate-warning-days = \"30\"".into(),
        "certificate-warning-days = 1.5".into(),
        "fail-on = 1".into(),
        "rules = []".into(),
        "[rules]\nclaim-mising = \"off\"".into(),
        "[rules]\n\"claim*missing\" = \"off\"".into(),
        allow("path = \"a\""),
        allow("path = \"a\"\nreason = \" \""),
        allow("reason = \"x\""),
        allow("component = \"Hub_Org\"\nreason = \"x\""),
        allow("component = \"ConnectedApp: \"\nreason = \"x\""),
        allow("path = \"a\"\nreason = \"x\"\nuntil = \"soon\""),
        allow("path = \"a\"\nreason = \"x\"\nuntil = 2027-03-31T10:00:00"),
        "[[allow]]\nrule = \"no-such-rule\"\npath = \"a\"\nreason = \"x\"".into(),
        "[[forbid]]\ntype = \"NoSuchType\"\nfield = \"x\"".into(),
        "[[forbid]]\ntype = \"ConnectedApp\"".into(),
        "[[forbid]]\nfield = \"label\"".into(),
    ];
    for text in bad {
        assert!(!of_settings(&text).is_empty(), "the program takes {text}");
        assert!(!validator.is_valid(&settings_json(&text)), "the schema takes {text}");
    }
}

// --- sfcred.yaml ---

#[test]
fn every_description_of_the_fixtures_keeps_to_the_schema() {
    let validator = validator(&schema::DESCRIPTION);
    let files = fixtures("sfcred.yaml");
    assert!(files.len() > 100, "only {} descriptions", files.len());
    for (case, text) in files {
        let problems = problems(&validator, &from_yaml(&text));
        assert!(problems.is_empty(), "{case}: {problems:#?}");
    }
}

/// Each mapping of a description: its definition in the schema, and the path of its keys.
const MAPPINGS: &[(&str, &[&str])] = &[
    ("org", &[]),
    ("user", &["users"]),
    ("certificate", &["certificates"]),
    ("external_credential", &["external_credentials"]),
    ("named_credential", &["named_credentials"]),
    ("auth_provider", &["auth_providers"]),
    ("identity_provider", &["identity_providers"]),
    ("app", &["connected_apps"]),
    ("app", &["external_client_apps"]),
    ("permission_set", &["permission_sets"]),
    ("permission_set_group", &["permission_set_groups"]),
];

/// An org with `inside` at the given path.
fn holding(place: &[&str], inside: &str) -> String {
    match place {
        [] => format!("orgs: {{ hub: {{ {inside} }} }}\n"),
        [key, ..] => format!("orgs: {{ hub: {{ {key}: {{ A: {{ {inside} }} }} }} }}\n"),
    }
}

#[test]
fn the_schema_has_the_keys_of_a_description_and_no_other() {
    let schema = value(&schema::DESCRIPTION);
    let validator = validator(&schema::DESCRIPTION);
    let reported = |text: &str| {
        let mistakes = of_description(text);
        assert_eq!(mistakes.len(), 1, "{text}: {mistakes:#?}");
        assert!(!validator.is_valid(&from_yaml(text)), "the schema takes {text}");
        let help = mistakes[0]
            .help
            .clone()
            .unwrap_or_else(|| panic!("no keys are named: {:?}", mistakes[0]));
        words(help.rsplit_once("expected one of ").unwrap_or_else(|| panic!("no keys: {help}")).1)
    };
    assert_eq!(keys(&schema), reported("orgs: {}\nzzzzzzzzzzzzzzzzzzzzzzzz: 1\n"));
    for (definition, place) in MAPPINGS {
        assert_eq!(
            keys(&schema["definitions"][definition]),
            reported(&holding(place, "zzzzzzzzzzzzzzzzzzzzzzzz: 1")),
            "{definition}"
        );
    }
    let mappings = schema["definitions"]
        .as_object()
        .unwrap()
        .values()
        .filter(|value| value["properties"].is_object())
        .count();
    let listed: BTreeSet<&str> = MAPPINGS.iter().map(|(definition, _)| *definition).collect();
    assert_eq!(mappings, listed.len(), "another mapping: add it to MAPPINGS");
    let claims = of_description(&holding(&["named_credentials"], "claims: { zzz: 1 }"));
    assert_eq!(
        quoted(claims[0].help.as_deref().unwrap()),
        keys(&schema["definitions"]["named_credential"]["properties"]["claims"])
    );
}

#[test]
fn the_schema_has_the_words_of_a_description_and_no_other() {
    let schema = value(&schema::DESCRIPTION);
    let validator = validator(&schema::DESCRIPTION);
    let mut found = 0;
    for (definition, place) in MAPPINGS {
        for (key, of) in schema["definitions"][definition]["properties"].as_object().unwrap() {
            let Some(list) = of["anyOf"][0].get("enum") else { continue };
            found += 1;
            let text = holding(place, &format!("{key}: zzzzzzzzzzzzzzz"));
            let mistakes = of_description(&text);
            assert_eq!(
                strings(list),
                words(
                    mistakes[0].help.as_deref().unwrap().strip_prefix("expected one of ").unwrap()
                ),
                "{definition}.{key}"
            );
            assert!(!validator.is_valid(&from_yaml(&text)), "the schema takes {text}");
        }
    }
    assert!(found > 5, "only {found} keys with words");
}

#[test]
fn the_program_accepts_every_key_of_the_schema_in_each_of_its_forms() {
    let schema = value(&schema::DESCRIPTION);
    let validator = validator(&schema::DESCRIPTION);
    let mut taken = 0;
    for (definition, place) in MAPPINGS {
        for key in keys(&schema["definitions"][definition]) {
            let forms = [
                "~",
                "word",
                "00D000000000001",
                "a.b",
                "12",
                "true",
                "'true'",
                "[a, 1]",
                "[]",
                "[~]",
                "[[a]]",
                "{}",
                "{ file: a }",
                "{ A: ~ }",
                "{ aud: [a] }",
                "{ iss: [a] }",
                "\"${X}\"",
                "''",
            ];
            for form in forms {
                let text = holding(place, &format!("{key}: {form}"));
                let (program, schema) =
                    (of_description(&text), problems(&validator, &from_yaml(&text)));
                assert_eq!(
                    program.is_empty(),
                    schema.is_empty(),
                    "{text}the program says {program:#?}, the schema says {schema:#?}"
                );
                taken += usize::from(program.is_empty());
            }
        }
    }
    assert!(taken > 200, "only {taken} of the forms are right");
}

#[test]
fn a_description_is_a_mapping_with_orgs() {
    let validator = validator(&schema::DESCRIPTION);
    for (text, fine) in [
        ("orgs: {}", true),
        ("orgs:", true),
        ("orgs: { hub: ~ }", true),
        ("orgs: []", false),
        ("org: {}", false),
        ("[]", false),
        ("", false),
        ("orgs: { hub: word }", false),
    ] {
        assert_eq!(of_description(text).is_empty(), fine, "the program and {text:?}");
        assert_eq!(validator.is_valid(&from_yaml(text)), fine, "the schema and {text:?}");
    }
}

#[test]
fn every_key_is_explained() {
    fn look(value: &Value, path: &str, silent: &mut Vec<String>) {
        if let Some(properties) = value["properties"].as_object() {
            for (key, of) in properties {
                if of["description"].as_str().is_none_or(str::is_empty) {
                    silent.push(format!("{path}.{key}"));
                }
            }
        }
        if let Some(object) = value.as_object() {
            object.iter().for_each(|(key, value)| look(value, &format!("{path}.{key}"), silent));
        }
    }
    let mut silent = Vec::new();
    for schema in [schema::SETTINGS, schema::DESCRIPTION] {
        look(&value(&schema), schema.name, &mut silent);
    }
    assert!(silent.is_empty(), "{silent:#?}");
}
