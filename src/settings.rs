//! `sfcred.toml` as written, and the settings as used. Reading is pure: the text comes from [`crate::walk`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_spanned::Spanned;
use time::Date;

use crate::error::{Error, Mistake};
use crate::finding::Severity;
use crate::model::{CustomRule, Demand, MetadataTypes};
use crate::nearest::nearest;

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
    /// The day on which validity is judged.
    pub today: Date,
    /// Paths are shown relative to this folder.
    pub working_directory: PathBuf,
    /// Worker threads; 0 leaves the choice to the machine.
    pub threads: usize,
}

impl Settings {
    pub fn new(today: Date, working_directory: PathBuf) -> Self {
        Settings { fail_on: FailOn::Error, certificate_warning_days: 30, rules: Vec::new(), custom: Vec::new(), today, working_directory, threads: 0 }
    }

    /// Takes over what a settings file says. `known` lists the names of all rules.
    ///
    /// # Errors
    /// Every mistake in the file, with its place.
    pub fn read(&mut self, name: &str, text: &str, known: &[&str]) -> Result<(), Error> {
        let fail = |mistakes| Error::Mistakes { name: name.to_owned(), text: text.to_owned(), mistakes };
        let file: File = toml::from_str(text).map_err(|error| fail(vec![mistake(&error, text)]))?;
        let mut mistakes = Vec::new();
        for rule in file.rules.keys() {
            let word = rule.get_ref().as_str();
            let stem = word.strip_suffix('*');
            let matches = stem.map_or_else(|| known.contains(&word), |stem| known.iter().any(|rule| rule.starts_with(stem)));
            if !matches {
                let near = nearest(word, known.iter().copied());
                mistakes.push(Mistake {
                    message: format!("there is no rule `{word}`"),
                    start: rule.span().start,
                    end: rule.span().end,
                    help: Some(near.map_or_else(|| "`sfcred rules` lists all rules".into(), |near| format!("did you mean `{near}`?"))),
                    related: None,
                });
            }
        }
        let forbidden = file.forbid.into_iter().map(|entry| (Demand::Forbid, entry));
        let required = file.require.into_iter().map(|entry| (Demand::Require, entry));
        let custom: Vec<_> = forbidden.chain(required).filter_map(|(demand, entry)| entry.read(demand, &mut mistakes)).collect();
        if !mistakes.is_empty() {
            return Err(fail(mistakes));
        }
        self.custom = custom;
        if let Some(fail_on) = file.fail_on {
            self.fail_on = fail_on;
        }
        if let Some(days) = file.certificate_warning_days {
            self.certificate_warning_days = days;
        }
        let mut rules: Vec<_> = file.rules.into_iter().map(|(rule, level)| (rule.span().start, rule.into_inner(), level)).collect();
        rules.sort_by_key(|(start, ..)| *start);
        self.rules = rules.into_iter().map(|(_, rule, level)| (rule, level)).collect();
        Ok(())
    }

