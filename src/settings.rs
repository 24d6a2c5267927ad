//! Parses `sfcred.toml`.

mod custom;
mod environment;
mod rule_selection;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobMatcher;
use serde::Deserialize;
use serde_spanned::Spanned;
use time::Date;
use time::macros::format_description;

use crate::error::{Error, Mistake};
use crate::finding::Severity;
use crate::model::{CustomRule, Requirement, matches_rule};
use crate::nearest::{Suggestions, nearest};
use crate::pattern::{PatternError, Patterns};
use custom::Custom;
pub use environment::{Environment, EnvironmentTable, Values, read_values};
pub use rule_selection::{RuleSelection, names_a_rule};

/// The lowest severity at which a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

/// The configured severity of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Off,
    Note,
    Warning,
    Error,
}

/// The content of `sfcred.toml`, or the defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    pub fail_on: FailOn,
    pub certificate_warning_days: u32,
    /// Rules, or groups such as `audience-*`, in file order.
    pub rules: Vec<(String, Level)>,
    /// `[[forbid]]` and `[[require]]`, with their severity if they set one.
    pub custom: Vec<(CustomRule, Option<Severity>)>,
    pub allows: Option<Allows>,
    /// Rules, or groups, that neither an allow nor a baseline may suppress.
    pub never_allow: Vec<String>,
    /// The baseline, relative to the working directory.
    pub baseline_file: Option<PathBuf>,
    /// `[env.NAME]`.
    pub environments: BTreeMap<String, EnvironmentTable>,
    /// Display name of the settings file.
    pub file: Option<String>,
    /// The keys with a default that the file sets.
    pub written: Vec<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            fail_on: FailOn::Error,
            certificate_warning_days: 30,
            rules: Vec::new(),
            custom: Vec::new(),
            allows: None,
            never_allow: Vec::new(),
            baseline_file: None,
            environments: BTreeMap::new(),
            file: None,
            written: Vec::new(),
        }
    }
}

/// The `[[allow]]` tables of a settings file.
#[derive(Clone, Debug)]
pub struct Allows {
    /// Display name of the file.
    pub name: String,
    /// The whole file.
    pub text: String,
    pub entries: Vec<AllowEntry>,
}

/// One `[[allow]]`.
#[derive(Clone, Debug)]
pub struct AllowEntry {
    pub rule: Placed<String>,
    pub path: Option<Arc<GlobMatcher>>,
    /// The metadata type and the name.
    pub component: Option<(String, String)>,
    pub until: Option<Placed<Date>>,
    /// The byte range of the table.
    pub whole: std::ops::Range<usize>,
}

/// A value and its byte range in the settings file.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    pub value: T,
    pub start: usize,
    pub end: usize,
}

