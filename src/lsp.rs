//! The language server: the findings, fixes and explanations of `sfcred lint` in an editor.
//!
//! One loop handles one message after the other, so that edits cannot be reordered. Changes are linted when the client
//! pauses, or when it asks for something that depends on them.

mod actions;
mod completion;
mod diagnostics;
mod explanations;
mod names;
mod place;
mod project;
mod wire;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use gen_lsp_types::{
    CodeActionParams, CodeLensParams, CompletionParams, DefinitionParams, Diagnostic,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DocumentDiagnosticParams,
    DocumentSymbolParams, ExecuteCommandParams, HoverParams, Location, Position,
    PublishDiagnosticsParams, ReferenceParams, TextDocumentContentChangeEvent,
    TextDocumentPositionParams, Uri,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::Date;

use crate::discover::{self, Disk};
use crate::explain::{self, Topic};
use crate::source::FileId;
use crate::{mask, report};
use actions::{Asked, Edits, Offer};
use diagnostics::{Diagnostics, Places, diagnostics};
use names::Mention;
use place::{Encoding, Lines};
use project::{Buffers, Project, Run};
use wire::Incoming;

/// Edits are linted when nothing was typed for this long.
const PAUSE: Duration = Duration::from_millis(150);
/// Without a pause, they are linted after so many.
const MAX_EDITS: usize = 50;
/// Messages that wait to be handled; more stay in the pipe.
const MAX_WAITING: usize = 1_000;

/// Serves one client until it says `exit` or closes the input. Returns whether it ended as the protocol demands.
///
/// # Errors
/// The output is closed, or no thread can be started.
pub fn serve(
    input: Box<dyn Read + Send>,
    out: &mut dyn Write,
    working_directory: PathBuf,
    today: Date,
) -> io::Result<bool> {
    let (sender, receiver) = mpsc::sync_channel(MAX_WAITING);
    thread::Builder::new()
        .name("messages".to_owned())
        .spawn(move || wire::read_all(input, &sender))?;
    let mut server = Server::new(working_directory, today);
    let mut waiting = VecDeque::new();
    loop {
        let received = match waiting.is_empty() {
            false => receiver.try_recv().ok(),
            true if server.is_pending() => match receiver.recv_timeout(PAUSE) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
            },
            true => match receiver.recv() {
                Ok(message) => Some(message),
                Err(_) => return Ok(false),
            },
        };
        let mut received = received;
        while let Some(message) = received {
            admit(&mut waiting, message);
            received = (waiting.len() < MAX_WAITING).then(|| receiver.try_recv().ok()).flatten();
        }
        match waiting.pop_front() {
            Some(message) => server.handle(message),
            None => server.refresh(),
        }
        for message in server.take_outbox() {
            wire::write(message, out)?;
        }
        if let Some(is_orderly) = server.ended {
            return Ok(is_orderly);
        }
    }
}

/// Adds a message to those that wait; one that cancels a request replaces it.
fn admit(waiting: &mut VecDeque<Incoming>, message: Incoming) {
    let Incoming::Message(cancel) = &message else { return waiting.push_back(message) };
    let Some(id) = wire::cancelled(cancel) else { return waiting.push_back(message) };
    let is_meant = |other: &&mut Incoming| matches!(other, Incoming::Message(Message::Request(request)) if request.id == id);
    if let Some(request) = waiting.iter_mut().find(is_meant) {
        let id = serde_json::to_value(&id).unwrap_or_default();
        *request = Incoming::Malformed(id, ErrorCode::RequestCanceled, "the request was cancelled");
    }
}

/// What the client can do.
#[derive(Debug, Default)]
struct Client {
    encoding: Encoding,
    /// Pulls the diagnostics of open documents, and supports requests to refresh them.
    pulls: bool,
    registers_watchers: bool,
    refreshes_lenses: bool,
    /// Takes versions of documents with edits.
    takes_document_changes: bool,
    creates_files: bool,
    /// Takes edits with actions; otherwise only commands.
    takes_actions: bool,
    nests_symbols: bool,
    /// Shows the Markdown that a command returns.
    shows_results: bool,
}

