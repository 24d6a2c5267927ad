//! The pages of `sfcred explain`: rules and "answers", the error messages of Salesforce.

mod flow_family;
mod possible;

use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use serde::Deserialize;

use crate::check;
use crate::error::{Error, UsageError};
use crate::mask::Vocabulary;
use crate::nearest::nearest;
use crate::rule::{Rule, split};
pub use flow_family::{FlowFamily, ProvesByFlow};
pub use possible::{is_possible, keep_possible_answers};

/// A page in `rules/answers/`: an error message of Salesforce.
#[derive(Clone, Debug)]
pub struct Answer {
    pub name: &'static str,
    pub head: Head,
    /// The text after the head.
    pub body: &'static str,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Head {
    /// The message, as Salesforce words it.
    pub says: String,
    /// Regular expressions that identify the answer. They match bytes, without regard to case. The
    /// groups `named_credential` and `external_credential` capture the credential it is about.
    pub matches: Vec<String>,
    /// Lowercase words, of which every match of `matches` contains at least one. They are searched
    /// first, in the unprocessed log, and so should be rare in logs and contain nothing that an
    /// encoding escapes.
    pub literals: Vec<String>,
    /// Regular expressions for text that `matches` would find, but that is not this answer.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Whether any other answer found in the same message takes precedence.
    #[serde(default)]
    pub yields: bool,
    #[serde(rename = "where")]
    pub places: Vec<Place>,
    /// The number of checks of the JWT bearer flow that passed, from 0 to 9; `None` if the answer is
    /// not part of a token exchange.
    pub check: Option<u8>,
    pub stage: Stage,
    /// What this answer proves to be correct in every flow in which it can appear.
    pub proves: Vec<String>,
    /// What it proves besides in each flow; `None` if the flow makes no difference.
    pub proves_by_flow: Option<ProvesByFlow>,
    /// The possible causes, most likely first.
    #[serde(default)]
    pub causes: Vec<Cause>,
    pub references: Vec<String>,
}

/// Where users see an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Apex,
    TokenEndpoint,
    LoginHistory,
    Deployment,
    Cli,
}

/// The stage of a callout or deployment at which an answer appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before a request is sent.
    Before,
    Exchange,
    OtherFlow,
    ThirdParty,
    Deployment,
}

/// A possible cause of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The name of a rule that finds the cause.
    Rule(String),
    /// A description of a cause that the files cannot show.
    What(String),
}

