//! An editor in memory: it keeps what the server says, and never waits.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sfcred::internals::lsp::Server;
use tempfile::TempDir;

use crate::common::cases::case;
use crate::common::{Files, TODAY, on_disk};

pub struct Editor {
    folder: TempDir,
    server: Server,
    requests: i32,
    version: i32,
    /// The diagnostics of each file, by its name in the folder. Files without any are absent.
    pub diagnostics: BTreeMap<String, Vec<Value>>,
    /// Everything that the server sent.
    pub log: Vec<Value>,
}

/// What current editors can do.
pub fn rich() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16"] },
        "textDocument": {
            "diagnostic": {},
            "codeAction": {
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } },
                "resolveSupport": { "properties": ["edit"] },
            },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "hover": { "contentFormat": ["markdown"] },
        },
        "workspace": {
            "diagnostics": { "refreshSupport": true },
            "codeLens": { "refreshSupport": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] },
        },
    })
}

/// An old editor that can only show what it is sent.
pub fn poor() -> Value {
    json!({})
}

impl Editor {
    /// Opens a case, such as `claim-missing/bad`.
    pub fn of(name: &str, capabilities: &Value) -> Editor {
        Editor::open_folder(&case(name).files(), capabilities)
    }

    pub fn open_folder(files: &Files, capabilities: &Value) -> Editor {
        let mut editor = Editor::start(files);
        let uri = editor.uri("");
        editor.initialize(
            &json!({ "capabilities": capabilities, "workspaceFolders": [{ "uri": uri, "name": "x" }] }),
        );
        editor
    }

    /// A server that is not initialized.
    pub fn start(files: &Files) -> Editor {
        let folder = on_disk(files);
        let server = Server::new(folder.path().to_owned(), TODAY);
        Editor {
            folder,
            server,
            requests: 0,
            version: 0,
            diagnostics: BTreeMap::new(),
            log: Vec::new(),
        }
    }

    pub fn initialize(&mut self, params: &Value) -> Value {
        let answer = self.request("initialize", params);
        self.notify("initialized", &json!({}));
        self.settle();
        answer
    }

    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.folder.path().to_owned() } else { self.folder.path().join(name) }
    }

    pub fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display()).replace(' ', "%20")
    }

    fn name(&self, uri: &str) -> String {
        let start = self.uri("") + "/";
        uri.strip_prefix(&start).unwrap_or(uri).replace("%20", " ")
    }

    pub fn receive(&mut self, message: &Value) {
        self.server.receive(message.to_string().as_bytes());
        self.take();
    }

    pub fn receive_bytes(&mut self, bytes: &[u8]) {
        self.server.receive(bytes);
        self.take();
    }

    fn take(&mut self) {
        for message in self.server.take_outbox() {
            if message["method"] == "textDocument/publishDiagnostics" {
                let name = self.name(message["params"]["uri"].as_str().unwrap());
                let found = message["params"]["diagnostics"].as_array().unwrap().clone();
                if found.is_empty() {
                    assert!(self.diagnostics.remove(&name).is_some(), "{name} had none");
                } else {
                    self.diagnostics.insert(name, found);
                }
            }
            self.log.push(message);
        }
    }

    /// The answer: a result, or an error with its code.
    pub fn request(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.receive(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self
            .log
            .iter()
            .rev()
            .find(|message| message["id"] == id && message.get("method").is_none());
        let answer = answer.unwrap_or_else(|| panic!("no answer to {method}"));
        answer.get("result").unwrap_or(&answer["error"]["code"]).clone()
    }

    pub fn notify(&mut self, method: &str, params: &Value) {
        self.receive(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// A pause, after which the server lints what changed.
    pub fn settle(&mut self) {
        self.server.refresh();
        self.take();
        assert!(!self.server.is_pending());
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Opens a file with its text on the disk.
    pub fn open(&mut self, name: &str) {
        let text = self.text(name);
        self.open_with(name, &text);
    }

    pub fn open_with(&mut self, name: &str, text: &str) {
        let uri = self.uri(name);
        self.open_uri(&uri, text);
        self.settle();
    }

    pub fn open_uri(&mut self, uri: &str, text: &str) {
        self.version += 1;
        let document =
            json!({ "uri": uri, "languageId": "xml", "version": self.version, "text": text });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    /// Replaces the whole text of an open file.
    pub fn edit(&mut self, name: &str, text: &str) {
        self.change(name, &json!({ "text": text }));
        self.settle();
    }

    pub fn change(&mut self, name: &str, change: &Value) {
        self.version += 1;
        let document = json!({ "uri": self.uri(name), "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.notify("textDocument/didChange", &params);
    }

    pub fn close(&mut self, name: &str) {
        let params = json!({ "textDocument": { "uri": self.uri(name) } });
        self.notify("textDocument/didClose", &params);
        self.settle();
    }

    /// A file that another program wrote or removed.
    pub fn changed_on_disk(&mut self, name: &str) {
        let kind = if self.path(name).exists() { 2 } else { 3 };
        let params = json!({ "changes": [{ "uri": self.uri(name), "type": kind }] });
        self.notify("workspace/didChangeWatchedFiles", &params);
        self.settle();
    }

    /// The rules of all diagnostics, with their files.
    pub fn rules(&self) -> Vec<(String, String)> {
        let of = |(name, found): (&String, &Vec<Value>)| {
            let rule = |one: &Value| (name.clone(), one["code"].as_str().unwrap_or("-").to_owned());
            found.iter().map(rule).collect::<Vec<_>>()
        };
        self.diagnostics.iter().flat_map(of).collect()
    }

    pub fn has(&self, rule: &str) -> bool {
        self.rules().iter().any(|(_, found)| found == rule)
    }

    /// The file of the folder whose name ends so.
    pub fn file_ending(&self, end: &str) -> String {
        let files = crate::common::files_below(self.folder.path());
        let found = files.iter().find(|path| path.to_string_lossy().ends_with(end));
        let found = found.unwrap_or_else(|| panic!("no file ends with {end}"));
        let inside = found.strip_prefix(self.folder.path()).unwrap();
        inside.to_string_lossy().into_owned()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
