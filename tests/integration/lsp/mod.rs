//! The language server, as editors of all abilities use it: documents, diagnostics, and clients that misbehave.

mod client;
mod features;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use client::{Editor, poor, rich};

use crate::common::{Files, all_linted, lint_folder, new_folder, run_command};

const BAD: &str =
    "<NamedCredential><endpoint>http://acme.my.salesforce.com</endpoint></NamedCredential>";

/// The certificate of the app is not the one that signs.
fn broken(capabilities: &Value) -> Editor {
    Editor::of("certificate-mismatch/bad", capabilities)
}

fn requests<'e>(editor: &'e Editor, method: &str) -> Vec<&'e Value> {
    editor.log.iter().filter(|message| message["method"] == method).collect()
}

#[test]
fn every_case_has_the_diagnostics_that_lint_reports() {
    let mut count = 0;
    for (case, report) in all_linted() {
        // Every tenth case is enough for the ways in which findings differ; the fuzzer opens any project.
        count += 1;
        if count % 10 != 0 {
            continue;
        }
        let editor = Editor::open_folder(&case.files(), &poor());
        let expected: BTreeSet<(String, String)> = report
            .findings
            .iter()
            .map(|finding| {
                let source = report.sources.get(finding.primary.span.file);
                (source.name.clone(), finding.rule.to_owned())
            })
            .collect();
        let found: BTreeSet<_> = editor.rules().into_iter().collect();
        assert_eq!(found, expected, "{}", case.name());
    }
}

#[test]
fn a_poor_client_is_sent_everything() {
    let mut editor = broken(&poor());
    let file = editor.file_ending("externalCredential-meta.xml");
    let found = &editor.diagnostics[&file][0];
    assert_eq!(found["code"], "certificate-mismatch");
    assert_eq!(found["severity"], 1);
    assert_eq!(found["source"], "sfcred");
    let address = found["codeDescription"]["href"].as_str().unwrap();
    assert!(address.ends_with("/rules/certificate-mismatch.md"), "{address}");
    let related = found["relatedInformation"].as_array().unwrap();
    assert!(
        related
            .iter()
            .any(|one| one["location"]["uri"].as_str().unwrap().ends_with("connectedApp-meta.xml"))
    );
    assert!(requests(&editor, "client/registerCapability").is_empty());
    assert!(requests(&editor, "workspace/diagnostic/refresh").is_empty());
    // It stays known when it is opened, and is not sent again.
    let before = editor.log.len();
    editor.open(&file);
    assert_eq!(editor.log.len(), before, "{:?}", editor.log.last());
}

#[test]
fn a_fault_ends_where_its_cause_ends() {
    for capabilities in [poor(), rich()] {
        let mut editor = broken(&capabilities);
        assert!(editor.has("certificate-mismatch"));
        // The cause is in another file, which is never saved.
        let app = editor.file_ending("connectedApp-meta.xml");
        let text = editor.text(&app);
        editor.open(&app);
        let start = text.find("<certificate>").unwrap();
        let end = text.find("</certificate>").unwrap() + "</certificate>".len();
        let fixed = format!("{}{}", &text[..start], &text[end..]);
        editor.edit(&app, &fixed);
        assert!(!editor.has("certificate-mismatch"), "{:?}", editor.rules());
        editor.edit(&app, &text);
        assert!(editor.has("certificate-mismatch"));
        editor.edit(&app, &fixed);
        // Closed without saving.
        editor.close(&app);
        assert!(editor.has("certificate-mismatch"));
        // Saved by another program.
        fs::write(editor.path(&app), fixed).unwrap();
        editor.changed_on_disk(&app);
        assert!(!editor.has("certificate-mismatch"));
        fs::remove_file(editor.path(&app)).unwrap();
        editor.changed_on_disk(&app);
        assert!(!editor.has("certificate-mismatch"));
        fs::write(editor.path(&app), text).unwrap();
        editor.changed_on_disk(&app);
        assert!(editor.has("certificate-mismatch"));
    }
}