impl Settings {
    /// Parses a settings file. `name` is relative to the working directory; `known` are the names of all rules.
    ///
    /// # Errors
    /// Every mistake in the file, with its location.
    pub fn parse(name: &str, text: &str, known: &[&str]) -> Result<Settings, Error> {
        let fail = |mistakes| Error::mistakes(name, text, mistakes);
        let file: File = toml::from_str(text).map_err(|error| fail(vec![mistake(&error, text)]))?;
        let mut mistakes = Vec::new();
        let mut suggestions = Suggestions::default();
        let mut patterns = Patterns::default();
        for rule in file
            .rules
            .keys()
            .chain(file.allow.iter().map(|entry| &entry.rule))
            .chain(&file.never_allow)
        {
            let word = rule.get_ref().as_str();
            if !names_a_rule(word, known) {
                let near = suggestions.nearest(word, known.iter().copied());
                mistakes.push(Mistake {
                    message: format!("unknown rule `{word}`"),
                    start: rule.span().start,
                    end: rule.span().end,
                    help: Some(near.map_or_else(
                        || "`sfcred rules` lists all rules".into(),
                        |near| format!("did you mean `{near}`?"),
                    )),
                    related: None,
                });
            }
        }
        let forbidden = file.forbid.iter().map(|entry| (Requirement::Forbid, entry));
        let required = file.require.iter().map(|entry| (Requirement::Require, entry));
        let custom: Vec<_> = forbidden
            .chain(required)
            .filter_map(|(demand, entry)| entry.read(demand, &mut patterns, &mut mistakes))
            .collect();
        let mut allows = Vec::new();
        for entry in &file.allow {
            allows.push(allow(entry, text, &mut patterns, &mut mistakes));
            // The paths of the others would not fit either.
            if mistakes.last().is_some_and(|mistake| mistake.message == TOO_MANY_PATHS) {
                break;
            }
        }
        for never in &file.never_allow {
            report_conflicts(never, &file, &mut mistakes);
        }
        if !mistakes.is_empty() {
            return Err(fail(mistakes));
        }
        let mut rules: Vec<_> = file
            .rules
            .into_iter()
            .map(|(rule, level)| (rule.span().start, rule.into_inner(), level))
            .collect();
        rules.sort_by_key(|(start, ..)| *start);
        let allows: Vec<AllowEntry> = allows.into_iter().flatten().collect();
        let defaults = Settings::default();
        let written = [
            ("fail-on", file.fail_on.is_some()),
            ("certificate-warning-days", file.certificate_warning_days.is_some()),
        ];
        Ok(Settings {
            fail_on: file.fail_on.unwrap_or(defaults.fail_on),
            certificate_warning_days: file
                .certificate_warning_days
                .unwrap_or(defaults.certificate_warning_days),
            rules: rules.into_iter().map(|(_, rule, level)| (rule, level)).collect(),
            custom,
            allows: (!allows.is_empty()).then(|| Allows {
                name: name.to_owned(),
                text: text.to_owned(),
                entries: allows,
            }),
            never_allow: file.never_allow.into_iter().map(Spanned::into_inner).collect(),
            baseline_file: file
                .baseline
                .map(|baseline| Path::new(name).with_file_name("").join(baseline)),
            environments: file.env,
            file: Some(name.to_owned()),
            written: written.into_iter().filter(|(_, set)| *set).map(|(key, _)| key).collect(),
        })
    }

    /// Whether `never-allow` contains the rule, so that neither an allow nor a baseline can suppress it.
    pub fn is_never_allowed(&self, rule: &str) -> bool {
        self.never_allow.iter().any(|never| matches_rule(never, rule))
    }

    /// The configured severity of a rule. The name of a rule takes precedence over groups.
    pub fn level(&self, rule: &str) -> Option<Level> {
        let exact = self.rules.iter().rev().find(|(name, _)| name == rule);
        let group = || self.rules.iter().rev().find(|(name, _)| matches_rule(name, rule));
        exact.or_else(group).map(|(_, level)| *level)
    }
}

impl FailOn {
    /// Whether a run fails if its most severe finding has this severity.
    pub fn fails(self, worst: Option<Severity>) -> bool {
        let limit = match self {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
            FailOn::Never => return false,
        };
        worst.is_some_and(|worst| worst >= limit)
    }
}

