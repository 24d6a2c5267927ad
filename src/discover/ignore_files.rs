//! Limits of ignore files: each line becomes a pattern that needs many times its size.

/// The maximum size of an ignore file.
const MAX_BYTES: usize = 256 << 10;
/// The maximum number of lines, and the maximum length of one.
const MAX_LINES: usize = 5_000;
const MAX_LINE_BYTES: usize = 2_000;

/// The reason for which a larger ignore file is not applied.
pub const TOO_LARGE: &str = "ignore file over the limits, so nothing is ignored because of it";

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
    use super::is_small;

    #[test]
    fn long_files_and_long_lines_are_over_the_limits() {
        assert!(is_small(b"") && is_small(b"node_modules\n*.log\n"));
        assert!(!is_small("*".repeat(3_000).as_bytes()));
        assert!(!is_small("*\n".repeat(6_000).as_bytes()));
        assert!(!is_small("a".repeat(300_000).as_bytes()));
    }
}