#[test]
fn a_client_that_pulls_is_not_sent_what_it_asks_for() {
    let mut editor = broken(&rich());
    let file = editor.file_ending("externalCredential-meta.xml");
    assert!(editor.diagnostics.contains_key(&file), "it is not open");
    editor.open(&file);
    assert!(!editor.diagnostics.contains_key(&file), "it is open, so that the client asks");
    let document = json!({ "textDocument": { "uri": editor.uri(&file) } });
    let answer = editor.request("textDocument/diagnostic", &document);
    assert_eq!(answer["kind"], "full");
    assert_eq!(answer["items"][0]["code"], "certificate-mismatch");
    let everything = editor.request("workspace/diagnostic", &json!({ "previousResultIds": [] }));
    assert!(
        everything["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["uri"] == document["textDocument"]["uri"])
    );
    // A change of another file makes it ask again.
    let before = requests(&editor, "workspace/diagnostic/refresh").len();
    let app = editor.file_ending("connectedApp-meta.xml");
    editor.open(&app);
    editor.edit(&app, "<ConnectedApp/>");
    assert!(requests(&editor, "workspace/diagnostic/refresh").len() > before);
    let answer = editor.request("textDocument/diagnostic", &document);
    assert_ne!(answer["items"][0]["code"], "certificate-mismatch");
    editor.edit(&app, &editor.text(&app));
    editor.close(&file);
    assert!(editor.diagnostics.contains_key(&file));
    let watchers = requests(&editor, "client/registerCapability")[0];
    assert_eq!(watchers["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
}

#[test]
fn an_answer_is_about_the_last_edit() {
    let mut editor = broken(&rich());
    let app = editor.file_ending("connectedApp-meta.xml");
    editor.open(&app);
    editor.change(&app, &json!({ "text": "<ConnectedApp>" }));
    let params = json!({ "textDocument": { "uri": editor.uri(&app) } });
    let answer = editor.request("textDocument/diagnostic", &params);
    assert_eq!(answer["items"][0]["code"], "unreadable-file", "{answer}");
}

#[test]
fn edits_are_applied_in_units_of_the_encoding() {
    for (capabilities, shift) in [(poor(), 2), (rich(), 4)] {
        let mut editor = Editor::of("certificate-mismatch/bad", &capabilities);
        let file = editor.file_ending("externalCredential-meta.xml");
        let text = editor.text(&file);
        let lines: Vec<&str> = text.split('\n').collect();
        let line = lines.iter().position(|line| line.contains("<certificate>")).unwrap();
        let column = lines[line].find("Hub_Org").unwrap();
        editor.open(&file);
        // A character of four bytes, which are two units of UTF-16, before the place.
        let insert = |character: usize, text: &str| {
            let at = json!({ "line": line, "character": character });
            json!({ "range": { "start": at, "end": at }, "text": text })
        };
        editor.change(&file, &insert(0, "<!--\u{1f642}-->"));
        let place = column + "<!---->".len() + shift;
        let range = |from: usize, to: usize| json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
        editor.settle();
        let params = json!({ "textDocument": { "uri": editor.uri(&file) } });
        let answer = editor.request("textDocument/diagnostic", &params);
        assert_eq!(answer["items"][0]["range"], range(place, place + "Hub_Org".len()), "{answer}");
        // The name is replaced by one that is not in the project.
        editor.change(
            &file,
            &json!({ "range": range(place, place + "Hub_Org".len()), "text": "Nowhere" }),
        );
        let answer = editor.request("textDocument/diagnostic", &params);
        assert_eq!(answer["items"][0]["code"], "certificate-not-in-project", "{answer}");
        assert!(answer["items"][0]["message"].as_str().unwrap().contains("`Nowhere`"), "{answer}");
    }
}

#[test]
fn mistakes_in_settings_and_descriptions_are_diagnostics() {
    let mut editor = broken(&poor());
    editor.open_with("sfcred.toml", "[rules]\n");
    editor.edit("sfcred.toml", "[rules]\ncertificate-mismatch = \"of\"\n");
    let mistake = &editor.diagnostics["sfcred.toml"][0];
    assert_eq!(mistake["range"]["start"], json!({ "line": 1, "character": 23 }), "{mistake}");
    assert!(mistake["message"].as_str().unwrap().contains("off"), "{mistake}");
    // The last valid settings are still used.
    assert!(editor.has("certificate-mismatch"));
    editor.edit("sfcred.toml", "[rules]\ncertificate-mismatch = \"off\"\n");
    assert!(!editor.diagnostics.contains_key("sfcred.toml"));
    assert!(!editor.has("certificate-mismatch"));
    editor.close("sfcred.toml");
    assert!(editor.has("certificate-mismatch"));
    editor.open_with("sfcred.yaml", "orgs:\n  hub:\n    metadata: nowhere\n");
    let mistake = &editor.diagnostics["sfcred.yaml"][0];
    assert!(mistake["message"].as_str().unwrap().contains("nowhere"), "{mistake}");
    editor.edit("sfcred.yaml", "orgs:\n  hub:\n    kin: sandbox\n");
    assert!(editor.diagnostics["sfcred.yaml"][0]["message"].as_str().unwrap().contains("kin"));
    editor.close("sfcred.yaml");
    assert!(!editor.diagnostics.contains_key("sfcred.yaml"));
}

#[test]
fn ignored_files_are_not_linted_and_new_files_are() {
    let name = "X.namedCredential-meta.xml";
    let files = Files::from([(name.into(), BAD.into()), ("Y.cls".into(), Vec::new())]);
    let mut editor = Editor::open_folder(&files, &poor());
    assert!(editor.diagnostics.contains_key(name));
    // Git reads the file on the disk.
    editor.open_with(".gitignore", "X.*\nbuild/\n");
    assert!(editor.diagnostics.contains_key(name));
    fs::write(editor.path(".gitignore"), "X.*\nbuild/\n").unwrap();
    editor.close(".gitignore");
    editor.changed_on_disk(".gitignore");
    assert!(editor.diagnostics.is_empty(), "{:?}", editor.rules());
    editor.open(name);
    assert!(editor.diagnostics.is_empty(), "{:?}", editor.rules());
    // Buffers that were never saved.
    for (new, is_linted) in [("new/Z.namedCredential", true), ("build/Z.namedCredential", false)] {
        editor.open_with(new, BAD);
        assert_eq!(editor.diagnostics.contains_key(new), is_linted, "{:?}", editor.rules());
        editor.close(new);
        assert!(editor.diagnostics.is_empty());
    }
}

#[test]
fn a_workspace_has_any_number_of_folders() {
    let mut editor = Editor::start(&Files::new());
    let name = "X.namedCredential-meta.xml";
    for folder in ["one", "two", "two/inside"] {
        // Findings in copies of a file are reported once.
        let text = BAD.replace("acme", &folder.replace('/', "-"));
        crate::common::write_below(editor.folder(), format!("{folder}/{name}"), text);
    }
    let folders: Vec<Value> = ["one", "two/inside"]
        .iter()
        .map(|name| json!({ "uri": editor.uri(name), "name": name }))
        .collect();
    editor.initialize(&json!({ "capabilities": {}, "workspaceFolders": folders }));
    let names = |editor: &Editor| editor.diagnostics.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&editor), [format!("one/{name}"), format!("two/inside/{name}")]);
    let added = json!([{ "uri": editor.uri("two"), "name": "two" }]);
    let removed = json!([{ "uri": editor.uri("one"), "name": "one" }]);
    let event = json!({ "event": { "added": added, "removed": removed } });
    editor.notify("workspace/didChangeWorkspaceFolders", &event);
    editor.settle();
    assert_eq!(names(&editor), [format!("two/{name}"), format!("two/inside/{name}")]);
    // A file outside of the folders is not part of the workspace.
    editor.open(&format!("one/{name}"));
    assert_eq!(names(&editor).len(), 2);
}

#[test]
fn a_file_without_a_folder_belongs_to_the_project_around_it() {
    let mut editor = broken(&poor());
    let file = editor.file_ending("externalCredential-meta.xml");
    let mut alone = Editor::start(&Files::new());
    alone.initialize(&json!({ "capabilities": {}, "rootUri": null }));
    alone.open_uri(&editor.uri(&file), &editor.text(&file));
    alone.settle();
    assert!(alone.has("certificate-mismatch"), "{:?}", alone.rules());
    // The project of a file is found by its marks; without one, only the file is linted.
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let path = folder.path().join("X.namedCredential-meta.xml");
    fs::write(&path, BAD).unwrap();
    fs::write(folder.path().join("Y.namedCredential-meta.xml"), BAD).unwrap();
    let mut single = Editor::start(&Files::new());
    single.initialize(&json!({ "capabilities": {} }));
    let uri = format!("file://{}", path.display());
    single.open_uri(&uri, BAD);
    single.settle();
    assert_eq!(single.diagnostics.keys().collect::<Vec<_>>(), [&uri]);
    editor.open(&file);
}

#[test]
fn documents_of_other_schemes_are_ignored() {
    let mut editor = broken(&poor());
    let before = editor.log.len();
    for uri in ["untitled:Untitled-1", "git:/a/X.crt?ref", "vscode-remote://x/a", "", "file:", "%"]
    {
        editor.open_uri(uri, "<ConnectedApp>");
        let position =
            json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
        let answer = editor.request("textDocument/diagnostic", &position);
        assert_eq!(answer["items"], json!([]), "{uri}");
        editor.settle();
    }
    let published = &editor.log[before..];
    assert!(published.iter().all(|message| message.get("method").is_none()), "{published:?}");
}

#[test]
fn malformed_messages_are_answered_and_survived() {
    let mut editor = broken(&poor());
    for bytes in [&b"{"[..], b"[]", b"null", b"{\"id\":[1],\"method\":\"x\"}", b"\xff\xfe", b""] {
        editor.receive_bytes(bytes);
        assert!(editor.log.last().unwrap()["error"]["code"].is_i64(), "{bytes:?}");
    }
    for method in ["textDocument/diagnostic", "no/such", "$/unknown", "initialize"] {
        for params in [json!(null), json!([]), json!({ "textDocument": 1 }), json!("x")] {
            assert!(editor.request(method, &params).is_i64(), "{method} {params}");
            editor.notify(method, &params);
        }
    }
    for method in [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "workspace/didChangeWatchedFiles",
        "workspace/didChangeWorkspaceFolders",
    ] {
        editor.notify(method, &json!({ "textDocument": { "uri": 5 } }));
        editor.notify(method, &json!(null));
    }
    // A change of a document that is not open, and places that do not exist.
    let app = editor.file_ending("connectedApp-meta.xml");
    editor.change(&app, &json!({ "text": "" }));
    editor.open(&app);
    let far = json!({ "line": 4_294_967_295_u32, "character": 4_294_967_295_u32 });
    let start = json!({ "line": 0, "character": 0 });
    editor.change(&app, &json!({ "range": { "start": far, "end": start }, "text": "\u{1f642}" }));
    editor.change(
        &app,
        &json!({ "range": { "start": { "line": 0, "character": 1 }, "end": far }, "text": "" }),
    );
    editor.settle();
    assert!(editor.diagnostics.contains_key(&app));
    editor.edit(&app, &editor.text(&app));
    assert!(editor.has("certificate-mismatch"));
    assert_eq!(editor.request("shutdown", &json!(null)), Value::Null);
    assert!(editor.request("textDocument/diagnostic", &json!(null)).is_i64());
}

#[test]
fn requests_before_the_start_are_refused() {
    let mut editor = Editor::start(&Files::new());
    assert_eq!(editor.request("textDocument/hover", &json!({})), -32002);
    editor.notify("textDocument/didOpen", &json!({}));
    let answer = editor.initialize(&json!({ "capabilities": {} }));
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(answer["serverInfo"]["name"], "sfcred");
}

#[test]
fn a_folder_that_cannot_be_linted_is_reported_once() {
    let mut editor = Editor::start(&Files::new());
    editor.initialize(&json!({ "capabilities": {}, "rootUri": editor.uri("nowhere") }));
    editor.open_uri(&editor.uri("nowhere/X.crt"), "x");
    editor.settle();
    editor.open_uri(&editor.uri("nowhere/Y.crt"), "x");
    editor.settle();
    let shown = requests(&editor, "window/showMessage");
    assert!(shown.len() <= 1, "{shown:?}");
}

#[test]
fn a_folder_of_hundreds_of_projects_is_refused() {
    let mut files = Files::new();
    for number in 0..=200 {
        files.insert(
            format!("p{number}/sfdx-project.json").into(),
            b"{\"packageDirectories\":[]}".to_vec(),
        );
    }
    files.insert("X.namedCredential-meta.xml".into(), b"<NamedCredential/>".to_vec());
    let editor = Editor::open_folder(&files, &poor());
    let shown = requests(&editor, "window/showMessage");
    assert!(
        shown[0]["params"]["message"].as_str().unwrap().contains("201 Salesforce projects"),
        "{shown:?}"
    );
    assert!(editor.diagnostics.is_empty());
}

/// Frames of the base protocol.
fn framed(messages: &[Value]) -> String {
    let frame = |message: &Value| {
        let text = message.to_string();
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    };
    messages.iter().map(frame).collect()
}

#[test]
fn a_session_ends_with_the_status_that_the_protocol_demands() {
    let folder = new_folder();
    let initialize = json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } });
    let shutdown = json!({ "id": 2, "method": "shutdown" });
    let exit = json!({ "method": "exit" });
    for (messages, status) in [
        (vec![initialize.clone(), shutdown.clone(), exit.clone()], 0),
        (vec![initialize.clone(), exit], 1),
        (vec![initialize, shutdown], 1),
        (vec![], 1),
    ] {
        let input = framed(&messages);
        let (found, out, _) = run_command(folder.path(), &["lsp", "--stdio"], 80, Some(&input));
        assert_eq!(found as i32, status, "{messages:?}");
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out.matches("Content-Length: ").count(),
            messages.iter().filter(|message| message.get("id").is_some()).count()
        );
    }
}