/// The page that a name refers to.
pub enum Topic {
    Rule(&'static Rule),
    Answer(&'static Answer),
}

/// The text of a page, parsed when it is first needed.
struct AnswerPage {
    name: &'static str,
    text: &'static str,
    parsed: OnceLock<Option<Answer>>,
}

macro_rules! answer {
    ($name:literal) => {
        AnswerPage {
            name: $name,
            text: include_str!(concat!("../rules/answers/", $name, ".md")),
            parsed: OnceLock::new(),
        }
    };
}

/// All pages, sorted by name.
static ANSWERS: [AnswerPage; 81] = [
    answer!("access-denied"),
    answer!("activation-secret-invalid"),
    answer!("api-disabled"),
    answer!("api-version-unsupported"),
    answer!("app-blocked"),
    answer!("app-must-be-installed"),
    answer!("app-not-found"),
    answer!("approval-failed"),
    answer!("assertion-invalid"),
    answer!("audience-invalid"),
    answer!("audience-json-invalid"),
    answer!("authentication-failure"),
    answer!("authorization-code-expired"),
    answer!("authorization-header-invalid"),
    answer!("aws-signature-invalid"),
    answer!("callout-url-malformed"),
    answer!("client-credentials-flow-disabled"),
    answer!("client-credentials-invalid"),
    answer!("client-credentials-user-missing"),
    answer!("client-identifier-invalid"),
    answer!("client-not-authorized"),
    answer!("code-challenge-missing"),
    answer!("connected-app-setup-failed"),
    answer!("consumer-key-missing"),
    answer!("consumer-key-not-settable"),
    answer!("consumer-key-taken"),
    answer!("credential-not-accessible"),
    answer!("credential-not-configured"),
    answer!("credentials-not-refreshed"),
    answer!("cross-org-not-supported"),
    answer!("data-not-available"),
    answer!("domain-not-supported"),
    answer!("element-not-valid"),
    answer!("endpoint-not-accessible"),
    answer!("endpoint-not-authorized"),
    answer!("enum-value-invalid"),
    answer!("external-credential-parameters-required"),
    answer!("field-does-not-exist"),
    answer!("gateway-not-found"),
    answer!("grant-type-not-supported"),
    answer!("host-unknown"),
    answer!("html-instead-of-json"),
    answer!("hybrid-grant-refused"),
    answer!("immediate-unsuccessful"),
    answer!("invalid-login"),
    answer!("ip-restricted"),
    answer!("ip-restricted-by-app"),
    answer!("jti-required"),
    answer!("jwt-exchange-unexplained"),
    answer!("key-not-readable"),
    answer!("license-does-not-allow"),
    answer!("login-rate-exceeded"),
    answer!("metadata-type-unknown"),
    answer!("no-valid-scopes"),
    answer!("oauth-link-null"),
    answer!("oauth-token-missing"),
    answer!("permission-set-cross-reference"),
    answer!("permission-set-not-found"),
    answer!("permitted-users-value-invalid"),
    answer!("plugin-settings-invalid"),
    answer!("protocol-parameter-refused"),
    answer!("redirect-uri-mismatch"),
    answer!("redirected"),
    answer!("referenced-component-missing"),
    answer!("refresh-scope-required"),
    answer!("scope-invalid"),
    answer!("scope-not-allowed"),
    answer!("scope-not-supported"),
    answer!("script-thrown-exception"),
    answer!("session-invalid"),
    answer!("session-not-valid-for-api"),
    answer!("soap-login-disabled"),
    answer!("tls-certificate-untrusted"),
    answer!("token-expired"),
    answer!("token-not-fetched"),
    answer!("token-request-in-progress"),
    answer!("uncommitted-work"),
    answer!("user-external-credential-not-readable"),
    answer!("user-inactive"),
    answer!("user-not-admin-approved"),
    answer!("user-not-approved"),
];

impl Head {
    /// The flows in which the answer can appear.
    pub fn possible_flows(&self) -> Vec<FlowFamily> {
        let mut flows = FlowFamily::ALL.to_vec();
        if let Some(by_flow) = &self.proves_by_flow {
            flows.retain(|flow| by_flow.get(*flow).is_some());
        }
        flows
    }

    /// Those of the `candidates` in which the answer can appear; all in which it can if there are none.
    pub fn flows_among(&self, candidates: &[FlowFamily]) -> Vec<FlowFamily> {
        let possible = self.possible_flows();
        let fitting: Vec<FlowFamily> =
            possible.iter().copied().filter(|flow| candidates.contains(flow)).collect();
        if fitting.is_empty() { possible } else { fitting }
    }

    /// What the answer proves if it appeared in one of the `candidates`, whichever of them it was.
    pub fn proofs(&self, candidates: &[FlowFamily]) -> Vec<&str> {
        let mut proofs: Vec<&str> = self.proves.iter().map(String::as_str).collect();
        let Some(by_flow) = &self.proves_by_flow else { return proofs };
        let in_flows: Vec<&[String]> =
            self.flows_among(candidates).into_iter().filter_map(|flow| by_flow.get(flow)).collect();
        if let Some((first, others)) = in_flows.split_first() {
            let common = first.iter().filter(|proof| others.iter().all(|all| all.contains(proof)));
            proofs.extend(common.map(String::as_str));
        }
        proofs
    }

    /// Whether the flow was certainly JWT bearer: only then `check` counts what passed.
    pub fn is_jwt_bearer(&self, candidates: &[FlowFamily]) -> bool {
        self.flows_among(candidates) == [FlowFamily::JwtBearer]
    }
}

impl Answer {
    /// The section *What to do* of the page.
    pub fn steps(&self) -> Option<&'static str> {
        let (_, steps) = self.body.split_once("\n## What to do\n")?;
        let end = steps.find("\n## ").unwrap_or(steps.len());
        Some(steps[..end].trim())
    }

    /// Parses a page.
    ///
    /// # Errors
    /// Describes what is wrong with the page. A test ensures that all pages parse.
    pub fn parse(name: &'static str, text: &'static str) -> Result<Answer, String> {
        let (title, head, body) = split(text)?;
        if title != name {
            return Err(format!("the title is `{title}`"));
        }
        let head = toml::from_str(head).map_err(|error| error.to_string())?;
        Ok(Answer { name, head, body })
    }
}

/// The answer with this name.
pub fn answer(name: &str) -> Option<&'static Answer> {
    let page = &ANSWERS[ANSWERS.binary_search_by_key(&name, |page| page.name).ok()?];
    page.parsed.get_or_init(|| Answer::parse(page.name, page.text).ok()).as_ref()
}