impl Client {
    fn new(params: &Value) -> Client {
        let has = |path: &str| params.pointer(&format!("/capabilities{path}"));
        let is_true = |path: &str| has(path) == Some(&Value::Bool(true));
        let encodings = has("/general/positionEncodings").and_then(Value::as_array);
        let has_utf8 = encodings.is_some_and(|all| all.iter().any(|encoding| encoding == "utf-8"));
        Client {
            encoding: if has_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            pulls: has("/textDocument/diagnostic").is_some_and(Value::is_object)
                && is_true("/workspace/diagnostics/refreshSupport"),
            registers_watchers: is_true("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            refreshes_lenses: is_true("/workspace/codeLens/refreshSupport"),
            takes_document_changes: is_true("/workspace/workspaceEdit/documentChanges"),
            creates_files: is_true("/workspace/workspaceEdit/documentChanges")
                && has("/workspace/workspaceEdit/resourceOperations")
                    .and_then(Value::as_array)
                    .is_some_and(|all| all.iter().any(|operation| operation == "create")),
            takes_actions: has("/textDocument/codeAction/codeActionLiteralSupport")
                .is_some_and(Value::is_object),
            nests_symbols: is_true(
                "/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport",
            ),
            shows_results: params.pointer("/initializationOptions/showsResults")
                == Some(&Value::Bool(true)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

/// The state of the server. It handles a message without waiting for anything but files.
pub struct Server {
    working_directory: PathBuf,
    today: Date,
    phase: Phase,
    client: Client,
    /// The workspace has folders, so that files outside of them do not belong to it.
    has_folders: bool,
    projects: Vec<Project>,
    buffers: Buffers,
    /// The URI of each open document as the client writes it, and its version.
    open: BTreeMap<PathBuf, (Uri, i32)>,
    changed: BTreeSet<PathBuf>,
    /// Changes since the last run.
    edits: usize,
    is_stale: bool,
    current: Diagnostics,
    /// What the client was sent.
    pushed: Diagnostics,
    last_failure: Option<String>,
    outbox: Vec<Value>,
    requests: i32,
    ended: Option<bool>,
}

type Answer = Result<Value, (ErrorCode, String)>;

impl Server {
    pub fn new(working_directory: PathBuf, today: Date) -> Server {
        Server {
            working_directory,
            today,
            phase: Phase::New,
            client: Client::default(),
            has_folders: false,
            projects: Vec::new(),
            buffers: Buffers::new(),
            open: BTreeMap::new(),
            changed: BTreeSet::new(),
            edits: 0,
            is_stale: false,
            current: Diagnostics::new(),
            pushed: Diagnostics::new(),
            last_failure: None,
            outbox: Vec::new(),
            requests: 0,
            ended: None,
        }
    }

    /// Handles the JSON of one message.
    pub fn receive(&mut self, body: &[u8]) {
        self.handle(wire::parsed(body));
    }

    /// The messages for the client since the last call.
    pub fn take_outbox(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.outbox)
    }

    /// Whether changes wait to be linted.
    pub fn is_pending(&self) -> bool {
        self.is_stale || !self.changed.is_empty()
    }

    fn handle(&mut self, message: Incoming) {
        match message {
            Incoming::Malformed(id, code, reason) => {
                self.outbox.push(wire::refusal(&id, code, reason));
            }
            Incoming::Message(Message::Request(request)) => {
                let Request { id, method, params } = request;
                let answer = self.answer(&method, params);
                self.respond(&id, answer);
            }
            Incoming::Message(Message::Notification(notification)) => {
                self.note(notification);
                if self.edits >= MAX_EDITS {
                    self.refresh();
                }
            }
            Incoming::Message(Message::Response(_)) => {}
        }
    }

    fn respond(&mut self, id: &RequestId, answer: Answer) {
        self.outbox.push(match answer {
            Ok(result) => json!({ "id": id, "result": result }),
            Err((code, reason)) => {
                let id = serde_json::to_value(id).unwrap_or_default();
                wire::refusal(&id, code, &reason)
            }
        });
    }

    fn notify(&mut self, method: &str, params: &impl serde::Serialize) {
        self.outbox.push(json!({ "method": method, "params": params }));
    }

    fn request(&mut self, method: &str, params: &Value) {
        self.requests = self.requests.wrapping_add(1);
        self.outbox.push(json!({ "id": self.requests, "method": method, "params": params }));
    }

    fn answer(&mut self, method: &str, params: Value) -> Answer {
        match (self.phase, method) {
            (Phase::New, "initialize") => return Ok(self.initialize(&params)),
            (Phase::New, _) => {
                return Err((ErrorCode::ServerNotInitialized, "`initialize` comes first".into()));
            }
            (Phase::ShutDown, _) => {
                return Err((ErrorCode::InvalidRequest, "the server is shut down".into()));
            }
            (Phase::Running, _) => {}
        }
        match method {
            "initialize" => Err((ErrorCode::InvalidRequest, "already initialized".into())),
            "shutdown" => {
                self.phase = Phase::ShutDown;
                Ok(Value::Null)
            }
            "textDocument/diagnostic" => self.document_diagnostics(&read(params)?),
            "workspace/diagnostic" => Ok(self.workspace_diagnostics()),
            "textDocument/hover" => self.hover(&read(params)?),
            "textDocument/definition" => self.definition(&read(params)?),
            "textDocument/references" => self.references(&read(params)?),
            "textDocument/documentSymbol" => self.symbols(&read(params)?),
            "textDocument/codeLens" => self.lenses(&read(params)?),
            "textDocument/codeAction" => self.actions(&read(params)?),
            "textDocument/completion" => self.completion(&read(params)?),
            "workspace/executeCommand" => self.execute(&read(params)?),
            _ => Err((ErrorCode::MethodNotFound, "the server does not support this".into())),
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.phase = Phase::Running;
        self.client = Client::new(params);
        let of = |folder: &Value| folder.get("uri").and_then(Value::as_str).and_then(place::path);
        let folders = params.get("workspaceFolders").and_then(Value::as_array);
        let mut roots: Vec<PathBuf> = folders.into_iter().flatten().filter_map(of).collect();
        if folders.is_none() {
            let root = params.get("rootUri").and_then(Value::as_str).and_then(place::path);
            let path = params.get("rootPath").and_then(Value::as_str);
            let path = path.map(|path| self.working_directory.join(path));
            roots.extend(root.or(path.filter(|path| path.is_absolute())));
        }
        self.has_folders = !roots.is_empty();
        self.open_folders(roots);
        let encoding = match self.client.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
        };
        let mut capabilities = json!({
            "positionEncoding": encoding,
            "textDocumentSync": { "openClose": true, "change": 2 },
            "hoverProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "documentSymbolProvider": true,
            "codeLensProvider": {},
            "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll.sfcred"] },
            "completionProvider": { "triggerCharacters": [":", "<", ">", "(", "\"", " ", "-"] },
            "executeCommandProvider": { "commands": COMMANDS },
            "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
        });
        if self.client.pulls {
            let options = json!({
                "identifier": "sfcred",
                "interFileDependencies": true,
                "workspaceDiagnostics": false,
            });
            capabilities["diagnosticProvider"] = options;
        }
        let info = json!({ "name": "sfcred", "version": report::VERSION });
        json!({ "capabilities": capabilities, "serverInfo": info })
    }

    /// Adds folders to the workspace. A folder inside of another is part of it.
    fn open_folders(&mut self, roots: Vec<PathBuf>) {
        let mut all: BTreeSet<PathBuf> =
            self.projects.iter().map(|project| project.root.clone()).collect();
        all.extend(roots);
        let outer: Vec<PathBuf> = all
            .iter()
            .filter(|root| !root.ancestors().skip(1).any(|above| all.contains(above)))
            .cloned()
            .collect();
        self.projects.retain(|project| outer.contains(&project.root));
        for root in outer {
            if !self.projects.iter().any(|project| project.root == root) {
                self.projects.push(Project::folder(root, self.today));
                self.is_stale = true;
            }
        }
    }

    fn note(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        if method == "exit" {
            self.ended = Some(self.phase == Phase::ShutDown);
            return;
        }
        if self.phase != Phase::Running {
            return;
        }
        // A notification has no answer, so that a malformed one can only be ignored.
        let _ = match method.as_str() {
            "initialized" => {
                self.register_watchers();
                Ok(())
            }
            "textDocument/didOpen" => read(params).map(|params| self.did_open(params)),
            "textDocument/didChange" => read(params).map(|params| self.did_change(params)),
            "textDocument/didClose" => read(params).map(|params| self.did_close(&params)),
            "workspace/didChangeWatchedFiles" => read(params).map(|params| self.watched(params)),
            "workspace/didChangeWorkspaceFolders" => {
                read(params).map(|params| self.folders_changed(params))
            }
            _ => Ok(()),
        };
    }

    fn register_watchers(&mut self) {
        if !self.client.registers_watchers {
            return;
        }
        let watchers: Vec<Value> =
            WATCHED.iter().map(|pattern| json!({ "globPattern": pattern })).collect();
        let registration = json!({
            "id": "sfcred-files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        self.request("client/registerCapability", &json!({ "registrations": [registration] }));
    }

    fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = place::path(&document.uri.0) else { return };
        if !self.has_folders && !self.projects.iter().any(|project| project.covers(&path)) {
            let disk = Disk::new(&[], &self.working_directory, &[]);
            self.projects.push(match discover::project_around(&disk, &path) {
                Some(root) => Project::folder(root, self.today),
                None => Project::single_file(&path, self.today),
            });
            self.is_stale = true;
        }
        self.open.insert(path.clone(), (document.uri, document.version));
        self.edited(path, document.text);
    }

    fn edited(&mut self, path: PathBuf, text: String) {
        self.buffers.insert(path.clone(), text);
        self.changed.insert(path);
        self.edits += 1;
    }

    fn did_change(&mut self, params: DidChangeTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = place::path(&document.text_document_identifier.uri.0) else { return };
        let Some(mut text) = self.buffers.get(&path).cloned() else { return };
        for change in params.content_changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let lines = Lines::new(&text, self.client.encoding);
                    let start = lines.offset(&text, part.range.start);
                    let end = lines.offset(&text, part.range.end).max(start);
                    text.replace_range(start..end, &part.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    text = whole.text;
                }
            }
        }
        if let Some((_, version)) = self.open.get_mut(&path) {
            *version = document.version;
        }
        self.edited(path, text);
    }

    fn did_close(&mut self, params: &DidCloseTextDocumentParams) {
        let Some(path) = place::path(&params.text_document.uri.0) else { return };
        self.open.remove(&path);
        if self.buffers.remove(&path).is_some() {
            self.changed.insert(path);
        }
    }

    fn watched(&mut self, params: DidChangeWatchedFilesParams) {
        let paths = params.changes.iter().filter_map(|change| place::path(&change.uri.0));
        // What is open is as its buffer.
        let closed: Vec<PathBuf> = paths.filter(|path| !self.buffers.contains_key(path)).collect();
        self.changed.extend(closed);
    }

    fn folders_changed(&mut self, params: DidChangeWorkspaceFoldersParams) {
        let path = |uri: &Uri| place::path(&uri.0);
        let event = params.event;
        let removed: Vec<PathBuf> =
            event.removed.iter().filter_map(|folder| path(&folder.uri)).collect();
        self.projects.retain(|project| !removed.contains(&project.root));
        self.has_folders = true;
        self.open_folders(event.added.iter().filter_map(|folder| path(&folder.uri)).collect());
        self.is_stale = true;
    }

    /// Lints what changed, and sends what is new.
    pub fn refresh(&mut self) {
        if !self.is_pending() {
            return;
        }
        let changed = std::mem::take(&mut self.changed);
        self.is_stale = false;
        self.edits = 0;
        for project in &mut self.projects {
            project.update(&changed, &self.buffers);
        }
        self.publish();
    }

    fn publish(&mut self) {
        let mut all = Diagnostics::new();
        for project in &self.projects {
            for (path, found) in diagnostics(project, self.client.encoding) {
                all.entry(path).or_default().extend(found);
            }
        }
        let is_pulled = |path: &PathBuf| self.client.pulls && self.open.contains_key(path);
        let pulled_changed =
            self.open.keys().any(|path| is_pulled(path) && all.get(path) != self.current.get(path));
        let wanted: Diagnostics = all
            .iter()
            .filter(|(path, _)| !is_pulled(path))
            .map(|(path, found)| (path.clone(), found.clone()))
            .collect();
        let has_changed = all != self.current;
        self.current = all;
        let before = std::mem::replace(&mut self.pushed, wanted);
        let now = self.pushed.clone();
        for path in before.keys().filter(|path| !now.contains_key(*path)) {
            self.push(path, Vec::new());
        }
        for (path, found) in now {
            if before.get(&path) != Some(&found) {
                self.push(&path, found);
            }
        }
        if pulled_changed {
            self.request("workspace/diagnostic/refresh", &Value::Null);
        }
        if has_changed && self.client.refreshes_lenses {
            self.request("workspace/codeLens/refresh", &Value::Null);
        }
        self.report_failure();
    }

    fn push(&mut self, path: &PathBuf, found: Vec<Diagnostic>) {
        let (uri, version) = match self.open.get(path) {
            Some((uri, version)) => (uri.clone(), Some(*version)),
            None => (Uri(place::uri(path)), None),
        };
        let params = PublishDiagnosticsParams::new(uri, version, found);
        self.notify("textDocument/publishDiagnostics", &params);
    }

    /// Shows why a folder could not be linted, once per reason.
    fn report_failure(&mut self) {
        let failure = self.projects.iter().find_map(|project| project.failure.clone());
        if failure != self.last_failure
            && let Some(failure) = &failure
        {
            let message = format!("sfcred: {}", mask::typed(failure));
            self.notify("window/showMessage", &json!({ "type": 1, "message": message }));
        }
        self.last_failure = failure;
    }

    fn document_diagnostics(&mut self, params: &DocumentDiagnosticParams) -> Answer {
        self.refresh();
        let path = place::path(&params.text_document.uri.0);
        let items = path.and_then(|path| self.current.get(&path));
        Ok(json!({ "kind": "full", "items": items.map_or(&[][..], Vec::as_slice) }))
    }

    fn workspace_diagnostics(&mut self) -> Value {
        self.refresh();
        let item = |(path, found): (&PathBuf, &Vec<Diagnostic>)| {
            let (uri, version) = match self.open.get(path) {
                Some((uri, version)) => (uri.clone(), Some(*version)),
                None => (Uri(place::uri(path)), None),
            };
            json!({ "kind": "full", "uri": uri, "version": version, "items": found })
        };
        json!({ "items": self.current.iter().map(item).collect::<Vec<_>>() })
    }
}

/// Requests about a place.
impl Server {
    /// The project of a document, and the file in its run.
    fn find(&self, uri: &Uri) -> Option<(PathBuf, &Project, &Run, FileId)> {
        let path = place::path(&uri.0)?;
        self.projects.iter().find_map(|project| {
            let run = project.run.as_ref()?;
            Some((path.clone(), project, run, run.file(&path)?))
        })
    }

