//! Parses `sfcred.toml`.

mod custom;
mod environment;
mod fields;
mod rule_selection;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobMatcher;
use time::Date;
use time::macros::format_description;
use toml::de::DeValue;

use crate::error::{Error, Mistake};
use crate::finding::Severity;
use crate::model::{CustomRule, Requirement, matches_rule};
use crate::nearest::Suggestions;
use crate::pattern::{PatternError, Patterns};
pub use environment::{Environment, EnvironmentTable, Values, read_values};
use fields::{Fields, Mistakes, Value, document};
pub use rule_selection::{RuleSelection, names_a_rule};

/// The lowest severity at which a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

/// The configured severity of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub whole: Range<usize>,
}

/// A value and its byte range in the settings file.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    pub value: T,
    pub start: usize,
    pub end: usize,
}

impl<T> Placed<T> {
    fn new(value: T, place: Range<usize>) -> Placed<T> {
        Placed { value, start: place.start, end: place.end }
    }

    fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl Settings {
    /// Parses a settings file. `name` is relative to the working directory; `known` are the names of all rules.
    ///
    /// # Errors
    /// Every mistake in the file, with its location.
    pub fn parse(name: &str, text: &str, known: &[&str]) -> Result<Settings, Error> {
        let fail = |mistakes| Error::mistakes(name, text, mistakes);
        let mut file = document(text, "the settings").map_err(fail)?;
        let mut mistakes = Mistakes::default();
        let mut patterns = Patterns::default();
        let mut names = RuleNames { known, suggestions: Suggestions::default() };

        let fail_on = file.choice("fail-on", FAIL_ON, &mut mistakes);
        let days = file.number("certificate-warning-days", &mut mistakes);
        let baseline = file.text("baseline", &mut mistakes);
        let mut never_allow = Vec::new();
        for item in file.list("never-allow", &mut mistakes) {
            never_allow.extend(fields::text(item, "never-allow", &mut mistakes));
        }
        let mut rules = Vec::new();
        for (rule, level) in file.entries("rules", &mut mistakes) {
            names.check(&rule, &mut mistakes);
            let level = fields::choice(level, &rule.value, LEVELS, &mut mistakes);
            rules.extend(level.map(|level| (rule, level)));
        }
        let mut custom = Vec::new();
        for (key, demand) in [("forbid", Requirement::Forbid), ("require", Requirement::Require)] {
            for item in file.list(key, &mut mistakes) {
                custom.extend(custom::read(key, item, demand, &mut patterns, &mut mistakes));
            }
        }
        let mut allows = AllowReader { text, patterns: Some(patterns), rules: Vec::new() };
        let mut entries = Vec::new();
        for item in file.list("allow", &mut mistakes) {
            entries.extend(allows.read(item, &mut mistakes));
        }
        let mut environments = BTreeMap::new();
        for (name, table) in file.entries("env", &mut mistakes) {
            let table = EnvironmentTable::read(&name.value, table, &mut mistakes);
            environments.insert(name.value, table);
        }
        file.finish(&mut mistakes);
        for rule in allows.rules.iter().chain(&never_allow) {
            names.check(rule, &mut mistakes);
        }
        report_conflicts(&never_allow, &allows.rules, &rules, &mut mistakes);
        if mistakes.count() > 0 {
            return Err(fail(mistakes.in_order()));
        }

        let defaults = Settings::default();
        let written =
            [("fail-on", fail_on.is_some()), ("certificate-warning-days", days.is_some())];
        Ok(Settings {
            fail_on: fail_on.unwrap_or(defaults.fail_on),
            certificate_warning_days: days.unwrap_or(defaults.certificate_warning_days),
            rules: rules.into_iter().map(|(rule, level)| (rule.value, level)).collect(),
            custom,
            allows: (!entries.is_empty()).then(|| Allows {
                name: name.to_owned(),
                text: text.to_owned(),
                entries,
            }),
            never_allow: never_allow.into_iter().map(|rule| rule.value).collect(),
            baseline_file: baseline
                .map(|baseline| Path::new(name).with_file_name("").join(baseline.value)),
            environments,
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

/// Reports names that are not rules.
struct RuleNames<'a> {
    known: &'a [&'a str],
    suggestions: Suggestions<'a>,
}

impl RuleNames<'_> {
    fn check(&mut self, rule: &Placed<String>, mistakes: &mut Mistakes) {
        let word = rule.value.as_str();
        if !names_a_rule(word, self.known) {
            let near = self.suggestions.nearest(word, self.known.iter().copied());
            let help = near.map_or_else(
                || "`sfcred rules` lists all rules".into(),
                |near| format!("did you mean `{near}`?"),
            );
            mistakes.add(rule.range(), format!("unknown rule `{word}`"), Some(help));
        }
    }
}

/// Reports `[[allow]]` tables and rules set to `"off"` that contradict `never-allow`: each once, however many of its
/// names contradict it.
fn report_conflicts<'a>(
    never_allow: &'a [Placed<String>],
    allowed: &'a [Placed<String>],
    rules: &'a [(Placed<String>, Level)],
    mistakes: &mut Mistakes,
) {
    let mut distinct = BTreeMap::new();
    for never in never_allow {
        distinct.entry(never.value.as_str()).or_insert(never);
    }
    let mut seen: HashMap<(&str, bool), Option<&Placed<String>>> = HashMap::new();
    let mut conflict = |rule: &'a Placed<String>, is_off: bool| {
        *seen.entry((&rule.value, is_off)).or_insert_with(|| {
            distinct.values().copied().find(|never| {
                matches_rule(&never.value, &rule.value)
                    || (is_off && matches_rule(&rule.value, &never.value))
            })
        })
    };
    let allowed = allowed.iter().map(|rule| (rule, false));
    let off = rules.iter().filter(|(_, level)| *level == Level::Off).map(|(rule, _)| (rule, true));
    for (rule, is_off) in allowed.chain(off) {
        let Some(never) = conflict(rule, is_off) else { continue };
        let how = if is_off { "is off here" } else { "is allowed here" };
        mistakes.push(Mistake {
            message: format!("`{}` {how}, but `never-allow` contains it", rule.value),
            start: rule.start,
            end: rule.end,
            help: Some("remove it here or from `never-allow`".into()),
            related: Some((never.start, never.end, "never to be allowed".into())),
        });
    }
}

