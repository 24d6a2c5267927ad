//! With a project, the cause that its files show is listed first.

use std::collections::BTreeSet;
use std::path::Path;

use sfcred::internals::check::RULES;
use sfcred::internals::diagnose::{Diagnosis, Reason, State};
use sfcred::internals::explain::{self, Cause};
use sfcred::lint_in_memory;

use super::read;
use crate::common::cases::{self, Case, case};
use crate::common::{linted, options};

/// Rules that find the most common causes.
const FIRST: &[&str] = &[
    "claim-missing",
    "audience-environment-mismatch",
    "audience-host-wrong",
    "audience-is-token-endpoint",
    "audience-of-another-org",
    "issuer-malformed",
    "issuer-unknown",
    "subject-not-a-username",
    "token-endpoint-missing",
    "token-endpoint-wrong-path",
    "token-endpoint-login-host",
    "signing-certificate-missing",
    "certificate-mismatch",
    "certificate-expired",
    "scope-on-credential",
    "app-refresh-scope-missing",
    "app-api-scope-missing",
    "app-not-admin-approved",
    "app-approves-nobody",
    "app-certificate-missing",
    "principal-missing",
    "principal-not-granted",
    "permission-set-unassigned",
    "principal-unknown",
];

/// The first cause of the first answer, if the files show it.
fn first_found(text: &str, case: &Case) -> (Option<String>, usize) {
    let files = case.files();
    let own = files.get(Path::new("sfcred.toml")).map(|bytes| String::from_utf8_lossy(bytes));
    let settings = options(Path::new("/project"), own.as_deref()).unwrap();
    let report = lint_in_memory(files, &settings).unwrap();
    let diagnosis = Diagnosis::new(
        "the log".to_owned(),
        read(text.as_bytes()),
        None,
        Some((&report, &settings)),
    );
    let causes = &diagnosis.causes[0].ranked;
    let found = causes.first().filter(|first| matches!(first.state, State::Found { .. })).and_then(
        |first| match &first.cause {
            Cause::Rule(rule) => Some(rule.clone()),
            Cause::What(_) => None,
        },
    );
    (found, diagnosis.reading.answers.len())
}

/// Whether no finding of the rule in a case leads to an error message, although the page of the rule lists some.
fn leads_to_no_answer(case: &Case, rule: &str) -> bool {
    let report = lint_in_memory(case.files(), &options(Path::new("/project"), None).unwrap());
    let found = report.unwrap().findings;
    found.iter().filter(|finding| finding.rule == rule).all(|finding| finding.answers.is_empty())
}

