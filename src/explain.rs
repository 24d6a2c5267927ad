//! What can be explained: rules, and the answers that Salesforce gives when something fails. Pages only; nothing here looks at a project.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::check;
use crate::error::Error;
use crate::nearest::nearest;
use crate::rule::{Rule, split};

/// A page of `rules/answers/`, taken apart.
#[derive(Clone, Debug)]
pub struct Answer {
    pub name: &'static str,
    pub head: Head,
    /// Everything after the head.
    pub body: &'static str,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The words by which people know the answer.
    pub says: String,
    /// Regular expressions, some with named groups.
    pub matches: Vec<String>,
    /// Regular expressions for what is no such answer although `matches` finds it there.
    #[serde(default)]
    pub unless: Vec<String>,
    /// It says so little that any other answer in the same message is the better one.
    #[serde(default)]
    pub yields: bool,
    #[serde(rename = "where")]
    pub places: Vec<Spanned>,
    /// How far the exchange got, 0 to 9; `None` where it is no part of an exchange.
    pub check: Option<u8>,
    pub stage: Stage,
    /// What is right when this is seen.
    pub proves: Vec<String>,
    /// The likeliest first.
    #[serde(default)]
    pub causes: Vec<Cause>,
    pub references: Vec<String>,
}

/// Where an answer is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spanned {
    Apex,
    TokenEndpoint,
    LoginHistory,
    Deployment,
    Cli,
}

/// When it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before anything is sent.
    Before,
    Exchange,
    OtherFlow,
    ThirdParty,
    Deployment,
}

/// What may have led to an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// A rule's name.
    Rule(String),
    /// What no file can show.
    What(String),
}

/// What a name stands for.
pub enum Topic {
    Rule(&'static Rule),
    Answer(Box<Answer>),
}

macro_rules! answer {
    ($name:literal) => {
        ($name, include_str!(concat!("../rules/answers/", $name, ".md")))
    };
}

/// Name and text of every page, sorted.
pub static ANSWERS: &[(&str, &str)] = &[
    answer!("activation-secret-invalid"),
    answer!("app-must-be-installed"),
    answer!("app-not-found"),
    answer!("assertion-invalid"),
    answer!("audience-invalid"),
    answer!("authentication-failure"),
    answer!("authorization-code-expired"),
    answer!("callout-url-malformed"),
    answer!("client-credentials-invalid"),
    answer!("client-credentials-user-missing"),
    answer!("client-identifier-invalid"),
    answer!("client-not-authorized"),
    answer!("consumer-key-missing"),
    answer!("consumer-key-taken"),
    answer!("credential-not-accessible"),
    answer!("credential-not-configured"),
    answer!("data-not-available"),
    answer!("domain-not-supported"),
    answer!("endpoint-not-accessible"),
    answer!("endpoint-not-authorized"),
    answer!("external-credential-parameters-required"),
    answer!("gateway-not-found"),
    answer!("grant-type-not-supported"),
    answer!("html-instead-of-json"),
    answer!("ip-restricted"),
    answer!("jti-required"),
    answer!("jwt-exchange-unexplained"),
    answer!("key-not-readable"),
    answer!("license-does-not-allow"),
    answer!("login-rate-exceeded"),
    answer!("metadata-type-unknown"),
    answer!("no-valid-scopes"),
    answer!("permission-set-cross-reference"),
    answer!("permitted-users-value-invalid"),
    answer!("plugin-settings-invalid"),
    answer!("redirect-uri-mismatch"),
    answer!("refresh-scope-required"),
    answer!("scope-invalid"),
    answer!("scope-not-supported"),
    answer!("script-thrown-exception"),
    answer!("session-invalid"),
    answer!("session-not-valid-for-api"),
    answer!("token-expired"),
    answer!("token-not-fetched"),
    answer!("user-external-credential-not-readable"),
    answer!("user-inactive"),
    answer!("user-not-admin-approved"),
    answer!("user-not-approved"),
];

impl Answer {
    /// Parses the text of an answer's page.
    ///
    /// # Errors
    /// Says what is wrong with the page; a test keeps this from ever reaching a user.
    pub fn parse(name: &'static str, text: &'static str) -> Result<Answer, String> {
        let (title, head, body) = split(text)?;
        if title != name {
            return Err(format!("the title is `{title}`"));
        }
        let head = toml::from_str(head).map_err(|error| error.to_string())?;
        Ok(Answer { name, head, body })
    }
}

/// The answer of this name.
pub fn answer(name: &str) -> Option<Answer> {
    let index = ANSWERS.binary_search_by_key(&name, |(known, _)| known).ok()?;
    let (name, text) = ANSWERS[index];
    Answer::parse(name, text).ok()
}

/// The names of all answers.
pub fn answer_names() -> impl Iterator<Item = &'static str> {
    ANSWERS.iter().map(|(name, _)| *name)
}

/// Everything that can be explained.
pub fn names() -> Vec<&'static str> {
    check::RULES.iter().map(|rule| rule.name).chain(ANSWERS.iter().map(|(name, _)| *name)).collect()
}

/// What a name stands for. Answers are found by their words too, as they stand in a log.
///
/// # Errors
/// Names the nearest that there is.
pub fn topic(name: &str) -> Result<Topic, Error> {
    let word = name.trim();
    if let Some(rule) = check::rule(word) {
        return Ok(Topic::Rule(rule));
    }
    if let Some(answer) = answer(word) {
        return Ok(Topic::Answer(Box::new(answer)));
    }
    if let Some(known) = BY_WORDS
        .iter()
        .find(|(says, _)| says.eq_ignore_ascii_case(word.trim_end_matches('.')))
        .and_then(|(_, name)| answer(name))
    {
        return Ok(Topic::Answer(Box::new(known)));
    }
    Err(Error::UnknownName {
        name: name.to_owned(),
        nearest: nearest(word, names()).map(str::to_owned),
    })
}

/// What an answer says, without a final stop, and its name.
static BY_WORDS: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    ANSWERS
        .iter()
        .filter_map(|(name, text)| Answer::parse(name, text).ok())
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
        assert_eq!(
            files,
            ANSWERS.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            "the folder and ANSWERS differ"
        );
        for (name, text) in ANSWERS {
            Answer::parse(name, text)
                .unwrap_or_else(|problem| panic!("rules/answers/{name}.md: {problem}"));
        }
    }

    #[test]
    fn an_answer_is_found_by_its_words() {
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
            matches!(&error, Error::UnknownName { nearest: Some(nearest), .. } if nearest == "user-not-approved"),
            "{error:?}"
        );
    }
}
