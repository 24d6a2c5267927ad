//! Decodes files: byte order marks, UTF-16, and the single-byte encodings that an XML declaration may name.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// The encoding of a file, which a fix must keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8 {
        byte_order_mark: bool,
    },
    Utf16Le {
        byte_order_mark: bool,
    },
    Utf16Be {
        byte_order_mark: bool,
    },
    /// A single-byte encoding of the WHATWG list.
    Other(&'static encoding_rs::Encoding),
}

/// Why a file cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable(pub String);

static DECLARED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u)^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"#)
        .expect("a constant pattern")
});

/// Decodes a file. The text has no byte order mark, so that offset 0 is the first character.
///
/// # Errors
/// The reason, in words for the user.
pub fn decode(mut bytes: Vec<u8>) -> Result<(String, Encoding), Undecodable> {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
        return utf8(bytes, true);
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return utf16(&bytes[2..], bytes[0] == 0xFF, true);
    }
    let declared =
        DECLARED.captures(&bytes).map(|found| String::from_utf8_lossy(&found[1]).into_owned());
    let Some(label) = declared else { return utf8(bytes, false) };
    let Some(encoding) = encoding_rs::Encoding::for_label(label.as_bytes()) else {
        return Err(Undecodable(format!(
            "the XML declaration names the unknown encoding `{label}`"
        )));
    };
    if encoding == encoding_rs::UTF_8 {
        return utf8(bytes, false);
    }
    if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
        return Err(Undecodable(format!(
            "the XML declaration names `{label}`, but the file has no byte order mark and is not UTF-16"
        )));
    }
    match encoding.decode_without_bom_handling_and_without_replacement(&bytes) {
        Some(text) => Ok((text.into_owned(), Encoding::Other(encoding))),
        None => Err(Undecodable(format!(
            "the XML declaration names `{label}`, but some bytes are not valid in it"
        ))),
    }
}

/// Decodes a file that declares no encoding, such as Apex: UTF-8 or UTF-16, otherwise Windows-1252, in which every byte
/// is a character.
pub fn decode_any(bytes: Vec<u8>) -> Result<(String, Encoding), Undecodable> {
    let is_marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if is_marked || std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains('\0')) {
        return decode(bytes);
    }
    if let Some(little) = unmarked_utf16(&bytes)
        && let Ok(decoded) = utf16(&bytes, little, false)
    {
        return Ok(decoded);
    }
    decode(bytes.clone()).or_else(|_| {
        let encoding = encoding_rs::WINDOWS_1252;
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        Ok((text.into_owned(), Encoding::Other(encoding)))
    })
}

/// Whether the bytes are UTF-16 without a byte order mark, and if so whether the low bytes come first. ASCII characters
/// have a zero byte in UTF-16, and text in other encodings has none.
pub fn unmarked_utf16(bytes: &[u8]) -> Option<bool> {
    let start = bytes.get(..bytes.len().min(512) & !1).filter(|start| start.len() >= 4)?;
    let zeros =
        |first: usize| start.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = start.len() / 2 * 3 / 4;
    match (even, odd) {
        (0, odd) if odd >= most => Some(true),
        (even, 0) if even >= most => Some(false),
        _ => None,
    }
}

/// Encodes a file; `None` if the encoding lacks a character.
pub fn encode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let wide = |byte_order_mark: bool, bytes: fn(u16) -> [u8; 2]| {
        let mark = byte_order_mark.then_some(0xFEFF);
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    match encoding {
        Encoding::Utf8 { byte_order_mark: false } => Some(text.as_bytes().to_vec()),
        Encoding::Utf8 { byte_order_mark: true } => {
            Some([b"\xEF\xBB\xBF", text.as_bytes()].concat())
        }
        Encoding::Utf16Le { byte_order_mark } => Some(wide(byte_order_mark, u16::to_le_bytes)),
        Encoding::Utf16Be { byte_order_mark } => Some(wide(byte_order_mark, u16::to_be_bytes)),
        Encoding::Other(encoding) => {
            let (bytes, _, lacking) = encoding.encode(text);
            (!lacking).then(|| bytes.into_owned())
        }
    }
}

