//! Bytes as a project and what an editor does with it. After every step, the diagnostics are those of a fresh run on the
//! same contents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sfcred::internals::discover::{Memory, discover_in};
use sfcred::internals::error::{ConfigError, Error};
use sfcred::internals::lsp::Server;
use sfcred::internals::options::Options;
use sfcred::internals::pipeline::analyze;
use time::macros::date;

use super::damage::{Numbers, damaged};
use super::sections;

const TODAY: time::Date = date!(2026 - 11 - 22);
/// No message shows a part of it, wherever it is.
const MARK: &str = "Vq7Xw9Kp3vT5n8Rb2Lc6Jd4Hs1Mf0";
/// What editors ask for.
const METHODS: &[&str] = &[
    "textDocument/diagnostic",
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentSymbol",
    "textDocument/codeAction",
    "textDocument/codeLens",
    "textDocument/completion",
    "workspace/diagnostic",
    "workspace/executeCommand",
];

/// The rule, the line and the message of each finding, by file.
type Found = BTreeMap<PathBuf, Vec<(String, u64, String)>>;

/// The section `changes` has four bytes for each step: what to do, with which file, and where.
pub fn editor(data: &[u8]) {
    let mut files = sections(data);
    let changes = files.iter().position(|(path, _)| path.ends_with("changes"));
    let changes = changes.map(|at| files.remove(at).1).unwrap_or_default();
    files.retain(|(path, _)| super::repository::is_inside(&path.to_string_lossy()));
    if files.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("project");
    std::fs::create_dir_all(root.join(".git")).expect("a folder");
    let mut session = Session {
        server: Server::new(root.clone(), TODAY),
        disk: BTreeMap::new(),
        open: BTreeMap::new(),
        shown: BTreeMap::new(),
        requests: 0,
        root,
    };
    for (path, bytes) in files {
        session.save(&path, &bytes);
    }
    session.start();
    session.compare();
    for step in changes.chunks_exact(4).take(12) {
        session.step([step[0], step[1], step[2], step[3]]);
        session.compare();
    }
}

struct Session {
    root: PathBuf,
    server: Server,
    disk: BTreeMap<PathBuf, Vec<u8>>,
    open: BTreeMap<PathBuf, String>,
    shown: Found,
    requests: i32,
}

impl Session {
    fn save(&mut self, path: &Path, bytes: &[u8]) {
        super::repository::write(&self.root, &path.to_string_lossy(), bytes);
        if let Ok(bytes) = std::fs::read(self.root.join(path)) {
            self.disk.insert(path.to_owned(), bytes);
        }
    }

    fn uri(&self, path: &Path) -> String {
        let mut uri = "file://".to_owned();
        for byte in self.root.join(path).as_os_str().as_encoded_bytes() {
            match byte {
                b'/' | b'.' | b'_' | b'-' => uri.push(char::from(*byte)),
                byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
                byte => uri.push_str(&format!("%{byte:02x}")),
            }
        }
        uri
    }

