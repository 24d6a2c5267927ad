//! The environment of a run as a value: working directory, day, terminal and variables.

use std::io::Read;
use std::path::PathBuf;

use time::Date;

use super::Color;
use crate::report::Style;

/// The environment of the process; only `main.rs` reads it.
pub struct Environment<'a> {
    pub working_directory: PathBuf,
    pub today: Date,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    pub stdin_is_terminal: bool,
    /// Columns of the terminal.
    pub width: Option<usize>,
    /// Looks up an environment variable.
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
    /// All environment variables whose names and values are Unicode.
    pub variables: &'a dyn Fn() -> Vec<(String, String)>,
    /// Opens standard input.
    pub stdin: &'a dyn Fn() -> Box<dyn Read + Send>,
    /// Opens standard input for a log that may still be written: it ends when the user interrupts
    /// the program.
    pub live_stdin: &'a dyn Fn() -> Box<dyn Read + Send>,
}

impl Environment<'_> {
    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// Columns to fill: those of the terminal, else `COLUMNS`, else 80.
    pub(super) fn columns(&self) -> usize {
        let from_variable = || self.variable("COLUMNS").and_then(|columns| columns.parse().ok());
        self.width.or_else(from_variable).map_or(80, |columns: usize| columns.clamp(60, 120))
    }

    pub(super) fn style(&self, color: Color, is_terminal: bool) -> Style {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => self.wants_color(is_terminal),
        };
        Style {
            width: self.columns(),
            color,
            unicode: self.shows_unicode(),
            quiet: false,
            hyperlinks: self.shows_hyperlinks(is_terminal && color),
        }
    }

    /// `FORCE_HYPERLINK` first, as other programs do; else only terminals known to support links,
    /// because others may print garbage.
    fn shows_hyperlinks(&self, may_be_styled: bool) -> bool {
        if let Some(forced) = self.variable("FORCE_HYPERLINK") {
            return forced != "0";
        }
        let terminal = self.variable("TERM").unwrap_or_default();
        // A terminal multiplexer hides the real terminal.
        if !may_be_styled
            || self.variable("CI").is_some()
            || self.variable("TMUX").is_some()
            || ["dumb", "screen", "tmux"].iter().any(|name| terminal.starts_with(name))
        {
            return false;
        }
        let program = self.variable("TERM_PROGRAM").unwrap_or_default();
        ["iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "rio", "Tabby", "zed"].contains(&program.as_str())
            || ["xterm-kitty", "alacritty", "xterm-ghostty", "foot", "contour", "wezterm"].iter().any(|name| terminal.starts_with(name))
            || ["WT_SESSION", "KONSOLE_VERSION", "DOMTERM"].iter().any(|name| self.variable(name).is_some())
            // Links crash VTE before 0.50.
            || self.variable("VTE_VERSION").and_then(|version| version.parse::<u32>().ok()).is_some_and(|version| version >= 5000 && version != 5001)
    }

    /// Whether standard error can show a line that is redrawn.
    pub(super) fn shows_progress(&self) -> bool {
        self.stderr_is_terminal && self.variable("TERM").is_none_or(|terminal| terminal != "dumb")
    }

    /// Whether to use color: <https://no-color.org> first, then <https://bixense.com/clicolors>.
    fn wants_color(&self, is_terminal: bool) -> bool {
        if self.variable("NO_COLOR").is_some() {
            false
        } else if self.variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
            true
        } else {
            is_terminal && self.variable("TERM").is_none_or(|terminal| terminal != "dumb")
        }
    }

    /// Whether the locale allows Unicode, as it does if none is set (usual on build servers).
    fn shows_unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.variable(name));
        locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(width: Option<usize>, is_terminal: bool, environment: &[(&str, &str)]) -> Style {
        let lookup = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let today = time::macros::date!(2026 - 11 - 22);
        let environment = Environment {
            working_directory: PathBuf::new(),
            today,
            stdout_is_terminal: is_terminal,
            stderr_is_terminal: is_terminal,
            stdin_is_terminal: is_terminal,
            width,
            lookup: &lookup,
            variables: &Vec::new,
            stdin: &|| Box::new(std::io::empty()),
            live_stdin: &|| Box::new(std::io::empty()),
        };
        environment.style(Color::Auto, is_terminal)
    }

    #[test]
    fn color_is_for_terminals_that_want_it() {
        assert!(style(None, true, &[]).color);
        assert!(!style(None, false, &[]).color);
        assert!(!style(None, true, &[("TERM", "dumb")]).color);
        assert!(!style(None, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).color);
        assert!(style(None, true, &[("NO_COLOR", "")]).color);
        assert!(style(None, false, &[("CLICOLOR_FORCE", "1")]).color);
        assert!(!style(None, false, &[("CLICOLOR_FORCE", "0")]).color);
    }

    #[test]
    fn only_a_locale_with_another_encoding_disables_unicode() {
        assert!(style(None, false, &[]).unicode);
        assert!(style(None, false, &[("LANG", "C.UTF-8")]).unicode);
        assert!(style(None, false, &[("LANG", "C"), ("LC_ALL", "de_DE.utf8")]).unicode);
        assert!(!style(None, false, &[("LANG", "C")]).unicode);
        assert!(!style(None, false, &[("LANG", "en_US.UTF-8"), ("LC_CTYPE", "POSIX")]).unicode);
    }

    #[test]
    fn links_are_for_terminals_known_to_support_them() {
        assert!(!style(None, true, &[]).hyperlinks);
        assert!(!style(None, true, &[("TERM", "xterm-256color")]).hyperlinks);
        assert!(style(None, true, &[("TERM_PROGRAM", "vscode")]).hyperlinks);
        assert!(style(None, true, &[("VTE_VERSION", "7006")]).hyperlinks);
        assert!(!style(None, true, &[("VTE_VERSION", "4601")]).hyperlinks);
        for no in [
            ("TMUX", "/tmp/x"),
            ("CI", "true"),
            ("TERM", "screen-256color"),
            ("NO_COLOR", "1"),
            ("FORCE_HYPERLINK", "0"),
        ] {
            assert!(!style(None, true, &[("VTE_VERSION", "7006"), no]).hyperlinks, "{no:?}");
        }
        assert!(!style(None, false, &[("VTE_VERSION", "7006")]).hyperlinks);
        assert!(style(None, false, &[("FORCE_HYPERLINK", "1")]).hyperlinks);
    }

    #[test]
    fn the_width_is_readable() {
        assert_eq!(style(None, false, &[]).width, 80);
        assert_eq!(style(Some(300), true, &[]).width, 120);
        assert_eq!(style(Some(20), true, &[]).width, 60);
        assert_eq!(style(None, false, &[("COLUMNS", "100")]).width, 100);
        assert_eq!(style(None, false, &[("COLUMNS", "wide")]).width, 80);
    }
}