const FAIL_ON: &[(&str, FailOn)] = &[
    ("error", FailOn::Error),
    ("warning", FailOn::Warning),
    ("note", FailOn::Note),
    ("never", FailOn::Never),
];
const LEVELS: &[(&str, Level)] = &[
    ("off", Level::Off),
    ("note", Level::Note),
    ("warning", Level::Warning),
    ("error", Level::Error),
];

/// Reads the `[[allow]]` tables.
struct AllowReader<'a> {
    text: &'a str,
    /// `None` once there are too many: the paths of the other tables would not fit either.
    patterns: Option<Patterns>,
    /// The rules of all tables, also of those with mistakes.
    rules: Vec<Placed<String>>,
}

impl AllowReader<'_> {
    fn read(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<AllowEntry> {
        let before = mistakes.count();
        let mut fields = Fields::new(value, "allow", "an `[[allow]]`", mistakes)?;
        let whole = self.whole_lines(fields.range());
        let rule = fields.required_text("rule", mistakes);
        self.rules.extend(rule.clone());
        let has_scope = fields.has("path") || fields.has("component");
        let path = fields.text("path", mistakes).and_then(|path| self.path(&path, mistakes));
        let component =
            fields.text("component", mistakes).and_then(|text| component(&text, mistakes));
        let reason = fields.required_text("reason", mistakes);
        let until = fields.take("until").and_then(|value| until(&value, mistakes));
        if let Some(reason) = reason.filter(|reason| reason.value.trim().is_empty()) {
            mistakes.add(
                reason.range(),
                "an `[[allow]]` needs a reason".into(),
                Some("explain why the finding is acceptable".into()),
            );
        }
        if !has_scope && let Some(rule) = &rule {
            mistakes.add(
                rule.range(),
                "an `[[allow]]` needs a `path`, a `component`, or both".into(),
                Some("to turn a rule off everywhere, set it to `\"off\"` in `[rules]`".into()),
            );
        }
        fields.finish(mistakes);
        (mistakes.count() == before).then_some(rule).flatten().map(|rule| AllowEntry {
            rule,
            path,
            component,
            until,
            whole,
        })
    }

    fn path(&mut self, path: &Placed<String>, mistakes: &mut Mistakes) -> Option<Arc<GlobMatcher>> {
        let text = path.value.replace('\\', "/");
        let (message, help) = match self.patterns.as_mut()?.glob(text.trim_start_matches("./")) {
            Ok(glob) => return Some(glob),
            Err(PatternError::TooLarge) => {
                ("the glob pattern is too long".into(), "write one `[[allow]]` per folder")
            }
            Err(PatternError::TooMany) => {
                self.patterns = None;
                (
                    "all paths of `[[allow]]` together are too large".into(),
                    "allow components, or whole folders, or record existing findings in a baseline",
                )
            }
            Err(PatternError::Syntax(reason)) => (
                format!("invalid glob pattern `{}`: {reason}", path.value),
                "use a pattern such as `spoke/**`, relative to the folder of this file",
            ),
        };
        mistakes.add(path.range(), message, Some(help.into()));
        None
    }

    /// A `[[allow]]` with the rest of its last line, which can be a comment; an inline table as it is.
    fn whole_lines(&self, table: Range<usize>) -> Range<usize> {
        if !self.text[table.start..].starts_with('[') {
            return table;
        }
        let rest = self.text[table.end..].lines().next().unwrap_or_default();
        table.start..table.end + rest.trim_end().len()
    }
}

