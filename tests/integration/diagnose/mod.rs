//! The answers of Salesforce are recognized in whatever they are embedded in, and nothing else is:
//! checks the labeled texts in `answers/` and `harmless/`.

mod formats;
mod projects;
mod size;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sfcred::internals::diagnose::{self, Reading};
use sfcred::internals::explain;

use crate::common::{entries, root};

/// `tests/diagnose/<folder>`.
fn folder(name: &str) -> PathBuf {
    root().join("tests/diagnose").join(name)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn read(bytes: &[u8]) -> Reading {
    diagnose::read(&mut &*bytes).unwrap()
}

fn recognized(bytes: &[u8]) -> BTreeSet<&'static str> {
    read(bytes).answers.iter().map(|found| found.answer).collect()
}

/// Each text with the answer that it holds.
fn labeled() -> Vec<(String, PathBuf)> {
    entries(&folder("answers"))
        .iter()
        .flat_map(|answer| entries(answer).into_iter().map(|file| (name(answer), file)))
        .collect()
}

#[test]
fn every_answer_has_three_texts() {
    let named: BTreeSet<String> =
        entries(&folder("answers")).iter().map(|path| name(path)).collect();
    let known: BTreeSet<String> = explain::answer_names().map(str::to_owned).collect();
    assert_eq!(named, known);
    for answer in entries(&folder("answers")) {
        assert!(entries(&answer).len() >= 3, "{} has fewer than three texts", answer.display());
    }
}

#[test]
fn every_labeled_text_is_recognized_as_its_answer() {
    let mut faults = Vec::new();
    for (answer, file) in labeled() {
        let found = recognized(&fs::read(&file).unwrap());
        if found != BTreeSet::from([answer.as_str()]) {
            faults.push(format!("{answer}/{}: {found:?}", name(&file)));
        }
    }
    assert!(faults.is_empty(), "{} misrecognized:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_harmless_text_is_taken_for_an_answer() {
    let texts = entries(&folder("harmless"));
    assert!(texts.len() >= 20, "only {} harmless texts", texts.len());
    let faults: Vec<String> = texts
        .iter()
        .filter_map(|file| {
            let reading = read(&fs::read(file).unwrap());
            let found: Vec<&str> = reading.answers.iter().map(|found| found.answer).collect();
            let unknown: Vec<&str> =
                reading.unrecognized.iter().map(|passage| passage.text.as_str()).collect();
            (!found.is_empty() || !unknown.is_empty())
                .then(|| format!("{}: {found:?} {unknown:?}", name(file)))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Windows line breaks, surrounding text and another level of escapes make no difference.
#[test]
fn a_text_is_recognized_in_any_wrapping() {
    let mut faults = Vec::new();
    for (answer, file) in labeled() {
        let Ok(text) = String::from_utf8(fs::read(&file).unwrap()) else { continue };
        let prose = "We looked at it for two hours.\n\n".repeat(3);
        for (how, wrapped) in [
            ("windows", text.replace('\n', "\r\n")),
            ("inside", format!("{prose}{text}\n\n{prose}")),
            ("json", serde_json::json!({ "ts": 1, "text": text }).to_string()),
            ("mark", format!("\u{feff}{text}")),
        ] {
            let found = recognized(wrapped.as_bytes());
            if found != BTreeSet::from([answer.as_str()]) {
                faults.push(format!("{answer}/{} {how}: {found:?}", name(&file)));
            }
        }
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        if text.is_ascii()
            && text.len() > 20
            && recognized(&utf16) != BTreeSet::from([answer.as_str()])
        {
            faults.push(format!("{answer}/{} utf-16", name(&file)));
        }
    }
    assert!(faults.is_empty(), "{} misrecognized:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn an_unknown_error_description_is_unrecognized_and_not_unexplained() {
    for text in [
        "System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_grant. Error description: the moon is full..",
        "{\"error\":\"invalid_client\",\"error_description\":\"the moon is full\"}",
        "error=invalid_request&error_description=the+moon+is+full",
        "System.CalloutException: the moon is full",
    ] {
        let reading = read(text.as_bytes());
        assert!(reading.answers.is_empty(), "{text}: {:?}", reading.answers);
        assert_eq!(reading.unrecognized.len(), 1, "{text}: {:?}", reading.unrecognized);
    }
}

#[test]
fn only_the_login_attempt_that_was_asked_for_counts() {
    for (file, asked) in
        [("app-not-found", "app-not-found"), ("audience-invalid", "audience-invalid")]
    {
        let reading = read(&fs::read(folder("answers").join(file).join("cli-tries.txt")).unwrap());
        assert_eq!(reading.answers.iter().map(|found| found.answer).collect::<Vec<_>>(), [asked]);
        assert_eq!(
            reading.dropped.len(),
            usize::from(file == "app-not-found"),
            "{:?}",
            reading.dropped
        );
    }
    let alone = "audience is invalid  [audience=https://login.salesforce.com login=https://test.salesforce.com/]";
    assert!(read(alone.as_bytes()).answers[0].is_fallback);
}

#[test]
fn equal_answers_are_counted_together_and_different_ones_are_all_reported() {
    let text = "10:00:00.0 (1)|FATAL_ERROR|System.CalloutException: audience is invalid\n"
        .repeat(1000)
        + "10:00:01.0 (1)|FATAL_ERROR|System.CalloutException: ip restricted\n";
    let reading = read(text.as_bytes());
    let found: Vec<(&str, usize, u64)> = reading
        .answers
        .iter()
        .map(|found| (found.answer, found.count, found.excerpt.line))
        .collect();
    assert_eq!(found, [("audience-invalid", 1000, 1), ("ip-restricted", 1, 1001)]);
}

#[test]
fn the_credential_is_that_of_the_last_callout_in_the_transaction() {
    let failed = |line: &str| {
        format!(
            "{line}\n10:00:00.0 (9)|FATAL_ERROR|System.CalloutException: Unable to complete the JWT token exchange.\n"
        )
    };
    let request = |name: &str| {
        format!(
            "10:00:00.0 (2)|CALLOUT_REQUEST|[85]|System.HttpRequest[Endpoint=callout:{name}/services, Method=GET]"
        )
    };
    let of = |text: &str| read(text.as_bytes()).answers[0].credential.clone();
    assert_eq!(
        of(&failed(&format!("{}\n{}", request("First"), request("Spoke_Org")))).as_deref(),
        Some("Spoke_Org")
    );
    assert_eq!(
        of(&failed(&format!("{}\n10:00:00.0 (3)|EXECUTION_STARTED", request("First")))),
        None
    );
    assert_eq!(
        of(&failed("10:00:00.0 (2)|NAMED_CREDENTIAL_REQUEST|NamedCallout[Named Credential Id=0XA, Named Credential Name=Spoke_Org, Endpoint=x]")).as_deref(),
        Some("Spoke_Org")
    );
    let quoted = "We couldn't access the credential(s). You might not have the required permissions, or the external credential \"Spoke_Org\" might not exist.";
    assert_eq!(of(&format!("{}\n{quoted}", request("Other"))).as_deref(), Some("Spoke_Org"));
}