    fn offset(&self, run: &Run, file: FileId, position: Position) -> usize {
        let text = run.report.sources.get(file).text();
        Lines::new(text, self.client.encoding).offset(text, position)
    }

    fn places<'r>(&self, run: &'r Run) -> Places<'r> {
        Places::new(&run.report.sources, self.client.encoding)
    }

    fn hover(&mut self, params: &HoverParams) -> Answer {
        self.refresh();
        let at = &params.text_document_position_params;
        let Some((_, _, run, file)) = self.find(&at.text_document.uri) else {
            return Ok(Value::Null);
        };
        let offset = self.offset(run, file, at.position);
        let Some((text, place)) = explanations::hover(run, file, offset) else {
            return Ok(Value::Null);
        };
        let range = self.places(run).range(place);
        Ok(json!({ "contents": { "kind": "markdown", "value": text }, "range": range }))
    }

    /// The mentions of what the place mentions.
    fn mentions(
        &mut self,
        at: &TextDocumentPositionParams,
        wanted: fn(&Mention) -> bool,
    ) -> Answer {
        self.refresh();
        let Some((_, _, run, file)) = self.find(&at.text_document.uri) else {
            return Ok(json!([]));
        };
        let all = names::mentions(&run.report.workspace);
        let here = names::at(&all, file, self.offset(run, file, at.position));
        let mut places = self.places(run);
        let is_meant = |mention: &&Mention| {
            wanted(mention) && here.iter().any(|other| other.thing == mention.thing)
        };
        let mut found: Vec<Location> =
            all.iter().filter(is_meant).map(|mention| places.location(mention.span)).collect();
        found.dedup();
        Ok(json!(found))
    }

    fn definition(&mut self, params: &DefinitionParams) -> Answer {
        self.mentions(&params.text_document_position_params, |mention| mention.is_definition)
    }

    fn references(&mut self, params: &ReferenceParams) -> Answer {
        let wanted: fn(&Mention) -> bool = match params.context.include_declaration {
            true => |_| true,
            false => |mention| !mention.is_definition,
        };
        self.mentions(&params.text_document_position_params, wanted)
    }

    fn symbols(&mut self, params: &DocumentSymbolParams) -> Answer {
        self.refresh();
        let uri = &params.text_document.uri;
        let Some((_, _, run, file)) = self.find(uri) else { return Ok(json!([])) };
        let symbols = explanations::symbols(run, file, &mut self.places(run));
        if self.client.nests_symbols {
            return Ok(json!(symbols));
        }
        let flat = symbols
            .iter()
            .flat_map(|symbol| std::iter::once(symbol).chain(symbol.children.iter().flatten()));
        let flat = flat.map(|symbol| {
            let location = Location::new(uri.clone(), symbol.selection_range);
            json!({ "name": symbol.name, "kind": symbol.kind, "location": location })
        });
        Ok(flat.collect())
    }

    fn lenses(&mut self, params: &CodeLensParams) -> Answer {
        self.refresh();
        let Some((_, _, run, file)) = self.find(&params.text_document.uri) else {
            return Ok(json!([]));
        };
        Ok(json!(explanations::lenses(run, file, &mut self.places(run))))
    }

    fn completion(&mut self, params: &CompletionParams) -> Answer {
        let at = &params.text_document_position_params;
        self.refresh();
        let Some(path) = place::path(&at.text_document.uri.0) else { return Ok(json!([])) };
        let Some(text) = self.buffers.get(&path) else { return Ok(json!([])) };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let encoding = self.client.encoding;
        let offset = Lines::new(text, encoding).offset(text, at.position);
        let run = self.projects.iter().find(|project| project.covers(&path));
        let run = run.and_then(|project| project.run.as_ref());
        let file = run.and_then(|run| run.file(&path));
        Ok(json!(completion::completion(run, file, &name, text, offset, encoding)))
    }

    fn actions(&mut self, params: &CodeActionParams) -> Answer {
        self.refresh();
        let Some((_, project, run, file)) = self.find(&params.text_document.uri) else {
            return Ok(json!([]));
        };
        let start = self.offset(run, file, params.range.start);
        let end = self.offset(run, file, params.range.end);
        let only: Option<Vec<String>> = params
            .context
            .only
            .as_ref()
            .map(|kinds| kinds.iter().cloned().map(String::from).collect());
        // `source` asks for `source.fixAll.sfcred` as well.
        let wants = |kind: &str| {
            only.as_ref().is_none_or(|kinds| {
                kinds.iter().any(|asked| {
                    asked.is_empty()
                        || kind == asked
                        || kind
                            .strip_prefix(asked.as_str())
                            .is_some_and(|rest| rest.starts_with('.'))
                })
            })
        };
        let asked = Asked {
            project,
            run,
            buffers: &self.buffers,
            encoding: self.client.encoding,
            file,
            bytes: start..end.max(start),
            wants: &wants,
            creates_files: self.client.creates_files,
        };
        Ok(asked.offers().into_iter().map(|offer| self.action(offer)).collect())
    }

    /// An action in the form that the client takes.
    fn action(&self, offer: Offer) -> Value {
        let Offer { action, edits, created } = offer;
        let edit = self.workspace_edit(&edits, created.as_ref());
        if self.client.takes_actions {
            let mut action = json!(action);
            action["edit"] = edit;
            return action;
        }
        json!({ "title": action.title, "command": APPLY, "arguments": [edit] })
    }

    fn workspace_edit(&self, edits: &Edits, created: Option<&PathBuf>) -> Value {
        let uri = |path: &PathBuf| match self.open.get(path) {
            Some((uri, _)) => uri.0.clone(),
            None => place::uri(path),
        };
        if !self.client.takes_document_changes {
            let changes: serde_json::Map<String, Value> =
                edits.iter().map(|(path, edits)| (uri(path), json!(edits))).collect();
            return json!({ "changes": changes });
        }
        let create = created.map(|path| {
            json!({ "kind": "create", "uri": uri(path), "options": { "ignoreIfExists": true } })
        });
        let changes = edits.iter().map(|(path, edits)| {
            let version = self.open.get(path).map(|(_, version)| *version);
            json!({ "textDocument": { "uri": uri(path), "version": version }, "edits": edits })
        });
        json!({ "documentChanges": create.into_iter().chain(changes).collect::<Vec<_>>() })
    }

    fn execute(&mut self, params: &ExecuteCommandParams) -> Answer {
        self.refresh();
        let argument = params.arguments.as_deref().and_then(<[Value]>::first);
        let text = |key: &str| {
            let argument = argument?;
            let text = argument.get(key).or_else(|| Some(argument).filter(|one| one.is_string()));
            text.and_then(Value::as_str)
        };
        let missing = || (ErrorCode::InvalidParams, "an argument is missing".to_owned());
        let result = match params.command.as_str() {
            explanations::TRACE => {
                let credential = text("credential").ok_or_else(missing)?;
                let org = argument.and_then(|one| one.get("org")).and_then(Value::as_str);
                self.trace(credential, org)?
            }
            EXPLAIN => {
                let topic = explain::topic(text("name").ok_or_else(missing)?);
                match topic.map_err(|error| failed(&error.to_string()))? {
                    Topic::Rule(rule) => explanations::rule(rule),
                    Topic::Answer(answer) => explanations::answer(answer),
                }
            }
            DIAGNOSE => {
                let log = text("log").ok_or_else(missing)?;
                let run = self.projects.iter().find_map(|project| project.run.as_ref());
                explanations::diagnosis(run, log).map_err(|reason| failed(&reason))?
            }
            LINT => {
                self.is_stale = true;
                self.projects.iter_mut().for_each(Project::forget);
                self.refresh();
                let counts: usize = self.current.values().map(Vec::len).sum();
                format!("{counts} {}", if counts == 1 { "finding" } else { "findings" })
            }
            APPLY => {
                let edit = argument.cloned().ok_or_else(missing)?;
                self.request("workspace/applyEdit", &json!({ "edit": edit }));
                return Ok(Value::Null);
            }
            _ => return Err((ErrorCode::InvalidParams, "unknown command".to_owned())),
        };
        if !self.client.shows_results {
            self.notify("window/showMessage", &json!({ "type": 3, "message": result }));
        }
        Ok(Value::String(result))
    }

    fn trace(&self, credential: &str, org: Option<&str>) -> Result<String, (ErrorCode, String)> {
        let mut failure = "no files to trace in".to_owned();
        for run in self.projects.iter().filter_map(|project| project.run.as_ref()) {
            match explanations::traces(run, credential, org) {
                Ok(text) => return Ok(text),
                Err(reason) => failure = reason,
            }
        }
        Err(failed(&failure))
    }
}

