//! What has to be known to write a setup. Each answer has a key, a question, a default and a check; flags, questions on a
//! terminal and the file of answers are three ways to give the same answers.

use std::collections::BTreeMap;

use crate::description::{Reader, parse_yaml};
use crate::error::Error;
use crate::init;
use crate::model::{ConsumerKey, Host, Url, is_developer_name};
use crate::schema;
use crate::source::{Certainty, FileId, Span, Syntax, Text};

/// One thing to know, in the order of the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    Flow,
    Target,
    Hub,
    HubAlias,
    Spoke,
    SpokeAlias,
    Url,
    TokenUrl,
    AuthorizeUrl,
    Scope,
    Header,
    AwsRegion,
    AwsService,
    Path,
    IntegrationUser,
    Caller,
    App,
    ContactEmail,
    Name,
    CertificateName,
    ReuseCertificate,
    ConsumerKey,
    Namespace,
    ApiVersion,
}

/// How a callout authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipe {
    JwtBearer,
    ClientCredentials,
    AuthorizationCode,
    ApiKey,
    Basic,
    Aws,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Another org.
    Org,
    /// The org that makes the callout.
    OwnOrg,
    /// A service that is not Salesforce.
    Service,
}

/// The answers so far. All of them have passed their check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<Answer, String>);

/// An answer that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub answer: Answer,
    pub reason: String,
}

impl Recipe {
    pub const ALL: [Recipe; 6] = [
        Recipe::JwtBearer,
        Recipe::ClientCredentials,
        Recipe::AuthorizationCode,
        Recipe::ApiKey,
        Recipe::Basic,
        Recipe::Aws,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Recipe::JwtBearer => "jwt-bearer",
            Recipe::ClientCredentials => "client-credentials",
            Recipe::AuthorizationCode => "authorization-code",
            Recipe::ApiKey => "api-key",
            Recipe::Basic => "basic",
            Recipe::Aws => "aws",
        }
    }

    /// Whether it can log in to a Salesforce org.
    fn is_for_orgs(self) -> bool {
        match self {
            Recipe::JwtBearer | Recipe::ClientCredentials | Recipe::AuthorizationCode => true,
            Recipe::ApiKey | Recipe::Basic | Recipe::Aws => false,
        }
    }

    /// Whether it can log in to another service.
    fn is_for_services(self) -> bool {
        match self {
            Recipe::JwtBearer => false,
            Recipe::ClientCredentials
            | Recipe::AuthorizationCode
            | Recipe::ApiKey
            | Recipe::Basic
            | Recipe::Aws => true,
        }
    }

    /// The first API version whose metadata can express it: external auth identity providers are complete since 63.
    fn first_version(self) -> u32 {
        match self {
            Recipe::AuthorizationCode => 63,
            Recipe::JwtBearer
            | Recipe::ClientCredentials
            | Recipe::ApiKey
            | Recipe::Basic
            | Recipe::Aws => OLDEST_VERSION,
        }
    }
}

/// The API versions that the metadata is written for.
const OLDEST_VERSION: u32 = 60;
const NEWEST_VERSION: u32 = 68;
const DEFAULT_VERSION: &str = "64.0";
/// The suffixes of names that are derived from it must fit into 40 characters.
const MAX_NAME: usize = 30;

const TARGETS: [(&str, Target); 3] =
    [("org", Target::Org), ("own-org", Target::OwnOrg), ("service", Target::Service)];
/// The kinds of apps; the first one is the default.
pub const APPS: [&str; 2] = ["external-client-app", "connected-app"];

impl Answer {
    pub const ALL: [Answer; 24] = [
        Answer::Flow,
        Answer::Target,
        Answer::Hub,
        Answer::HubAlias,
        Answer::Spoke,
        Answer::SpokeAlias,
        Answer::Url,
        Answer::TokenUrl,
        Answer::AuthorizeUrl,
        Answer::Scope,
        Answer::Header,
        Answer::AwsRegion,
        Answer::AwsService,
        Answer::Path,
        Answer::IntegrationUser,
        Answer::Caller,
        Answer::App,
        Answer::ContactEmail,
        Answer::Name,
        Answer::CertificateName,
        Answer::ReuseCertificate,
        Answer::ConsumerKey,
        Answer::Namespace,
        Answer::ApiVersion,
    ];