#[test]
fn a_request_that_is_cancelled_while_it_waits_is_not_handled() {
    let folder = new_folder();
    let request = |id: Value| json!({ "id": id, "method": "workspace/diagnostic", "params": {} });
    let cancel = |id: Value| json!({ "method": "$/cancelRequest", "params": { "id": id } });
    let input = framed(&[
        json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } }),
        request(json!(2)),
        request(json!("2")),
        cancel(json!("2")),
        cancel(json!(99)),
        cancel(json!(null)),
        json!({ "id": 3, "method": "shutdown" }),
        json!({ "method": "exit" }),
    ]);
    let (_, out, _) = run_command(folder.path(), &["lsp"], 80, Some(&input));
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(r#""id":2,"jsonrpc":"2.0","result""#), "{out}");
    // It is cancelled only if it still waits, which depends on the threads.
    assert_eq!(out.matches(r#""id":"2""#).count(), 1, "{out}");
}

#[test]
fn the_program_serves_a_client_over_pipes() {
    let editor = broken(&poor());
    let mut server = Command::new(env!("CARGO_BIN_EXE_sfcred"))
        .arg("lsp")
        .current_dir(editor.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = server.stdin.take().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let root = editor.uri("");
    let messages = [
        json!({ "id": 1, "method": "initialize", "params": { "capabilities": {}, "rootUri": root } }),
        json!({ "method": "initialized", "params": {} }),
        json!({ "id": 2, "method": "workspace/diagnostic", "params": { "previousResultIds": [] } }),
    ];
    input.write_all(framed(&messages).as_bytes()).unwrap();
    let mut published = 0;
    let answer = loop {
        let mut header = String::new();
        output.read_line(&mut header).unwrap();
        let length: usize =
            header.trim().strip_prefix("Content-Length: ").unwrap().parse().unwrap();
        let mut body = vec![0; length + 2];
        output.read_exact(&mut body).unwrap();
        let message: Value = serde_json::from_slice(&body[2..]).unwrap();
        published += usize::from(message["method"] == "textDocument/publishDiagnostics");
        if message["id"] == 2 {
            break message;
        }
    };
    let files = answer["result"]["items"].as_array().unwrap().len();
    assert!(files > 0 && published == files, "{published} {answer}");
    let end = [json!({ "id": 3, "method": "shutdown" }), json!({ "method": "exit" })];
    input.write_all(framed(&end).as_bytes()).unwrap();
    assert_eq!(server.wait().unwrap().code(), Some(0));
    let report = lint_folder(editor.folder()).unwrap();
    assert!(!report.findings.is_empty());
}
