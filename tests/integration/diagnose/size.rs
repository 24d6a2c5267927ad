//! Any bytes, of any number, are read in bounded memory and without a fault.

use std::io::Read;

use sfcred::diagnose;

use super::{labelled, read, recognised};

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
fn an_answer_is_found_wherever_it_stands_in_a_large_log() {
    let filler = ordinary(5 << 18);
    let lines = filler.lines().count() as u64;
    for (answer, file) in labelled() {
        // Two texts of an answer are enough here.
        if !["debug.log", "plain.txt", "response.json", "http-0.txt", "curl.txt"]
            .iter()
            .any(|name| file.ends_with(name))
        {
            continue;
        }
        let Ok(text) = String::from_utf8(std::fs::read(&file).unwrap()) else { continue };
        let whole = format!("{filler}\n\n{text}");
        let reading = read(whole.as_bytes());
        let found: Vec<&str> = reading.answers.iter().map(|found| found.answer).collect();
        assert_eq!(found, [answer.as_str()], "{}", file.display());
        assert!(reading.answers[0].passage.line > lines, "{}", file.display());
    }
}

#[test]
fn the_ends_of_blocks_hide_nothing() {
    let filler = ordinary(5 << 19);
    let message = "System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_grant. Error description: user hasn't approved this consumer..\n";
    for shift in (0..24).map(|step| (2 << 20) - 40_000 + step * 2_500) {
        let at = filler[..shift].rfind('\n').unwrap() + 1;
        let text = format!("{}{message}{}", &filler[..at], &filler[at..]);
        let reading = read(text.as_bytes());
        assert_eq!(reading.answers.len(), 1, "at {at}");
        assert_eq!(
            (reading.answers[0].count, reading.answers[0].passage.line as usize),
            (1, filler[..at].lines().count() + 1),
            "at {at}"
        );
    }
}

#[test]
fn a_message_may_lie_across_the_ends_of_windows() {
    let filler = ordinary(5 << 18);
    let message = " user hasn't approved this consumer ";
    // The first window ends before what is seen behind it, the second half a megabyte later.
    for end in [(1 << 20) - (24 << 10), (3 << 19) - (24 << 10)] {
        let filler = if end > 1 << 20 { format!("{filler}{filler}") } else { filler.clone() };
        for at in (end - message.len() - 2..end + 3).chain([
            end - 2048,
            end - 2047,
            end + 2047,
            end + 2048,
        ]) {
            let text = format!("{}{message}{}", &filler[..at], &filler[at..]);
            let reading = read(text.as_bytes());
            assert_eq!(reading.answers.len(), 1, "at {at}");
            assert_eq!(
                (reading.answers[0].count, reading.answers[0].passage.line as usize),
                (1, filler[..at].matches('\n').count() + 1),
                "at {at}"
            );
        }
    }
}

#[test]
fn a_line_of_any_length_is_read() {
    let text = format!("{} audience is invalid {}", "x ".repeat(2 << 20), "y ".repeat(2 << 20));
    assert_eq!(recognised(text.as_bytes()).into_iter().collect::<Vec<_>>(), ["audience-invalid"]);
    assert!(recognised(&vec![0; 5 << 20]).is_empty());
    assert!(recognised(&vec![b'\n'; 5 << 20]).is_empty());
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

/// Hands out a byte now, some more then.
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
