//! Logs of any size and content: they are read completely, and the work grows linearly.

use std::io::Read;

use sfcred::internals::{diagnose, explain};

use super::{read, recognized};
use crate::common::samples::{Sample, labeled};

/// Ordinary lines of a debug log.
fn ordinary(bytes: usize) -> String {
    let line = |index: usize| {
        format!(
            "10:00:00.{} ({index}00)|METHOD_ENTRY|[{}]|01p5g00000AbCdE|AccountService.save(List<Account>)\n",
            index % 1000,
            index % 300
        )
    };
    let mut text = String::with_capacity(bytes + 200);
    for index in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&line(index));
    }
    text
}

#[test]
fn an_answer_is_found_at_the_end_of_a_large_log() {
    let filler = ordinary(5 << 18);
    let lines = filler.lines().count() as u64;
    for Sample { group: answer, name, bytes } in labeled() {
        // A few samples per answer are enough here.
        if !["debug.log", "plain.txt", "response.json", "http-0.txt", "curl.txt"]
            .contains(&name.as_str())
        {
            continue;
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let whole = format!("{filler}\n\n{text}");
        let reading = read(whole.as_bytes());
        let found: Vec<&str> = reading.answers.iter().map(|found| found.answer).collect();
        assert_eq!(found, [answer.as_str()], "{answer}/{name}");
        assert!(reading.answers[0].excerpt.line > lines, "{answer}/{name}");
    }
}

#[test]
fn an_answer_is_found_anywhere_in_a_large_log() {
    let filler = ordinary(5 << 19);
    let message = "System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_grant. Error description: user hasn't approved this consumer..\n";
    for shift in (0..24).map(|step| (2 << 20) - 40_000 + step * 2_500) {
        let at = filler[..shift].rfind('\n').unwrap() + 1;
        let text = format!("{}{message}{}", &filler[..at], &filler[at..]);
        let reading = read(text.as_bytes());
        assert_eq!(reading.answers.len(), 1, "at {at}");
        assert_eq!(
            (reading.answers[0].count, reading.answers[0].excerpt.line as usize),
            (1, filler[..at].lines().count() + 1),
            "at {at}"
        );
    }
}

#[test]
fn an_answer_is_found_across_the_ends_of_batches() {
    let filler = ordinary(5 << 18);
    let message = " user hasn't approved this consumer ";
    // The first batch ends before the context that follows it.
    let end = (1 << 20) - (6 << 10);
    for at in
        (end - message.len() - 2..end + 3).chain([end - 2048, end - 2047, end + 2047, end + 2048])
    {
        let text = format!("{}{message}{}", &filler[..at], &filler[at..]);
        let reading = read(text.as_bytes());
        assert_eq!(reading.answers.len(), 1, "at {at}");
        assert_eq!(
            (reading.answers[0].count, reading.answers[0].excerpt.line as usize),
            (1, filler[..at].matches('\n').count() + 1),
            "at {at}"
        );
    }
}

#[test]
fn a_line_of_any_length_is_read() {
    let text = format!("{} audience is invalid {}", "x ".repeat(2 << 20), "y ".repeat(2 << 20));
    assert_eq!(recognized(text.as_bytes()).into_iter().collect::<Vec<_>>(), ["audience-invalid"]);
    assert!(recognized(&vec![0; 5 << 20]).is_empty());
    assert!(recognized(&vec![b'\n'; 5 << 20]).is_empty());
}

#[test]
fn any_bytes_are_read() {
    let seeds = [
        "user hasn't approved this consumer",
        "\\u0027\\",
        "%2",
        "&#x",
        "\u{1b}[",
        "\u{1b}]",
        "<html>",
        "callout:",
        "â€",
        "[audience=",
        "\"error\":\"",
        "|FATAL_ERROR|",
        "\u{feff}",
    ];
    let mut state = 7u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for _ in 0..2_000 {
        let mut bytes = Vec::new();
        for _ in 0..next() % 12 {
            match next() % 3 {
                0 => bytes.push(next() as u8),
                1 => bytes.extend_from_slice(b"\n"),
                _ => {
                    let seed = seeds[next() % seeds.len()].as_bytes();
                    bytes.extend_from_slice(&seed[..next() % (seed.len() + 1)]);
                }
            }
        }
        read(&bytes);
    }
}

/// A reader that returns a few bytes at a time, and sometimes more.
struct Slow<'b>(&'b [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = self.1 * 7 % 1009 + 1;
        let length = self.1.min(buffer.len()).min(self.0.len());
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

#[test]
fn a_slow_reader_makes_no_difference() {
    let text = format!("{}ip restricted", ordinary(2 << 20));
    let reading = diagnose::read(&mut Slow(text.as_bytes(), 3)).unwrap();
    assert_eq!(reading.answers.len(), 1);
    assert_eq!(reading.bytes, text.len() as u64);
}

/// The amount of work that a log takes; see [`diagnose::Reading::work`].
fn work(text: &str) -> u64 {
    read(text.as_bytes()).work
}

#[test]
fn work_grows_linearly() {
    let says: Vec<String> = explain::answer_names()
        .map(|name| explain::answer(name).unwrap().head.says.clone())
        .collect();
    type Line<'l> = Box<dyn Fn(usize) -> String + 'l>;
    let logs: [(&str, Line<'_>); 12] = [
        ("one answer", Box::new(|_| "audience is invalid\n".to_owned())),
        ("one answer on one line", Box::new(|_| "audience is invalid ".to_owned())),
        ("one code", Box::new(|_| "invalid_scope ".to_owned())),
        ("all answers", Box::new(|index| format!("{}\n", says[index % says.len()]))),
        ("all answers on one line", Box::new(|index| format!("{} ", says[index % says.len()]))),
        (
            "many credentials",
            Box::new(|index| format!("callout:Org_{index} audience is invalid\n")),
        ),
        (
            "many login attempts",
            Box::new(|_| {
                "audience is invalid [audience=https://login.salesforce.com login=https://test.salesforce.com]\n".to_owned()
            }),
        ),
        ("unknown errors", Box::new(|index| format!("System.CalloutException: {index}\n"))),
        ("pages", Box::new(|_| "body <html> ".to_owned())),
        ("stack traces", Box::new(|index| format!("Class.Limits.get: line {index}, column 1\n"))),
        ("nested escapes", Box::new(|_| "%252525255C\\\\\\\\u0027&amp;amp;amp;amp;".to_owned())),
        ("broken words", Box::new(|_| format!("{} audience is inv\nalid\n", "x".repeat(40)))),
    ];
    for (name, line) in &logs {
        let log = |lines: usize| (0..lines).map(line).collect::<String>();
        let (small, large) = (work(&log(1000)), work(&log(4000)));
        assert!(large <= 5 * small, "{name}: {small} for n, {large} for 4 n");
    }
}