/// Reports `[[allow]]` tables and rules set to `"off"` that contradict `never-allow`.
fn report_conflicts(never: &Spanned<String>, file: &File, mistakes: &mut Vec<Mistake>) {
    let allowed = file
        .allow
        .iter()
        .map(|entry| (&entry.rule, "is allowed here"))
        .filter(|(rule, _)| matches_rule(never.get_ref(), rule.get_ref()));
    let off = file
        .rules
        .iter()
        .filter(|(_, level)| **level == Level::Off)
        .map(|(rule, _)| (rule, "is off here"));
    let off = off.filter(|(rule, _)| {
        matches_rule(never.get_ref(), rule.get_ref())
            || matches_rule(rule.get_ref(), never.get_ref())
    });
    for (rule, how) in allowed.chain(off) {
        mistakes.push(Mistake {
            message: format!("`{}` {how}, but `never-allow` contains it", rule.get_ref()),
            start: rule.span().start,
            end: rule.span().end,
            help: Some("remove it here or from `never-allow`".into()),
            related: Some((never.span().start, never.span().end, "never to be allowed".into())),
        });
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    fail_on: Option<FailOn>,
    certificate_warning_days: Option<u32>,
    baseline: Option<PathBuf>,
    #[serde(default)]
    never_allow: Vec<Spanned<String>>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Level>,
    #[serde(default)]
    forbid: Vec<Custom>,
    #[serde(default)]
    require: Vec<Custom>,
    #[serde(default)]
    allow: Vec<AllowTable>,
    #[serde(default)]
    env: BTreeMap<String, EnvironmentTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowTable {
    rule: Spanned<String>,
    path: Option<Spanned<String>>,
    component: Option<Spanned<String>>,
    reason: Spanned<String>,
    until: Option<Spanned<DateText>>,
}

/// A date, as a TOML date or a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum DateText {
    Toml(toml::value::Datetime),
    Text(String),
}

/// What is wrong with the first path for which no room is left.
const TOO_MANY_PATHS: &str = "all paths of `[[allow]]` together are too large";

fn allow(
    table: &AllowTable,
    text: &str,
    patterns: &mut Patterns,
    mistakes: &mut Vec<Mistake>,
) -> Option<AllowEntry> {
    let mut wrong = |message: String, span: std::ops::Range<usize>, help: &str| {
        mistakes.push(Mistake {
            message,
            start: span.start,
            end: span.end,
            help: Some(help.to_owned()),
            related: None,
        })
    };
    if table.reason.get_ref().trim().is_empty() {
        wrong(
            "an `[[allow]]` needs a reason".into(),
            table.reason.span(),
            "explain why the finding is acceptable",
        );
        return None;
    }
    if table.path.is_none() && table.component.is_none() {
        wrong(
            "an `[[allow]]` needs a `path`, a `component`, or both".into(),
            table.rule.span(),
            "to turn a rule off everywhere, set it to `\"off\"` in `[rules]`",
        );
        return None;
    }
    let path = match &table.path {
        None => None,
        Some(path) => {
            let text = path.get_ref().replace('\\', "/");
            match patterns.glob(text.trim_start_matches("./")) {
                Ok(glob) => Some(glob),
                Err(PatternError::TooLarge) => {
                    wrong(
                        "the glob pattern is too long".into(),
                        path.span(),
                        "write one `[[allow]]` per folder",
                    );
                    return None;
                }
                Err(PatternError::TooMany) => {
                    wrong(
                        TOO_MANY_PATHS.into(),
                        path.span(),
                        "allow components, or whole folders, or record existing findings in a baseline",
                    );
                    return None;
                }
                Err(PatternError::Syntax(reason)) => {
                    wrong(
                        format!("invalid glob pattern `{}`: {reason}", path.get_ref()),
                        path.span(),
                        "use a pattern such as `spoke/**`, relative to the folder of this file",
                    );
                    return None;
                }
            }
        }
    };
    let component = match &table.component {
        None => None,
        Some(component) => match component.get_ref().split_once(':') {
            Some((kind, name)) if !kind.trim().is_empty() && !name.trim().is_empty() => {
                Some((kind.trim().to_owned(), name.trim().to_owned()))
            }
            _ => {
                wrong(
                    format!("`{}` is not a component", component.get_ref()),
                    component.span(),
                    "use a type and a name, such as `ConnectedApp:Hub_Org`",
                );
                return None;
            }
        },
    };
    let until = match &table.until {
        None => None,
        Some(day) => {
            let written = match day.get_ref() {
                DateText::Toml(datetime) => datetime.to_string(),
                DateText::Text(text) => text.clone(),
            };
            match Date::parse(&written, format_description!("[year]-[month]-[day]")) {
                Ok(date) => {
                    Some(Placed { value: date, start: day.span().start, end: day.span().end })
                }
                Err(_) => {
                    wrong(
                        format!("invalid date `{written}`"),
                        day.span(),
                        "use a date such as `2027-03-31`",
                    );
                    return None;
                }
            }
        }
    };
    let rule = Placed {
        value: table.rule.get_ref().clone(),
        start: table.rule.span().start,
        end: table.rule.span().end,
    };
    let whole = table_around(text, rule.start);
    Some(AllowEntry { rule, path, component, until, whole })
}

/// The byte range of the table that contains an offset, without comments and blank lines at its end.
fn table_around(text: &str, place: usize) -> std::ops::Range<usize> {
    let start = text[..place].rfind("[[allow]]").unwrap_or(place);
    let mut end = start;
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let content = line.trim();
        if at > start && content.starts_with('[') {
            break;
        }
        at += line.len();
        if !content.is_empty() && !content.starts_with('#') {
            end = at - (line.len() - line.trim_end().len());
        }
    }
    start..end.max(place)
}

