//! `sfcred.toml` as written, and the settings as used. Reading is pure: the text comes from [`crate::discover`].

mod custom;
mod environment;
mod selection;

use std::collections::BTreeMap;
use std::path::PathBuf;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use serde_spanned::Spanned;
use time::Date;
use time::macros::format_description;

use crate::baseline::Baseline;
use crate::error::{Error, Mistake};
use crate::finding::Severity;
use crate::model::{CustomRule, Requirement};
use crate::nearest::nearest;
use crate::source::Kind;
use custom::Custom;
pub use environment::{Environment, EnvironmentTable, Values, read_values};
pub use selection::{RuleSelection, names_a_rule};

/// At which severity a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

/// What a team says about one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Off,
    Note,
    Warning,
    Error,
}

/// Everything that a run depends on besides the files.
#[derive(Clone, Debug)]
pub struct Settings {
    pub fail_on: FailOn,
    pub certificate_warning_days: u32,
    /// Rule names, or groups as `audience-*`, in the order in which they were written.
    pub rules: Vec<(String, Level)>,
    /// `[[forbid]]` and `[[require]]`, with their own severity where they have one.
    pub custom: Vec<(CustomRule, Option<Severity>)>,
    /// `[[allow]]`, with the file that holds them.
    pub allows: Option<Allows>,
    /// Report what is allowed, too.
    pub no_allows: bool,
    /// Rules, or groups, that no allow and no baseline may cover.
    pub never_allow: Vec<String>,
    /// Where the settings say that the baseline is.
    pub baseline_file: Option<PathBuf>,
    /// The old findings, as read.
    pub baseline: Option<Baseline>,
    /// The day on which validity is judged.
    pub today: Date,
    /// Paths are shown relative to this folder.
    pub working_directory: PathBuf,
    /// Worker threads; 0 leaves the choice to the machine.
    pub threads: usize,
    /// The settings file as shown, and which of its keys that have a default it gives.
    pub file: Option<String>,
    pub written: Vec<&'static str>,
    /// Which rules the command line chooses.
    pub selection: RuleSelection,
    /// `[env.NAME]`.
    pub environments: BTreeMap<String, EnvironmentTable>,
    /// Whose values take the place of what `replacements` names.
    pub environment: Option<Environment>,
    /// A file whose content is given, and not read: absolute path, bytes.
    pub overlay: Option<(PathBuf, Vec<u8>)>,
    /// Files that cannot matter are told by a search of their bytes and not parsed. A test switches this off and compares.
    pub short_cuts: bool,
}

/// All `[[allow]]` of a settings file.
#[derive(Clone, Debug)]
pub struct Allows {
    /// The file's name as shown, and its text.
    pub name: String,
    pub text: String,
    pub entries: Vec<AllowEntry>,
}

/// One `[[allow]]`.
#[derive(Clone, Debug)]
pub struct AllowEntry {
    pub rule: Placed<String>,
    pub path: Option<GlobMatcher>,
    /// Metadata type and name.
    pub component: Option<(String, String)>,
    pub until: Option<Placed<Date>>,
    /// The bytes of the whole table.
    pub whole: std::ops::Range<usize>,
}

/// A value and its bytes in the settings file.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    pub value: T,
    pub start: usize,
    pub end: usize,
}

impl Settings {
    pub fn new(today: Date, working_directory: PathBuf) -> Self {
        Settings {
            fail_on: FailOn::Error,
            certificate_warning_days: 30,
            rules: Vec::new(),
            custom: Vec::new(),
            allows: None,
            no_allows: false,
            never_allow: Vec::new(),
            baseline_file: None,
            baseline: None,
            today,
            working_directory,
            threads: 0,
            short_cuts: true,
            file: None,
            written: Vec::new(),
            selection: RuleSelection::default(),
            environments: BTreeMap::new(),
            environment: None,
            overlay: None,
        }
    }