    /// Its key in a file of answers.
    pub fn key(self) -> &'static str {
        self.words().0
    }

    /// How it is given on the command line.
    pub fn flag(self) -> String {
        match self {
            Answer::Flow => "FLOW".to_owned(),
            Answer::Target => "--own-org".to_owned(),
            other => format!("--{}", other.key().replace('_', "-")),
        }
    }

    /// The question, and a line that explains it.
    pub fn question(self) -> (&'static str, &'static str) {
        let (_, question, why) = self.words();
        (question, why)
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Answer::Flow => (
                "flow",
                "Flow",
                "jwt-bearer needs no shared secret; client-credentials needs one; authorization-code logs in once in a browser; api-key, basic and aws are for services that are not Salesforce",
            ),
            Answer::Target => (
                "target",
                "What is called",
                "another Salesforce org (org), the org itself (own-org), or another service (service)",
            ),
            Answer::Hub => (
                "hub",
                "My Domain of the calling org",
                "the org whose Apex makes the callouts, such as https://acme.my.salesforce.com: see Setup > My Domain",
            ),
            Answer::HubAlias => (
                "hub_alias",
                "Alias of the calling org",
                "its name in the Salesforce CLI, for the commands of the steps; `sf org list` shows it",
            ),
            Answer::Spoke => (
                "spoke",
                "My Domain of the target org",
                "the org that is called, such as https://billing--uat.sandbox.my.salesforce.com: see Setup > My Domain of that org",
            ),
            Answer::SpokeAlias => (
                "spoke_alias",
                "Alias of the target org",
                "its name in the Salesforce CLI, for the commands of the steps",
            ),
            Answer::Url => (
                "url",
                "URL of the service",
                "the common beginning of all URLs that are called, such as https://api.weather.example/v1",
            ),
            Answer::TokenUrl => (
                "token_url",
                "Token endpoint of the service",
                "where it issues access tokens, such as https://login.weather.example/oauth/token",
            ),
            Answer::AuthorizeUrl => (
                "authorize_url",
                "Authorization endpoint of the service",
                "where a browser logs in, such as https://login.weather.example/oauth/authorize",
            ),
            Answer::Scope => {
                ("scope", "Scopes to ask for", "separated by spaces; ask for as few as possible")
            }
            Answer::Header => (
                "header",
                "Header of the API key",
                "the name of the HTTP header that the service expects the key in",
            ),
            Answer::AwsRegion => ("aws_region", "AWS region", "such as us-east-1"),
            Answer::AwsService => (
                "aws_service",
                "AWS service",
                "its name in signatures, such as s3, execute-api or lambda",
            ),
            Answer::Path => (
                "path",
                "Path of a harmless read",
                "the test sends GET to it; choose one that the service refuses without a login",
            ),
            Answer::IntegrationUser => (
                "integration_user",
                "Username to log in as",
                "the integration user in the target org; the callouts can do what this user may do",
            ),
            Answer::Caller => (
                "caller",
                "Username of the caller",
                "the user in the calling org whose transactions make the callouts, such as the owner of a scheduled job",
            ),
            Answer::App => (
                "app",
                "Kind of app",
                "external-client-app, or connected-app if the org cannot use external client apps",
            ),
            Answer::ContactEmail => (
                "contact_email",
                "Contact email of the app",
                "Salesforce requires one; a mailbox of the team is best",
            ),
            Answer::Name => (
                "name",
                "Name of the credential",
                "Apex calls `callout:NAME/…`; a letter, then letters, digits and single underscores",
            ),
            Answer::CertificateName => (
                "certificate_name",
                "Unique name of the certificate",
                "of the key pair in the calling org that signs",
            ),
            Answer::ReuseCertificate => (
                "reuse_certificate",
                "Certificate to reuse",
                "the unique name of a certificate that the calling org has already",
            ),
            Answer::ConsumerKey => (
                "consumer_key",
                "Consumer key of the app",
                "of an app that exists already, or of your choice for a connected app",
            ),
            Answer::Namespace => (
                "namespace",
                "Namespace of the calling org's project",
                "only for projects that develop a managed package",
            ),
            Answer::ApiVersion => ("api_version", "API version", "of the metadata that is written"),
        }
    }

    /// Whether the answer matters at all, by the answers to earlier questions.
    pub fn applies(self, answers: &Answers) -> bool {
        let recipe = answers.recipe();
        let target = answers.target();
        let is_service = target == Target::Service;
        match self {
            Answer::Target => recipe.is_for_orgs(),
            Answer::Spoke | Answer::SpokeAlias => target == Target::Org,
            Answer::Url | Answer::Path => is_service,
            Answer::TokenUrl => {
                is_service
                    && matches!(recipe, Recipe::ClientCredentials | Recipe::AuthorizationCode)
            }
            Answer::AuthorizeUrl | Answer::Scope => {
                is_service && recipe == Recipe::AuthorizationCode
            }
            Answer::Header => recipe == Recipe::ApiKey,
            Answer::AwsRegion | Answer::AwsService => recipe == Recipe::Aws,
            Answer::IntegrationUser | Answer::App | Answer::ContactEmail => !is_service,
            Answer::CertificateName | Answer::ReuseCertificate => recipe == Recipe::JwtBearer,
            // Salesforce generates that of an external client app.
            Answer::ConsumerKey => !is_service && answers.get(Answer::App) == Some(APPS[1]),
            Answer::Flow
            | Answer::Hub
            | Answer::HubAlias
            | Answer::Caller
            | Answer::Name
            | Answer::Namespace
            | Answer::ApiVersion => true,
        }
    }

    /// Whether a setup can do without it. It is then not asked for.
    pub fn is_optional(self) -> bool {
        matches!(
            self,
            Answer::ReuseCertificate | Answer::ConsumerKey | Answer::Namespace | Answer::Scope
        )
    }

    /// Whether its default is so rarely changed that a terminal does not ask for it.
    pub fn is_rarely_changed(self) -> bool {
        self.is_optional()
            || matches!(self, Answer::App | Answer::CertificateName | Answer::ApiVersion)
    }

    /// The answer if none is given.
    pub fn default(self, answers: &Answers) -> Option<String> {
        Some(match self {
            Answer::Flow => Recipe::JwtBearer.name().to_owned(),
            Answer::Target => "org".to_owned(),
            Answer::HubAlias if answers.target() == Target::Org => "hub".to_owned(),
            Answer::HubAlias => "my-org".to_owned(),
            Answer::SpokeAlias => "spoke".to_owned(),
            Answer::App => APPS[0].to_owned(),
            Answer::Header => "X-Api-Key".to_owned(),
            Answer::Path => "/".to_owned(),
            Answer::ApiVersion => DEFAULT_VERSION.to_owned(),
            Answer::Name => match answers.target() {
                Target::Org => name_of(answers.get(Answer::Spoke)?),
                Target::OwnOrg => "Own_Org".to_owned(),
                Target::Service => name_of(answers.get(Answer::Url)?),
            },
            Answer::CertificateName => {
                let reused = answers.get(Answer::ReuseCertificate).map(str::to_owned);
                let name = || answers.get(Answer::Name).map(str::to_owned);
                let name = || name().or_else(|| Answer::Name.default(answers));
                reused.or_else(|| name().map(|name| format!("{name}_Signing")))?
            }
            Answer::Hub
            | Answer::Spoke
            | Answer::Url
            | Answer::TokenUrl
            | Answer::AuthorizeUrl
            | Answer::Scope
            | Answer::AwsRegion
            | Answer::AwsService
            | Answer::IntegrationUser
            | Answer::Caller
            | Answer::ContactEmail
            | Answer::ReuseCertificate
            | Answer::ConsumerKey
            | Answer::Namespace => return None,
        })
    }

    /// The answer as it is used.
    ///
    /// # Errors
    /// Why it cannot be one.
    pub fn check(self, typed: &str) -> Result<String, String> {
        let typed = typed.trim();
        let text = Text::at(typed, Span::new(FileId(0), 0, 0), Syntax::Verbatim);
        if text.certainty != Certainty::Known {
            return Err(format!("`{typed}` is a placeholder"));
        }
        let refuse = |expected: &str| Err(format!("`{typed}` is not {expected}"));
        let accept = |is_usable: bool, expected: &str| {
            if is_usable { Ok(typed.to_owned()) } else { refuse(expected) }
        };
        let one_of = |words: &[&str]| match words.contains(&typed) {
            true => Ok(typed.to_owned()),
            false => Err(format!("`{typed}` is not one of {}", words.join(", "))),
        };
        let consists_of = |text: &str, marks: &str| {
            text.chars()
                .all(|character| character.is_ascii_alphanumeric() || marks.contains(character))
        };
        let is_user = || {
            typed.len() <= 80
                && consists_of(typed, "@._+-'")
                && !typed.starts_with('-')
                && typed.split_once('@').is_some_and(|(before, after)| {
                    !before.is_empty() && after.contains('.') && !after.contains('@')
                })
        };
        match self {
            Answer::Flow => one_of(&Recipe::ALL.map(Recipe::name)),
            Answer::Target => one_of(&TARGETS.map(|(name, _)| name)),
            Answer::App => one_of(&APPS),
            Answer::Hub | Answer::Spoke => {
                let host = Host::parse(&Url::parse(typed).host);
                match host.my_domain().or_else(|| host.is_my_domain().then(|| host.clone())) {
                    Some(domain) => Ok(format!("https://{}", domain.as_str())),
                    None => refuse("a My Domain URL such as `https://acme.my.salesforce.com`"),
                }
            }
            Answer::HubAlias | Answer::SpokeAlias => accept(
                !typed.is_empty() && consists_of(typed, "@._+-") && !typed.starts_with('-'),
                "an alias or username of letters, digits and `@._+-`",
            ),
            Answer::Url | Answer::TokenUrl | Answer::AuthorizeUrl => {
                let host = Url::parse(typed).host;
                let is_url = typed
                    .strip_prefix("https://")
                    .is_some_and(|rest| consists_of(rest, "-._~:/%") && host.contains('.'));
                match is_url {
                    true if Host::parse(&host).is_salesforce() => Err(format!(
                        "`{typed}` is a Salesforce host: give the My Domain as `--spoke`"
                    )),
                    true => Ok(typed.trim_end_matches('/').to_owned()),
                    false => refuse("an HTTPS URL without query"),
                }
            }
            Answer::Path => accept(
                typed.starts_with('/') && consists_of(typed, "-._~:/%?=&,"),
                "a path that begins with `/`",
            ),
            Answer::Scope => {
                accept(!typed.is_empty() && consists_of(typed, "-._:/ "), "a list of scopes")
            }
            Answer::Header => accept(
                !typed.is_empty() && consists_of(typed, "-"),
                "the name of a header, of letters, digits and hyphens",
            ),
            Answer::AwsRegion | Answer::AwsService => accept(
                !typed.is_empty()
                    && consists_of(typed, "-")
                    && !typed.contains(|character: char| character.is_ascii_uppercase()),
                "made of lowercase letters, digits and hyphens",
            ),
            Answer::IntegrationUser | Answer::Caller => {
                accept(is_user(), "a username, which has the form of an email address")
            }
            Answer::ContactEmail => accept(is_user(), "an email address"),
            Answer::Name => accept(
                is_developer_name(typed) && typed.len() <= MAX_NAME,
                "a name: a letter, then up to 29 letters, digits and single underscores",
            ),
            Answer::CertificateName | Answer::ReuseCertificate => accept(
                is_developer_name(typed) && typed.len() <= 64,
                "the unique name of a certificate",
            ),
            Answer::Namespace => {
                accept(is_developer_name(typed) && typed.len() <= 15, "a namespace")
            }
            Answer::ConsumerKey => {
                let key = ConsumerKey::new(typed);
                match key.as_str() == typed && key.is_possible() {
                    true => Ok(typed.to_owned()),
                    // What was pasted can be a secret.
                    false => Err("this is not a consumer key".to_owned()),
                }
            }
            Answer::ApiVersion => {
                let whole = typed.strip_suffix(".0").unwrap_or(typed);
                match whole.parse::<u32>() {
                    Ok(version @ OLDEST_VERSION..=NEWEST_VERSION) => Ok(format!("{version}.0")),
                    _ => refuse(&format!(
                        "an API version from {OLDEST_VERSION}.0 to {NEWEST_VERSION}.0"
                    )),
                }
            }
        }
    }
}

