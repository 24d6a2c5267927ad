//! Rules: a rule is a name, a page and a check. Its severity, error messages and advice are on the
//! page only.

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

/// What a rule checks.
#[derive(Clone, Copy)]
pub enum Check {
    /// The files.
    Files(fn(&Workspace, &mut Findings)),
    /// The run itself, by the findings that its allows cover.
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
    /// The flows whose credentials the rule checks; empty for all flows, or if it checks no credential.
    #[serde(default)]
    pub flows: Vec<Flow>,
    /// What the files must contain for the absence of a finding to mean that nothing is wrong.
    #[serde(default)]
    pub needs: Vec<Input>,
    /// Whether the rule also checks files that `.forceignore` excludes from deployment.
    #[serde(default)]
    pub fires_in_context: bool,
    /// Whether only the vendor of an installed package can remove what the rule reports in it.
    #[serde(default)]
    pub only_for_vendors: bool,
    /// Whether the rule checks the committed files, before `replacements` are applied.
    #[serde(default)]
    pub judges_source: bool,
    /// Whether the rule's fix is safe; `None` without a fix.
    pub fix: Option<FixKind>,
    /// The step at which a callout fails; `None` if the fault affects no callout.
    pub step: Option<Step>,
    /// The check of the target org that fails, if `step` is the target org.
    pub check: Option<TokenCheck>,
    /// Whether the callout certainly fails; by default if the severity is `error`.
    pub stops: Option<Stops>,
    /// Which callouts a finding concerns, besides those that use its component.
    pub concerns: Option<Concerns>,
    /// How editors show what a finding points at.
    pub tag: Option<Tag>,
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

/// How editors show what a finding points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    /// Faded: it can be removed without any other change.
    Unnecessary,
    /// Struck through: Salesforce replaced it.
    Deprecated,
}

/// An input that a rule needs and that the files may lack.
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
    /// Permission set assignments.
    Assignments,
    /// The users that callouts run as.
    RunningUsers,
    Settings,
    /// A request of Apex to a My Domain.
    MyDomainRequest,
}

/// Which callouts a finding concerns besides those that use its component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concerns {
    /// Every callout whose principal the permission set grants.
    PermissionSet,
    /// Every callout with a flow that stores tokens per user.
    StoredTokens,
    /// Every callout that uses any part of the component.
    Component,
    /// Every callout to an app with the same consumer key.
    ConsumerKey,
}

/// A step of a callout, in execution order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The code that makes the callout, and its running user.
    Caller,
    NamedCredential,
    /// Whether the running user may use the credential.
    Access,
    ExternalCredential,
    Signing,
    /// The request to the token endpoint.
    Request,
    /// The checks of the target org.
    TargetOrg,
    /// The callout itself, with the access token.
    Call,
    /// The step of the component that the finding is about.
    Component,
}

/// The checks of the target org, in the order in which it reports errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenCheck {
    App,
    /// The callback URL of the authorization code flow.
    Callback,
    /// PKCE in the authorization code flow.
    CodeChallenge,
    Signature,
    Audience,
    Expiry,
    /// The user that the client credentials flow runs as.
    RunAsUser,
    Approval,
    Scopes,
    Session,
}

impl Step {
    /// Whether the step is in the calling org, before anything is sent.
    pub fn is_before_request(self) -> bool {
        match self {
            Step::Caller
            | Step::NamedCredential
            | Step::Access
            | Step::ExternalCredential
            | Step::Signing
            | Step::Component => true,
            Step::Request | Step::TargetOrg | Step::Call => false,
        }
    }
}

impl TokenCheck {
    pub const ALL: [TokenCheck; 10] = [
        TokenCheck::App,
        TokenCheck::Callback,
        TokenCheck::CodeChallenge,
        TokenCheck::Signature,
        TokenCheck::Audience,
        TokenCheck::Expiry,
        TokenCheck::RunAsUser,
        TokenCheck::Approval,
        TokenCheck::Scopes,
        TokenCheck::Session,
    ];

    /// The checks of the JWT bearer flow.
    pub const OF_JWT: [TokenCheck; 7] = [
        TokenCheck::App,
        TokenCheck::Signature,
        TokenCheck::Audience,
        TokenCheck::Expiry,
        TokenCheck::Approval,
        TokenCheck::Scopes,
        TokenCheck::Session,
    ];

    /// The checks of the client credentials flow.
    pub const OF_CLIENT_CREDENTIALS: [TokenCheck; 4] =
        [TokenCheck::App, TokenCheck::RunAsUser, TokenCheck::Approval, TokenCheck::Scopes];

    /// The checks of the authorization code flow.
    pub const OF_AUTHORIZATION_CODE: [TokenCheck; 5] = [
        TokenCheck::App,
        TokenCheck::Callback,
        TokenCheck::CodeChallenge,
        TokenCheck::Approval,
        TokenCheck::Scopes,
    ];

    /// Whether the error message with this number of passed checks (`check` of an answer page) can come
    /// from this check.
    pub fn can_report(self, passed: u8) -> bool {
        match self {
            TokenCheck::App
            | TokenCheck::Callback
            | TokenCheck::CodeChallenge
            | TokenCheck::RunAsUser => passed <= 2,
            TokenCheck::Signature => passed <= 3,
            TokenCheck::Audience => passed <= 4,
            TokenCheck::Expiry => passed <= 5,
            TokenCheck::Approval => matches!(passed, 6 | 7),
            TokenCheck::Scopes => passed == 8,
            TokenCheck::Session => passed >= 6,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            TokenCheck::App => "app",
            TokenCheck::Callback => "callback",
            TokenCheck::CodeChallenge => "code-challenge",
            TokenCheck::Signature => "signature",
            TokenCheck::Audience => "audience",
            TokenCheck::Expiry => "expiry",
            TokenCheck::RunAsUser => "run-as-user",
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

/// A parsed page.
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
/// Describes which part is missing.
pub fn split(text: &str) -> Result<(&str, &str, &str), String> {
    let parts = || {
        let (name, rest) = text.strip_prefix("# ")?.split_once("\n\n```toml\n")?;
        let (head, body) = rest.split_once("```\n\n")?;
        let plain = !name.is_empty()
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        plain.then_some((name, head, body))
    };
    parts().ok_or_else(|| {
        "the page does not start with `# name`, an empty line and a TOML head in a code fence"
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
    /// Whether a callout certainly or possibly fails because of the fault.
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
    /// Describes what is wrong with the page.
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

    /// The parsed page. A test parses every page, so this cannot panic.
    pub fn page(&self) -> &Page {
        self.page.get_or_init(|| {
            Page::parse(self.text)
                .unwrap_or_else(|problem| panic!("rules/{}.md: {problem}", self.name))
        })
    }
}
