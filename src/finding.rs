//! Findings: a message with the places that show it, and the fix. Printing is the job of `report`.

use std::fmt;

use serde::Deserialize;

use crate::model::{Component, JwtCredential};
use crate::source::{Span, Spanned, Syntax, Text};

/// The maximum number of other places that a finding shows.
const MAX_RELATED: usize = 100;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works, but is worth knowing.
    Note,
    /// It works for now, or may fail; or it weakens security or is misleading.
    Warning,
    /// The callout or the deployment fails, or a secret leaks.
    Error,
}

/// A place that a finding points at, with a short text.
#[derive(Clone, Debug)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A fault that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    /// Whether the files prove that callouts fail because of it, if its rule says so.
    pub proven: bool,
    pub message: String,
    /// The place of the fault.
    pub primary: Label,
    /// Other places that explain the fault, in reading order.
    pub related: Vec<Label>,
    /// How many more places there are.
    pub unlisted: usize,
    pub help: Option<String>,
    pub fix: Option<Fix>,
    /// The names of answer pages: the error messages that Salesforce returns because of the fault.
    pub answers: Vec<String>,
    pub component: Component,
    /// The part of the component that it is about, such as `aud`; part of the fingerprint.
    pub field: String,
}

impl Finding {
    /// Adds another place, or counts it if there are many.
    pub(crate) fn add_related(&mut self, label: Label) {
        list(&mut self.related, &mut self.unlisted, label);
    }
}

fn list(related: &mut Vec<Label>, unlisted: &mut usize, label: Label) {
    if related.len() < MAX_RELATED {
        related.push(label);
    } else {
        *unlisted += 1;
    }
}

/// A set of edits that removes a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    pub title: String,
    pub applicability: Applicability,
    pub edits: Vec<Edit>,
}

/// Whether a fix can be applied without a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The fix keeps the intended meaning; `--fix` applies it.
    Safe,
    /// The result must be reviewed; applied with `--unsafe-fixes` only.
    Unsafe,
}

impl Fix {
    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
}

/// A change of a file. [`crate::autofix::edits`] adds the whitespace that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Replaces the span by text that is already escaped; inserts it if the span is empty.
    Replace(Span, String),
    /// Removes the element or entry, and its line if nothing else is on it.
    Remove(Span),
    /// Inserts lines before the element, with its indentation.
    LineBefore(Span, String),
    /// Inserts lines after the element, with its indentation.
    LineAfter(Span, String),
}

impl Edit {
    /// The place that it changes, before whitespace is added.
    pub fn span(&self) -> Span {
        match self {
            Edit::Replace(span, _)
            | Edit::Remove(span)
            | Edit::LineBefore(span, _)
            | Edit::LineAfter(span, _) => *span,
        }
    }

    /// Replaces a value, escaped for its syntax. `None` if the syntax cannot represent the new value.
    pub fn replace(text: &Text, value: &str) -> Option<Edit> {
        escaped(value, text.syntax).map(|escaped| Edit::Replace(text.span, escaped))
    }

    /// Adds a setting after the entry that sets the credential's flow, in the format of its file.
    pub fn setting(credential: &JwtCredential, setting: &Setting, value: &str) -> Option<Edit> {
        let (entry, syntax) = credential.flow_entry?;
        let text = match syntax {
            Syntax::Xml | Syntax::Cdata if credential.legacy => {
                format!("<{0}>{1}</{0}>", setting.legacy, escaped(value, Syntax::Xml)?)
            }
            Syntax::Xml | Syntax::Cdata => external_credential_parameter(
                "DefaultGroup",
                setting.kind,
                setting.kind,
                &[(setting.element, value)],
            ),
            Syntax::YamlPlain | Syntax::YamlSingleQuoted | Syntax::YamlDoubleQuoted => {
                format!("{}: {value}", setting.described)
            }
            Syntax::Verbatim => return None,
        };
        Some(Edit::LineAfter(entry, text))
    }

