//! Compiles patterns from files within limits: a short pattern can need megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};

/// The maximum length of a glob pattern; longer ones are not paths.
const MAX_GLOB_BYTES: usize = 1_000;
/// What a compiled glob pattern needs, at most: so much, and so much for each byte.
const GLOB_BYTES: usize = 20 << 10;
const GLOB_BYTES_PER_BYTE: usize = 200;
/// The maximum length of a regular expression.
const MAX_PATTERN_BYTES: usize = 64 << 10;
/// The size of all compiled regular expressions of one use in a run.
const MAX_TOTAL_BYTES: usize = 24 << 20;
/// The limits that a regular expression is compiled with, one after the other. The first that is enough is counted as its
/// size.
const SIZES: [usize; 6] = [32 << 10, 64 << 10, 128 << 10, 512 << 10, 2 << 20, 10 << 20];
/// The size of the tables that a search may build.
const SEARCH_BYTES: usize = 256 << 10;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("{0}")]
    Syntax(String),
    #[error("it is too large, or all patterns together are")]
    TooLarge,
    /// The others leave no room for a glob pattern.
    #[error("all patterns together are too large")]
    TooMany,
}

/// What the patterns compiled so far leave for others.
#[derive(Debug)]
pub struct Patterns {
    /// For regular expressions.
    left: usize,
    /// For glob patterns.
    left_for_globs: usize,
    /// Each glob pattern is compiled once.
    globs: HashMap<String, Arc<GlobMatcher>>,
}

impl Default for Patterns {
    fn default() -> Self {
        Patterns { left: MAX_TOTAL_BYTES, left_for_globs: MAX_TOTAL_BYTES, globs: HashMap::new() }
    }
}

impl Patterns {
    /// Compiles a regular expression.
    ///
    /// # Errors
    /// Invalid syntax, or no room is left.
    pub fn regex(&mut self, pattern: &str) -> Result<Regex, PatternError> {
        let (regex, size) = compiled(pattern, self.left)?;
        self.left -= size;
        Ok(regex)
    }

    /// Compiles a regular expression that matches whole values only.
    ///
    /// # Errors
    /// Invalid syntax, or no room is left.
    pub fn whole(&mut self, pattern: &str) -> Result<Regex, PatternError> {
        // By itself it must be valid as well, which `a)(b` is not.
        compiled(pattern, self.left)?;
        self.regex(&format!("^(?:{pattern})$"))
    }

    /// Compiles a glob pattern in which `*` does not match `/`.
    ///
    /// # Errors
    /// Invalid syntax, a pattern that is too long, or no room is left.
    pub fn glob(&mut self, pattern: &str) -> Result<Arc<GlobMatcher>, PatternError> {
        if let Some(known) = self.globs.get(pattern) {
            return Ok(Arc::clone(known));
        }
        if pattern.len() > MAX_GLOB_BYTES {
            return Err(PatternError::TooLarge);
        }
        let size = GLOB_BYTES + GLOB_BYTES_PER_BYTE * pattern.len();
        let left = self.left_for_globs.checked_sub(size).ok_or(PatternError::TooMany)?;
        let glob = Arc::new(
            GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .map_err(|error| PatternError::Syntax(error.kind().to_string()))?
                .compile_matcher(),
        );
        self.left_for_globs = left;
        self.globs.insert(pattern.to_owned(), Arc::clone(&glob));
        Ok(glob)
    }
}

fn compiled(pattern: &str, left: usize) -> Result<(Regex, usize), PatternError> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(PatternError::TooLarge);
    }
    for size in SIZES.into_iter().filter(|size| *size <= left) {
        match RegexBuilder::new(pattern).size_limit(size).dfa_size_limit(SEARCH_BYTES).build() {
            Ok(regex) => return Ok((regex, size)),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default();
                return Err(PatternError::Syntax(reason.trim_start_matches("error: ").to_owned()));
            }
        }
    }
    Err(PatternError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_large_patterns_are_refused() {
        let mut patterns = Patterns::default();
        let results: Vec<_> =
            (0..500).map(|n| patterns.regex(&format!(r"[\w\s]{{150}}{n}"))).collect();
        assert!(results[0].is_ok());
        assert_eq!(results[499].as_ref().unwrap_err(), &PatternError::TooLarge);
        // A small pattern fits unless nothing is left.
        assert!(Patterns::default().regex(&"a".repeat(100)).is_ok());
    }

    #[test]
    fn ordinary_patterns_need_little_room() {
        let mut patterns = Patterns::default();
        for number in 0..200 {
            assert!(patterns.whole(&format!(r"https://\w+\.example/{number}")).is_ok());
        }
    }

    #[test]
    fn long_globs_are_refused() {
        let glob = |pattern: &str| Patterns::default().glob(pattern);
        for pattern in ["*".repeat(100_000), "[a-z]".repeat(20_000), "{a,".repeat(50_000)] {
            assert_eq!(glob(&pattern).unwrap_err(), PatternError::TooLarge);
        }
        assert!(glob("spoke/**").unwrap().is_match("spoke/a/b"));
        assert!(matches!(glob("a["), Err(PatternError::Syntax(_))));
        for pattern in ["*".repeat(1_000), "[a-z]".repeat(200), "?".repeat(1_000)] {
            assert!(glob(&pattern).is_ok());
        }
    }

    #[test]
    fn many_globs_are_refused_and_equal_ones_are_one() {
        let mut patterns = Patterns::default();
        for _ in 0..10_000 {
            assert!(patterns.glob("spoke/**").is_ok());
        }
        let compiled = (0..10_000)
            .take_while(|number| patterns.glob(&format!("spoke/{number}/**")).is_ok())
            .count();
        assert!((1_000..2_000).contains(&compiled), "{compiled}");
        assert_eq!(patterns.glob("hub/**").unwrap_err(), PatternError::TooMany);
        assert!(patterns.glob("spoke/**").is_ok());
    }
}
