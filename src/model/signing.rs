//! Certificates in use: those that credentials sign with, and those that apps verify with.

use std::collections::{BTreeMap, HashMap, HashSet};

use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime};

use super::{App, Certificate, CertificateBody, Component, Flow, Named, OrgId, Workspace, X509};
use crate::source::{Located, Span, Spanned, Text};

/// A certificate, and the credentials that sign with it.
#[derive(Debug)]
pub struct SigningUse<'a> {
    pub certificate: &'a Certificate,
    pub credential: &'a Component,
    /// The credential's reference to the certificate.
    pub reference: &'a Text,
    /// The other credentials that sign with it.
    pub others: Vec<Signer<'a>>,
}

/// A credential that signs a JWT or a request of AWS Roles Anywhere.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    pub credential: &'a Component,
    /// The credential's reference to the certificate.
    pub reference: &'a Text,
}

/// A certificate on either side of the flow.
#[derive(Debug)]
pub struct ActiveCertificate<'a> {
    pub x509: &'a X509,
    pub component: &'a Component,
    /// The reference in the credential, or the certificate in the app.
    pub place: Span,
    /// The place of its body.
    pub body: Span,
    /// A clause for messages that says how it is used, such as "the credential signs with `Hub_Org`".
    pub words: String,
}

impl Workspace {
    /// The credentials that sign, in every flow, each with the certificate that its org has under that name.
    fn signers(&self) -> impl Iterator<Item = (Signer<'_>, &Certificate)> {
        let of_jwt = self.signing_credentials().filter_map(|credential| {
            let reference = credential.signing_certificate.as_ref()?;
            Some(Signer { credential: &credential.component, reference })
        });
        let of_aws = self.external_credentials().filter_map(|(_, credential)| {
            let reference = credential.signing_certificate()?;
            let is_signer = credential.flow() == Flow::AwsRolesAnywhere;
            is_signer.then_some(Signer { credential: &credential.component, reference })
        });
        of_jwt.chain(of_aws).filter_map(|signer| {
            let name = signer.reference.known().filter(|name| !name.is_empty())?;
            Some((signer, self.org(signer.credential.org).certificate(name)?))
        })
    }

    /// The certificates that credentials sign with, sorted by org and name.
    pub fn signings(&self) -> Vec<SigningUse<'_>> {
        let mut found: BTreeMap<(OrgId, &str), SigningUse<'_>> = BTreeMap::new();
        for (signer, certificate) in self.signers() {
            let Signer { credential, reference } = signer;
            found
                .entry((credential.org, certificate.name()))
                .and_modify(|known| known.others.push(signer))
                .or_insert_with(|| SigningUse {
                    certificate,
                    credential,
                    reference,
                    others: Vec::new(),
                });
        }
        found.into_values().collect()
    }

    /// The same, by the place of the certificate's component.
    pub fn signings_by_certificate(&self) -> HashMap<Span, SigningUse<'_>> {
        self.signings()
            .into_iter()
            .map(|signing| (signing.certificate.component.place, signing))
            .collect()
    }

    /// The certificates of apps, except those that a credential in the files signs with, so that each is reported once.
    pub fn verified_only(&self) -> Vec<(&App, &Located<CertificateBody>, &X509)> {
        let signed: HashSet<Identity<'_>> = self
            .signings()
            .into_iter()
            .filter_map(|signing| signing.certificate.x509())
            .map(X509::identity)
            .collect();
        self.apps()
            .filter_map(|(_, app)| {
                app.certificate
                    .as_ref()
                    .and_then(|certificate| certificate.x509().map(|x509| (app, certificate, x509)))
            })
            .filter(|(_, _, x509)| !signed.contains(&x509.identity()))
            .collect()
    }

    /// Every certificate that a credential signs with or an app verifies with.
    pub fn certificates_in_use(&self) -> Vec<ActiveCertificate<'_>> {
        let signed = self.signings().into_iter().filter_map(|signing| {
            let body = signing.certificate.body.as_ref()?;
            Some(ActiveCertificate {
                x509: body.x509()?,
                component: signing.credential,
                place: signing.reference.span(),
                body: body.span,
                words: format!("the credential signs with `{}`", signing.certificate.name()),
            })
        });
        let verified =
            self.verified_only().into_iter().map(|(app, certificate, x509)| ActiveCertificate {
                x509,
                component: &app.component,
                place: certificate.span,
                body: certificate.span,
                words: format!(
                    "the {} `{}` verifies with `{}`",
                    app.noun(),
                    app.name(),
                    x509.common_name()
                ),
            });
        signed.chain(verified).collect()
    }
}