fn utf8(bytes: Vec<u8>, byte_order_mark: bool) -> Result<(String, Encoding), Undecodable> {
    String::from_utf8(bytes).map(|text| (text, Encoding::Utf8 { byte_order_mark })).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = memchr::memchr_iter(b'\n', &error.as_bytes()[..at]).count() + 1;
        Undecodable(format!("byte {} (line {line}) is not valid UTF-8; save the file as UTF-8, or declare its encoding", at + 1))
    })
}

fn utf16(
    body: &[u8],
    little: bool,
    byte_order_mark: bool,
) -> Result<(String, Encoding), Undecodable> {
    if !body.len().is_multiple_of(2) {
        return Err(Undecodable(
            "the file starts as UTF-16 but has an odd number of bytes, so it is truncated or damaged"
                .into(),
        ));
    }
    let units = body.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    let text: Result<String, _> = char::decode_utf16(units).collect();
    let encoding = if little {
        Encoding::Utf16Le { byte_order_mark }
    } else {
        Encoding::Utf16Be { byte_order_mark }
    };
    text.map(|text| (text, encoding)).map_err(|_| {
        Undecodable("the file starts as UTF-16 but contains half of a surrogate pair".into())
    })
}

/// The bytes of a text that an editor holds, in the encoding that its file has or, if that is unknown, that its XML
/// declaration names.
pub fn encode_as(text: &str, known: Option<Encoding>) -> Vec<u8> {
    let is_utf8 = matches!(known, None | Some(Encoding::Utf8 { .. }));
    let declared = DECLARED.captures(text.as_bytes()).and_then(|found| {
        let encoding = encoding_rs::Encoding::for_label(found.get(1)?.as_bytes())?;
        let is_single_byte = encoding.is_single_byte();
        is_single_byte.then_some(Encoding::Other(encoding))
    });
    let encoding = if is_utf8 { declared.or(known) } else { known };
    let encoded = encoding.and_then(|encoding| encode(text, encoding));
    encoded.unwrap_or_else(|| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks_are_removed() {
        assert_eq!(
            decode(b"\xEF\xBB\xBFa".to_vec()),
            Ok(("a".into(), Encoding::Utf8 { byte_order_mark: true }))
        );
        assert_eq!(
            decode(b"\xFF\xFEa\0".to_vec()),
            Ok(("a".into(), Encoding::Utf16Le { byte_order_mark: true }))
        );
        assert_eq!(
            decode(b"\xFE\xFF\0a".to_vec()),
            Ok(("a".into(), Encoding::Utf16Be { byte_order_mark: true }))
        );
    }

    #[test]
    fn declared_single_byte_encodings_are_used() {
        let bytes = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>".to_vec();
        assert!(decode(bytes).unwrap().0.contains('ä'));
    }

    #[test]
    fn text_without_a_declaration_is_always_decoded() {
        let little: Vec<u8> = "class X {}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "class X {}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, expected) in [
            (b"// caf\xE9".to_vec(), "// caf\u{e9}"),
            (b"\xFF-----BEGIN".to_vec(), "\u{ff}-----BEGIN"),
            ("// caf\u{e9}".as_bytes().to_vec(), "// caf\u{e9}"),
            (little, "class X {}"),
            (big, "class X {}"),
        ] {
            let (text, encoding) = decode_any(bytes.clone()).unwrap();
            assert_eq!(text, expected);
            assert_eq!(encode(&text, encoding).unwrap(), bytes);
        }
    }

    #[test]
    fn encoding_reverses_decoding() {
        let latin = b"<?xml version='1.0' encoding='windows-1252'?><a>\xE4\x80</a>";
        for bytes in [
            b"a\r\n".as_slice(),
            b"\xEF\xBB\xBFa",
            b"\xFF\xFEa\0\x3D\xD8\0\xDE",
            b"\xFE\xFF\0a",
            latin,
        ] {
            let (text, encoding) = decode(bytes.to_vec()).unwrap();
            assert_eq!(encode(&text, encoding).unwrap(), bytes);
        }
        let (_, encoding) = decode(latin.to_vec()).unwrap();
        assert_eq!(encode("\u{4e2d}", encoding), None);
    }

    #[test]
    fn invalid_bytes_are_located() {
        let error = decode(b"a\nb\xFF".to_vec()).unwrap_err();
        assert!(error.0.contains("byte 4 (line 2)"), "{error:?}");
        assert!(decode(b"<?xml version='1.0' encoding='klingon'?><a/>".to_vec()).is_err());
        assert!(decode(b"\xFF\xFEa".to_vec()).is_err());
    }
}
