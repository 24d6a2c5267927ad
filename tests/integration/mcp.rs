//! `sfcred mcp` as a client sees it, and the skill for agents.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sfcred::internals::report::VERSION;

use crate::common::cases::case;
use crate::common::{new_folder, read, root, write_below};

/// Sends lines to a server for a folder, and returns what it answers, one value for each line.
fn answers(folder: &Path, lines: &[String]) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sfcred"))
        .arg("mcp")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn request(id: i32, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

fn tool(name: &str, arguments: &Value) -> String {
    request(1, "tools/call", &json!({ "name": name, "arguments": arguments }))
}

/// The result of one tool.
fn called(folder: &Path, name: &str, arguments: &Value) -> Value {
    let mut answers = answers(folder, &[tool(name, arguments)]);
    assert_eq!(answers.len(), 1);
    answers.remove(0)["result"].take()
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

#[test]
fn a_client_learns_what_is_offered() {
    let folder = new_folder();
    let asked = [
        request(1, "initialize", &json!({ "protocolVersion": "2025-06-18" })),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string(),
        request(2, "initialize", &json!({ "protocolVersion": "1999-01-01" })),
        String::new(),
        request(3, "ping", &json!({})),
        request(4, "tools/list", &json!({})),
    ];
    let answers = answers(folder.path(), &asked);
    let ids: Vec<i64> = answers.iter().map(|answer| answer["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    assert_eq!(answers[0]["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(answers[1]["result"]["protocolVersion"], "2025-11-25");
    assert_eq!(answers[0]["result"]["serverInfo"]["version"], VERSION);
    assert_eq!(answers[2]["result"], json!({}));
    let tools = answers[3]["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["lint", "trace", "diagnose", "explain"]);
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert_eq!(tool["annotations"]["openWorldHint"], false);
        assert!(jsonschema::validator_for(&tool["inputSchema"]).is_ok());
    }
}

#[test]
fn tools_answer_what_the_commands_print() {
    let folder = new_folder();
    case("claim-missing/bad").write_to(folder.path());
    let printed = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_sfcred"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let day = json!("2026-11-22");
    for (tool, arguments, command) in [
        ("lint", json!({ "today": day }), &["lint", "--json", "--today", "2026-11-22"][..]),
        (
            "trace",
            json!({ "today": day, "credential": "Spoke_Org" }),
            &["trace", "Spoke_Org", "--json", "--today", "2026-11-22"],
        ),
        (
            "diagnose",
            json!({ "today": day, "message": "-- audience is invalid" }),
            &["diagnose", "--message=-- audience is invalid", "--json", "--today", "2026-11-22"],
        ),
    ] {
        let mut result = called(folder.path(), tool, &arguments);
        assert_eq!(result["isError"], false, "{tool}: {result}");
        let structured = result["structuredContent"].as_object_mut().unwrap();
        assert_eq!(structured.remove("omitted"), Some(json!(0)));
        let expected: Value = serde_json::from_str(&printed(command)).unwrap();
        assert_eq!(json!(structured), expected, "{tool}");
    }
    let page = called(folder.path(), "explain", &json!({ "name": "claim-missing" }));
    assert_eq!(text(&page), printed(&["explain", "claim-missing"]));
    write_below(folder.path(), "logs/debug.log", "invalid_grant: audience is invalid");
    let found = called(folder.path(), "diagnose", &json!({ "log": "logs/debug.log" }));
    assert!(text(&found).contains("audience-invalid"), "{found}");
}

#[test]
fn what_is_left_out_is_counted() {
    let folder = new_folder();
    for name in ["claim-missing/bad", "certificate-mismatch/bad"] {
        case(name).write_to(&folder.path().join(name.replace('/', "-")));
    }
    let all = called(folder.path(), "lint", &json!({ "today": "2026-11-22" }));
    let all = all["structuredContent"]["findings"].as_array().unwrap().len();
    assert!(all > 1);
    let some = called(folder.path(), "lint", &json!({ "today": "2026-11-22", "limit": 1 }));
    assert_eq!(some["structuredContent"]["findings"].as_array().unwrap().len(), 1);
    assert_eq!(some["structuredContent"]["omitted"], all - 1);
}

#[test]
fn nothing_outside_of_the_workspace_is_read() {
    let outer = new_folder();
    let workspace = outer.path().join("workspace");
    case("claim-missing/bad").write_to(&workspace);
    case("claim-missing/bad").write_to(&outer.path().join("workspace-2"));
    write_below(outer.path(), "secret.log", "invalid_grant: audience is invalid");
    let outside = outer.path().join("workspace-2").display().to_string();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outer.path(), workspace.join("link")).unwrap();
    for path in ["..", "../workspace-2", "hub/../../workspace-2", &outside, "/", "link/workspace-2"]
    {
        if !cfg!(unix) && path.starts_with("link") {
            continue;
        }
        for (name, arguments) in [
            ("lint", json!({ "paths": [path] })),
            ("trace", json!({ "paths": [".", path] })),
            ("diagnose", json!({ "message": "audience is invalid", "paths": [path] })),
            ("diagnose", json!({ "log": format!("{path}/../secret.log") })),
        ] {
            let result = called(&workspace, name, &arguments);
            assert_eq!(result["isError"], true, "{name} {path}: {result}");
            assert!(text(&result).contains("is not a path in the workspace"), "{result}");
        }
    }
    #[cfg(unix)]
    std::fs::remove_file(workspace.join("link")).unwrap();
    // Arguments are never options.
    for arguments in [
        json!({ "paths": ["--allow-outside=.."] }),
        json!({ "select": ["claim-missing --fix"] }),
        json!({ "today": "2026-11-22 --fix" }),
    ] {
        let before = crate::common::read_files(&workspace);
        assert_eq!(called(&workspace, "lint", &arguments)["isError"], true, "{arguments}");
        assert_eq!(crate::common::read_files(&workspace), before);
    }
}

#[test]
fn mistakes_of_a_client_are_answered() {
    let folder = new_folder();
    let deep = "[".repeat(100_000);
    let long = format!("\"{}\"", "x".repeat(9 << 20));
    for (line, code) in [
        ("{", -32700),
        (deep.as_str(), -32700),
        (long.as_str(), -32700),
        ("[]", -32600),
        ("1", -32600),
        (r#"{"id": 1}"#, -32600),
        (r#"{"id": null, "method": "ping"}"#, -32600),
        (r#"{"id": {}, "method": "ping"}"#, -32600),
        (r#"{"id": 1, "method": "resources/list"}"#, -32601),
        (r#"{"id": 1, "method": "tools/call"}"#, -32602),
        (r#"{"id": 1, "method": "tools/call", "params": {"name": "pull"}}"#, -32602),
        (
            r#"{"id": 1, "method": "tools/call", "params": {"name": "lint", "arguments": []}}"#,
            -32602,
        ),
    ] {
        let all = answers(folder.path(), &[line.to_owned(), request(7, "ping", &json!({}))]);
        let start: String = line.chars().take(80).collect();
        assert_eq!(all.len(), 2, "{start}");
        assert_eq!(all[0]["error"]["code"], code, "{start}");
        assert_eq!(all[1]["id"], 7, "the server goes on after {start}");
    }
    for (name, arguments, reason) in [
        ("lint", json!({}), "nothing to lint"),
        ("lint", json!({ "path": "." }), "has no such argument"),
        ("lint", json!({ "paths": "." }), "as a list of paths"),
        ("lint", json!({ "paths": [1] }), "as a list of paths"),
        ("lint", json!({ "limit": 0 }), "from 1 to 1000"),
        ("lint", json!({ "today": "tomorrow" }), "2026-11-22"),
        ("lint", json!({ "select": ["no-such-rule"] }), "no-such-rule"),
        ("diagnose", json!({}), "either `message` or `log`"),
        ("explain", json!({}), "`name` is missing"),
        ("explain", json!({ "name": "no-such-rule" }), "no-such-rule"),
    ] {
        let result = called(folder.path(), name, &arguments);
        assert_eq!(result["isError"], true, "{name} {arguments}: {result}");
        assert!(text(&result).contains(reason), "{name} {arguments}: {result}");
    }
    let refused = Command::new(env!("CARGO_BIN_EXE_sfcred"))
        .args(["mcp", "missing"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
}

// --- the skill ---

#[test]
fn every_command_of_the_skill_runs() {
    let skill = read("skills/sfcred/SKILL.md");
    let (head, body) = skill.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    assert!(head.starts_with("name: sfcred\n"));
    assert!(head.contains(&format!("version: \"{VERSION}\"")), "{head}");
    assert!(head.contains("TRIGGER when") && head.contains("DO NOT TRIGGER when"));
    let folder = new_folder();
    case("claim-missing/bad").write_to(folder.path());
    write_below(folder.path(), "debug.log", "invalid_grant: audience is invalid");
    let mut commands = 0;
    let mut in_block = false;
    for line in body.lines() {
        match line {
            "```sh" => in_block = true,
            "```" => in_block = false,
            command if in_block => {
                let words: Vec<&str> = match command.split_once('"') {
                    Some((before, message)) => before
                        .split_whitespace()
                        .chain([message.strip_suffix('"').unwrap()])
                        .collect(),
                    None => command.split_whitespace().collect(),
                };
                assert_eq!(words[0], "sfcred", "{command}");
                let output = Command::new(env!("CARGO_BIN_EXE_sfcred"))
                    .args(&words[1..])
                    .current_dir(folder.path())
                    .output()
                    .unwrap();
                assert!(matches!(output.status.code(), Some(0 | 1)), "{command}: {output:?}");
                commands += 1;
            }
            _ => {}
        }
    }
    assert!(commands >= 6, "only {commands} commands");
}

#[test]
fn init_writes_the_skill_for_agents() {
    let folder = new_folder();
    let init = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_sfcred"))
            .args(["init", "--skill"])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    assert!(init(&["--dry-run"]).status.success());
    assert!(crate::common::read_files(folder.path()).is_empty());
    let first = init(&[]);
    assert!(first.status.success(), "{first:?}");
    let path = folder.path().join(".claude/skills/sfcred/SKILL.md");
    assert_eq!(read(&path), read(root().join("skills/sfcred/SKILL.md")));
    std::fs::write(&path, "mine").unwrap();
    let second = init(&[]);
    assert_eq!(second.status.code(), Some(2), "{second:?}");
    assert!(String::from_utf8_lossy(&second.stderr).contains("already exist"), "{second:?}");
    assert_eq!(read(&path), "mine");
    assert!(init(&["--agent", "vibes"]).status.success());
    assert!(folder.path().join(".vibes/skills/sfcred/SKILL.md").is_file());
    assert_eq!(init(&["--agent", "other"]).status.code(), Some(2));
}
