//! The rule book: a rule is a name, a page and a check. Severity, answers and advice stand on the page, nowhere else.

use serde::Deserialize;

use crate::finding::{Findings, Severity};
use crate::model::Workspace;

/// One rule.
#[derive(Clone, Copy)]
pub struct Rule {
    pub name: &'static str,
    /// The text of `rules/<name>.md`.
    pub text: &'static str,
    pub check: fn(&Workspace, &mut Findings),
}

/// Puts a check and its page together; neither can be missing.
macro_rules! rule {
    ($name:literal, $check:path) => {
        $crate::rule::Rule {
            name: $name,
            text: include_str!(concat!("../rules/", $name, ".md")),
            check: $check,
        }
    };
}
pub(crate) use rule;

/// The head of a page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub severity: Severity,
    pub since: String,
    /// How the fix is offered, where there is one.
    pub fix: Option<FixKind>,
    /// Where a callout meets the fault; absent where it never does.
    pub step: Option<Step>,
    /// What the answering org checks when it meets the fault; where that is the step, and only there.
    pub check: Option<TokenCheck>,
    /// Whether the callout ends there; by default an error surely does, and the rest perhaps.
    pub stops: Option<Stops>,
    /// Names of answer pages.
    #[serde(default)]
    pub answers: Vec<String>,
    #[serde(default)]
    pub references: Vec<String>,
    #[serde(default)]
    pub formerly: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    Safe,
    Unsafe,
}

/// A step of a callout on its way to an access token and an answer, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// What calls, and as whom.
    Caller,
    NamedCredential,
    /// Whether the running user may use the credential.
    Access,
    ExternalCredential,
    SigningUse,
    /// What is posted to the token endpoint.
    Request,
    /// What the answering org checks.
    TargetOrg,
    /// The token, and the call itself.
    Call,
    /// The step of whatever component the finding is about.
    Component,
}

/// What the answering org checks, in the order in which it complains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenCheck {
    App,
    Signature,
    Audience,
    Expiry,
    Approval,
    Scopes,
    Session,
}

impl TokenCheck {
    pub const ALL: [TokenCheck; 7] = [
        TokenCheck::App,
        TokenCheck::Signature,
        TokenCheck::Audience,
        TokenCheck::Expiry,
        TokenCheck::Approval,
        TokenCheck::Scopes,
        TokenCheck::Session,
    ];

    pub fn name(self) -> &'static str {
        match self {
            TokenCheck::App => "app",
            TokenCheck::Signature => "signature",
            TokenCheck::Audience => "audience",
            TokenCheck::Expiry => "expiry",
            TokenCheck::Approval => "approval",
            TokenCheck::Scopes => "scopes",
            TokenCheck::Session => "session",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stops {
    Certainly,
    Possibly,
}

/// A page, taken apart.
#[derive(Clone, Debug)]
pub struct Page {
    pub head: Head,
    /// The first paragraph, on one line.
    pub summary: String,
    /// Everything after the head.
    pub body: String,
}

/// Splits a page into name, head and body.
///
/// # Errors
/// Says which part of the form is missing.
pub fn split(text: &str) -> Result<(&str, &str, &str), String> {
    let parts = || {
        let (name, rest) = text.strip_prefix("# ")?.split_once("\n\n```toml\n")?;
        let (head, body) = rest.split_once("```\n\n")?;
        let plain = !name.is_empty()
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        plain.then_some((name, head, body))
    };
    parts().ok_or_else(|| {
        "the page does not begin with `# name`, a blank line and a TOML head in a code fence"
            .to_owned()
    })
}

/// The first paragraph of a body, on one line.
pub fn first_paragraph(body: &str) -> String {
    body.trim_start()
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

impl Head {
    /// Whether a callout ends at the fault.
    pub fn stops(&self) -> Stops {
        self.stops.unwrap_or(if self.severity == Severity::Error {
            Stops::Certainly
        } else {
            Stops::Possibly
        })
    }
}

impl Page {
    /// Parses the text of a rule's page.
    ///
    /// # Errors
    /// Says what is wrong with the page; the rule book's test keeps this from ever reaching a user.
    pub fn parse(text: &str) -> Result<Page, String> {
        let (_, head, body) = split(text)?;
        let head: Head = toml::from_str(head).map_err(|error| error.to_string())?;
        Ok(Page { head, summary: first_paragraph(body), body: body.to_owned() })
    }
}

impl Rule {
    /// The page; the rule book's test proves that it parses.
    pub fn page(&self) -> Page {
        Page::parse(self.text).unwrap_or_else(|problem| panic!("rules/{}.md: {problem}", self.name))
    }
}
