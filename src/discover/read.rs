//! Reads one file and decides how its bytes are kept.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::file_system::{FileSystem, FileType, Metadata, OpenFile, Resolved};
use super::{
    MAX_FILE_BYTES, NOT_REGULAR, PROJECT_FILE, affects_folder, file_name, normalized, prefilter,
    secret_candidate,
};
use crate::options::Options;
use crate::source::{Content, Encoding, Kind, Source, Undecodable, decode, decode_any};

/// The bytes of a file, or why there are too many of them.
pub fn read(file_system: &dyn FileSystem, file: &Resolved) -> io::Result<Result<Vec<u8>, String>> {
    // Opening a pipe would block until a writer opens its other end.
    must_be_regular(file.metadata)?;
    let mut buffer = Vec::new();
    Ok(read_into(file_system.open(file)?, &mut buffer)?.map(<[u8]>::to_vec))
}

/// Reads a file into a buffer that can be used for many files. Bytes that are appended to the file meanwhile are not
/// read.
pub fn read_into<'a>(
    mut file: OpenFile<'_>,
    buffer: &'a mut Vec<u8>,
) -> io::Result<Result<&'a [u8], String>> {
    // It may have been replaced by a link to a device since its folder was listed.
    must_be_regular(file.metadata)?;
    let length = file.metadata.length;
    if length > MAX_FILE_BYTES {
        return Ok(Err(too_large(length)));
    }
    // Files of `/proc` and the like have no length.
    let limit = if length == 0 { MAX_FILE_BYTES + 1 } else { length };
    buffer.clear();
    file.content.by_ref().take(limit).read_to_end(buffer)?;
    let length = buffer.len() as u64;
    Ok(if length > MAX_FILE_BYTES { Err(too_large(length)) } else { Ok(buffer) })
}

pub fn too_large(length: u64) -> String {
    format!("the file has {length} bytes; the limit is {MAX_FILE_BYTES}")
}

fn must_be_regular(metadata: Metadata) -> io::Result<()> {
    if metadata.file_type == FileType::File {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR))
    }
}

/// A file of the run. `prefiltered`: its text is dropped if no rule can need it.
pub fn source(
    path: PathBuf,
    name: String,
    kind: Kind,
    bytes: Result<&[u8], String>,
    prefiltered: bool,
) -> Source {
    let mut encoding = Encoding::Utf8 { byte_order_mark: false };
    let content = match bytes {
        Err(reason) => Content::Unreadable(reason),
        Ok(bytes) if is_binary(kind, bytes) => Content::Binary(bytes.to_vec()),
        Ok(bytes) => match prefiltered.then(|| prefilter::relevance(kind, bytes)) {
            Some(prefilter::Relevance::None { label, custom }) => {
                Content::Irrelevant { label, custom }
            }
            Some(prefilter::Relevance::Whole) | None => match decoded(kind, bytes) {
                Ok((text, declared)) => {
                    encoding = declared;
                    Content::Text(text)
                }
                Err(reason) => Content::Unreadable(reason.0),
            },
        },
    };
    Source { path, name, kind, content, encoding, ignored: false }
}

/// What a change of a file affects.
pub enum Edited {
    /// Nothing that is linted.
    Nothing,
    /// Only the file, which is now this one.
    One(Box<Source>),
    /// Which files are linted, or what other files mean.
    Everything,
}

/// What is different if a file has these bytes; `None` if it can no longer be read. `known` is the file as it was read
/// last.
pub fn edited(
    path: &Path,
    known: Option<&Source>,
    bytes: Option<&[u8]>,
    options: &Options,
) -> Edited {
    let name = file_name(path);
    let is_baseline = options.baseline.as_ref().is_some_and(|baseline| {
        path == normalized(&options.working_directory.join(&baseline.name))
    });
    if is_baseline || name == ".gitignore" || affects_folder(&name) && name != PROJECT_FILE {
        return Edited::Everything;
    }
    let Some(known) = known else {
        let may_matter = match bytes {
            _ if Kind::from_file_name(&name).is_some() || Kind::is_misspelled(&name) => true,
            Some(bytes) => Kind::may_be_secret(&name) && secret_candidate::is_kept(&name, bytes),
            None => false,
        };
        return if may_matter { Edited::Everything } else { Edited::Nothing };
    };
    let Some(bytes) = bytes else { return Edited::Everything };
    let is_kept = match known.kind {
        Kind::Description | Kind::Toml => false,
        Kind::SecretCandidate => secret_candidate::is_kept(&name, bytes),
        _ => true,
    };
    if !is_kept {
        return Edited::Everything;
    }
    let prefiltered = match known.kind {
        Kind::SecretCandidate => false,
        kind => prefilter::applies_to(kind, options),
    };
    let length = bytes.len() as u64;
    let bytes = if length > MAX_FILE_BYTES { Err(too_large(length)) } else { Ok(bytes) };
    let (path, name) = (known.path.clone(), known.name.clone());
    let fresh = source(path, name, known.kind, bytes, prefiltered);
    Edited::One(Box::new(Source { ignored: known.ignored, ..fresh }))
}

/// Apex and files of other kinds declare no encoding, so that they are read in any.
fn decoded(kind: Kind, bytes: &[u8]) -> Result<(String, Encoding), Undecodable> {
    match kind {
        Kind::Apex | Kind::SecretCandidate => decode_any(bytes.to_vec()),
        _ => decode(bytes.to_vec()),
    }
}

fn is_binary(kind: Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::CertificateBody => is_der(bytes),
        Kind::SecretCandidate => secret_candidate::is_binary(bytes),
        _ => false,
    }
}

/// A DER sequence longer than 127 bytes, as every certificate is.
fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0xFF, ..])
}