/// The names of all answers.
pub fn answer_names() -> impl Iterator<Item = &'static str> {
    ANSWERS.iter().map(|page| page.name)
}

/// The names of all rules and answers.
pub fn names() -> Vec<&'static str> {
    check::rule_names().into_iter().chain(answer_names()).collect()
}

/// Finds the rule or answer with this name, or the answer with this message.
///
/// # Errors
/// Suggests the nearest name.
pub fn topic(name: &str) -> Result<Topic, Error> {
    let word = name.trim();
    if let Some(rule) = check::rule(word) {
        return Ok(Topic::Rule(rule));
    }
    if let Some(answer) = answer(word) {
        return Ok(Topic::Answer(answer));
    }
    if let Some(known) = MESSAGES
        .iter()
        .find(|(message, _)| message.eq_ignore_ascii_case(word.trim_end_matches('.')))
        .and_then(|(_, name)| answer(name))
    {
        return Ok(Topic::Answer(known));
    }
    let folded = word.to_ascii_lowercase();
    Err(UsageError::UnknownTopic {
        name: name.to_owned(),
        nearest: nearest(word, names()).map(str::to_owned),
        containing: names()
            .into_iter()
            .filter(|known| word.len() > 2 && known.contains(&folded))
            .map(str::to_owned)
            .collect(),
    }
    .into())
}

/// The message of each answer, without a final period, and its name.
/// The words of all pages: those of messages, and all others.
pub fn vocabulary() -> &'static Vocabulary {
    static WORDS: LazyLock<Vocabulary> = LazyLock::new(|| {
        static ESCAPE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\\.|\(\?P<\w+>").expect("a constant pattern"));
        let answers: Vec<&Answer> = answer_names().filter_map(answer).collect();
        let patterns: Vec<String> = answers
            .iter()
            .flat_map(|answer| &answer.head.matches)
            .map(|pattern| ESCAPE.replace_all(pattern, " ").into_owned())
            .collect();
        let said = answers.iter().flat_map(|answer| {
            std::iter::once(answer.head.says.as_str())
                .chain(answer.head.literals.iter().map(String::as_str))
        });
        let pages = answers.iter().map(|answer| answer.body);
        let rules = check::RULES.iter().map(|rule| rule.page().summary.as_str());
        Vocabulary::new(said.chain(patterns.iter().map(String::as_str)), pages.chain(rules))
    });
    &WORDS
}

static MESSAGES: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    answer_names()
        .filter_map(answer)
        .map(|answer| (answer.head.says.trim_end_matches('.').to_owned(), answer.name))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_page_is_listed_in_order_and_parses() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/answers");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                entry
                    .unwrap()
                    .file_name()
                    .to_str()
                    .and_then(|name| name.strip_suffix(".md").map(str::to_owned))
            })
            .filter(|name| name != "README")
            .collect();
        files.sort();
        assert_eq!(files, answer_names().collect::<Vec<_>>(), "the folder and ANSWERS differ");
        for AnswerPage { name, text, .. } in &ANSWERS {
            Answer::parse(name, text)
                .unwrap_or_else(|problem| panic!("rules/answers/{name}.md: {problem}"));
        }
    }

    #[test]
    fn an_answer_is_found_by_its_message() {
        for words in [
            "user-not-approved",
            "user hasn't approved this consumer",
            "User hasn't approved this consumer.",
        ] {
            assert!(
                matches!(topic(words), Ok(Topic::Answer(answer)) if answer.name == "user-not-approved"),
                "{words}"
            );
        }
    }

    #[test]
    fn a_misspelled_name_gets_a_suggestion() {
        let error = topic("user-not-aproved").err().unwrap();
        assert!(
            matches!(&error, Error::Usage(UsageError::UnknownTopic { nearest: Some(nearest), .. }) if nearest == "user-not-approved"),
            "{error:?}"
        );
    }
}
