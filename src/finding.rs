//! What a rule found: a message with the places that show it, the fix, and nothing about how it is printed.

use std::fmt;

use serde::Deserialize;

use crate::model::{Component, JwtCredential};
use crate::source::{Span, Spanned, Syntax, Text};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Works; worth knowing.
    Note,
    /// Works today or cannot be proven to fail, but will break, weaken or mislead.
    Warning,
    /// The callout or the deployment fails, or a secret leaks.
    Error,
}

/// A place that a finding points at, and what to say there.
#[derive(Clone, Debug)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One fault.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    /// Where the fault is, and a few words there.
    pub primary: Label,
    /// Where else, in the order in which to look.
    pub related: Vec<Label>,
    pub help: Option<String>,
    pub fix: Option<Fix>,
    /// Names of answer pages: what Salesforce says at run time.
    pub answers: Vec<String>,
    pub component: Component,
    /// What of the component it is about; part of the fingerprint.
    pub field: String,
}

/// A change that would mend it.
#[derive(Clone, Debug)]
pub struct Fix {
    pub title: String,
    /// Mechanical, and keeps the meaning.
    pub safe: bool,
    pub edits: Vec<Edit>,
}

/// A change of bytes. It says what, and [`crate::fix`] finds the blanks that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The text, as it must stand in the file, takes the place of the span; an empty span inserts.
    Replace(Span, String),
    /// The element or entry goes, with its line where it has one to itself.
    Remove(Span),
    /// New lines before the element, indented as it is.
    LineBefore(Span, String),
    /// New lines after the element, indented as it is.
    LineAfter(Span, String),
}

impl Edit {
    /// Gives a text a new value, in the syntax it is written in. `None` where no edit can keep the form.
    pub fn replace(text: &Text, value: &str) -> Option<Edit> {
        escaped(value, text.syntax).map(|escaped| Edit::Replace(text.span, escaped))
    }

    /// Adds a setting behind the one that makes a credential a JWT credential, in the form of its file.
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

    /// As [`Edit::replace`], and takes the blanks around the text away.
    pub fn replace_trimmed(text: &Text, value: &str) -> Option<Edit> {
        escaped(value, text.syntax).map(|escaped| Edit::Replace(text.outer, escaped))
    }
}

/// One setting of a JWT credential, by the names that it has in each form.
pub struct Setting {
    /// Element of a legacy named credential.
    pub legacy: &'static str,
    /// Name and type of an external credential's parameter.
    pub kind: &'static str,
    /// The element of the parameter that holds the value.
    pub element: &'static str,
    /// Key of a description.
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

/// Where checks put what they find.
#[derive(Debug, Default)]
pub struct Findings {
    pub(crate) all: Vec<Draft>,
}

/// A finding without what the rule's page adds.
#[derive(Debug)]
pub(crate) struct Draft {
    pub message: String,
    pub primary: Label,
    pub related: Vec<Label>,
    pub help: Option<String>,
    pub fix: Option<Fix>,
    pub component: Component,
    pub field: String,
    /// Which of the settings' own rules it comes from.
    pub entry: Option<usize>,
}

/// Adds to the finding that was just made.
pub struct FindingBuilder<'a>(&'a mut Draft);

impl Findings {
    /// Reports a fault of `component` at `place`. `message` says what is, with the value; lower case, no final stop.
    pub fn at(
        &mut self,
        component: &Component,
        place: &impl Spanned,
        message: impl Into<String>,
    ) -> FindingBuilder<'_> {
        self.all.push(Draft {
            message: message.into(),
            primary: Label { span: place.span(), text: String::new() },
            related: Vec::new(),
            help: None,
            fix: None,
            component: component.clone(),
            field: String::new(),
            entry: None,
        });
        FindingBuilder(self.all.last_mut().expect("one was just pushed"))
    }
}

impl FindingBuilder<'_> {
    /// A few words at the primary place.
    pub fn label(self, text: impl Into<String>) -> Self {
        self.0.primary.text = text.into();
        self
    }

    /// Another place, and what it shows.
    pub fn related(self, place: &impl Spanned, text: impl Into<String>) -> Self {
        self.0.related.push(Label { span: place.span(), text: text.into() });
        self
    }

    /// [`FindingBuilder::related`] for a place that may not be known.
    pub fn related_to(self, place: Option<impl Spanned>, text: impl Into<String>) -> Self {
        match place {
            Some(place) => self.related(&place, text),
            None => self,
        }
    }

    /// What to do. Labels in Setup may be written `*Like This*`; the stars are taken off.
    pub fn help(self, text: impl Into<String>) -> Self {
        let text: String = text.into();
        let pairs = text.matches('*').count().is_multiple_of(2)
            && !text.contains("`*")
            && !text.contains("*.");
        self.0.help = Some(if pairs { text.replace('*', "") } else { text });
        self
    }

    /// What of the component it is about, as `aud`: tells findings of one rule and component apart.
    pub fn field(self, name: impl Into<String>) -> Self {
        self.0.field = name.into();
        self
    }

    /// It comes from this one of the settings' own rules, which may have a severity of its own.
    pub fn entry(self, order: usize) -> Self {
        self.0.entry = Some(order);
        self
    }

    /// A mechanical fix that keeps the meaning.
    pub fn safe_fix(self, title: impl Into<String>, edits: impl IntoIterator<Item = Edit>) -> Self {
        self.fix(title, true, edits)
    }

    /// A fix that a person must agree to.
    pub fn unsafe_fix(
        self,
        title: impl Into<String>,
        edits: impl IntoIterator<Item = Edit>,
    ) -> Self {
        self.fix(title, false, edits)
    }

    fn fix(
        self,
        title: impl Into<String>,
        safe: bool,
        edits: impl IntoIterator<Item = Edit>,
    ) -> Self {
        let edits: Vec<Edit> = edits.into_iter().collect();
        if !edits.is_empty() {
            self.0.fix = Some(Fix { title: title.into(), safe, edits });
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