    fn start(&mut self) {
        let root = self.uri(Path::new(""));
        let root = root.trim_end_matches('/');
        let capabilities = json!({ "workspace": { "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] } } });
        self.request("initialize", &json!({ "rootUri": root, "capabilities": capabilities }));
        self.notify("initialized", &json!({}));
    }

    fn request(&mut self, method: &str, params: &Value) {
        self.requests += 1;
        let message = json!({ "id": self.requests, "method": method, "params": params });
        self.server.receive(message.to_string().as_bytes());
        let id = self.requests;
        let answered = self.take().iter().any(|message| message["id"] == id);
        assert!(answered, "no answer to {method}");
    }

    fn notify(&mut self, method: &str, params: &Value) {
        let message = json!({ "method": method, "params": params });
        self.server.receive(message.to_string().as_bytes());
        self.take();
    }

    fn take(&mut self) -> Vec<Value> {
        let messages = self.server.take_outbox();
        for message in &messages {
            if message["method"] == "textDocument/publishDiagnostics" {
                let uri = message["params"]["uri"].as_str().expect("a URI");
                let path = self.path(uri);
                let of = |found: &Value| {
                    let line = found["range"]["start"]["line"].as_u64().expect("a line");
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    (text(&found["code"]), line, text(&found["message"]))
                };
                let found = message["params"]["diagnostics"].as_array().expect("a list");
                self.shown.insert(path, found.iter().map(of).collect());
                assert!(!message.to_string().contains(MARK), "a secret is shown");
            }
        }
        messages
    }

    /// The path that a URI of the server leads to.
    fn path(&self, uri: &str) -> PathBuf {
        let mut bytes = Vec::new();
        let mut rest = uri.trim_start_matches("file://").bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digits =
                    [rest.next(), rest.next()].map(|byte| char::from(byte.unwrap_or(b'0')));
                let number = u8::from_str_radix(&digits.iter().collect::<String>(), 16);
                bytes.push(number.expect("an encoded byte"));
            } else {
                bytes.push(byte);
            }
        }
        let path = PathBuf::from(String::from_utf8_lossy(&bytes).into_owned());
        path.strip_prefix(&self.root).map(Path::to_owned).unwrap_or(path)
    }

    fn step(&mut self, [action, which, place, more]: [u8; 4]) {
        let names: Vec<PathBuf> = self.disk.keys().chain(self.open.keys()).cloned().collect();
        let path = names[usize::from(which) % names.len()].clone();
        let document = json!({ "uri": self.uri(&path), "version": 1 });
        let saved = self.disk.get(&path).cloned().unwrap_or_default();
        let mut numbers = Numbers(u64::from(place) << 8 | u64::from(more));
        let position = json!({ "line": place, "character": more });
        match action % 6 {
            0 if !self.open.contains_key(&path) => {
                // An editor cannot show other files as text.
                let Ok(text) = String::from_utf8(saved) else { return };
                if text.starts_with('\u{feff}') {
                    return;
                }
                let document = json!({ "uri": self.uri(&path), "version": 0, "languageId": "xml", "text": text });
                self.open.insert(path, text);
                self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
            }
            1 | 2 => {
                let Some(text) = self.open.get(&path) else { return };
                let bytes = damaged(text.as_bytes(), &mut numbers);
                let new = String::from_utf8_lossy(&bytes).replace('\u{feff}', "");
                let change = json!({ "text": new });
                self.open.insert(path, new);
                self.notify(
                    "textDocument/didChange",
                    &json!({ "textDocument": document, "contentChanges": [change] }),
                );
            }
            3 if self.open.contains_key(&path) => {
                let text = self.open.remove(&path).unwrap_or_default();
                if more % 2 == 0 {
                    self.save(&path, text.as_bytes());
                }
                self.notify("textDocument/didClose", &json!({ "textDocument": document }));
            }
            4 if !self.open.contains_key(&path) => {
                if more % 4 == 0 {
                    self.disk.remove(&path);
                    let _ = std::fs::remove_file(self.root.join(&path));
                } else {
                    self.save(&path, &damaged(&saved, &mut numbers));
                }
                let changes = json!([{ "uri": document["uri"], "type": 2 }]);
                self.notify("workspace/didChangeWatchedFiles", &json!({ "changes": changes }));
            }
            _ => {
                let method = METHODS[usize::from(more) % METHODS.len()];
                let start = json!({ "line": 0, "character": 0 });
                let params = json!({
                    "textDocument": document,
                    "position": position,
                    "range": { "start": start, "end": position },
                    "context": { "diagnostics": [], "includeDeclaration": true },
                    "command": "sfcred.trace",
                    "arguments": [{ "credential": "Spoke_Org" }],
                    "previousResultIds": [],
                });
                self.request(method, &params);
            }
        }
    }

    /// Compares what is shown with a fresh run.
    fn compare(&mut self) {
        self.server.refresh();
        self.take();
        self.shown.retain(|_, found| !found.is_empty());
        let mut contents = self.disk.clone();
        contents
            .extend(self.open.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())));
        // Git and the walk of folders read this file on the disk.
        if let Some(bytes) = self.disk.get(Path::new(".gitignore")) {
            contents.insert(".gitignore".into(), bytes.clone());
        }
        contents.insert(".git/HEAD".into(), Vec::new());
        match fresh(&self.root, contents) {
            Ok(expected) => assert_eq!(self.shown, expected, "the server and lint differ"),
            // Findings are those of the last valid version.
            Err(Error::Config(ConfigError::Mistakes { name, mistakes, .. })) => {
                let shown = self.shown.get(Path::new(&name)).map_or(0, Vec::len);
                assert_eq!(shown, mistakes.len().min(100), "mistakes in {name}");
            }
            Err(_) => assert!(self.shown.is_empty(), "{:?}", self.shown),
        }
    }
}

fn fresh(root: &Path, contents: BTreeMap<PathBuf, Vec<u8>>) -> Result<Found, Error> {
    let mut options = Options::new(TODAY, root.to_owned());
    if let Some(bytes) = contents.get(Path::new("sfcred.toml")) {
        let rules: Vec<&str> =
            sfcred::internals::check::RULES.iter().map(|rule| rule.name).collect();
        options.read("sfcred.toml", &String::from_utf8_lossy(bytes), &rules)?;
    }
    let memory = Memory::new(root, contents);
    let mut files = discover_in(&memory, &[PathBuf::from(".")], &options)?;
    let analysis = analyze(&mut files, &options);
    let mut found = Found::new();
    for finding in &analysis.findings {
        let place = finding.primary.span;
        let source = files.sources.get(place.file);
        let help = finding.help.as_ref().map_or(String::new(), |help| format!("\nhelp: {help}"));
        let line = files.sources.position(place.file, place.start).line as u64 - 1;
        let path = source.path.strip_prefix(root).unwrap_or(&source.path).to_owned();
        found.entry(path).or_default().push((
            finding.rule.to_owned(),
            line,
            format!("{}{help}", finding.message),
        ));
    }
    Ok(found)
}