/// A name for what a URL leads to: `https://billing--uat.sandbox.my.salesforce.com` is `Billing_Uat`.
pub(super) fn name_of(url: &str) -> String {
    let host = Url::parse(url).host;
    let labels: Vec<&str> =
        host.split('.').filter(|label| !matches!(*label, "api" | "www")).collect();
    let first = labels.first().copied().unwrap_or_default();
    let words = first.split(['-', '_']).filter(|word| !word.is_empty()).map(|word| {
        let (initial, rest) = word.split_at(1);
        format!("{}{}", initial.to_ascii_uppercase(), rest.to_ascii_lowercase())
    });
    let mut name = words.collect::<Vec<_>>().join("_");
    if !name.starts_with(|initial: char| initial.is_ascii_alphabetic()) {
        name.insert_str(0, "Org_");
    }
    name.truncate(MAX_NAME);
    name.trim_end_matches('_').to_owned()
}

impl Answers {
    pub fn get(&self, answer: Answer) -> Option<&str> {
        self.0.get(&answer).map(String::as_str)
    }

    /// Keeps an answer unless there is one already.
    ///
    /// # Errors
    /// The answer cannot be used.
    pub fn offer(&mut self, answer: Answer, typed: &str) -> Result<(), Problem> {
        let value = answer.check(typed).map_err(|reason| Problem { answer, reason })?;
        self.0.entry(answer).or_insert(value);
        Ok(())
    }