fn component(text: &Placed<String>, mistakes: &mut Mistakes) -> Option<(String, String)> {
    match text.value.split_once(':') {
        Some((kind, name)) if !kind.trim().is_empty() && !name.trim().is_empty() => {
            Some((kind.trim().to_owned(), name.trim().to_owned()))
        }
        _ => {
            mistakes.add(
                text.range(),
                format!("`{}` is not a component", text.value),
                Some("use a type and a name, such as `ConnectedApp:Hub_Org`".into()),
            );
            None
        }
    }
}

/// A date, as a TOML date or a string.
fn until(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Placed<Date>> {
    let written = match value.get_ref() {
        DeValue::Datetime(datetime) => datetime.to_string(),
        DeValue::String(text) => text.clone().into_owned(),
        _ => {
            mistakes.unexpected(value, "a date", "until");
            return None;
        }
    };
    let date = Date::parse(&written, format_description!("[year]-[month]-[day]")).ok();
    if date.is_none() {
        mistakes.add(
            value.span(),
            format!("invalid date `{written}`"),
            Some("use a date such as `2027-03-31`".into()),
        );
    }
    date.map(|date| Placed::new(date, value.span()))
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
    fn independent_mistakes_are_reported_together() {
        let text = "fail-onn = \"error\"\ncertificate-warning-days = \"30\"\nnever-allow = [1, \"claim-mising\"]\n[rules]\nclaim-missing = \"eror\"\nx = 1\n[[forbid]]\ntype = \"ConectedApp\"\nseverity = \"fatal\"\npattern = \"(\"\n[[allow]]\nrule = 7\npath = \"[\"\nuntil = true\nreson = \"x\"\n[env.uat]\nfile = []\nvalue = {}\n[env.uat.values]\nA = 1\n[env]\nqa = 1\n";
        let found: Vec<_> = mistakes(text)
            .into_iter()
            .map(|mistake| {
                let help = mistake.help.unwrap_or_default();
                format!("{} | {} | {help}", &text[mistake.start..mistake.end], mistake.message)
            })
            .collect();
        assert_eq!(
            found,
            [
                "fail-onn | unknown key `fail-onn` for the settings | did you mean `fail-on`?",
                "\"30\" | expected a whole number from 0 to 4294967295 for `certificate-warning-days`, found a string | ",
                "1 | expected a string for `never-allow`, found an integer | ",
                "\"claim-mising\" | unknown rule `claim-mising` | did you mean `claim-missing`?",
                "\"eror\" | invalid value `eror` for `claim-missing` | did you mean `error`?",
                "x | unknown rule `x` | `sfcred rules` lists all rules",
                "1 | expected a string for `x`, found an integer | ",
                "[[forbid]] | missing key `field` for a custom rule | ",
                "\"ConectedApp\" | unknown metadata type `ConectedApp` | did you mean `ConnectedApp`?",
                "\"fatal\" | invalid value `fatal` for `severity` | expected one of error, warning, note",
                "\"(\" | invalid regular expression: unclosed group | ",
                "[[allow]] | missing key `reason` for an `[[allow]]` | ",
                "7 | expected a string for `rule`, found an integer | ",
                "\"[\" | invalid glob pattern `[`: unclosed character class; missing ']' | use a pattern such as `spoke/**`, relative to the folder of this file",
                "true | expected a date for `until`, found a boolean | ",
                "reson | unknown key `reson` for an `[[allow]]` | did you mean `reason`?",
                "[] | expected a string for `file`, found an array | ",
                "value | unknown key `value` for an environment | did you mean `values`?",
                "1 | expected a string for `A`, found an integer | ",
                "1 | expected a table for `qa`, found an integer | ",
            ]
        );
    }

    #[test]
    fn everything_that_is_not_toml_is_reported() {
        let found = mistakes(
            "fail-on = \"error\nx = \n[rules]\nclaim-missing = \"off\"\nclaim-missing = \"off\"\n",
        );
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn a_rule_that_contradicts_many_names_is_reported_once() {
        let allow = "[[allow]]\nrule = \"claim-missing\"\npath = \"x\"\nreason = \"y\"\n";
        let never = format!("never-allow = [{}]\n", "\"claim-missing\", \"claim-*\", ".repeat(500));
        assert_eq!(mistakes(&format!("{never}{}", allow.repeat(300))).len(), 300);
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
