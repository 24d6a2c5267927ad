//! A log that is still being written: each answer is passed on once it is complete, and what is found
//! does not depend on how the log arrives.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use sfcred::internals::diagnose::{self, Reading};

use crate::common::samples::{harmless, labeled};

/// Returns the parts one after the other, and counts them.
struct Parts<'p> {
    parts: Vec<&'p [u8]>,
    read: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(part) = self.parts.first_mut() else { return Ok(0) };
        let length = part.len().min(buffer.len());
        buffer[..length].copy_from_slice(&part[..length]);
        *part = &part[length..];
        if part.is_empty() {
            self.parts.remove(0);
            self.read.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
        Ok(length)
    }
}

fn follow(parts: Vec<&[u8]>) -> Reading {
    let mut input = Parts { parts, read: Default::default() };
    diagnose::follow(&mut input, &mut |_| Ok(())).unwrap()
}

/// What is compared: each answer with its line, count and credential.
fn summary(reading: &Reading) -> Vec<String> {
    let answers = reading.answers.iter().map(|found| {
        format!("{} {} {} {:?}", found.answer, found.excerpt.line, found.count, found.credential)
    });
    let unknown = reading.unrecognized.iter().map(|one| format!("{} {}", one.line, one.text));
    answers.chain(unknown).collect()
}

#[test]
fn a_followed_log_has_the_same_answers_as_a_file() {
    for sample in labeled().into_iter().chain(harmless()) {
        let expected = summary(&diagnose::read(&mut &*sample.bytes).unwrap());
        for size in [7, 80, 1000] {
            let parts = sample.bytes.chunks(size).collect();
            let found = summary(&follow(parts));
            assert_eq!(found, expected, "{}/{} in parts of {size}", sample.group, sample.name);
        }
    }
}

#[test]
fn an_answer_is_passed_on_before_the_log_ends() {
    let lines = [
        "10:00:00.0 (1)|CALLOUT_REQUEST|[85]|System.HttpRequest[Endpoint=callout:Spoke_Org/a, Method=GET]\n",
        "10:00:00.0 (2)|FATAL_ERROR|System.CalloutException: Unable to complete the JWT token exchange.\n",
        "Error: invalid_grant. Error description: inactive user\n",
        "10:00:00.0 (3)|EXECUTION_FINISHED\n",
        "10:00:00.0 (4)|EXECUTION_STARTED\n",
        "10:00:00.0 (5)|FATAL_ERROR|System.CalloutException: ip restricted\n",
    ];
    let mut input = Parts {
        parts: lines.iter().map(|line| line.as_bytes()).collect(),
        read: Default::default(),
    };
    let read = input.read.clone();
    let passed = Rc::new(RefCell::new(Vec::new()));
    let reading = diagnose::follow(&mut input, &mut |found| {
        let lines = read.load(std::sync::atomic::Ordering::SeqCst);
        passed.borrow_mut().push((found.answer, found.credential.clone(), lines));
        Ok(())
    })
    .unwrap();
    assert_eq!(reading.answers.len(), 2);
    let spoke = Some("Spoke_Org".to_owned());
    assert_eq!(*passed.borrow(), [("user-inactive", spoke, 4), ("ip-restricted", None, 6)]);
}

#[test]
fn an_output_that_fails_ends_the_reading() {
    let text: &[u8] = b"10:00:00.0 (5)|FATAL_ERROR|System.CalloutException: ip restricted\n";
    let mut input = Parts { parts: vec![text], read: Default::default() };
    let result = diagnose::follow(&mut input, &mut |_| Err(io::ErrorKind::BrokenPipe.into()));
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

/// A line that never ends, and lines that arrive byte by byte, take time in proportion to their length.
#[test]
fn work_on_a_followed_log_grows_linearly() {
    let work = |count: usize| {
        let text =
            "10:00:00.0 (5)|FATAL_ERROR|System.CalloutException: ip restricted\n".repeat(count);
        follow(text.as_bytes().chunks(67).collect()).work
    };
    let (small, large) = (work(200), work(800));
    assert!(large <= 5 * small, "{small} for n, {large} for 4 n");
}