fn failed(reason: &str) -> (ErrorCode, String) {
    (ErrorCode::RequestFailed, mask::typed(reason))
}

const EXPLAIN: &str = "sfcred.explain";
const DIAGNOSE: &str = "sfcred.diagnose";
const LINT: &str = "sfcred.lint";
/// For clients that take no edits with actions.
const APPLY: &str = "sfcred.apply";
const COMMANDS: &[&str] = &[explanations::TRACE, EXPLAIN, DIAGNOSE, LINT, APPLY];

/// The files whose changes on disk matter, by globs of the protocol.
const WATCHED: &[&str] = &[
    "**/*-meta.xml",
    "**/{sfcred.yaml,sfcred.yml,sfcred.toml,.forceignore,.gitignore,sfdx-project.json,package.xml}",
    "**/*.{crt,cls,trigger,apex,key,pem,json,zip}",
    "**/*.{namedCredential,externalCredential,connectedApp,permissionset,profile,authprovider}",
];

fn read<T: DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    // The reason could quote the parameters.
    serde_json::from_value(params)
        .map_err(|_| (ErrorCode::InvalidParams, "the parameters are not valid".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(id: i32) -> Incoming {
        let request = Request { id: id.into(), method: "x".to_owned(), params: Value::Null };
        Incoming::Message(Message::Request(request))
    }

    #[test]
    fn a_cancelled_request_that_waits_is_answered_as_cancelled() {
        let mut waiting = VecDeque::from([request(1), request(2)]);
        for id in [2, 3] {
            let cancel = Notification::new("$/cancelRequest".to_owned(), json!({ "id": id }));
            admit(&mut waiting, Incoming::Message(Message::Notification(cancel)));
        }
        assert!(matches!(&waiting[0], Incoming::Message(Message::Request(_))));
        assert!(
            matches!(&waiting[1], Incoming::Malformed(id, ErrorCode::RequestCanceled, _) if *id == 2)
        );
        // A cancellation of a request that does not wait comes too late.
        assert_eq!(waiting.len(), 2);
    }
}
