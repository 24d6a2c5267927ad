//! What a host of Amazon Web Services says about the service and region that requests have to be signed for.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::nearest::nearest;

/// Prefixes of hosts with the name that their requests are signed with; the data is in `aws_services.txt`.
static SERVICES: LazyLock<Services> =
    LazyLock::new(|| Services::read(include_str!("aws_services.txt")));

/// Shorter names are too similar to each other to be misspellings.
const MIN_MISSPELLED: usize = 6;

#[derive(Debug, Default)]
struct Services {
    by_prefix: HashMap<&'static str, &'static str>,
    names: Vec<&'static str>,
}

impl Services {
    fn read(text: &'static str) -> Services {
        let mut services = Services::default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for entry in lines.flat_map(str::split_whitespace) {
            let (prefix, name) = entry.split_once('=').unwrap_or((entry, entry));
            if !prefix.is_empty() {
                services.by_prefix.insert(prefix, name);
            }
            services.names.push(name);
        }
        services.names.sort_unstable();
        services.names.dedup();
        services
    }
}

/// The service and region of a host, as far as it names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsHost {
    /// The name that requests are signed with.
    pub service: Option<&'static str>,
    pub region: Option<String>,
}

impl AwsHost {
    /// Reads `SERVICE.REGION.amazonaws.com` with anything before it; `None` for other hosts.
    pub fn parse(host: &str) -> Option<AwsHost> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let rest = host
            .strip_suffix(".amazonaws.com")
            .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        let labels: Vec<&str> =
            rest.split('.').filter(|label| !matches!(*label, "dualstack" | "vpce")).collect();
        let at = labels.iter().rposition(|label| is_region(label));
        let region = at.map(|at| labels[at].to_owned());
        // `search-x.REGION.es`: some services follow the region.
        let named = match at {
            Some(at) if at + 1 < labels.len() => &labels[at + 1..],
            Some(at) => &labels[..at],
            None => &labels[..],
        };
        Some(AwsHost { service: service(named), region })
    }
}

/// The longest prefix that ends the labels.
fn service(labels: &[&str]) -> Option<&'static str> {
    (0..labels.len()).find_map(|start| {
        let name = labels[start..].join(".");
        let name = name.strip_suffix("-fips").unwrap_or(&name);
        SERVICES.by_prefix.get(name).copied()
    })
}

/// `us-east-1`, `us-gov-west-1`.
pub fn is_region(label: &str) -> bool {
    let Some((area, number)) = label.rsplit_once('-') else { return false };
    let mut words = area.split('-');
    !number.is_empty()
        && number.len() <= 2
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.next().is_some_and(|word| word.len() == 2)
        && words.clone().next().is_some()
        && area.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && words.all(|word| word.len() >= 3)
}

/// The name of a service that a name is probably meant to be. `None` for names that are known or like no other: there are
/// always newer services.
pub fn misspelled_service(name: &str) -> Option<&'static str> {
    if name.len() < MIN_MISSPELLED || SERVICES.names.binary_search(&name).is_ok() {
        return None;
    }
    // A name with one more word can be a newer service.
    let is_like =
        |known: &&str| known.len() + 1 >= MIN_MISSPELLED && known.len().abs_diff(name.len()) <= 1;
    nearest(name, SERVICES.names.iter().copied().filter(is_like))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_service_and_region() {
        let parts = |host: &str| {
            AwsHost::parse(host).map(|host| (host.service, host.region.unwrap_or_default()))
        };
        for (host, service, region) in [
            ("textract.us-east-1.amazonaws.com", Some("textract"), "us-east-1"),
            ("bucket.s3.eu-central-1.amazonaws.com", Some("s3"), "eu-central-1"),
            ("s3.dualstack.eu-west-1.amazonaws.com", Some("s3"), "eu-west-1"),
            ("a1b2.execute-api.us-gov-west-1.amazonaws.com", Some("execute-api"), "us-gov-west-1"),
            ("bedrock-runtime.us-east-1.amazonaws.com", Some("bedrock"), "us-east-1"),
            ("api.sagemaker.us-east-2.amazonaws.com", Some("sagemaker"), "us-east-2"),
            ("email.us-east-1.amazonaws.com", Some("ses"), "us-east-1"),
            ("search-x-abc.us-east-1.es.amazonaws.com", Some("es"), "us-east-1"),
            ("sts.amazonaws.com", Some("sts"), ""),
            ("lambda.cn-north-1.amazonaws.com.cn", Some("lambda"), "cn-north-1"),
            ("newest-thing.us-east-1.amazonaws.com", None, "us-east-1"),
        ] {
            assert_eq!(parts(host), Some((service, region.to_owned())), "{host}");
        }
        for host in ["api.weather.example", "amazonaws.com", "amazonaws.com.evil.example", ""] {
            assert_eq!(parts(host), None, "{host}");
        }
    }

    #[test]
    fn a_misspelled_service_is_like_one() {
        assert_eq!(misspelled_service("texttract"), Some("textract"));
        for name in ["textract", "s3", "sqs", "bedrock", "my-new-service", "", "mobiletargeting"] {
            assert_eq!(misspelled_service(name), None, "{name}");
        }
    }
}