    /// Adds the answers of a file to those of the command line, which come first.
    pub fn add(&mut self, others: Answers) {
        for (answer, value) in others.0 {
            self.0.entry(answer).or_insert(value);
        }
    }

    pub fn recipe(&self) -> Recipe {
        let name = self.get(Answer::Flow);
        Recipe::ALL
            .into_iter()
            .find(|recipe| Some(recipe.name()) == name)
            .unwrap_or(Recipe::JwtBearer)
    }

    pub fn target(&self) -> Target {
        if !self.recipe().is_for_orgs() {
            return Target::Service;
        }
        let named = self.get(Answer::Target);
        let named =
            TARGETS.into_iter().find(|(name, _)| Some(*name) == named).map(|(_, target)| target);
        let given = || match self.get(Answer::Url).is_some() {
            true => Target::Service,
            false => Target::Org,
        };
        named.unwrap_or_else(given)
    }

    /// What is neither given nor has a default.
    pub fn missing(&self) -> Vec<Answer> {
        Answer::ALL
            .into_iter()
            .filter(|answer| {
                answer.applies(self)
                    && !answer.is_optional()
                    && self.get(*answer).is_none()
                    && answer.default(self).is_none()
            })
            .collect()
    }

    /// The answers that are missing, without those that get a default from one of the others.
    pub fn missing_without_defaults(&self) -> Vec<Answer> {
        let missing = self.missing();
        let mut guess = self.clone();
        for answer in &missing {
            guess.0.insert(*answer, "https://example.my.salesforce.com".to_owned());
        }
        missing
            .into_iter()
            .filter(|answer| {
                let mut others = guess.clone();
                others.0.remove(answer);
                answer.default(&others).is_none()
            })
            .collect()
    }

