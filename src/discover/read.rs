//! One file: its bytes from the disk, and what they are.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{MAX_FILE_BYTES, interest, loose};
use crate::source::{Content, Encoding, Kind, Source, decode};

/// The bytes, or why there are too many. To open a pipe is to wait for its other end, so what the path leads to is looked at first.
pub fn read(path: &Path) -> io::Result<Result<Vec<u8>, String>> {
    if !fs::metadata(path)?.is_file() {
        return Err(irregular());
    }
    let mut buffer = Vec::new();
    Ok(read_into(path, &mut buffer)?.map(<[u8]>::to_vec))
}

/// The same for what is known to be a regular file, in a buffer that is used again for every file. A regular file says how long it is and is read in one call; what is
/// added to it meanwhile is not waited for.
pub fn read_into<'a>(path: &Path, buffer: &'a mut Vec<u8>) -> io::Result<Result<&'a [u8], String>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    // It may have become a link to a device since somebody looked.
    if !metadata.is_file() {
        return Err(irregular());
    }
    let length = metadata.len();
    if length > MAX_FILE_BYTES {
        return Ok(Err(too_large(length)));
    }
    if length == 0 {
        buffer.clear();
        file.take(MAX_FILE_BYTES + 1).read_to_end(buffer)?;
        return Ok(if buffer.len() as u64 > MAX_FILE_BYTES {
            Err(too_large(buffer.len() as u64))
        } else {
            Ok(buffer)
        });
    }
    let length = length as usize;
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    let mut filled = 0;
    while filled < length {
        match file.read(&mut buffer[filled..length]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Ok(&buffer[..filled]))
}

pub fn too_large(length: u64) -> String {
    format!("the file has {length} bytes, more than the {MAX_FILE_BYTES} that are read")
}

fn irregular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "no regular file")
}

/// A file of the run: what its bytes are.
pub fn source(
    path: PathBuf,
    name: String,
    kind: Kind,
    bytes: Result<&[u8], String>,
    short_cuts: bool,
) -> Source {
    let utf8 = Encoding::Utf8 { byte_order_mark: false };
    let (content, encoding) = match bytes {
        Err(reason) => (Content::Unreadable(reason), utf8),
        Ok(bytes)
            if kind == Kind::CertificateBody
                && bytes.first() == Some(&0x30)
                && bytes.get(1).is_some_and(|length| *length >= 0x80) =>
        {
            (Content::Binary(bytes.to_vec()), utf8)
        }
        Ok(bytes) if kind == Kind::SecretCandidate && loose::is_binary(bytes) => {
            (Content::Binary(bytes.to_vec()), utf8)
        }
        Ok(bytes) => match short_cuts.then(|| interest::of(kind, bytes)) {
            Some(interest::Interest::None { label, custom }) => {
                (Content::Irrelevant { label, custom }, utf8)
            }
            Some(interest::Interest::Whole) | None => match decode(bytes.to_vec()) {
                Ok((text, encoding)) => (Content::Text(text), encoding),
                Err(reason) => (Content::Unreadable(reason.0), utf8),
            },
        },
    };
    Source { path, name, kind, content, encoding, ignored: false }
}
