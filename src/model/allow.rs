//! What a team has decided to live with: which finding, why, and until when.

use std::path::PathBuf;

use globset::GlobMatcher;
use time::Date;

use crate::source::{Located, Span};

/// One `[[allow]]`, or one rule of an inline comment.
#[derive(Clone, Debug)]
pub struct Allow {
    /// A rule, or a group as `audience-*`.
    pub rule: Located<String>,
    pub scope: AllowScope,
    /// Past this day the finding is reported again.
    pub until: Option<Located<Date>>,
    /// Why it cannot silence anything: no reason, or a date that is none.
    pub fault: Option<String>,
    /// The settings say that nobody may allow this.
    pub forbidden: bool,
    /// The comment or table, where it concerns this rule alone.
    pub whole: Option<Span>,
    /// How many findings it covers.
    pub silenced: usize,
    /// The run has seen everything that it could cover.
    pub analysis: bool,
}

/// What an allow covers.
#[derive(Clone, Debug)]
pub enum AllowScope {
    /// Findings on the line of the comment's end and on the next; lines start at 1.
    Lines { place: Span, last: usize },
    /// Files below a folder, components, or both.
    Files { folder: PathBuf, path: Option<GlobMatcher>, component: Option<(String, String)> },
}

impl Allow {
    pub fn names(&self, rule: &str) -> bool {
        let name = self.rule.value.as_str();
        name == rule || name.strip_suffix('*').is_some_and(|stem| rule.starts_with(stem))
    }

    pub fn is_past(&self, today: Date) -> bool {
        self.until.as_ref().is_some_and(|until| until.value < today)
    }
}
