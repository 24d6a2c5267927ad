//! Fills in what was not known when the setup was written: the consumer key and the certificate. Only its own placeholders
//! are replaced.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;

use super::metadata;
use super::setup::{KEY_PLACEHOLDER, Setup, join};
use crate::init;
use crate::model::{AppKind, CertificateBody, Key};
use crate::parse;

/// A public certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicCertificate {
    /// Without line breaks.
    pub base64: String,
    pub expires: OffsetDateTime,
    pub bits: usize,
}

impl PublicCertificate {
    /// Reads a certificate in PEM, base64 or DER.
    ///
    /// # Errors
    /// What it is instead.
    pub fn read(bytes: &[u8]) -> Result<PublicCertificate, String> {
        let text = std::str::from_utf8(bytes).ok();
        let (body, base64) = match text {
            Some(text) => (parse::certificate_from_text(text), base64_of(text)),
            None => (parse::certificate_from_bytes(bytes), STANDARD.encode(bytes)),
        };
        match body {
            CertificateBody::Certificate(x509) => match x509.key {
                Key::Rsa { bits } => {
                    Ok(PublicCertificate { base64, expires: x509.not_after, bits })
                }
                Key::Other(name) => {
                    Err(format!("its key is {name}, but Salesforce signs with RSA"))
                }
            },
            CertificateBody::Request => {
                Err("it is a certificate signing request: the signed certificate is needed".into())
            }
            CertificateBody::Empty => Err("it is empty".into()),
            CertificateBody::Hidden | CertificateBody::Name(_) => {
                Err("it is not a certificate".into())
            }
            CertificateBody::Unreadable(reason) => Err(reason),
        }
    }
}

/// The base64 of the first certificate, without line breaks.
fn base64_of(text: &str) -> String {
    let body = text.split_once("-----BEGIN CERTIFICATE-----").map_or(text, |(_, body)| body);
    let body = body.split_once("-----END").map_or(body, |(body, _)| body);
    body.chars().filter(|character| !character.is_whitespace()).collect()
}

/// What is known about the orgs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub consumer_key: Option<String>,
    pub certificate: Option<PublicCertificate>,
}

/// The result of filling in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Files to write, by path relative to the base.
    pub files: BTreeMap<String, String>,
    /// What was filled in, each with its file.
    pub done: Vec<(&'static str, String)>,
    /// What is still missing, each with the file that lacks it.
    pub missing: Vec<(&'static str, String)>,
}

const KEY: &str = "the consumer key";
const CERTIFICATE: &str = "the certificate";
/// The element of an app without a certificate, as it is written and as some editors rewrite it.
const EMPTY: [&str; 2] = ["<certificate></certificate>", "<certificate/>"];

/// The names of a description.
const DESCRIPTIONS: [&str; 2] = [init::DESCRIPTION, "sfcred.yml"];

/// The files that may have placeholders.
pub fn candidates(setup: &Setup) -> Vec<String> {
    if !setup.signs() {
        return Vec::new();
    }
    let credential = metadata::of_credential(setup);
    let is_credential = |name: &str| name == "ExternalCredential";
    let is_app = |name: &str| match setup.app_kind {
        AppKind::ConnectedApp => name == "ConnectedApp",
        AppKind::ExternalClientApp => name == "ExtlClntAppGlobalOauthSettings",
    };
    let credential = credential.into_iter().filter(|one| is_credential(one.type_name));
    let app = metadata::of_app(setup).into_iter().filter(|one| is_app(one.type_name));
    let descriptions = DESCRIPTIONS.map(str::to_owned);
    credential.chain(app).map(|one| one.path).chain(descriptions).collect()
}

/// Replaces the placeholders in files. `texts` are those of the [candidates] that exist, and of the files of the
/// certificate.
pub fn resume(setup: &Setup, facts: &Facts, texts: &BTreeMap<String, String>) -> Filled {
    let mut filled = Filled::default();
    for path in candidates(setup) {
        let is_description = DESCRIPTIONS.contains(&path.as_str());
        let Some(old) = texts.get(&path) else {
            if !is_description {
                filled.missing.push(("the file itself", path));
            }
            continue;
        };
        let mut text = old.clone();
        if text.contains(KEY_PLACEHOLDER) {
            match &facts.consumer_key {
                Some(key) => {
                    text = text.replace(KEY_PLACEHOLDER, key);
                    filled.done.push((KEY, path.clone()));
                }
                // Once is enough.
                None if is_description => {}
                None => filled.missing.push((KEY, path.clone())),
            }
        }
        let empty = EMPTY.into_iter().find(|empty| !is_description && text.contains(empty));
        if let Some(empty) = empty {
            match &facts.certificate {
                Some(found) => {
                    let element = format!("<certificate>{}</certificate>", found.base64);
                    text = text.replacen(empty, &element, 1);
                    filled.done.push((CERTIFICATE, path.clone()));
                }
                None => filled.missing.push((CERTIFICATE, path.clone())),
            }
        }
        if text != *old {
            filled.files.insert(path, text);
        }
    }
    // Both halves or none: an older certificate is not mixed with the new one.
    let certificate = certificate_files(setup, facts);
    if !certificate.keys().any(|path| texts.contains_key(path)) {
        filled.done.extend(certificate.keys().map(|path| (CERTIFICATE, path.clone())));
        filled.files.extend(certificate);
    }
    filled
}

/// The paths of both halves of the certificate.
pub fn certificate_paths(setup: &Setup) -> [String; 2] {
    let path = join(&setup.hub_metadata(), &format!("certs/{}.crt", setup.certificate));
    [path.clone(), format!("{path}-meta.xml")]
}

/// The certificate of the calling org, as a retrieve would write it.
pub fn certificate_files(setup: &Setup, facts: &Facts) -> BTreeMap<String, String> {
    let Some(found) = facts.certificate.as_ref().filter(|_| setup.signs()) else {
        return BTreeMap::new();
    };
    let mut body = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in found.base64.as_bytes().chunks(64) {
        body.push_str(&String::from_utf8_lossy(line));
        body.push('\n');
    }
    body.push_str("-----END CERTIFICATE-----\n");
    let expires = found.expires;
    let expires = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000Z",
        expires.year(),
        u8::from(expires.month()),
        expires.day(),
        expires.hour(),
        expires.minute(),
        expires.second()
    );
    let [path, metadata_path] = certificate_paths(setup);
    let metadata = metadata::certificate(setup, &expires, found.bits);
    BTreeMap::from([(path, body), (metadata_path, metadata)])
}
