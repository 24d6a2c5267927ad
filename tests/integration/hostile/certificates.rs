//! Certificates that no authority would issue: dates beyond the calendar, huge numbers, negative serials.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Project;

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let digits: Vec<u8> =
            (length as u32).to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        bytes.push(0x80 | digits.len() as u8);
        bytes.extend(digits);
    }
    bytes.extend_from_slice(content);
    bytes
}

/// The fields of a certificate that a test can set; all other fields are ordinary.
struct Certificate {
    serial: Vec<u8>,
    not_before: (u8, &'static str),
    not_after: (u8, &'static str),
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    common_name: String,
}

const UTC: u8 = 0x17;
const GENERALIZED: u8 = 0x18;

impl Certificate {
    fn usual() -> Certificate {
        let modulus = [&[0, 0xC1][..], &[0x5A; 255]].concat();
        Certificate {
            serial: vec![1],
            not_before: (UTC, "250101000000Z"),
            not_after: (UTC, "350101000000Z"),
            modulus,
            exponent: vec![1, 0, 1],
            common_name: "Hub Org".into(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let rsa = der(
            0x30,
            &[&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1][..], &[5, 0]].concat(),
        );
        let signature = der(
            0x30,
            &[&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11][..], &[5, 0]].concat(),
        );
        let name = der(
            0x30,
            &der(
                0x31,
                &der(
                    0x30,
                    &[&[0x06, 3, 0x55, 4, 3][..], &der(0x0C, self.common_name.as_bytes())].concat(),
                ),
            ),
        );
        let validity = der(
            0x30,
            &[
                der(self.not_before.0, self.not_before.1.as_bytes()),
                der(self.not_after.0, self.not_after.1.as_bytes()),
            ]
            .concat(),
        );
        let key = der(0x30, &[der(2, &self.modulus), der(2, &self.exponent)].concat());
        let info = der(0x30, &[rsa, der(3, &[&[0][..], &key].concat())].concat());
        let body = [
            der(0xA0, &[2, 1, 2]),
            der(2, &self.serial),
            signature.clone(),
            name.clone(),
            validity,
            name,
            info,
        ]
        .concat();
        der(0x30, &[der(0x30, &body), signature, der(3, &[0; 257])].concat())
    }
}

/// With such a certificate anywhere, the run completes and the fault in another file is still found.
fn is_read_or_reported(certificate: &Certificate, of: &str) {
    let project = Project::new();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(certificate.bytes())
    );
    let meta = "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"><caSigned>false</caSigned><keySize>2048</keySize><masterLabel>X</masterLabel></Certificate>";
    project.write("certs/Der.crt", certificate.bytes());
    project.write("certs/Der.crt-meta.xml", meta);
    project.write("certs/Pem.crt", &pem);
    project.write("certs/Pem.crt-meta.xml", meta);
    project.write(
        "App.connectedApp-meta.xml",
        format!("<ConnectedApp><contactEmail>a@b.c</contactEmail><label>App</label><oauthConfig><certificate>{pem}</certificate><consumerKey>3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0</consumerKey><isAdminApproved>true</isAdminApproved><scopes>Api</scopes></oauthConfig></ConnectedApp>"),
    );
    for arguments in [&[][..], &["--format", "json"]] {
        let run = project.lint(arguments).ends(1, &[]).finds_the_other_fault();
        assert!(run.out.len() < 200_000, "{of}: {}", run.shortened());
        assert!(!run.err.contains("sfcred crashed"), "{of}: {}", run.shortened());
    }
}

#[test]
fn absurd_days() {
    let project = Project::new();
    project.write("X.crt", Certificate::usual().bytes());
    project.write(
        "X.crt-meta.xml",
        "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"><caSigned>false</caSigned><keySize>2048</keySize><masterLabel>X</masterLabel></Certificate>",
    );
    for day in
        ["0000-01-01", "0001-01-01", "9999-12-31", "-001-01-01", "+99999-01-01", "2026-02-30"]
    {
        let run = project.lint_on(day);
        assert!(
            matches!(run.status, Some(1 | 2)) && !run.err.contains("sfcred crashed"),
            "{day}: {}",
            run.shortened()
        );
    }
}

#[test]
fn an_ordinary_certificate_is_read() {
    let project = Project::new();
    let body = STANDARD.encode(Certificate::usual().bytes());
    project.write("App.connectedApp-meta.xml", format!("<ConnectedApp><contactEmail>a@b.c</contactEmail><label>App</label><oauthConfig><certificate>{body}</certificate><consumerKey>3MVG9KRQPUSl0oGUVO_5L0kS5CwSKaMUY0</consumerKey><isAdminApproved>true</isAdminApproved><scopes>Api</scopes></oauthConfig></ConnectedApp>"));
    project.lint_on("2036-01-01").ends(1, &["app-certificate-expired"]);
}

#[test]
fn absurd_dates() {
    let dates = [
        (GENERALIZED, "00000101000000Z"),
        (GENERALIZED, "00010101000000Z"),
        (GENERALIZED, "99991231235959Z"),
        (GENERALIZED, "20250230000000Z"),
        (GENERALIZED, "20251301000000Z"),
        (GENERALIZED, "20250101240000Z"),
        (GENERALIZED, "20250101000060Z"),
        (GENERALIZED, "20250101000000.999999999999Z"),
        (GENERALIZED, "20250101000000+1400"),
        (GENERALIZED, "2025010100Z"),
        (GENERALIZED, "20250101000000"),
        (GENERALIZED, ""),
        (GENERALIZED, "-0250101000000Z"),
        (UTC, "500101000000Z"),
        (UTC, "490101000000Z"),
        (UTC, "2501010000Z"),
        (UTC, "250101000000-1200"),
        (UTC, "\u{1b}[31m"),
        (UTC, ""),
        (2, "x"),
    ];
    for date in dates {
        is_read_or_reported(&Certificate { not_before: date, ..Certificate::usual() }, date.1);
        is_read_or_reported(&Certificate { not_after: date, ..Certificate::usual() }, date.1);
    }
    is_read_or_reported(
        &Certificate {
            not_before: (UTC, "350101000000Z"),
            not_after: (UTC, "250101000000Z"),
            ..Certificate::usual()
        },
        "ends before it begins",
    );
}

#[test]
fn absurd_numbers() {
    for serial in [vec![], vec![0], vec![0xFF; 20], vec![0x80], vec![0x7F; 100_000], vec![0; 1000]]
    {
        is_read_or_reported(
            &Certificate { serial: serial.clone(), ..Certificate::usual() },
            &format!("serial of {}", serial.len()),
        );
    }
    for modulus in [vec![], vec![0], vec![1], vec![0xFF; 256], vec![0x7F; 64 << 10], vec![0; 4096]]
    {
        is_read_or_reported(
            &Certificate { modulus: modulus.clone(), ..Certificate::usual() },
            &format!("modulus of {}", modulus.len()),
        );
    }
    for exponent in [vec![], vec![0], vec![0xFF; 8], vec![0x7F; 64 << 10]] {
        is_read_or_reported(
            &Certificate { exponent: exponent.clone(), ..Certificate::usual() },
            &format!("exponent of {}", exponent.len()),
        );
    }
}

#[test]
fn absurd_names() {
    for name in ["x".repeat(1 << 20), "\u{1b}[31m\u{202e}".repeat(100), String::new()] {
        is_read_or_reported(
            &Certificate { common_name: name.clone(), ..Certificate::usual() },
            &format!("a name of {}", name.len()),
        );
    }
}

#[test]
fn bytes_that_only_begin_as_a_certificate() {
    let sound = Certificate::usual().bytes();
    let mut bytes: Vec<Vec<u8>> = [1, 2, 4, 5, 20, 100, sound.len() - 1]
        .iter()
        .map(|length| sound[..*length].to_vec())
        .collect();
    bytes.push([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF].to_vec());
    bytes.push([0x30, 0x80].repeat(50_000));
    bytes.push([0x30, 0x83, 0x01, 0x00, 0x00].repeat(10_000));
    for bytes in bytes {
        let project = Project::new();
        project.write("X.crt", &bytes);
        project.write(
            "X.crt-meta.xml",
            "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"><caSigned>false</caSigned><keySize>2048</keySize><masterLabel>X</masterLabel></Certificate>",
        );
        project.write(
            "App.connectedApp-meta.xml",
            format!("<ConnectedApp><label>App</label><oauthConfig><certificate>{}</certificate></oauthConfig></ConnectedApp>", STANDARD.encode(&bytes)),
        );
        project.says(1, &[]);
    }
}