    /// Takes over what a settings file says. `known` lists the names of all rules.
    ///
    /// # Errors
    /// Every mistake in the file, with its place.
    pub fn read(&mut self, name: &str, text: &str, known: &[&str]) -> Result<(), Error> {
        let fail =
            |mistakes| Error::Mistakes { name: name.to_owned(), text: text.to_owned(), mistakes };
        let file: File = toml::from_str(text).map_err(|error| fail(vec![mistake(&error, text)]))?;
        let mut mistakes = Vec::new();
        for rule in file
            .rules
            .keys()
            .chain(file.allow.iter().map(|entry| &entry.rule))
            .chain(&file.never_allow)
        {
            let word = rule.get_ref().as_str();
            if !names_a_rule(word, known) {
                let near = nearest(word, known.iter().copied());
                mistakes.push(Mistake {
                    message: format!("there is no rule `{word}`"),
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
            .filter_map(|(demand, entry)| entry.read(demand, &mut mistakes))
            .collect();
        let allows =
            file.allow.iter().map(|entry| allow(entry, text, &mut mistakes)).collect::<Vec<_>>();
        for never in &file.never_allow {
            refuse_what_covers(never, &file, &mut mistakes);
        }
        if !mistakes.is_empty() {
            return Err(fail(mistakes));
        }
        self.baseline_file = file
            .baseline
            .map(|baseline| self.working_directory.join(name).with_file_name("").join(baseline));
        self.never_allow = file.never_allow.into_iter().map(Spanned::into_inner).collect();
        self.custom = custom;
        if !allows.is_empty() {
            self.allows = Some(Allows {
                name: name.to_owned(),
                text: text.to_owned(),
                entries: allows.into_iter().flatten().collect(),
            });
        }
        if let Some(fail_on) = file.fail_on {
            self.fail_on = fail_on;
            self.written.push("fail-on");
        }
        if let Some(days) = file.certificate_warning_days {
            self.certificate_warning_days = days;
            self.written.push("certificate-warning-days");
        }
        self.file = Some(name.to_owned());
        self.environments = file.env;
        let mut rules: Vec<_> = file
            .rules
            .into_iter()
            .map(|(rule, level)| (rule.span().start, rule.into_inner(), level))
            .collect();
        rules.sort_by_key(|(start, ..)| *start);
        self.rules = rules.into_iter().map(|(_, rule, level)| (rule, level)).collect();
        Ok(())
    }

    /// Whether no allow and no baseline may cover a rule.
    pub fn is_never_allowed(&self, rule: &str) -> bool {
        self.never_allow.iter().any(|never| covers(never, rule))
    }

    /// Whether a file of this kind in which nothing concerns credentials need not be parsed: the rules of a team's own may ask more of it.
    pub fn may_skip(&self, kind: Kind) -> bool {
        self.short_cuts && !self.custom.iter().any(|(rule, _)| rule.type_name == kind.type_name())
    }

    /// The severity of a rule; `None` where it is off. A rule's own name is stronger than a group. What the command line asks for runs
    /// where the settings switch it off, too.
    pub fn severity(&self, rule: &str, own: Severity) -> Option<Severity> {
        if !self.selection.runs(rule) {
            return None;
        }
        let exact = self.rules.iter().rev().find(|(name, _)| name == rule);
        let group = || {
            self.rules
                .iter()
                .rev()
                .find(|(name, _)| name.strip_suffix('*').is_some_and(|stem| rule.starts_with(stem)))
        };
        match exact.or_else(group).map(|(_, level)| *level) {
            None => Some(own),
            Some(Level::Off) => self.selection.asks_for(rule).then_some(own),
            Some(Level::Note) => Some(Severity::Note),
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }
}

impl FailOn {
    /// Whether findings up to this severity make the run fail.
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

/// Whether a rule, or a group as `audience-*`, names a rule or all rules of another group.
fn covers(name: &str, other: &str) -> bool {
    name == other || name.strip_suffix('*').is_some_and(|stem| other.starts_with(stem))
}

/// What must never be allowed cannot be allowed or switched off in the same file.
fn refuse_what_covers(never: &Spanned<String>, file: &File, mistakes: &mut Vec<Mistake>) {
    let allowed = file
        .allow
        .iter()
        .map(|entry| (&entry.rule, "allowed here"))
        .filter(|(rule, _)| covers(never.get_ref(), rule.get_ref()));
    let off = file
        .rules
        .iter()
        .filter(|(_, level)| **level == Level::Off)
        .map(|(rule, _)| (rule, "off here"));
    let off = off.filter(|(rule, _)| {
        covers(never.get_ref(), rule.get_ref()) || covers(rule.get_ref(), never.get_ref())
    });
    for (rule, how) in allowed.chain(off) {
        mistakes.push(Mistake {
            message: format!("`{}` must never be allowed, and is {how}", rule.get_ref()),
            start: rule.span().start,
            end: rule.span().end,
            help: Some("take it away here, or out of `never-allow`".into()),
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
    until: Option<Spanned<Day>>,
}

/// A day, written bare or in quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Bare(toml::value::Datetime),
    Quoted(String),
}

fn allow(table: &AllowTable, text: &str, mistakes: &mut Vec<Mistake>) -> Option<AllowEntry> {
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
            "say why this is fine, for those who come after you",
        );
        return None;
    }
    if table.path.is_none() && table.component.is_none() {
        wrong(
            "an `[[allow]]` needs a `path`, a `component`, or both".into(),
            table.rule.span(),
            "to switch a rule off everywhere, write it under `[rules]` as `\"off\"`",
        );
        return None;
    }
    let path = match &table.path {
        None => None,
        Some(path) => {
            let pattern = path.get_ref().replace('\\', "/");
            match GlobBuilder::new(pattern.trim_start_matches("./")).literal_separator(true).build()
            {
                Ok(glob) => Some(glob.compile_matcher()),
                Err(error) => {
                    wrong(
                        format!("`{}` is no path pattern: {}", path.get_ref(), error.kind()),
                        path.span(),
                        "write it as `spoke/**`, from the folder of this file",
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
                    format!("`{}` names no component", component.get_ref()),
                    component.span(),
                    "write type and name, as `ConnectedApp:Hub_Org`",
                );
                return None;
            }
        },
    };
    let until = match &table.until {
        None => None,
        Some(day) => {
            let written = match day.get_ref() {
                Day::Bare(datetime) => datetime.to_string(),
                Day::Quoted(text) => text.clone(),
            };
            match Date::parse(&written, format_description!("[year]-[month]-[day]")) {
                Ok(date) => {
                    Some(Placed { value: date, start: day.span().start, end: day.span().end })
                }
                Err(_) => {
                    wrong(format!("`{written}` is no day"), day.span(), "write it as `2027-03-31`");
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

/// The table that a place lies in: from its header to the next one, comments and blank lines before that left alone.
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

    fn read(text: &str) -> Result<Settings, Error> {
        let mut settings = Settings::new(time::macros::date!(2026 - 11 - 22), PathBuf::new());
        settings
            .read(
                "sfcred.toml",
                text,
                &["claim-missing", "audience-host-wrong", "audience-of-another-org"],
            )
            .map(|()| settings)
    }

    fn mistakes(text: &str) -> Vec<Mistake> {
        match read(text) {
            Err(Error::Mistakes { mistakes, .. }) => mistakes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn severities_and_groups_are_taken_over() {
        let settings = read("fail-on = \"warning\"\ncertificate-warning-days = 60\n[rules]\n\"audience-*\" = \"note\"\naudience-host-wrong = \"off\"\n").unwrap();
        assert_eq!(settings.fail_on, FailOn::Warning);
        assert_eq!(settings.certificate_warning_days, 60);
        assert_eq!(settings.severity("audience-host-wrong", Severity::Error), None);
        assert_eq!(
            settings.severity("audience-of-another-org", Severity::Error),
            Some(Severity::Note)
        );
        assert_eq!(settings.severity("claim-missing", Severity::Error), Some(Severity::Error));
    }

    #[test]
    fn every_mistake_has_a_place_and_a_suggestion() {
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
    fn rules_of_ones_own_are_read_and_their_mistakes_told_in_place() {
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
    fn an_allow_needs_a_rule_a_reason_and_a_place() {
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
    fn what_must_never_be_allowed_is_not_allowed_in_the_same_file() {
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
                .contains("off here")
        );
        assert!(
            mistakes(&format!("{never}[rules]\n\"claim-*\" = \"off\"\n"))[0]
                .message
                .contains("off here")
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
