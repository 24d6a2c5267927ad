//! The rule book: a rule is a name, a page and a check. Severity, answers and advice stand on the page, nowhere else.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::finding::{Findings, Severity};
use crate::model::{Flow, Workspace};
use crate::suppress::Suppressions;

/// A rule: a name, a page and a check.
pub struct Rule {
    pub name: &'static str,
    /// The folder of its check and the `category` of its page's head.
    pub category: &'static str,
    /// The text of `rules/<name>.md`.
    pub text: &'static str,
    pub check: Check,
    page: OnceLock<Page>,
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Check {
    /// The files.
    Files(fn(&Workspace, &mut Findings)),
    /// The run itself, by what its allows cover.
    Run(fn(&Workspace, &Suppressions, &mut Findings)),
}

/// The TOML head of a rule's page: everything that is data about the rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Head {
    pub severity: Severity,
    /// The version of sfcred that introduced the rule.
    pub since: String,
    pub category: String,
    /// The flows whose credentials the rule judges; empty if it judges all of them, or no credential.
    #[serde(default)]
    pub flows: Vec<Flow>,
    /// What the files must contain for the absence of a finding to mean that nothing is wrong.
    #[serde(default)]
    pub needs: Vec<Input>,
    /// Whether the rule also reports what is in files that `.forceignore` excludes from deployment.
    #[serde(default)]
    pub fires_in_context: bool,
    /// Whether the rule judges what is committed, not what `replacements` turn it into.
    #[serde(default)]
    pub judges_source: bool,
    /// How the fix is offered, where there is one.
    pub fix: Option<FixKind>,
    /// Where a callout meets the fault; absent where it never does.
    pub step: Option<Step>,
    /// What the answering org checks when it meets the fault; where that is the step, and only there.
    pub check: Option<TokenCheck>,
    /// Whether the callout ends there; by default an error surely does, and the rest perhaps.
    pub stops: Option<Stops>,
    /// Which callouts a finding concerns, if that is more than those that pass through the places it shows.
    pub concerns: Option<Concerns>,
    /// Names of answer pages.
    #[serde(default)]
    pub answers: Vec<String>,
    /// The claim that a finding must be about for the answers to apply.
    pub answers_only_for: Option<String>,
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

/// Something that the files may or may not contain, and that a rule depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    Credential,
    /// A credential that signs a JWT.
    JwtCredential,
    App,
    SigningCertificate,
    PermissionSet,
    PermissionSetGroup,
    Apex,
    Users,
    /// Who has which permission set.
    Assignments,
    /// Who makes the callout.
    RunningUsers,
    Settings,
}

/// What connects a finding to callouts beyond the places it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concerns {
    /// Every callout whose principal the permission set grants.
    PermissionSet,
    /// Every callout with a flow that stores tokens per user.
    StoredTokens,
    /// Every callout that uses the component, whatever part of it.
    Component,
    /// Every callout to an app with the same consumer key.
    ConsumerKey,
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
    Signing,
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
    pub(crate) const fn new(
        name: &'static str,
        category: &'static str,
        text: &'static str,
        check: Check,
    ) -> Rule {
        Rule { name, category, text, check, page: OnceLock::new() }
    }

    /// The parsed page. A test parses every page, so a broken one never reaches a user.
    pub fn page(&self) -> &Page {
        self.page.get_or_init(|| {
            Page::parse(self.text)
                .unwrap_or_else(|problem| panic!("rules/{}.md: {problem}", self.name))
        })
    }
}
