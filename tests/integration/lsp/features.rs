//! Quick fixes, hovers, navigation, completion and traces.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::client::{Editor, poor, rich};
use crate::common::cases::{all, case};
use crate::common::{Files, read};
use crate::secrets::{MARK, plants};

/// The position of a word in a file; with `|`, that of the mark in it.
fn position(editor: &Editor, name: &str, words: &str) -> Value {
    let text = editor.text(name);
    let (before, plain) = (words.find('|').unwrap_or(0), words.replace('|', ""));
    let at = text.find(&plain).unwrap_or_else(|| panic!("{name} has no {plain}:\n{text}")) + before;
    let line = text[..at].matches('\n').count();
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    json!({ "line": line, "character": at - start })
}

fn at(editor: &Editor, name: &str, words: &str) -> Value {
    let position = position(editor, name, words);
    json!({ "textDocument": { "uri": editor.uri(name) }, "position": position })
}

fn actions(editor: &mut Editor, name: &str, words: &str, only: Option<&str>) -> Vec<Value> {
    let position = position(editor, name, words);
    let mut context = json!({ "diagnostics": [] });
    if let Some(only) = only {
        context["only"] = json!([only]);
    }
    let range = json!({ "start": position, "end": position });
    let params =
        json!({ "textDocument": { "uri": editor.uri(name) }, "range": range, "context": context });
    editor.request("textDocument/codeAction", &params).as_array().unwrap().clone()
}

fn titled<'a>(actions: &'a [Value], part: &str) -> &'a Value {
    let found = actions.iter().find(|action| action["title"].as_str().unwrap().contains(part));
    found.unwrap_or_else(|| panic!("no {part} in {actions:#?}"))
}

/// The text of a file with the edits of an action, which are in UTF-8.
fn edited(editor: &Editor, name: &str, action: &Value) -> String {
    let changes = action["edit"]["documentChanges"].as_array().unwrap();
    let uri = editor.uri(name);
    let of_file = changes.iter().filter(|change| change["textDocument"]["uri"] == uri);
    let mut text = if editor.path(name).exists() { editor.text(name) } else { String::new() };
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(newline, _)| newline + 1))
        .collect();
    let offset = |place: &Value| {
        starts[place["line"].as_u64().unwrap() as usize]
            + place["character"].as_u64().unwrap() as usize
    };
    let mut edits: Vec<(usize, usize, String)> = of_file
        .flat_map(|change| change["edits"].as_array().unwrap())
        .map(|edit| {
            let new = edit["newText"].as_str().unwrap().to_owned();
            (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]), new)
        })
        .collect();
    assert!(!edits.is_empty(), "{action}");
    edits.sort();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, &new);
    }
    text
}

