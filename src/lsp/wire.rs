//! Reads messages of the base protocol: a header with the length, and JSON. What is malformed is reported and skipped.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::SyncSender;

use lsp_server::{ErrorCode, Message, RequestId};
use serde_json::{Value, json};

/// Longer messages are skipped: no file that is linted is as large.
const MAX_BYTES: usize = 128 << 20;
/// Longer lines are not headers.
const MAX_HEADER: u64 = 8 << 10;

/// What a client sends.
#[derive(Debug)]
pub enum Incoming {
    Message(Message),
    /// A message that cannot be read, with its id if it has one, and the error code of the answer.
    Malformed(Value, ErrorCode, &'static str),
}

/// Forwards messages until the input ends or the receiver is dropped.
pub fn read_all(input: impl Read, to: &SyncSender<Incoming>) {
    let mut input = io::BufReader::new(input);
    while let Ok(Some(incoming)) = read(&mut input) {
        if to.send(incoming).is_err() {
            return;
        }
    }
}

/// The next message; `None` at the end of the input.
///
/// # Errors
/// Those of the input.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = length(input)? else { return Ok(None) };
    if length > MAX_BYTES {
        let skipped = io::copy(&mut input.by_ref().take(length as u64), &mut io::sink())?;
        let is_complete = skipped == length as u64;
        let malformed =
            Incoming::Malformed(Value::Null, ErrorCode::InvalidRequest, "the message is too long");
        return Ok(is_complete.then_some(malformed));
    }
    let mut body = Vec::new();
    input.by_ref().take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Ok(None);
    }
    Ok(Some(parsed(&body)))
}

/// The length in a header; lines that are not part of one are skipped.
fn length(input: &mut impl BufRead) -> io::Result<Option<usize>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        match line.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("Content-Length") => {
                length = value.trim().parse().ok();
            }
            Some(_) => {}
            None if line.is_empty() && length.is_some() => return Ok(length),
            None => {}
        }
    }
}

/// The message in some JSON.
pub fn parsed(body: &[u8]) -> Incoming {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Incoming::Malformed(Value::Null, ErrorCode::ParseError, "the message is not JSON");
    };
    let id = value.get("id").cloned();
    match (serde_json::from_value(value), id) {
        // A request with an id that is neither an integer nor a string looks like a notification.
        (Ok(Message::Notification(_)) | Err(_), Some(id)) => {
            let id = if id.is_number() || id.is_string() { id } else { Value::Null };
            Incoming::Malformed(id, ErrorCode::InvalidRequest, "the message is not a request")
        }
        (Err(_), None) => Incoming::Malformed(
            Value::Null,
            ErrorCode::InvalidRequest,
            "the message is neither a request nor a notification",
        ),
        (Ok(message), _) => Incoming::Message(message),
    }
}

/// The answer to a request that cannot be read.
pub fn refusal(id: &Value, code: ErrorCode, reason: &str) -> Value {
    json!({ "id": id, "error": { "code": code as i32, "message": reason } })
}

/// The id of the request that a `$/cancelRequest` is about.
pub fn cancelled(message: &Message) -> Option<RequestId> {
    match message {
        Message::Notification(notification) if notification.method == "$/cancelRequest" => {
            serde_json::from_value(notification.params.get("id")?.clone()).ok()
        }
        _ => None,
    }
}

/// Writes one message.
///
/// # Errors
/// Those of the output.
pub fn write(mut message: Value, out: &mut dyn Write) -> io::Result<()> {
    if let Value::Object(members) = &mut message {
        members.insert("jsonrpc".to_owned(), "2.0".into());
    }
    let text = message.to_string();
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<String> {
        let mut input = bytes;
        let mut found = Vec::new();
        while let Some(incoming) = read(&mut input).unwrap() {
            found.push(match incoming {
                Incoming::Message(Message::Request(request)) => request.method,
                Incoming::Message(Message::Notification(note)) => format!("~{}", note.method),
                Incoming::Message(Message::Response(_)) => "response".to_owned(),
                Incoming::Malformed(id, code, _) => format!("{id} {}", code as i32),
            });
        }
        found
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn malformed_messages_are_skipped() {
        let bytes = [
            framed(r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#),
            "noise\r\n\r\n".to_owned(),
            framed("{"),
            framed("[1]"),
            framed(r#"{"id":1.5,"method":"b"}"#),
            framed(r#"{"id":null,"result":null}"#),
            framed(&"[".repeat(1000)),
            framed("\u{fffd}").replace('\u{fffd}', "x\u{0}y"),
            format!("content-length:{}\n\n{}", 14, r#"{"method":"c"}"#),
            "Content-Length: many\r\n\r\n".to_owned(),
            framed(r#"{"id":"d","method":"d"}"#),
            "Content-Length: 99\r\n\r\n{".to_owned(),
        ];
        assert_eq!(
            all(bytes.concat().as_bytes()),
            [
                "a",
                "null -32700",
                "null -32600",
                "1.5 -32600",
                "null -32600",
                "null -32700",
                "null -32700",
                "~c",
                "d"
            ]
        );
    }

    #[test]
    fn a_message_that_is_too_long_is_skipped() {
        let mut input = format!("Content-Length: {}\r\n\r\n", MAX_BYTES + 1).into_bytes();
        input.resize(input.len() + MAX_BYTES + 1, b' ');
        input.extend(framed(r#"{"method":"a"}"#).bytes());
        assert_eq!(all(&input), ["null -32600", "~a"]);
        assert!(all(b"Content-Length: 18446744073709551615\r\n\r\n{}").is_empty());
    }
}