    /// The severity of a rule; `None` where it is off. A rule's own name is stronger than a group.
    pub fn severity(&self, rule: &str, own: Severity) -> Option<Severity> {
        let exact = self.rules.iter().rev().find(|(name, _)| name == rule);
        let group = || self.rules.iter().rev().find(|(name, _)| name.strip_suffix('*').is_some_and(|stem| rule.starts_with(stem)));
        match exact.or_else(group).map(|(_, level)| *level) {
            None => Some(own),
            Some(Level::Off) => None,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    fail_on: Option<FailOn>,
    certificate_warning_days: Option<u32>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Level>,
    #[serde(default)]
    forbid: Vec<Custom>,
    #[serde(default)]
    require: Vec<Custom>,
}

/// A `[[forbid]]` or `[[require]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    r#type: Spanned<String>,
    field: Spanned<String>,
    pattern: Option<Spanned<String>>,
    message: Option<String>,
    severity: Option<Severity>,
}

impl Custom {
    fn read(self, demand: Demand, mistakes: &mut Vec<Mistake>) -> Option<(CustomRule, Option<Severity>)> {
        let before = mistakes.len();
        let mut note = |place: &Spanned<String>, message: String, help: Option<String>| {
            mistakes.push(Mistake { message, start: place.span().start, end: place.span().end, help, related: None });
        };
        let table = MetadataTypes::get();
        let (type_name, field) = (self.r#type.get_ref().as_str(), self.field.get_ref().as_str());
        if table.definition(type_name).is_none() {
            let near = nearest(type_name, table.type_names());
            note(&self.r#type, format!("`{type_name}` is no metadata type that is read"), near.map(|near| format!("did you mean `{near}`?")));
        } else if let Err((definition, step)) = table.follow(type_name, field) {
            let parameter = field.split_once('/').is_some_and(|(parameters, _)| matches!(parameters, "externalCredentialParameters" | "namedCredentialParameters"));
            if field != "fullName" && !parameter {
                let near = definition.and_then(|definition| nearest(step, definition.names()));
                note(&self.field, format!("{type_name} has no element `{field}`"), near.map(|near| format!("did you mean `{near}`?")));
            }
        }
        let pattern = match self.pattern.as_ref().map(|pattern| CustomRule::whole(pattern.get_ref())) {
            Some(Err(error)) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                self.pattern.iter().for_each(|pattern| note(pattern, format!("the pattern is no regular expression: {reason}"), None));
                None
            }
            Some(Ok(pattern)) => Some(pattern),
            None => None,
        };
        let rule = CustomRule { demand, type_name: self.r#type.into_inner(), field: self.field.into_inner(), pattern, message: self.message };
        (mistakes.len() == before).then_some((rule, self.severity))
    }
}

const KEYS: &[&str] = &["fail-on", "certificate-warning-days", "rules", "forbid", "require", "type", "field", "pattern", "message", "severity"];
const LEVELS: &[&str] = &["off", "note", "warning", "error", "never"];

fn mistake(error: &toml::de::Error, text: &str) -> Mistake {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().to_owned();
    let word = text.get(span.clone()).unwrap_or_default().trim_matches('"');
    let candidates = if message.starts_with("unknown field") { KEYS } else { LEVELS };
    let help = nearest(word, candidates.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    Mistake { message, start: span.start, end: span.end, help, related: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, Error> {
        let mut settings = Settings::new(time::macros::date!(2026 - 11 - 22), PathBuf::new());
        settings.read("sfcred.toml", text, &["claim-missing", "audience-host-wrong", "audience-of-another-org"]).map(|()| settings)
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
        assert_eq!(settings.severity("audience-of-another-org", Severity::Error), Some(Severity::Note));
        assert_eq!(settings.severity("claim-missing", Severity::Error), Some(Severity::Error));
    }

    #[test]
    fn every_mistake_has_a_place_and_a_suggestion() {
        let unknown = &mistakes("[rules]\nclaim-mising = \"off\"\n")[0];
        assert_eq!((unknown.start, unknown.help.as_deref()), (8, Some("did you mean `claim-missing`?")));
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
        assert_eq!(entry("type = \"ConectedApp\"\nfield = \"label\"\n")[0].help.as_deref(), Some("did you mean `ConnectedApp`?"));
        assert_eq!(entry("type = \"ConnectedApp\"\nfield = \"oauthConfig/scope\"\n")[0].help.as_deref(), Some("did you mean `scopes`?"));
        let pattern = &entry("type = \"ConnectedApp\"\nfield = \"label\"\npattern = \"(\"\n")[0];
        assert!(pattern.message.contains("regular expression") && pattern.start > 40, "{pattern:?}");
        assert_eq!(entry("type = \"ConnectedApp\"\nfield = \"label\"\npatern = \"x\"\n")[0].help.as_deref(), Some("did you mean `pattern`?"));
    }

    #[test]
    fn a_run_fails_at_or_above_the_limit() {
        assert!(FailOn::Warning.fails(Some(Severity::Error)));
        assert!(!FailOn::Error.fails(Some(Severity::Warning)));
        assert!(!FailOn::Never.fails(Some(Severity::Error)));
        assert!(!FailOn::Note.fails(None));
    }
}