    /// The answers with all defaults, and without those that do not matter.
    ///
    /// # Errors
    /// Answers that contradict each other.
    pub fn completed(&self) -> Result<Answers, Vec<Problem>> {
        let mut complete = Answers::default();
        for answer in Answer::ALL.into_iter().filter(|answer| answer.applies(self)) {
            let value =
                self.get(answer).map(str::to_owned).or_else(|| match answer.is_optional() {
                    true => None,
                    false => answer.default(self),
                });
            if let Some(value) = value {
                complete.0.insert(answer, value);
            }
        }
        let mut problems = self.unused();
        problems.extend(complete.contradictions());
        if problems.is_empty() { Ok(complete) } else { Err(problems) }
    }

    /// Answers that this setup does not use. They would mean something else than what is written.
    pub fn unused(&self) -> Vec<Problem> {
        let recipe = self.recipe();
        if self.target() == Target::Service && !recipe.is_for_services() {
            let reason = format!(
                "the flow {} is for Salesforce orgs: choose another flow for another service",
                recipe.name()
            );
            return vec![Problem { answer: Answer::Flow, reason }];
        }
        let unused = |answer: &Answer| match answer {
            Answer::Target => !recipe.is_for_orgs() && self.get(Answer::Target) != Some("service"),
            other => !other.applies(self),
        };
        let given = self.0.keys().copied().filter(unused);
        given
            .map(|answer| Problem {
                answer,
                reason: match answer {
                    Answer::Target => {
                        format!("the flow {} is for other services: give `--url`", recipe.name())
                    }
                    Answer::ConsumerKey if recipe == Recipe::JwtBearer => "Salesforce generates the key of an external client app: give it to `sfcred new --resume` when the app exists".to_owned(),
                    _ => format!(
                        "the flow {} does not use it {}",
                        recipe.name(),
                        match self.target() {
                            Target::Org => "between two orgs",
                            Target::OwnOrg => "in an org that calls itself",
                            Target::Service => "for another service",
                        }
                    ),
                },
            })
            .collect()
    }

