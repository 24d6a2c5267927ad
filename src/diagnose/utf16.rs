//! Decodes logs in UTF-16, which is what PowerShell writes.

use std::io::{self, Cursor, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE};

/// The number of bytes read to detect the encoding.
const SAMPLE: u64 = 4096;
/// Bytes that are waited for, even if they contain a whole line.
const SHORT_SAMPLE: usize = 64;
/// Bytes that are decoded at a time.
const ENCODED: usize = 1 << 20;

/// The input as UTF-8 if it is UTF-16; unchanged if it is anything else.
///
/// # Errors
/// Returns the errors of the reader.
pub fn decoded<'r>(input: &'r mut (dyn Read + Send)) -> io::Result<Box<dyn Read + Send + 'r>> {
    let sample = sample(input)?;
    let encoding = detect(&sample);
    let input = Cursor::new(sample).chain(input);
    Ok(match encoding {
        Some(encoding) => Box::new(Decoded {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoded: Vec::new(),
            at_end: false,
            is_done: false,
        }),
        None => Box::new(input),
    })
}

/// The start of the input: at most [`SAMPLE`] bytes, and no more than arrive until the first line is
/// complete, because a log may still be being written.
fn sample(input: &mut (dyn Read + Send)) -> io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    while (sample.len() as u64) < SAMPLE {
        if sample.iter().skip(SHORT_SAMPLE).any(|byte| *byte == b'\n') {
            break;
        }
        let mut buffer = [0; SAMPLE as usize];
        let room = (SAMPLE as usize) - sample.len();
        match input.read(&mut buffer[..room]) {
            Ok(0) => break,
            Ok(read) => sample.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sample)
}

/// Recognizes UTF-16 by its byte order mark, or by the zeros in ASCII text.
fn detect(sample: &[u8]) -> Option<&'static Encoding> {
    match sample {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let zeros =
        |parity: usize| sample.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    match half {
        0..=3 => None,
        _ if odd * 10 >= half * 8 && even * 10 < half => Some(UTF_16LE),
        _ if even * 10 >= half * 8 && odd * 10 < half => Some(UTF_16BE),
        _ => None,
    }
}

/// Reads another encoding as UTF-8.
struct Decoded<R> {
    input: R,
    decoder: Decoder,
    encoded: Vec<u8>,
    /// The input has ended.
    at_end: bool,
    /// Everything has been decoded.
    is_done: bool,
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.is_done {
            if !self.at_end && self.encoded.len() < ENCODED {
                let filled = self.encoded.len();
                self.encoded.resize(ENCODED, 0);
                let read = loop {
                    match self.input.read(&mut self.encoded[filled..]) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        other => break other,
                    }
                };
                self.encoded.truncate(filled + *read.as_ref().unwrap_or(&0));
                self.at_end = read? == 0;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.encoded, buffer, self.at_end);
            self.encoded.drain(..read);
            self.is_done = self.at_end && result == CoderResult::InputEmpty;
            // If the buffer is too small for a character, nothing is written to it.
            if written > 0 || buffer.len() < 4 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
