//! Bytes damaged in the ways that people, editors and attackers damage them, the same ones every time.

/// A generator of numbers that gives the same ones every time.
pub struct Numbers(pub u64);

impl Numbers {
    /// From 0 up to the limit, without it.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

const SPICE: &[&[u8]] = &[
    b"<",
    b">",
    b"&",
    b"\"",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"&#0;",
    b"&#x10FFFF;",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"\0",
    b"{{",
    b"${",
    b"'",
    b"\r\n",
    b"\x1b]0;x\x07",
    b"\xE2\x80\xAE",
    b"-",
    b"*",
    b"!",
    b"99999999999999999999",
    b"https://",
    b"@",
    b"[",
    b"{!",
    b"\xF0\x9F\x98\x80",
    b"=",
    b"-----BEGIN CERTIFICATE-----",
];

/// A few damages at once.
pub fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        match numbers.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, SPICE[numbers.below(SPICE.len())].iter().copied())),
            2 if at < bytes.len() => bytes[at] = numbers.below(256) as u8,
            3 => {
                let end = (at + numbers.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let end = (at + numbers.below(200)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}