    fn contradictions(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |answer, reason: String| problems.push(Problem { answer, reason });
        let recipe = self.recipe();
        let version = self.get(Answer::ApiVersion).unwrap_or(DEFAULT_VERSION);
        let first = recipe.first_version();
        let whole = version.strip_suffix(".0").unwrap_or(version).parse::<u32>();
        if whole.is_ok_and(|version| version < first) {
            problem(
                Answer::ApiVersion,
                format!("the flow {} needs API version {first}.0 or later", recipe.name()),
            );
        }
        if self.get(Answer::Spoke).is_some() && self.get(Answer::Spoke) == self.get(Answer::Hub) {
            let reason =
                "both orgs have the same My Domain: use `--own-org` for an org that calls itself";
            problem(Answer::Spoke, reason.to_owned());
        }
        let hub = Host::parse(&Url::parse(self.get(Answer::Hub).unwrap_or_default()).host);
        let called = match self.get(Answer::Spoke) {
            Some(spoke) => Host::parse(&Url::parse(spoke).host),
            None => hub,
        };
        if recipe == Recipe::JwtBearer && called.accepted_audience().is_none() {
            let answer = if self.target() == Target::Org { Answer::Spoke } else { Answer::Hub };
            let reason = format!("the audience for `{}` is not documented", called.as_str());
            problem(answer, reason);
        }
        problems
    }

