//! Limits of ignore files: each line becomes a pattern that needs many times its size.

/// The maximum size of an ignore file.
const MAX_BYTES: usize = 256 << 10;
/// The maximum number of lines, and the maximum length of one.
const MAX_LINES: usize = 5_000;
const MAX_LINE_BYTES: usize = 2_000;

/// The reason for which a larger ignore file is not applied.
pub const TOO_LARGE: &str = "ignore file over the limits, so nothing is ignored because of it";

/// The maximum weight of the lines of all `.forceignore`, or of all `.gitignore` below one path.
pub const MAX_WEIGHT: usize = MAX_LINES * PATTERN_WEIGHT;
/// The weight of a line with a pattern; one that is only a name or an extension weighs 1.
pub const PATTERN_WEIGHT: usize = 8;

/// The weight of the lines of a `.gitignore`.
pub fn weight(bytes: &[u8]) -> usize {
    let is_pattern = |line: &[u8]| {
        let line = line.strip_prefix(b"*.").unwrap_or(line);
        line.iter().any(|byte| b"*?[\\".contains(byte))
    };
    bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| if is_pattern(line) { PATTERN_WEIGHT } else { 1 })
        .sum()
}

/// The reason for which no `.gitignore` below a path is applied.
pub const TOO_MANY_OF_GIT: &str =
    "all `.gitignore` together are over the limits, so nothing is ignored because of them";

/// The reason for which no `.forceignore` is applied.
pub const TOO_MANY: &str =
    "all `.forceignore` together are over the limits, so nothing is ignored because of them";

/// So many bytes of a file decide whether it is within the limits.
pub const READ: u64 = MAX_BYTES as u64 + 1;

/// Whether a file is within the limits.
pub fn is_small(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_BYTES
        && bytes
            .split(|&byte| byte == b'\n')
            .enumerate()
            .all(|(number, line)| number < MAX_LINES && line.len() <= MAX_LINE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_an_extension_weighs_less_than_a_pattern() {
        assert_eq!(weight(b"node_modules/\n*.log\n\n# x"), 3);
        assert_eq!(weight(b"*a*\n[a]\n"), 2 * PATTERN_WEIGHT);
    }

    #[test]
    fn long_files_and_long_lines_are_over_the_limits() {
        assert!(is_small(b"") && is_small(b"node_modules\n*.log\n"));
        assert!(!is_small("*".repeat(3_000).as_bytes()));
        assert!(!is_small("*\n".repeat(6_000).as_bytes()));
        assert!(!is_small("a".repeat(300_000).as_bytes()));
    }
}
