//! Bytes in which upper and lower case make no difference.

/// The bit by which letters in lower case differ.
pub const CASE: u8 = 0x20;

/// Letters in lower case, and some other characters made alike: `\\` becomes `|`. What is searched and what is looked for change the same way.
pub fn folded(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte | CASE).collect()
}