    /// Like [`Edit::replace`], and also removes the whitespace around the value.
    pub fn replace_trimmed(text: &Text, value: &str) -> Option<Edit> {
        escaped(value, text.syntax).map(|escaped| Edit::Replace(text.outer, escaped))
    }
}

/// A setting of a JWT credential, with its name in each file format.
pub struct Setting {
    /// Element of a legacy named credential.
    pub legacy: &'static str,
    /// Name and type of an external credential's parameter.
    pub kind: &'static str,
    /// The element of the parameter that contains the value.
    pub element: &'static str,
    /// Key in `sfcred.yaml`.
    pub described: &'static str,
}

/// One `namedCredentialParameters`, with its lines in the order in which Salesforce writes them.
pub fn named_credential_parameter(name: &str, kind: &str, line: (&str, &str)) -> String {
    let mut fields = [("parameterName", name), ("parameterType", kind), line];
    fields.sort_unstable();
    let inner: Vec<String> = fields
        .iter()
        .map(|(element, value)| {
            format!(
                "    <{element}>{}</{element}>\n",
                escaped(value, Syntax::Xml).unwrap_or_default()
            )
        })
        .collect();
    format!("<namedCredentialParameters>\n{}</namedCredentialParameters>", inner.concat())
}

/// One `externalCredentialParameters`, with its lines in the order in which Salesforce writes them.
pub fn external_credential_parameter(
    group: &str,
    name: &str,
    kind: &str,
    lines: &[(&str, &str)],
) -> String {
    let mut fields =
        vec![("parameterGroup", group), ("parameterName", name), ("parameterType", kind)];
    fields.extend(lines);
    fields.sort_unstable();
    let inner: Vec<String> = fields
        .iter()
        .map(|(element, value)| {
            format!(
                "    <{element}>{}</{element}>\n",
                escaped(value, Syntax::Xml).unwrap_or_default()
            )
        })
        .collect();
    format!("<externalCredentialParameters>\n{}</externalCredentialParameters>", inner.concat())
}

fn escaped(value: &str, syntax: Syntax) -> Option<String> {
    match syntax {
        Syntax::Xml => Some(
            value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;"),
        ),
        Syntax::Cdata => (!value.contains("]]>")).then(|| value.to_owned()),
        Syntax::YamlPlain => {
            let plain = !value.is_empty()
                && value.trim() == value
                && !value.contains(": ")
                && !value.contains(" #")
                && !value.starts_with(|first: char| "!&*-?|>'\"%@`{}[],#:".contains(first));
            plain.then(|| value.to_owned())
        }
        Syntax::YamlSingleQuoted => Some(value.replace('\'', "''")),
        Syntax::YamlDoubleQuoted => Some(value.replace('\\', "\\\\").replace('"', "\\\"")),
        Syntax::Verbatim => None,
    }
}

/// Collects the findings of a check.
#[derive(Debug, Default)]
pub struct Findings {
    pub(crate) all: Vec<Draft>,
}

/// A finding before the data of its rule's page is added.
#[derive(Debug)]
pub(crate) struct Draft {
    pub message: String,
    pub primary: Label,
    pub related: Vec<Label>,
    pub unlisted: usize,
    pub help: Option<String>,
    /// The help for a fault in a description, which replaces that for metadata.
    pub described_help: Option<String>,
    pub fix: Option<Fix>,
    pub component: Component,
    pub field: String,
    /// The index of the custom rule it comes from.
    pub entry: Option<usize>,
    /// The highest severity that the evidence of this finding allows.
    pub at_most: Option<Severity>,
    /// Whether callouts work until the component is deployed.
    pub on_deployment: bool,
    /// The error messages of the rule's page that apply, if not all do.
    pub only_answers: Option<&'static [&'static str]>,
}

impl Draft {
    /// Adds another place, or counts it if there are many.
    pub(crate) fn add_related(&mut self, label: Label) {
        list(&mut self.related, &mut self.unlisted, label);
    }
}

/// Completes a finding that was just reported.
pub struct FindingBuilder<'a>(&'a mut Draft);

