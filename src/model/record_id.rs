//! Record IDs: 15 characters, or 18 with a checksum at the end.

/// The first 15 characters of an ID, which identify the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordId<'a>(&'a str);

impl<'a> RecordId<'a> {
    /// The prefix of the IDs of each object.
    pub const ORGANIZATION: &'static str = "00D";
    pub const USER: &'static str = "005";
    pub const PROFILE: &'static str = "00e";
    pub const PERMISSION_SET: &'static str = "0PS";
    pub const PERMISSION_SET_GROUP: &'static str = "0PG";

    /// `None` if the string does not have the format of an ID with this prefix.
    pub fn parse(text: &'a str, prefix: &str) -> Option<RecordId<'a>> {
        let is_id = matches!(text.len(), 15 | 18)
            && text.starts_with(prefix)
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then(|| RecordId(&text[..15]))
    }

    /// The ID of an org.
    pub fn organization(text: &'a str) -> Option<RecordId<'a>> {
        RecordId::parse(text, RecordId::ORGANIZATION)
    }

    /// The 15 characters that both forms have in common.
    pub fn short(self) -> &'a str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_two_lengths_and_a_prefix() {
        let short = |text| RecordId::organization(text).map(RecordId::short);
        assert_eq!(short("00D5g000004AbCdEAF"), Some("00D5g000004AbCd"));
        assert_eq!(short("00D5g000004AbCd"), Some("00D5g000004AbCd"));
        for text in ["00D5g000004AbC", "0015g000004AbCd", "00D5g000004Ab-d", "acme", ""] {
            assert_eq!(short(text), None, "{text}");
        }
    }
}