#[test]
fn the_fault_of_a_fixture_is_the_first_cause_of_each_of_its_answers() {
    let mut tried = 0;
    let mut faults = Vec::new();
    for rule in FIRST {
        let known = RULES
            .iter()
            .find(|known| known.name == *rule)
            .unwrap_or_else(|| panic!("unknown rule {rule}"));
        let answers = &known.page().head.answers;
        assert!(!answers.is_empty(), "{rule} has no answer");
        for case in cases::all().iter().filter(|case| case.rule == *rule && case.is_bad()) {
            if leads_to_no_answer(case, rule) {
                continue;
            }
            for answer in quoted(case, rule) {
                let says = &explain::answer(&answer).unwrap().head.says;
                let (found, count) = first_found(says, case);
                tried += 1;
                // A case with two faults may rank either of them first.
                let is_expected = found
                    .as_ref()
                    .is_some_and(|found| found == rule || case.also().contains(found));
                if !is_expected || count != 1 {
                    faults.push(format!("{rule}/{}, {answer}: {found:?}", case.id));
                }
            }
        }
    }
    assert!(tried > 60, "only {tried} tried");
    assert!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn an_unexplained_failure_leads_to_the_missing_claims() {
    let log = "09:56:30.0 (8568705)|CALLOUT_REQUEST|[85]|System.HttpRequest[Endpoint=callout:MyNamedCredential/services/data/v56.0/..., Method=GET] 09:56:30.76\n\
               09:56:30.76 (76404970)|NAMED_CREDENTIAL_RESPONSE|NamedCallout[Named Credential Id=null, Named Credential Name=null, Status Code=0, Content-Type=null, Response Size bytes=0, \
               Overall Callout Time ms=0, Connect Time ms=0\n09:56:30.0 (77389457)|FATAL_ERROR|System.CalloutException: Unable to complete the JWT token exchange.\n";
    assert_eq!(read(log.as_bytes()).answers[0].answer, "jwt-exchange-unexplained");
    // The project does not contain this credential.
    assert_eq!(first_found(log, case("claim-missing/bad-seed")), (None, 1));
    assert_eq!(
        first_found(&log.replace("MyNamedCredential", "Spoke_Org"), case("claim-missing/bad-seed")),
        (Some("claim-missing".to_owned()), 1)
    );
}

#[test]
fn a_refused_scope_list_is_recognized_in_prose() {
    let text = "got this error without the refresh_token \"Unable to complete the JWT token exchange. Error: invalid_request. Error description: refresh_token scope is required and the \
                connected app should be installed and preauthorized..\" so I've put that back in.";
    assert_eq!(
        read(text.as_bytes()).answers.iter().map(|found| found.answer).collect::<Vec<_>>(),
        ["refresh-scope-required"]
    );
}

/// The faults of one credential are not causes for another.
#[test]
fn findings_about_other_credentials_are_only_counted() {
    let mut files = case("claim-missing/bad-seed").files();
    let main = Path::new("hub/force-app/main/default");
    for (kind, suffix) in
        [("externalCredentials", "externalCredential"), ("namedCredentials", "namedCredential")]
    {
        let path = main.join(format!("{kind}/Spoke_Org.{suffix}-meta.xml"));
        let text = String::from_utf8(files[&path].clone()).unwrap();
        let other = text.replace("Spoke_Org", "Other_Org").replace("Spoke Org", "Other Org");
        let path = path.with_file_name(format!("Other_Org.{suffix}-meta.xml"));
        files.insert(path, other.into_bytes());
    }
    let settings = options(Path::new("/project"), None).unwrap();
    let report = lint_in_memory(files, &settings).unwrap();
    let about = |name: Option<&str>| {
        let reading = read(b"Unable to complete the JWT token exchange.");
        let diagnosis =
            Diagnosis::new("the log".to_owned(), reading, name, Some((&report, &settings)));
        let causes = &diagnosis.causes[0];
        let findings = match &causes.ranked[0].state {
            State::Found { findings, .. } => findings.as_slice(),
            State::NotChecked(Reason::OtherCredential) => &[],
            other => panic!("{other:?}"),
        };
        let names: Vec<String> =
            findings.iter().map(|index| report.findings[*index].component.name.clone()).collect();
        (names, causes.elsewhere > 0, causes.credential_known)
    };
    assert_eq!(about(Some("Other_Org")), (vec!["Other_Org".to_owned()], true, Some(true)));
    assert_eq!(about(None), (vec!["Other_Org".to_owned(), "Spoke_Org".to_owned()], false, None));
    assert_eq!(about(Some("Nobody")), (Vec::new(), false, Some(false)));
}

/// A rule is clear only if it judges the flow that was used and had a credential to judge.
#[test]
fn a_rule_about_another_flow_is_not_clear() {
    let settings = options(Path::new("/project"), None).unwrap();
    let state = |text: &str, rule: &str| {
        let report = lint_in_memory(case("claim-missing/good-seed").files(), &settings).unwrap();
        let reading = read(text.as_bytes());
        let project = Some((&report, &settings));
        let diagnosis = Diagnosis::new("a text".to_owned(), reading, None, project);
        let wanted = Cause::Rule(rule.to_owned());
        let ranked = diagnosis.causes[0].ranked.iter().find(|one| one.cause == wanted);
        ranked.unwrap_or_else(|| panic!("{rule} is not a cause")).state.clone()
    };
    let refused =
        "{\"error\":\"invalid_client_id\",\"error_description\":\"client identifier invalid\"}";
    let with = |grant: &str| format!("grant_type={grant}\n\n{refused}");
    let other = State::NotChecked(Reason::OtherFlow);
    assert_eq!(state(&with("client_credentials"), "issuer-malformed"), other);
    assert_eq!(state(&with("refresh_token"), "issuer-malformed"), other);
    assert_eq!(
        state(&with("urn:ietf:params:oauth:grant-type:jwt-bearer"), "issuer-malformed"),
        State::Clear
    );
    assert_eq!(state(refused, "issuer-malformed"), State::Clear);
    // No credential of this project makes such a request.
    let assertion = "grant_type=client_credentials\n\nrequest not supported on this domain";
    assert_eq!(state(assertion, "client-assertion-to-salesforce"), other);
}

/// The errors that the findings of a rule quote in a case.
fn quoted(case: &Case, rule: &str) -> BTreeSet<String> {
    let report = linted(case);
    let findings = report.findings.iter().filter(|finding| finding.rule == rule);
    findings.flat_map(|finding| finding.answers.clone()).collect()
}

#[test]
fn a_rule_about_salesforce_is_not_clear_for_a_request_to_a_third_party() {
    let settings = options(Path::new("/project"), None).unwrap();
    let state = |host: &str| {
        let class = format!(
            "public class Weather {{\n    void get(HttpRequest request) {{\n        request.setEndpoint('https://{host}/x');\n    }}\n}}\n"
        );
        let mut files = case("claim-missing/good-seed").files();
        files.insert("hub/force-app/main/default/classes/Weather.cls".into(), class.into_bytes());
        let report = lint_in_memory(files, &settings).unwrap();
        let text = "System.CalloutException: Unauthorized endpoint, please check Setup->Security->Remote site settings. endpoint = https://api.weather.example/x";
        let project = Some((&report, &settings));
        let diagnosis = Diagnosis::new("a text".to_owned(), read(text.as_bytes()), None, project);
        let wanted = Cause::Rule("endpoint-hard-coded".to_owned());
        let ranked = diagnosis.causes[0].ranked.iter().find(|one| one.cause == wanted);
        ranked.expect("a cause").state.clone()
    };
    assert!(matches!(state("api.weather.example"), State::NotChecked(Reason::Missing(_))));
    assert!(matches!(state("acme.my.salesforce.com"), State::Found { .. }));
}

/// If the files show no cause, findings that stop the callout are listed, but none that the answer rules out.
#[test]
fn other_findings_are_listed_if_the_files_show_no_cause() {
    let settings = options(Path::new("/project"), None).unwrap();
    let others = |fixture: &str, text: &str, credential: Option<&str>| -> Vec<&str> {
        let report = lint_in_memory(case(fixture).files(), &settings).unwrap();
        let project = Some((&report, &settings));
        let reading = read(text.as_bytes());
        let diagnosis = Diagnosis::new("the log".to_owned(), reading, credential, project);
        let indexes = diagnosis.causes[0].other_findings.iter();
        indexes.map(|index| report.findings[*index].rule).collect()
    };
    let unexplained = "Unable to complete the JWT token exchange.";
    let mismatch = "certificate-mismatch/bad";
    assert_eq!(others(mismatch, unexplained, None), ["certificate-mismatch"]);
    assert_eq!(others(mismatch, unexplained, Some("Spoke_Org")), ["certificate-mismatch"]);
    assert!(others(mismatch, unexplained, Some("Another_Org")).is_empty());
    assert!(others("certificate-mismatch/good", unexplained, None).is_empty());
    // The cause itself is found.
    assert!(others("claim-missing/bad-seed", unexplained, None).is_empty());
    assert!(others(mismatch, "invalid assertion", None).is_empty());
    // The signature was verified before the approval was looked up.
    assert!(others(mismatch, "user hasn't approved this consumer", None).is_empty());
    let not_approved = "subject-not-approved/bad";
    assert_eq!(others(not_approved, "audience is invalid", None), ["subject-not-approved"]);
}