impl Findings {
    /// Reports a fault of `component` at `place`. The message states the fault and the value, in lower
    /// case and without a final period.
    pub fn report(
        &mut self,
        component: &Component,
        place: &impl Spanned,
        message: impl Into<String>,
    ) -> FindingBuilder<'_> {
        self.all.push(Draft {
            message: message.into(),
            primary: Label { span: place.span(), text: String::new() },
            related: Vec::new(),
            unlisted: 0,
            help: None,
            described_help: None,
            fix: None,
            component: component.clone(),
            field: String::new(),
            entry: None,
            at_most: None,
            on_deployment: false,
            only_answers: None,
        });
        FindingBuilder(self.all.last_mut().expect("one was just pushed"))
    }
}

impl FindingBuilder<'_> {
    /// A short text for the primary place.
    pub fn label(self, text: impl Into<String>) -> Self {
        self.0.primary.text = text.into();
        self
    }

    /// Adds another place, with a label.
    pub fn related(self, place: &impl Spanned, text: impl Into<String>) -> Self {
        self.0.add_related(Label { span: place.span(), text: text.into() });
        self
    }

    /// Like [`FindingBuilder::related`], if the place is known.
    pub fn related_to(self, place: Option<impl Spanned>, text: impl Into<String>) -> Self {
        match place {
            Some(place) => self.related(&place, text),
            None => self,
        }
    }

    /// Adds the other places of the same fault.
    pub fn also_here(self, places: impl IntoIterator<Item = impl Spanned>) -> Self {
        places.into_iter().fold(self, |finding, place| finding.related(&place, "also here"))
    }

    /// What to do. Labels in Setup may be written `*Like This*`; the asterisks are removed.
    pub fn help(self, text: impl Into<String>) -> Self {
        let text: String = text.into();
        let is_emphasis = text.matches('*').count().is_multiple_of(2)
            && !text.contains("`*")
            && !text.contains("*.");
        self.0.help = Some(if is_emphasis { text.replace('*', "") } else { text });
        self
    }

    /// What to do if the fault is in a description, in which the settings have other names.
    pub fn described_help(self, text: impl Into<String>) -> Self {
        self.0.described_help = Some(text.into());
        self
    }

    /// The part of the component that the finding is about, such as `aud`; distinguishes findings of the same rule and
    /// component.
    pub fn field(self, name: impl Into<String>) -> Self {
        self.0.field = name.into();
        self
    }

    /// The error messages on the rule's page belong to another flow than that of this finding.
    pub fn without_answers(self) -> Self {
        self.only_answers(&[])
    }

    /// Only these of the error messages on the rule's page apply.
    pub fn only_answers(self, names: &'static [&'static str]) -> Self {
        self.0.only_answers = Some(names);
        self
    }

    /// The index of the custom rule it comes from, which may set its own severity.
    pub fn entry(self, order: usize) -> Self {
        self.0.entry = Some(order);
        self
    }

    /// Limits the severity, because the files do not prove this finding as they prove others of its rule.
    pub fn at_most(self, severity: Severity) -> Self {
        self.0.at_most = Some(severity);
        self
    }

    /// The fault has no effect before the component is deployed: until then, callouts work.
    pub fn on_deployment(self) -> Self {
        self.0.on_deployment = true;
        self
    }

    /// A fix that keeps the intended meaning.
    pub fn safe_fix(self, title: impl Into<String>, edits: impl IntoIterator<Item = Edit>) -> Self {
        self.fix(title, Applicability::Safe, edits)
    }

    /// A fix whose result must be reviewed.
    pub fn unsafe_fix(
        self,
        title: impl Into<String>,
        edits: impl IntoIterator<Item = Edit>,
    ) -> Self {
        self.fix(title, Applicability::Unsafe, edits)
    }

    fn fix(
        self,
        title: impl Into<String>,
        applicability: Applicability,
        edits: impl IntoIterator<Item = Edit>,
    ) -> Self {
        let edits: Vec<Edit> = edits.into_iter().collect();
        if !edits.is_empty() {
            self.0.fix = Some(Fix { title: title.into(), applicability, edits });
        }
        self
    }
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