#[test]
fn a_quick_fix_gives_what_fix_gives() {
    let mut seen = 0;
    for bad in all().iter().filter(|case| case.is_bad() && case.name().contains("trailing-slash")) {
        let mut editor = Editor::open_folder(&bad.files(), &rich());
        let (name, found) = editor.diagnostics.clone().into_iter().next().unwrap();
        let line = found[0]["range"].clone();
        let params = json!({ "textDocument": { "uri": editor.uri(&name) }, "range": line, "context": { "diagnostics": [] } });
        let offered = editor.request("textDocument/codeAction", &params);
        let offered = offered.as_array().unwrap();
        let fix = &offered[0];
        assert_eq!(fix["kind"], "quickfix", "{fix}");
        assert_eq!(fix["isPreferred"], true);
        let text = edited(&editor, &name, fix);
        let good = case(&bad.name().replace("/bad", "/good"));
        let expected = good.files()[std::path::Path::new(&name)].clone();
        assert_eq!(text, String::from_utf8(expected).unwrap(), "{}", bad.name());
        let all = titled(offered, "apply all safe fixes");
        assert_eq!(edited(&editor, &name, all), text);
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn findings_can_be_allowed() {
    let mut editor = Editor::of("certificate-mismatch/bad", &rich());
    let file = editor.file_ending("externalCredential-meta.xml");
    editor.open(&file);
    let offered = actions(&mut editor, &file, "Hub_|Org</certificate>", None);
    let here = edited(&editor, &file, titled(&offered, "allow certificate-mismatch here"));
    assert!(here.contains("<!-- sfcred: allow(certificate-mismatch) reason="), "{here}");
    let settings = titled(&offered, "in sfcred.toml");
    assert_eq!(settings["edit"]["documentChanges"][0]["kind"], "create");
    let text = edited(&editor, "sfcred.toml", settings);
    assert!(text.contains("component = \"ExternalCredential:"), "{text}");
    editor.edit(&file, &here);
    assert!(!editor.has("certificate-mismatch"));
    editor.close(&file);
    editor.open(&file);
    editor.open_with("sfcred.toml", &text);
    let params = json!({ "textDocument": { "uri": editor.uri(&file) } });
    assert_eq!(editor.request("textDocument/diagnostic", &params)["items"], json!([]));
    // A baseline, if the settings name one.
    let start = "{ \"schema\": \"https://raw.githubusercontent.com/sfcred/sfcred/main/schemas/sfcred-baseline-1.json\", \"findings\": [] }\n";
    std::fs::write(editor.path("known.json"), start).unwrap();
    editor.edit("sfcred.toml", "baseline = \"known.json\"\n");
    let offered = actions(&mut editor, &file, "Hub_|Org</certificate>", None);
    let text = edited(&editor, "known.json", titled(&offered, "to the baseline"));
    std::fs::write(editor.path("known.json"), text).unwrap();
    editor.changed_on_disk("known.json");
    assert_eq!(editor.request("textDocument/diagnostic", &params)["items"], json!([]));
    // What the settings never allow is not offered.
    editor.edit("sfcred.toml", "never-allow = [\"certificate-mismatch\"]\n");
    let offered = actions(&mut editor, &file, "Hub_|Org</certificate>", None);
    assert!(offered.is_empty(), "{offered:#?}");
}

#[test]
fn an_allow_is_valid_wherever_it_is_inserted() {
    let mut tried = 0;
    for bad in all().iter().filter(|case| case.is_bad()).step_by(23) {
        let mut editor = Editor::open_folder(&bad.files(), &rich());
        for (name, found) in editor.diagnostics.clone() {
            for one in found {
                let Some(rule) = one["code"].as_str() else { continue };
                let params = json!({ "textDocument": { "uri": editor.uri(&name) }, "range": one["range"], "context": { "diagnostics": [], "only": ["quickfix"] } });
                let offered = editor.request("textDocument/codeAction", &params);
                let title = format!("sfcred: allow {rule} here");
                let Some(action) =
                    offered.as_array().unwrap().iter().find(|action| action["title"] == title)
                else {
                    continue;
                };
                let text = edited(&editor, &name, action);
                let mut files = bad.files();
                files.insert(name.clone().into(), text.into_bytes());
                let count = |files: Files| {
                    let report = crate::common::lint_files(files).unwrap();
                    report.findings.len()
                };
                assert!(count(files) < count(bad.files()), "{} {name}", bad.name());
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn a_client_without_literals_gets_commands() {
    let mut editor = Editor::of("certificate-mismatch/bad", &poor());
    let file = editor.file_ending("externalCredential-meta.xml");
    let offered = actions(&mut editor, &file, "Hub_|Org</certificate>", Some("quickfix"));
    let here = titled(&offered, "here");
    assert_eq!(here["command"], "sfcred.apply");
    assert!(
        offered.iter().all(|action| !action["title"].as_str().unwrap().contains("sfcred.toml"))
    );
    editor.request(
        "workspace/executeCommand",
        &json!({ "command": "sfcred.apply", "arguments": here["arguments"] }),
    );
    let sent =
        editor.log.iter().find(|message| message["method"] == "workspace/applyEdit").unwrap();
    assert!(sent["params"]["edit"]["changes"].is_object(), "{sent}");
}

fn hover(editor: &mut Editor, name: &str, words: &str) -> String {
    let params = at(editor, name, words);
    let answer = editor.request("textDocument/hover", &params);
    answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_hover_explains_what_is_there() {
    let mut editor = Editor::of("certificate-mismatch/bad", &rich());
    let external = editor.file_ending("externalCredential-meta.xml");
    let named = editor.file_ending("namedCredential-meta.xml");
    let set = editor.file_ending("permissionset-meta.xml");
    let class = editor.file_ending(".cls");
    let text = hover(&mut editor, &external, "Hub_|Org</certificate>");
    for part in [
        "certificate-mismatch",
        "How to fix",
        "**certificate** `Hub_Org`",
        "valid from",
        "fingerprint",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = hover(&mut editor, &external, "{!|Text(");
    assert!(text.contains("seconds"), "{text}");
    let text = hover(&mut editor, &named, "https://|");
    assert!(text.contains("a sandbox"), "{text}");
    let text = hover(&mut editor, &class, "callout:S|");
    assert!(text.contains("**named credential**") && text.contains("https://"), "{text}");
    let text = hover(&mut editor, &set, "<externalCredentialPrincipal>S|");
    assert!(text.contains("**principal**") && text.contains("granted by"), "{text}");
    assert_eq!(hover(&mut editor, &set, "<?xml|"), "");
}

#[test]
fn definitions_and_references_cross_files_and_orgs() {
    let mut editor = Editor::of("certificate-mismatch/bad", &rich());
    let external = editor.file_ending("externalCredential-meta.xml");
    let named = editor.file_ending("namedCredential-meta.xml");
    let set = editor.file_ending("permissionset-meta.xml");
    let class = editor.file_ending(".cls");
    let app = editor.file_ending("connectedApp-meta.xml");
    let mut ends = |method: &str, name: &str, words: &str| -> BTreeSet<String> {
        let mut params = at(&editor, name, words);
        params["context"] = json!({ "includeDeclaration": false });
        let answer = editor.request(method, &params);
        let places = answer.as_array().unwrap().iter();
        places
            .map(|place| {
                let uri = place["uri"].as_str().unwrap();
                uri.rsplit_once('/').unwrap().1.split_once('.').unwrap().1.to_owned()
            })
            .collect()
    };
    let set_of =
        |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let definition = "textDocument/definition";
    assert_eq!(ends(definition, &class, "callout:S|"), set_of(&["namedCredential-meta.xml"]));
    assert_eq!(
        ends(definition, &named, "<externalCredential>S|"),
        set_of(&["externalCredential-meta.xml"])
    );
    assert_eq!(
        ends(definition, &set, "<externalCredentialPrincipal>S|"),
        set_of(&["externalCredential-meta.xml"])
    );
    assert_eq!(ends(definition, &external, "<certificate>H|"), set_of(&["crt", "crt-meta.xml"]));
    assert_eq!(ends(definition, &external, "3MVG|"), set_of(&["connectedApp-meta.xml"]));
    let references = "textDocument/references";
    assert!(ends(references, &named, "<Named|Credential").contains("cls"));
    assert!(
        ends(references, &external, "<External|Credential").contains("namedCredential-meta.xml")
    );
    assert!(ends(references, &app, "<consumerKey>3|").contains("externalCredential-meta.xml"));
}

#[test]
fn symbols_and_lenses_show_the_components_of_a_file() {
    let mut editor = Editor::of("certificate-mismatch/bad", &rich());
    let external = editor.file_ending("externalCredential-meta.xml");
    let document = json!({ "textDocument": { "uri": editor.uri(&external) } });
    let symbols = editor.request("textDocument/documentSymbol", &document);
    assert_eq!(symbols[0]["detail"], "external credential", "{symbols}");
    assert_eq!(symbols[0]["children"][0]["detail"], "principal", "{symbols}");
    let lenses = editor.request("textDocument/codeLens", &document);
    let title = lenses[0]["command"]["title"].as_str().unwrap();
    assert!(title.starts_with("sfcred: ") && title.contains("Fails at step 7"), "{title}");
    let command =
        json!({ "command": "sfcred.trace", "arguments": lenses[0]["command"]["arguments"] });
    let trace = editor.request("workspace/executeCommand", &command);
    let trace = trace.as_str().unwrap();
    assert!(trace.starts_with("# Trace of ") && trace.contains("certificate-mismatch"), "{trace}");
    let explain = json!({ "command": "sfcred.explain", "arguments": ["claim-missing"] });
    assert!(
        editor
            .request("workspace/executeCommand", &explain)
            .as_str()
            .unwrap()
            .contains("claim-missing")
    );
    let log = json!({ "command": "sfcred.diagnose", "arguments": [{ "log": "{\"error_description\":\"audience is invalid\"}" }] });
    assert!(
        editor
            .request("workspace/executeCommand", &log)
            .as_str()
            .unwrap()
            .contains("audience is invalid")
    );
    for (command, arguments) in [
        ("sfcred.trace", json!(["No_Such"])),
        ("sfcred.trace", json!([])),
        ("sfcred.explain", json!(["no-such"])),
        ("no", json!([])),
    ] {
        let params = json!({ "command": command, "arguments": arguments });
        assert!(editor.request("workspace/executeCommand", &params).is_i64(), "{command}");
    }
    let lint = editor.request("workspace/executeCommand", &json!({ "command": "sfcred.lint" }));
    assert_eq!(lint, "1 finding");
    let mut old = Editor::of("certificate-mismatch/bad", &poor());
    let flat = old.request(
        "textDocument/documentSymbol",
        &json!({ "textDocument": { "uri": old.uri(&external) } }),
    );
    assert!(flat[0]["location"].is_object() && flat.as_array().unwrap().len() > 1, "{flat}");
}

/// The labels that are offered at the `|` in a text.
fn completions(editor: &mut Editor, name: &str, text: &str) -> Vec<String> {
    let at = text.find('|').unwrap();
    let plain = text.replace('|', "");
    editor.open_with(name, &plain);
    let line = text[..at].matches('\n').count();
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let position = json!({ "line": line, "character": at - start });
    let params = json!({ "textDocument": { "uri": editor.uri(name) }, "position": position });
    let answer = editor.request("textDocument/completion", &params);
    editor.close(name);
    answer
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["label"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn names_values_and_keys_are_completed() {
    let mut editor = Editor::of("certificate-mismatch/bad", &rich());
    let folder = |end: &str, editor: &Editor| {
        let file = editor.file_ending(end);
        file.rsplit_once('/').unwrap().0.to_owned()
    };
    let class = format!("{}/New.cls", folder(".cls", &editor));
    let named =
        format!("{}/New.namedCredential-meta.xml", folder("namedCredential-meta.xml", &editor));
    let external = format!(
        "{}/New.externalCredential-meta.xml",
        folder("externalCredential-meta.xml", &editor)
    );
    let set = format!("{}/New.permissionset-meta.xml", folder("permissionset-meta.xml", &editor));
    let app = format!("{}/New.connectedApp-meta.xml", folder("connectedApp-meta.xml", &editor));
    for (name, text, expected) in [
        (&class, "class New { String url = 'callout:Sp|", "Spoke_Org"),
        (&class, "// sfcred: allow(claim-missing, aud|", "audience-host-wrong"),
        (
            &named,
            "<NamedCredential>\n<namedCredentialParameters><externalCredential>|",
            "Spoke_Org",
        ),
        (&named, "<NamedCredential><calloutStatus>|</calloutStatus></NamedCredential>", "Enabled"),
        (&named, "<NamedCredential>\n  <!-- <x> -->\n  <calloutS|", "calloutStatus"),
        (&external, "<ExternalCredential><externalCredentialParameters><certificate>H|", "Hub_Org"),
        (
            &external,
            "<ExternalCredential><externalCredentialParameters><parameterType>Jwt|",
            "JwtBodyClaim",
        ),
        (
            &external,
            "<ExternalCredential><externalCredentialParameters><parameterType>AuthProtocolVariant</parameterType><parameterValue>|",
            "JwtBearer",
        ),
        (&set, "<PermissionSet><externalCredentialPrincipalAccesses><enabled>|", "true"),
        (
            &set,
            "<PermissionSet><externalCredentialPrincipalAccesses><externalCredentialPrincipal>|",
            "Spoke_Org-SpokePrincipal",
        ),
        (&app, "<ConnectedApp><oauthConfig><scopes>|", "Api"),
    ] {
        let found = completions(&mut editor, name, text);
        assert!(found.iter().any(|label| label == expected), "{text}: {found:?}");
    }
    for (name, text, expected) in [
        ("sfcred.toml", "fail|", "fail-on"),
        ("sfcred.toml", "fail-on = \"|", "never"),
        ("sfcred.toml", "[rules]\nclaim-m|", "claim-missing"),
        ("sfcred.toml", "[rules]\nclaim-missing = |", "off"),
        ("sfcred.toml", "[[allow]]\nrule = \"|", "claim-missing"),
        ("sfcred.toml", "[[allow]]\nrule = \"x\"\nre|", "reason"),
        ("sfcred.yaml", "or|", "orgs"),
        ("sfcred.yaml", "orgs:\n  hub:\n    ki|", "kind"),
        ("sfcred.yaml", "orgs:\n  hub:\n    metadata: hub\n    kind: s|", "sandbox"),
        (
            "sfcred.yaml",
            "orgs:\n  hub: # the hub\n    users:\n      a@acme.example:\n        act|",
            "active",
        ),
    ] {
        let found = completions(&mut editor, name, text);
        assert!(found.iter().any(|label| label == expected), "{text}: {found:?}");
    }
    for (name, text) in [
        (class.as_str(), "class New { |"),
        (&named, "<NamedCredential><label>|"),
        (&named, "<|"),
        (&named, "<NamedCredential <!-- |"),
        ("sfcred.yaml", "# |"),
        ("sfcred.toml", "[|"),
        ("notes.txt", "callout:|"),
    ] {
        assert_eq!(completions(&mut editor, name, text), [""; 0], "{text}");
    }
}

#[test]
fn no_message_shows_a_secret() {
    for plant in plants() {
        let files: Files = plant
            .files
            .iter()
            .map(|(name, text)| ((*name).into(), text.replace("{}", MARK).into_bytes()))
            .collect();
        let mut editor = Editor::open_folder(&files, &rich());
        for (name, text) in &plant.files {
            editor.open(name);
            let lines = text.lines().count();
            let document = json!({ "uri": editor.uri(name) });
            let end = json!({ "line": lines, "character": 0 });
            let range = json!({ "start": { "line": 0, "character": 0 }, "end": end });
            let params = json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } });
            for method in [
                "textDocument/documentSymbol",
                "textDocument/codeLens",
                "textDocument/codeAction",
                "textDocument/diagnostic",
            ] {
                editor.request(method, &params);
            }
            for line in 0..lines {
                for character in [8, 20, 30, 60] {
                    let position = json!({ "line": line, "character": character });
                    let params = json!({ "textDocument": document, "position": position });
                    editor.request("textDocument/hover", &params);
                    editor.request("textDocument/completion", &params);
                }
            }
            let trace = json!({ "command": "sfcred.trace", "arguments": [{ "credential": "A" }] });
            editor.request("workspace/executeCommand", &trace);
        }
        let shown = Value::from(editor.log.clone()).to_string();
        for start in 0..MARK.len() - 8 {
            let part = &MARK[start..start + 8];
            assert!(!shown.contains(part), "{}: {part}", plant.what);
        }
    }
}

#[test]
fn the_extension_fits_the_server() {
    let manifest: Value = serde_json::from_str(&read("editors/vscode/package.json")).unwrap();
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    let code = read("editors/vscode/src/extension.ts");
    let commands = manifest["contributes"]["commands"].as_array().unwrap();
    for command in commands {
        let name = command["command"].as_str().unwrap();
        assert!(code.contains(&format!("[\"{name}\", ")), "{name}");
    }
    let mut editor = Editor::start(&Files::new());
    let answer = editor.initialize(&json!({ "capabilities": {} }));
    let offered = answer["capabilities"]["executeCommandProvider"]["commands"].clone();
    let offered: BTreeSet<&str> =
        offered.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let run = regex::Regex::new(r#"run\("(sfcred\.\w+)""#).unwrap();
    let mut used = 0;
    for name in run.captures_iter(&code) {
        assert!(offered.contains(&name[1]), "{}", &name[1]);
        used += 1;
    }
    assert!(used >= 4, "{used}");
    // Both cannot register the same name.
    assert!(commands.iter().all(|command| !offered.contains(command["command"].as_str().unwrap())));
}