const KEYS: &[&str] = &[
    "fail-on",
    "certificate-warning-days",
    "baseline",
    "never-allow",
    "rules",
    "forbid",
    "require",
    "type",
    "field",
    "pattern",
    "message",
    "severity",
    "allow",
    "rule",
    "path",
    "component",
    "reason",
    "until",
    "env",
    "file",
    "values",
];
const LEVELS: &[&str] = &["off", "note", "warning", "error", "never"];

fn mistake(error: &toml::de::Error, text: &str) -> Mistake {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().to_owned();
    let word = text.get(span.clone()).unwrap_or_default().trim_matches('"');
    let candidates = if message.starts_with("unknown field") { KEYS } else { LEVELS };
    let help =
        nearest(word, candidates.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    Mistake { message, start: span.start, end: span.end, help, related: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ConfigError;

    fn read(text: &str) -> Result<Settings, Error> {
        let rules = ["claim-missing", "audience-host-wrong", "audience-of-another-org"];
        Settings::parse("sfcred.toml", text, &rules)
    }

    fn mistakes(text: &str) -> Vec<Mistake> {
        match read(text) {
            Err(Error::Config(ConfigError::Mistakes { mistakes, .. })) => mistakes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn severities_and_groups_are_applied() {
        let settings = read("fail-on = \"warning\"\ncertificate-warning-days = 60\n[rules]\n\"audience-*\" = \"note\"\naudience-host-wrong = \"off\"\n").unwrap();
        assert_eq!(settings.fail_on, FailOn::Warning);
        assert_eq!(settings.certificate_warning_days, 60);
        assert_eq!(settings.level("audience-host-wrong"), Some(Level::Off));
        assert_eq!(settings.level("audience-of-another-org"), Some(Level::Note));
        assert_eq!(settings.level("claim-missing"), None);
    }

    #[test]
    fn mistakes_have_locations_and_suggestions() {
        let unknown = &mistakes("[rules]\nclaim-mising = \"off\"\n")[0];
        assert_eq!(
            (unknown.start, unknown.help.as_deref()),
            (8, Some("did you mean `claim-missing`?"))
        );
        let key = &mistakes("fail-onn = \"error\"\n")[0];
        assert_eq!((key.start, key.help.as_deref()), (0, Some("did you mean `fail-on`?")));
        let value = &mistakes("fail-on = \"eror\"\n")[0];
        assert_eq!((value.start, value.help.as_deref()), (10, Some("did you mean `error`?")));
        assert!(!mistakes("certificate-warning-days = \"x\"\n").is_empty());
        assert!(!mistakes("[[[").is_empty());
    }

    #[test]
    fn custom_rules_are_parsed_and_their_mistakes_located() {
        let settings = read("[[forbid]]\ntype = \"ConnectedApp\"\nfield = \"oauthConfig/scopes\"\npattern = \"Full\"\nseverity = \"error\"\n[[require]]\ntype = \"ExternalCredential\"\nfield = \"externalCredentialParameters/aud\"\n").unwrap();
        assert_eq!(settings.custom.len(), 2);
        assert_eq!(settings.custom[0].1, Some(Severity::Error));
        let entry = |rest: &str| mistakes(&format!("[[forbid]]\n{rest}"));
        assert_eq!(
            entry("type = \"ConectedApp\"\nfield = \"label\"\n")[0].help.as_deref(),
            Some("did you mean `ConnectedApp`?")
        );
        assert_eq!(
            entry("type = \"ConnectedApp\"\nfield = \"oauthConfig/scope\"\n")[0].help.as_deref(),
            Some("did you mean `scopes`?")
        );
        let pattern = &entry("type = \"ConnectedApp\"\nfield = \"label\"\npattern = \"(\"\n")[0];
        assert!(
            pattern.message.contains("regular expression") && pattern.start > 40,
            "{pattern:?}"
        );
        assert_eq!(
            entry("type = \"ConnectedApp\"\nfield = \"label\"\npatern = \"x\"\n")[0]
                .help
                .as_deref(),
            Some("did you mean `pattern`?")
        );
    }

    #[test]
    fn allows_are_read_with_their_places() {
        let text = "fail-on = \"note\"\n\n[[allow]]\nrule = \"claim-missing\"\npath = \"spoke/**\"\nreason = \"scratch orgs\"\nuntil = 2027-03-31\n\n# next\n[[allow]]\nrule = \"audience-*\"\ncomponent = \"ConnectedApp:Hub_Org\"\nreason = \"x\"\nuntil = \"2027-04-01\"\n";
        let allows = read(text).unwrap().allows.unwrap();
        let [first, second] = allows.entries.as_slice() else { panic!() };
        assert!(first.path.as_ref().unwrap().is_match("spoke/a/b.xml"));
        assert_eq!(first.until.as_ref().unwrap().value, time::macros::date!(2027 - 03 - 31));
        assert_eq!(second.component, Some(("ConnectedApp".into(), "Hub_Org".into())));
        assert!(
            text[first.whole.clone()].starts_with("[[allow]]")
                && text[first.whole.clone()].ends_with("2027-03-31")
        );
        assert!(text[second.whole.clone()].ends_with("\"2027-04-01\""));
    }

    #[test]
    fn an_allow_needs_a_rule_a_reason_and_a_scope() {
        for text in [
            "[[allow]]\nrule = \"claim-missing\"\npath = \"x\"\n",
            "[[allow]]\nrule = \"claim-missing\"\npath = \"x\"\nreason = \" \"\n",
            "[[allow]]\nrule = \"claim-missing\"\nreason = \"x\"\n",
            "[[allow]]\nrule = \"claim-mising\"\npath = \"x\"\nreason = \"x\"\n",
            "[[allow]]\nrule = \"claim-missing\"\ncomponent = \"x\"\nreason = \"x\"\n",
            "[[allow]]\nrule = \"claim-missing\"\npath = \"x\"\nreason = \"x\"\nuntil = \"soon\"\n",
            "[[allow]]\nrule = \"claim-missing\"\npath = \"[\"\nreason = \"x\"\n",
        ] {
            assert!(!mistakes(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn never_allow_conflicts_are_reported() {
        let settings = read("never-allow = [\"audience-*\", \"claim-missing\"]\n").unwrap();
        assert!(
            settings.is_never_allowed("audience-host-wrong")
                && settings.is_never_allowed("claim-missing")
                && !settings.is_never_allowed("issuer-unknown")
        );
        let never = "never-allow = [\"claim-missing\"]\n";
        let allowed = mistakes(&format!(
            "{never}[[allow]]\nrule = \"claim-missing\"\npath = \"x\"\nreason = \"y\"\n"
        ));
        assert_eq!(
            (allowed.len(), allowed[0].start, allowed[0].related.as_ref().unwrap().0),
            (1, 49, 15),
            "{allowed:?}"
        );
        assert!(
            mistakes(&format!("{never}[rules]\nclaim-missing = \"off\"\n"))[0]
                .message
                .contains("is off here")
        );
        assert!(
            mistakes(&format!("{never}[rules]\n\"claim-*\" = \"off\"\n"))[0]
                .message
                .contains("is off here")
        );
        assert!(read(&format!("{never}[rules]\nclaim-missing = \"note\"\n[[allow]]\nrule = \"audience-*\"\npath = \"x\"\nreason = \"y\"\n")).is_ok());
        assert_eq!(
            mistakes("never-allow = [\"claim-mising\"]\n")[0].help.as_deref(),
            Some("did you mean `claim-missing`?")
        );
        assert_eq!(
            mistakes("never-alow = []\n")[0].help.as_deref(),
            Some("did you mean `never-allow`?")
        );
    }

    #[test]
    fn a_run_fails_at_or_above_the_limit() {
        assert!(FailOn::Warning.fails(Some(Severity::Error)));
        assert!(!FailOn::Error.fails(Some(Severity::Warning)));
        assert!(!FailOn::Never.fails(Some(Severity::Error)));
        assert!(!FailOn::Note.fails(None));
    }
}
