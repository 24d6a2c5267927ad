//! The Model Context Protocol on standard input and output: one JSON message per line. What a tool does is an input.

use std::io::{self, BufRead, Read, Write};

use serde_json::{Value, json};

/// The newest version that is known, and the older ones that differ in nothing that is used here.
const VERSIONS: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// The length of a message. A log can be pasted into one.
const MAX_MESSAGE: u64 = 8 << 20;

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// A tool as it is described to clients. All tools are read-only.
pub struct Tool {
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// The JSON Schema of its arguments.
    pub arguments: Value,
}

/// The result of a tool call.
pub struct Answer {
    pub text: String,
    pub structured: Option<Value>,
    pub is_error: bool,
}

impl Answer {
    pub fn error(text: impl Into<String>) -> Answer {
        Answer { text: text.into(), structured: None, is_error: true }
    }
}

/// The name, instructions and tools that clients see.
pub struct Server<'a> {
    pub version: &'static str,
    pub instructions: &'static str,
    pub tools: &'a [Tool],
}

impl Server<'_> {
    /// Answers messages until the input ends.
    ///
    /// # Errors
    /// The input cannot be read, or the output cannot be written.
    pub fn serve(
        &self,
        input: &mut dyn BufRead,
        out: &mut dyn Write,
        call: &mut dyn FnMut(&str, &Value) -> Answer,
    ) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            line.clear();
            if (&mut *input).take(MAX_MESSAGE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            let reply = if line.len() as u64 == MAX_MESSAGE && !line.ends_with(b"\n") {
                skip_line(input)?;
                Some(failure(&Value::Null, PARSE_ERROR, "the message is longer than 8 MB"))
            } else if line.trim_ascii().is_empty() {
                None
            } else {
                match serde_json::from_slice(&line) {
                    Ok(message) => self.reply(&message, call),
                    Err(_) => Some(failure(&Value::Null, PARSE_ERROR, "the message is not JSON")),
                }
            };
            if let Some(reply) = reply {
                serde_json::to_writer(&mut *out, &reply)?;
                out.write_all(b"\n")?;
                out.flush()?;
            }
        }
    }

    fn reply(
        &self,
        message: &Value,
        call: &mut dyn FnMut(&str, &Value) -> Answer,
    ) -> Option<Value> {
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            // A response needs no reply.
            let is_response = message.get("result").or(message.get("error")).is_some();
            return (!is_response)
                .then(|| failure(&Value::Null, INVALID_REQUEST, "the message is not a request"));
        };
        // A notification has no `id` and gets no answer.
        let id = message.get("id")?;
        if !(id.is_string() || id.is_number()) {
            return Some(failure(&Value::Null, INVALID_REQUEST, "`id` is not a string or number"));
        }
        let nothing = json!({});
        let params = message.get("params").unwrap_or(&nothing);
        Some(match method {
            "initialize" => success(id, self.initialize(params)),
            "ping" => success(id, json!({})),
            "tools/list" => success(id, json!({ "tools": self.list() })),
            "tools/call" => self.call(id, params, call),
            _ => failure(id, METHOD_NOT_FOUND, "the method is not supported"),
        })
    }

    fn initialize(&self, params: &Value) -> Value {
        let asked = params.get("protocolVersion").and_then(Value::as_str);
        let version =
            VERSIONS.iter().find(|version| Some(**version) == asked).unwrap_or(&VERSIONS[0]);
        json!({
            "protocolVersion": version,
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "sfcred", "title": "sfcred", "version": self.version },
            "instructions": self.instructions,
        })
    }

    fn list(&self) -> Vec<Value> {
        let tool = |tool: &Tool| {
            json!({
                "name": tool.name,
                "title": tool.title,
                "description": tool.description,
                "inputSchema": tool.arguments,
                "annotations": {
                    "title": tool.title,
                    "readOnlyHint": true,
                    "destructiveHint": false,
                    "idempotentHint": true,
                    "openWorldHint": false,
                },
            })
        };
        self.tools.iter().map(tool).collect()
    }

    fn call(
        &self,
        id: &Value,
        params: &Value,
        call: &mut dyn FnMut(&str, &Value) -> Answer,
    ) -> Value {
        let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
        let Some(tool) = self.tools.iter().find(|tool| tool.name == name) else {
            return failure(id, INVALID_PARAMS, "unknown tool");
        };
        let nothing = json!({});
        let answer = match params.get("arguments").unwrap_or(&nothing) {
            arguments @ Value::Object(_) => match mistake(tool, arguments) {
                Some(mistake) => Answer::error(mistake),
                None => call(name, arguments),
            },
            _ => return failure(id, INVALID_PARAMS, "`arguments` is not an object"),
        };
        let mut result = json!({
            "content": [{ "type": "text", "text": answer.text }],
            "isError": answer.is_error,
        });
        if let Some(structured) = answer.structured {
            result["structuredContent"] = structured;
        }
        success(id, result)
    }
}

/// What is wrong with the arguments of a tool: names, types and limits are those of its schema.
fn mistake(tool: &Tool, arguments: &Value) -> Option<String> {
    let properties = tool.arguments["properties"].as_object()?;
    for (name, value) in arguments.as_object()? {
        let Some(schema) = properties.get(name) else {
            let known: Vec<&str> = properties.keys().map(String::as_str).collect();
            return Some(format!(
                "`{}` has no such argument; its arguments are {}",
                tool.name,
                known.join(", ")
            ));
        };
        let is_right = match schema["type"].as_str() {
            Some("array") => {
                value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
            }
            Some("integer") => value.as_u64().is_some_and(|number| {
                schema["minimum"].as_u64().is_none_or(|limit| number >= limit)
                    && schema["maximum"].as_u64().is_none_or(|limit| number <= limit)
            }),
            _ => value.is_string(),
        };
        if !is_right {
            return Some(format!(
                "`{name}` is not valid: {}",
                schema["description"].as_str().unwrap_or_default()
            ));
        }
    }
    let required = tool.arguments["required"].as_array()?;
    required
        .iter()
        .filter_map(Value::as_str)
        .find(|name| arguments.get(name).is_none())
        .map(|name| format!("`{name}` is missing"))
}

fn success(id: &Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn failure(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// Reads to the end of a line without keeping it.
fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (length, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        if ended {
            return Ok(());
        }
    }
}