    /// The file of answers.
    pub fn text(&self) -> String {
        let mut lines = vec![
            format!("# yaml-language-server: $schema={}", schema::NEW.url),
            "# The answers that this setup was written from. `sfcred new --resume` reads them."
                .to_owned(),
        ];
        let line = |(answer, value): (&Answer, &String)| {
            format!("{}: {}", answer.key(), init::scalar(value))
        };
        lines.extend(self.0.iter().map(line));
        lines.push(String::new());
        lines.join("\n")
    }
}

/// Reads a file of answers.
///
/// # Errors
/// Every mistake in it, with its place.
pub fn parse(name: &str, text: &str) -> Result<Answers, Error> {
    let fail = |mistakes| Error::mistakes(name, text, mistakes);
    let root = parse_yaml(text).map_err(|mistake| fail(vec![mistake]))?;
    let mut reader = Reader { file: FileId(0), mistakes: Vec::new() };
    let mut answers = Answers::default();
    if let Some(mut fields) = reader.mapping(&root, "the answers") {
        for answer in Answer::ALL {
            let Some(typed) = fields.text(answer.key(), &mut reader) else { continue };
            if let Err(problem) = answers.offer(answer, typed.as_str()) {
                let key = answer.key();
                reader.mistake(typed.span, format!("`{key}`: {}", problem.reason), None);
            }
        }
        fields.finish(&mut reader);
    }
    if reader.mistakes.is_empty() { Ok(answers) } else { Err(fail(reader.mistakes)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_derived_from_the_host() {
        for (url, name) in [
            ("https://billing--uat.sandbox.my.salesforce.com", "Billing_Uat"),
            ("https://acme.my.salesforce.com", "Acme"),
            ("https://api.weather.example/v1", "Weather"),
            ("https://3m--x.sandbox.my.salesforce.com", "Org_3m_X"),
            (
                "https://computing-inspiration-9876-dev-ed.scratch.my.salesforce.com",
                "Computing_Inspiration_9876_Dev",
            ),
        ] {
            assert_eq!(name_of(url), name);
            assert!(Answer::Name.check(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_an_answer_is_refused() {
        for (answer, typed) in [
            (Answer::Flow, "jwt"),
            (Answer::Hub, "https://login.salesforce.com"),
            (Answer::Hub, "https://YOUR_DOMAIN.my.salesforce.com"),
            (Answer::Spoke, "acme"),
            (Answer::HubAlias, "--json"),
            (Answer::HubAlias, "a b"),
            (Answer::IntegrationUser, "integration"),
            (Answer::IntegrationUser, "a$(x)@acme.example"),
            (Answer::Url, "http://api.weather.example"),
            (Answer::Url, "https://api.weather.example?key=1"),
            (Answer::Url, "https://acme.my.salesforce.com"),
            (Answer::Name, "Spoke__Org"),
            (Answer::Name, "1st"),
            (Answer::Name, "a_name_that_is_longer_than_thirty"),
            (Answer::Header, "X Key"),
            (Answer::ConsumerKey, "short"),
            (Answer::ApiVersion, "59.0"),
        ] {
            assert!(answer.check(typed).is_err(), "{answer:?} {typed}");
        }
        let lightning =
            Answer::Hub.check("https://acme--uat.sandbox.lightning.force.com/lightning/");
        assert_eq!(lightning.as_deref(), Ok("https://acme--uat.sandbox.my.salesforce.com"));
    }

    #[test]
    fn answers_survive_their_file() {
        let mut answers = Answers::default();
        for (answer, typed) in [
            (Answer::Hub, "https://acme--uat.sandbox.my.salesforce.com"),
            (Answer::Spoke, "https://billing--uat.sandbox.my.salesforce.com"),
            (Answer::Caller, "batch@acme.example.uat"),
            (Answer::IntegrationUser, "o'neill@billing.example.uat"),
            (Answer::ContactEmail, "ops@acme.example"),
        ] {
            answers.offer(answer, typed).unwrap();
        }
        assert_eq!(answers.missing(), []);
        let complete = answers.completed().unwrap();
        assert_eq!(parse("answers", &complete.text()).unwrap(), complete);
    }
}
