//! Allows: which findings a team accepts, why, and until when.

use std::path::PathBuf;
use std::sync::Arc;

use globset::GlobMatcher;
use time::Date;

use crate::source::{Located, Span};

/// One `[[allow]]`, or one rule of an inline comment.
#[derive(Clone, Debug)]
pub struct Allow {
    /// A rule, or a group such as `audience-*`.
    pub rule: Located<String>,
    pub scope: AllowScope,
    /// The last day on which the finding is suppressed.
    pub until: Option<Located<Date>>,
    /// Why the allow is invalid and covers nothing: no reason, or an invalid date.
    pub fault: Option<String>,
    /// Whether the settings forbid allowing this rule.
    pub forbidden: bool,
    /// The whole comment or table, if it covers this rule only.
    pub whole: Option<Span>,
    /// Whether the files of the run include everything that the allow can cover.
    pub is_whole_scope: bool,
}

/// What an allow covers.
#[derive(Clone, Debug)]
pub enum AllowScope {
    /// Findings on the line on which the comment ends, and on the next; lines start at 1.
    Lines { place: Span, last: usize },
    /// Files below a folder, components, or both.
    Files { folder: PathBuf, path: Option<Arc<GlobMatcher>>, component: Option<(String, String)> },
}

/// Whether a pattern, which is the name of a rule or a group such as `audience-*`, includes a rule, or all rules of
/// another group.
pub fn matches_rule(pattern: &str, rule: &str) -> bool {
    pattern == rule || pattern.strip_suffix('*').is_some_and(|prefix| rule.starts_with(prefix))
}

impl Allow {
    /// Whether the allow is for a rule.
    pub fn names(&self, rule: &str) -> bool {
        matches_rule(&self.rule.value, rule)
    }

    pub fn is_past(&self, today: Date) -> bool {
        self.until.as_ref().is_some_and(|until| until.value < today)
    }
}
