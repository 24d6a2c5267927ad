//! Salesforce's answers are recognized in any kind of log, and other text is not mistaken for them. Checks the samples
//! in `tests/diagnose`.

mod formats;
mod projects;
mod size;
mod streams;

use std::collections::{BTreeMap, BTreeSet};

use sfcred::internals::diagnose::{self, Reading};
use sfcred::internals::explain::{self, FlowFamily};

use crate::common::samples::{Sample, harmless, labeled};

fn read(bytes: &[u8]) -> Reading {
    diagnose::read(&mut &*bytes).unwrap()
}

fn recognized(bytes: &[u8]) -> BTreeSet<&'static str> {
    read(bytes).answers.iter().map(|found| found.answer).collect()
}

#[test]
fn every_answer_has_three_samples() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    labeled().into_iter().for_each(|sample| *counts.entry(sample.group).or_default() += 1);
    let known: BTreeSet<&str> = explain::answer_names().collect();
    assert_eq!(counts.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    let few: Vec<_> = counts.iter().filter(|(_, count)| **count < 3).collect();
    assert!(few.is_empty(), "fewer than three samples: {few:?}");
}

#[test]
fn every_labeled_sample_is_recognized_as_its_answer() {
    let mut faults = Vec::new();
    for Sample { group: answer, name, bytes } in labeled() {
        let found = recognized(&bytes);
        if found != BTreeSet::from([answer.as_str()]) {
            faults.push(format!("{answer}/{name}: {found:?}"));
        }
    }
    assert!(faults.is_empty(), "{} misrecognized:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_harmless_sample_is_taken_for_an_answer() {
    let samples = harmless();
    assert!(samples.len() >= 20, "only {} harmless samples", samples.len());
    let faults: Vec<String> = samples
        .iter()
        .filter_map(|Sample { name, bytes, .. }| {
            let reading = read(bytes);
            let found: Vec<&str> = reading.answers.iter().map(|found| found.answer).collect();
            let unknown: Vec<&str> =
                reading.unrecognized.iter().map(|passage| passage.text.as_str()).collect();
            (!found.is_empty() || !unknown.is_empty())
                .then(|| format!("{name}: {found:?} {unknown:?}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Windows line breaks, surrounding text and another level of escapes make no difference.
#[test]
fn a_text_is_recognized_in_any_wrapping() {
    let mut faults = Vec::new();
    for Sample { group: answer, name, bytes } in labeled() {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let prose = "We looked at it for two hours.\n\n".repeat(3);
        for (how, wrapped) in [
            ("windows", text.replace('\n', "\r\n")),
            ("inside", format!("{prose}{text}\n\n{prose}")),
            ("json", serde_json::json!({ "ts": 1, "text": text }).to_string()),
            ("mark", format!("\u{feff}{text}")),
        ] {
            let found = recognized(wrapped.as_bytes());
            if found != BTreeSet::from([answer.as_str()]) {
                faults.push(format!("{answer}/{name} {how}: {found:?}"));
            }
        }
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        if text.is_ascii()
            && text.len() > 20
            && recognized(&utf16) != BTreeSet::from([answer.as_str()])
        {
            faults.push(format!("{answer}/{name} utf-16"));
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
    for asked in ["app-not-found", "audience-invalid"] {
        let is_asked = |sample: &Sample| sample.group == asked && sample.name == "cli-tries.txt";
        let reading = read(&labeled().into_iter().find(is_asked).unwrap().bytes);
        assert_eq!(reading.answers.iter().map(|found| found.answer).collect::<Vec<_>>(), [asked]);
        assert_eq!(
            reading.dropped.len(),
            usize::from(asked == "app-not-found"),
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

#[test]
fn the_flow_of_an_answer_is_read_from_its_message_or_a_command_before_it() {
    let flows = |text: &str| {
        let reading = read(text.as_bytes());
        assert_eq!(reading.answers.len(), 1, "{text}: {:?}", reading.answers);
        reading.answers[0].flows.clone()
    };
    for (text, expected) in [
        (
            "System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_client. Error description: invalid client credentials",
            FlowFamily::JwtBearer,
        ),
        (
            "Error (JwtGrantError): We encountered a JSON web token error: ip restricted",
            FlowFamily::JwtBearer,
        ),
        ("$ sf org login jwt --client-id ***\n\nip restricted", FlowFamily::JwtBearer),
        (
            "curl -d grant_type=client_credentials https://acme.my.salesforce.com/services/oauth2/token\n\n{\"error\":\"invalid_client\",\"error_description\":\"invalid client credentials\"}",
            FlowFamily::ClientCredentials,
        ),
        (
            "Error authenticating with auth code due to: expired authorization code",
            FlowFamily::AuthorizationCode,
        ),
        (
            "Error authenticating with the refresh token due to: ip restricted",
            FlowFamily::RefreshToken,
        ),
    ] {
        assert_eq!(flows(text), [expected], "{text}");
    }
    assert!(
        flows(
            "{\"error\":\"invalid_client\",\"error_description\":\"invalid client credentials\"}"
        )
        .is_empty()
    );
    // A command that is far away has nothing to do with it.
    assert!(
        flows(&format!("sf org login jwt\n{}\n\nip restricted", "\n\nline".repeat(60))).is_empty()
    );
    let first = "10:00:00.0 (1)|USER_DEBUG|[1]|DEBUG|grant_type=password\n10:00:00.0 (2)|EXECUTION_STARTED\n10:00:00.0 (3)|FATAL_ERROR|System.CalloutException: ip restricted\n";
    assert!(flows(first).is_empty());
}

/// What Salesforce said is one answer, however many programs have wrapped it.
#[test]
fn the_inner_error_of_a_wrapped_one_is_the_answer() {
    for (text, expected) in [
        (
            "System.CalloutException: Unable to fetch the OAuth token. Error: invalid_client. Error description: invalid client credentials.",
            "client-credentials-invalid",
        ),
        (
            "System.CalloutException: Unable to fetch the OAuth token. Error: invalid_client_id.",
            "client-identifier-invalid",
        ),
        (
            "Invalid client credentials. Verify the OAuth client secret and ID. Error authenticating with auth code due to: expired authorization code",
            "authorization-code-expired",
        ),
        (
            "System.CalloutException: The expired credentials couldn't be refreshed. Try again later. {\"error\":\"invalid_grant\",\"error_description\":\"inactive user\"}",
            "user-inactive",
        ),
        (
            "/_nc_external/identity/sso/ui/AuthorizationError?ErrorCode=No_Oauth_Token&ErrorDescription=invalid_grant%3A+expired+authorization+code",
            "authorization-code-expired",
        ),
    ] {
        let found: Vec<&str> = read(text.as_bytes()).answers.iter().map(|one| one.answer).collect();
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
fn results_of_the_connection_are_recognized_as_such() {
    let text = "System.CalloutException: Read timed out\n\nSystem.HttpResponse[Status=Unauthorized, StatusCode=401]\n\nSystem.CalloutException: Read timed out\n";
    let reading = read(text.as_bytes());
    assert!(reading.answers.is_empty() && reading.unrecognized.is_empty(), "{reading:?}");
    let found: Vec<(u64, usize)> =
        reading.transport.iter().map(|found| (found.line, found.count)).collect();
    assert_eq!(found, [(1, 2), (3, 1)]);
}

/// A deployment reports many errors at once, one on each line.
#[test]
fn each_line_of_a_refused_deployment_is_an_answer() {
    let text = "The authentication protocol \"Jwt\" requires the following external credential parameter types: SigningCertificate\n\
                External Credentials don't support the \"JwtExchange\" authentication protocol\n\
                The JWT aud claim has invalid JSON syntax\n\
                authenticationProtocolVariant invalid at this location in type ExternalCredential\n\
                Property 'principal' not valid in version 66.0\n\
                The parameter type \"HttpHeader\" requires the following Named Credential Parameter fields: SequenceNumber.\n";
    let found: Vec<(&str, u64)> =
        read(text.as_bytes()).answers.iter().map(|one| (one.answer, one.excerpt.line)).collect();
    let expected = [
        ("external-credential-parameters-required", 1),
        ("protocol-parameter-refused", 2),
        ("audience-json-invalid", 3),
        ("element-not-valid", 4),
    ];
    assert_eq!(found, expected);
}
