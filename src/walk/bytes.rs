//! The bytes of one file, no more of them than anybody needs.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::MAX_FILE_BYTES;

/// As [`read`], where nobody has looked yet what the path leads to: to open a pipe is to wait for its other end.
pub fn read_if_regular(path: &Path) -> io::Result<Result<Vec<u8>, String>> {
    if fs::metadata(path)?.is_file() { read(path) } else { Err(irregular()) }
}

/// The bytes, or why there are too many.
pub fn read(path: &Path) -> io::Result<Result<Vec<u8>, String>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    // It may have become a link to a device since somebody looked.
    if !metadata.is_file() {
        return Err(irregular());
    }
    let length = metadata.len();
    if length > MAX_FILE_BYTES {
        return Ok(Err(too_large(length)));
    }
    let mut bytes = Vec::with_capacity(length as usize + 1);
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) })
}

pub fn too_large(length: u64) -> String {
    format!("the file has {length} bytes, more than the {MAX_FILE_BYTES} that are read")
}

fn irregular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "no regular file")
}