impl Certificate {
    /// The last day of validity, from the X.509 body; from the metadata only if there is no body.
    pub fn end(&self) -> Option<(Date, Span)> {
        match &self.body {
            Some(body) => body.x509().map(|x509| (x509.not_after.date(), body.span)),
            None => {
                let text = self.expiration.as_ref()?;
                let date = text.known()?.get(..10)?;
                Date::parse(date, &Iso8601::DATE).ok().map(|date| (date, text.span))
            }
        }
    }

    /// Whether it comes from a description, so that it does not consist of two files.
    pub fn is_described(&self) -> bool {
        self.metadata == Some(self.component.place)
    }

    /// The expiration date, if it is not a `dateTime` of XML Schema: a metadata deployment rejects it.
    pub fn malformed_expiration(&self) -> Option<&Text> {
        let text = self.expiration.as_ref()?;
        text.known().is_some_and(|value| !is_date_time(value)).then_some(text)
    }
}

/// `2027-01-19T00:00:00.000Z`, with or without fractions, with `Z`, an offset or neither.
fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once('T') else { return false };
    let Some(time) = rest.get(..8) else { return false };
    let zone = rest.get(8..).unwrap_or_default();
    let zone = zone.strip_prefix('.').map_or(zone, |fraction| {
        fraction.trim_start_matches(|character: char| character.is_ascii_digit())
    });
    let digits = |text: &str, form: &str| {
        text.len() == form.len()
            && text
                .bytes()
                .zip(form.bytes())
                .all(|(byte, form)| if form == b'0' { byte.is_ascii_digit() } else { byte == form })
    };
    let offset = zone
        .strip_prefix(['+', '-'])
        .is_some_and(|offset| digits(offset, "00:00") || digits(offset, "0000"));
    Date::parse(date, &Iso8601::DATE).is_ok()
        && digits(time, "00:00:00")
        && (zone.is_empty() || zone == "Z" || offset)
}

/// The fields that identify a certificate.
type Identity<'a> = (&'a [u8; 32], OffsetDateTime, OffsetDateTime, usize, &'a str);

impl X509 {
    /// Whether both are the same certificate. Two certificates can have the same key and still be different.
    pub fn same_certificate(&self, other: &X509) -> bool {
        self.identity() == other.identity()
    }

    fn identity(&self) -> Identity<'_> {
        (
            &self.public_key_sha256,
            self.not_before,
            self.not_after,
            self.der_length,
            &self.signature_algorithm,
        )
    }

    /// The outdated digest that the certificate was signed with, by the object identifiers of RFC 3279 and RFC 5758.
    pub fn weak_digest(&self) -> Option<&'static str> {
        match self.signature_algorithm.as_str() {
            "1.2.840.113549.1.1.2" => Some("MD2"),
            "1.2.840.113549.1.1.4" | "1.3.14.3.2.3" => Some("MD5"),
            "1.2.840.113549.1.1.5"
            | "1.3.14.3.2.29"
            | "1.2.840.10040.4.3"
            | "1.2.840.10045.4.1" => Some("SHA-1"),
            _ => None,
        }
    }

    /// Bytes of the certificate as PEM, in lines of 64.
    pub fn pem_length(&self) -> usize {
        let base64 = self.der_length.div_ceil(3) * 4;
        base64
            + base64.div_ceil(64)
            + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_without_a_time_is_not_a_date_time() {
        for text in [
            "2027-01-19T00:00:00.000Z",
            "2027-01-19T12:30:00Z",
            "2027-01-19T12:30:00.000+0000",
            "2027-01-19T12:30:00+01:00",
            "2027-01-19T12:30:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "2027-01-19",
            "19.01.2027",
            "2027-13-19T00:00:00Z",
            "2027-01-19 00:00:00",
            "2027-01-19T00:00Z",
            "soon",
            "2027-01-19T00:00:00.000ZZ",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
    }
}
