//! Derives the org, its environment and its My Domain from a host name.
//!
//! Sources: the My Domain settings of the Metadata API, the partition enumeration `OrgDomainShard`, Salesforce Help
//! "OAuth Endpoints", and the host lists of `@salesforce/core`. If these sources disagree, the environment is unknown.

use std::fmt;
use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

use super::url::Url;
use crate::source::Text;

/// Which of the two audiences of the shared login service an org belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// `https://login.salesforce.com`: production and Developer Edition.
    Production,
    /// `https://test.salesforce.com`: sandboxes and scratch orgs.
    Test,
    /// Nothing reliable is known.
    Unknown,
}

/// The label between My Domain name and suffix in an enhanced domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    None,
    Sandbox,
    Scratch,
    Develop,
    Trailblaze,
    /// `demo`, `patch`, `free` and Salesforce's internal ones: there is no evidence of which audience they accept.
    Other,
}

/// The family of a My Domain suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    Commercial,
    /// `.mil`: Government Cloud, Defense.
    Defense,
    /// Salesforce on Alibaba Cloud.
    China,
}

/// The kind of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// `login.salesforce.com`.
    Login,
    /// `test.salesforce.com`.
    Test,
    MyDomain {
        name: String,
        sandbox: Option<String>,
        partition: Partition,
        cloud: Cloud,
    },
    /// `na44.salesforce.com`: the instance itself.
    Instance {
        sandbox: bool,
    },
    /// Experience Cloud.
    Site {
        sandbox: bool,
    },
    /// `*.lightning.force.com`.
    Lightning,
    /// `*.salesforce-setup.com`.
    Setup,
    /// `*.vf.force.com`, `*.visual.force.com`, `*.visualforce.com`.
    Visualforce,
    /// `*.file.force.com`, `*.content.force.com` and the like.
    Content,
    /// Another Salesforce host that does not belong to an org, such as `api.salesforce.com`.
    OtherSalesforce,
    /// Not a Salesforce host, or a custom domain that cannot be distinguished from one.
    Foreign,
}

/// A host name in lower case.
#[derive(Clone, Debug)]
pub struct Host {
    text: String,
    kind: HostKind,
}

/// `na44`, `eu6`, `cs8`, `usa2s`, `gs0`, with an optional Hyperforce cell in between.
static INSTANCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<pod>(?:na|eu|ap|cs|um|gs|usa|aus|can|ind|jpn|gbr|deu|fra|bra|sgp|swe|ita|kor|che|idn|are|isr)[0-9]+s?)(?:\.sfdc-[a-z0-9]+)?\.salesforce\.com$")
        .expect("a constant pattern")
});

impl Host {
    pub fn parse(text: &str) -> Host {
        let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let kind = classify(&text);
        Host { text, kind }
    }

    /// The host of a URL, if the value is known; empty if the URL has none.
    pub fn of_url(text: &Text) -> Option<Host> {
        text.known().map(|url| Host::parse(&Url::parse(url).host))
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn kind(&self) -> &HostKind {
        &self.kind
    }

    /// Whether the host is Salesforce's, so that the rules of Salesforce's token endpoint apply.
    pub fn is_salesforce(&self) -> bool {
        self.kind != HostKind::Foreign
    }

    pub fn is_my_domain(&self) -> bool {
        matches!(self.kind, HostKind::MyDomain { .. })
    }

    /// `login.salesforce.com` or `test.salesforce.com`: shared by all orgs, so they do not identify one.
    pub fn is_shared_login(&self) -> bool {
        matches!(self.kind, HostKind::Login | HostKind::Test)
    }

    /// The instance that the host names, such as `cs18` in `acme--uat.cs18.my.salesforce.com` or `na44` in
    /// `na44.salesforce.com`. An org moves between instances, and its old hosts redirect.
    pub fn instance(&self) -> Option<&str> {
        let label = match self.kind {
            HostKind::Instance { .. } => self.text.split('.').next(),
            HostKind::MyDomain { .. } | HostKind::OtherSalesforce => {
                let (labels, _) = self.text.split_once(".my.salesforce.com")?;
                labels.split_once('.').map(|(_, label)| label)
            }
            _ => None,
        };
        label
            .filter(|label| label.bytes().any(|byte| byte.is_ascii_digit()) && !label.contains('.'))
    }

    /// Whether the host names one org: a My Domain or a site.
    pub fn names_an_org(&self) -> bool {
        matches!(self.kind, HostKind::MyDomain { .. } | HostKind::Site { .. })
    }

    /// Whether the host is an address of the local machine: `localhost` and its subdomains (RFC 6761), `127.0.0.0/8`,
    /// `::1`, and the unspecified addresses, which reach the local machine as well.
    pub fn is_loopback(&self) -> bool {
        let text = self.text.trim_matches(['[', ']']);
        let is_local = |address: IpAddr| address.is_loopback() || address.is_unspecified();
        text == "localhost"
            || text.ends_with(".localhost")
            || text.parse().is_ok_and(is_local)
            || is_short_loopback(text)
    }

    /// Whether an org answers here with its login service or API. Excludes sites, which can run custom code, and hosts of
    /// Salesforce outside of orgs.
    pub fn is_org(&self) -> bool {
        matches!(
            self.kind,
            HostKind::Login
                | HostKind::Test
                | HostKind::MyDomain { .. }
                | HostKind::Instance { .. }
                | HostKind::Lightning
        )
    }

    /// Whether two hosts may belong to one owner. Without a list of public suffixes, this is a guess that prefers yes:
    /// domains whose names before the suffix are alike, names without a dot, addresses, and the hosts of one Salesforce org.
    pub fn may_share_owner(&self, other: &Host) -> bool {
        if self.is_salesforce() && other.is_salesforce() {
            return self.kind.is_same_org(&other.kind) != Some(false)
                || self.company().is_some_and(|company| Some(company) == other.company());
        }
        let (Some(left), Some(right)) = (self.owner(), other.owner()) else { return true };
        let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
        short == long || short.len() >= 4 && long.contains(short)
    }

    /// The name of a My Domain, without sandbox and partition.
    fn company(&self) -> Option<&str> {
        match &self.kind {
            HostKind::MyDomain { name, .. } => Some(name.trim_end_matches("-dev-ed")),
            _ => None,
        }
    }

    /// `acme` of `api.acme.com` and `api.acme.co.uk`.
    fn owner(&self) -> Option<&str> {
        if self.is_loopback()
            || self.text.contains(['[', ':'])
            || self.text.parse::<IpAddr>().is_ok()
        {
            return None;
        }
        let mut labels = self.text.rsplit('.');
        let (suffix, name, above) = (labels.next()?, labels.next()?, labels.next());
        let is_second_level = suffix.len() == 2
            && matches!(
                name,
                "ac" | "co" | "com" | "edu" | "gov" | "gob" | "net" | "org" | "or" | "ne"
            );
        if is_second_level { above } else { Some(name) }
    }

    /// A host for browsers: neither OAuth nor API requests are answered there.
    pub fn is_user_interface(&self) -> bool {
        matches!(
            self.kind,
            HostKind::Lightning | HostKind::Setup | HostKind::Visualforce | HostKind::Content
        )
    }

    /// Whether the host is the My Domain that a sandbox had before enhanced domains: `acme--uat.my.salesforce.com`.
    /// Today, the My Domain of every sandbox contains `.sandbox`, and the old one no longer redirects to it.
    pub fn is_former_sandbox_domain(&self) -> bool {
        let is_unpartitioned = matches!(
            self.kind,
            HostKind::MyDomain {
                sandbox: Some(_),
                partition: Partition::None,
                cloud: Cloud::Commercial,
                ..
            }
        );
        is_unpartitioned && self.instance().is_none() && self.text.ends_with(".my.salesforce.com")
    }

    /// The My Domain of the org that a Lightning, Setup or Visualforce host belongs to: the same labels with another
    /// suffix. For a former My Domain of a sandbox, the one that it has today.
    pub fn my_domain(&self) -> Option<Host> {
        let host = self.with_my_domain_suffix()?;
        match &host.kind {
            HostKind::MyDomain {
                name,
                sandbox: Some(sandbox),
                partition: Partition::None,
                cloud: Cloud::Commercial,
            } => Some(Host::parse(&format!("{name}--{sandbox}.sandbox.my.salesforce.com"))),
            HostKind::MyDomain { .. } => Some(host).filter(|host| host.text != self.text),
            _ => None,
        }
    }

    fn with_my_domain_suffix(&self) -> Option<Host> {
        let text = self.text.as_str();
        let labels = match self.kind {
            HostKind::MyDomain { .. } => return Some(self.clone()),
            HostKind::Lightning => text.strip_suffix(".lightning.force.com")?.to_owned(),
            HostKind::Setup => text
                .strip_suffix(".my.salesforce-setup.com")
                .or_else(|| text.strip_suffix(".salesforce-setup.com"))?
                .to_owned(),
            HostKind::Visualforce => without_package(text.strip_suffix(".vf.force.com")?)?,
            _ => return None,
        };
        Some(Host::parse(&format!("{labels}.my.salesforce.com")))
    }

    pub fn environment(&self) -> Environment {
        match &self.kind {
            HostKind::Login => Environment::Production,
            HostKind::Test => Environment::Test,
            HostKind::MyDomain { cloud: Cloud::China, .. } => Environment::Unknown,
            HostKind::MyDomain { sandbox: Some(_), .. } => Environment::Test,
            HostKind::MyDomain { partition, .. } => match partition {
                Partition::Sandbox | Partition::Scratch => Environment::Test,
                Partition::None | Partition::Develop => Environment::Production,
                Partition::Trailblaze | Partition::Other => Environment::Unknown,
            },
            HostKind::Instance { sandbox: true } => Environment::Test,
            HostKind::Instance { sandbox: false } => Environment::Production,
            HostKind::Site { .. }
            | HostKind::Lightning
            | HostKind::Setup
            | HostKind::Visualforce
            | HostKind::Content
            | HostKind::OtherSalesforce
            | HostKind::Foreign => Environment::Unknown,
        }
    }

    /// The audience that is documented for the org of this host; unknown for sites, China and `.mil`.
    pub fn accepted_audience(&self) -> Option<&'static str> {
        if let HostKind::MyDomain { cloud: Cloud::Defense | Cloud::China, .. } = self.kind {
            return None;
        }
        self.environment().audience()
    }

    /// What messages say about the My Domain that a sandbox had before enhanced domains.
    pub fn former_sandbox_domain(&self) -> String {
        format!(
            "`{self}` is the former My Domain of a sandbox: with enhanced domains, the My Domain of a \
             sandbox contains `.sandbox`, and Salesforce no longer redirects the former one"
        )
    }

    /// A noun phrase for messages, such as "a sandbox" or "a scratch org".
    pub fn description(&self) -> &'static str {
        match &self.kind {
            HostKind::Login => "the login service of production and Developer Edition orgs",
            HostKind::Test => "the login service of sandboxes and scratch orgs",
            HostKind::MyDomain { partition: Partition::Scratch, .. } => "a scratch org",
            HostKind::MyDomain { sandbox: Some(_), .. }
            | HostKind::MyDomain { partition: Partition::Sandbox, .. } => "a sandbox",
            HostKind::MyDomain { partition: Partition::Develop, .. } => "a Developer Edition org",
            HostKind::MyDomain { partition: Partition::Trailblaze, .. } => "a Trailhead Playground",
            HostKind::MyDomain { .. } => "a production org",
            HostKind::Instance { sandbox: true } => "a sandbox instance",
            HostKind::Instance { sandbox: false } => "an instance",
            HostKind::Site { .. } => "an Experience Cloud site",
            HostKind::Lightning => "a Lightning host, which serves browsers only",
            HostKind::Setup => "a Setup host, which serves browsers only",
            HostKind::Visualforce => "a Visualforce host, which serves browsers only",
            HostKind::Content => "a content host, which serves files only",
            HostKind::OtherSalesforce => "a Salesforce host that is not an org",
            HostKind::Foreign => "not a Salesforce host",
        }
    }
}

impl Host {
    /// Whether it is a host of Salesforce that has pages, but no OAuth endpoints.
    pub fn serves_browsers_only(&self) -> bool {
        matches!(self.kind, HostKind::Lightning | HostKind::Setup | HostKind::Visualforce)
    }
}

impl Environment {
    pub fn audience(self) -> Option<&'static str> {
        match self {
            Environment::Production => Some("https://login.salesforce.com"),
            Environment::Test => Some("https://test.salesforce.com"),
            Environment::Unknown => None,
        }
    }

    /// Whether both are known and differ.
    pub fn contradicts(self, other: Environment) -> bool {
        self != Environment::Unknown && other != Environment::Unknown && self != other
    }

    /// The other of the two known environments.
    pub fn opposite(self) -> Environment {
        match self {
            Environment::Production => Environment::Test,
            Environment::Test => Environment::Production,
            Environment::Unknown => Environment::Unknown,
        }
    }

    pub fn orgs(self) -> &'static str {
        match self {
            Environment::Production => "production and Developer Edition orgs",
            Environment::Test => "sandboxes and scratch orgs",
            Environment::Unknown => "unknown orgs",
        }
    }
}

impl HostKind {
    /// Whether two My Domains belong to the same org. Only the name and the sandbox count, because partition and
    /// instance can change.
    pub fn is_same_org(&self, other: &HostKind) -> Option<bool> {
        match (self, other) {
            (
                HostKind::MyDomain { name, sandbox, .. },
                HostKind::MyDomain { name: other_name, sandbox: other_sandbox, .. },
            ) => Some(name == other_name && sandbox == other_sandbox),
            _ => None,
        }
    }
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Host {}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The host that serves API requests for the org of `host`, which does not serve them. Derived from the name of `host`
/// if it identifies the org, else from `fallback`.
pub fn api_host_for(host: &Host, fallback: impl FnOnce() -> Option<Host>) -> Option<Host> {
    host.my_domain().or_else(fallback)
}

/// `127.1`: the short forms of IPv4 that browsers and operating systems accept.
fn is_short_loopback(text: &str) -> bool {
    text.starts_with("127.") && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Turns `acme--uat--c.sandbox` into `acme--uat.sandbox`: the part after the last `--` of the first label is a
/// namespace.
fn without_package(labels: &str) -> Option<String> {
    let (first, rest) = labels.split_once('.').map_or((labels, None), |(a, b)| (a, Some(b)));
    let (domain, _namespace) = first.rsplit_once("--")?;
    Some(rest.map_or_else(|| domain.to_owned(), |rest| format!("{domain}.{rest}")))
}

/// Splits `NAME[--SANDBOX][.LABEL].my.SUFFIX`. It is called for every URL of a project, so it does not use a regular
/// expression.
fn my_domain(host: &str) -> Option<(&str, Option<&str>, Option<&str>, Cloud)> {
    let suffixes = [
        (".my.salesforce.com", Cloud::Commercial),
        (".my-salesforce.com", Cloud::Commercial),
        (".my.salesforce.mil", Cloud::Defense),
        (".my.sfcrmproducts.cn", Cloud::China),
    ];
    let (rest, cloud) = suffixes
        .into_iter()
        .find_map(|(suffix, cloud)| host.strip_suffix(suffix).map(|rest| (rest, cloud)))?;
    let (rest, label) =
        rest.split_once('.').map_or((rest, None), |(rest, label)| (rest, Some(label)));
    let (name, sandbox) =
        rest.split_once("--").map_or((rest, None), |(name, sandbox)| (name, Some(sandbox)));
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_name = |name: &str| name.split('-').all(is_word);
    let is_label = |label: &str| {
        let letters = label.trim_end_matches(|character: char| character.is_ascii_digit());
        !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    (is_name(name) && sandbox.is_none_or(is_name) && label.is_none_or(is_label))
        .then_some((name, sandbox, label, cloud))
}

fn classify(host: &str) -> HostKind {
    match host {
        "login.salesforce.com" => return HostKind::Login,
        "test.salesforce.com" => return HostKind::Test,
        _ => {}
    }
    if let Some((name, sandbox, label, cloud)) = my_domain(host) {
        let pod = label.filter(|label| label.bytes().any(|byte| byte.is_ascii_digit()));
        if pod.is_some_and(|pod| !pod.starts_with("cs") && sandbox.is_none()) {
            return HostKind::OtherSalesforce;
        }
        let partition = match label.filter(|_| pod.is_none()) {
            None => Partition::None,
            Some("sandbox") => Partition::Sandbox,
            Some("scratch") => Partition::Scratch,
            Some("develop") => Partition::Develop,
            Some("trailblaze") => Partition::Trailblaze,
            Some(_) => Partition::Other,
        };
        return HostKind::MyDomain {
            name: name.to_owned(),
            sandbox: sandbox.map(str::to_owned),
            partition,
            cloud,
        };
    }
    if let Some(found) =
        host.ends_with(".salesforce.com").then(|| INSTANCE.captures(host)).flatten()
    {
        let pod = &found["pod"];
        return HostKind::Instance { sandbox: pod.starts_with("cs") || pod.ends_with('s') };
    }
    let ends = |suffix: &str| host.ends_with(suffix);
    if ends(".lightning.force.com")
        || ends(".lightning.sfcrmapps.cn")
        || ends(".lightning.crmforce.mil")
    {
        HostKind::Lightning
    } else if ends(".salesforce-setup.com") {
        HostKind::Setup
    } else if ends(".vf.force.com")
        || ends(".visual.force.com")
        || ends(".visualforce.com")
        || ends(".vf.crmforce.mil")
    {
        HostKind::Visualforce
    } else if ends(".file.force.com") || ends(".content.force.com") || ends(".documentforce.com") {
        HostKind::Content
    } else if ends(".my.site.com") || ends(".my.salesforce-sites.com") || ends(".force.com") {
        HostKind::Site { sandbox: host.contains(".sandbox.") }
    } else if ends(".cloudforce.com") || ends(".database.com") {
        let name = host.split('.').next().unwrap_or_default().to_owned();
        HostKind::MyDomain {
            name,
            sandbox: None,
            partition: Partition::None,
            cloud: Cloud::Commercial,
        }
    } else if ends(".salesforce.com")
        || ends(".salesforce.mil")
        || ends(".crmforce.mil")
        || ends(".sfcrmproducts.cn")
    {
        HostKind::OtherSalesforce
    } else {
        HostKind::Foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn my_domains_are_those_of_the_pattern() {
        let pattern = Regex::new(
            r"(?x)^(?P<name>[a-z0-9](?:[a-z0-9]|-[a-z0-9])*?)(?:--(?P<sandbox>[a-z0-9]+(?:-[a-z0-9]+)*))?
            (?:\.(?P<label>[a-z]+[0-9]*))?
            (?:\.my\.(?P<suffix>salesforce\.com|salesforce\.mil|sfcrmproducts\.cn) | \.my-(?P<certificate>salesforce\.com))$",
        )
        .unwrap();
        let names = [
            "",
            "a",
            "a1",
            "acme-x",
            "-acme",
            "acme-",
            "acme--uat",
            "acme--uat-2",
            "acme---uat",
            "acme--",
            "--uat",
            "a--b--c",
            "acme_x",
            "ä",
            "acme--uat-",
        ];
        let labels =
            ["", ".", ".sandbox", ".cs12", ".12", ".a1b", ".my", ".a.b", ".dévelop", "sandbox"];
        let suffixes = [
            ".my.salesforce.com",
            ".my-salesforce.com",
            ".my.salesforce.mil",
            ".my.sfcrmproducts.cn",
            ".my.salesforce.cn",
            "my.salesforce.com",
            ".salesforce.com",
        ];
        let mut matched = 0;
        for host in names.iter().flat_map(|name| {
            labels
                .iter()
                .flat_map(move |label| suffixes.map(|suffix| format!("{name}{label}{suffix}")))
        }) {
            let expected = pattern.captures(&host).map(|found| {
                let part = |name| found.name(name).map(|part| part.as_str());
                let cloud = match part("suffix") {
                    Some("salesforce.mil") => Cloud::Defense,
                    Some("sfcrmproducts.cn") => Cloud::China,
                    _ => Cloud::Commercial,
                };
                (part("name").unwrap_or_default(), part("sandbox"), part("label"), cloud)
            });
            matched += usize::from(expected.is_some());
            assert_eq!(my_domain(&host), expected, "{host}");
        }
        assert!(matched > 50, "{matched}");
    }

    fn environment(host: &str) -> Environment {
        Host::parse(host).environment()
    }

    #[test]
    fn shared_login_hosts() {
        assert_eq!(environment("login.salesforce.com"), Environment::Production);
        assert_eq!(environment("test.salesforce.com"), Environment::Test);
        assert!(Host::parse("LOGIN.salesforce.com.").is_shared_login());
    }

    #[test]
    fn production_my_domains() {
        assert_eq!(environment("acme.my.salesforce.com"), Environment::Production);
        assert_eq!(environment("acme-corp.my.salesforce.com"), Environment::Production);
        assert_eq!(environment("acme-dev-ed.my.salesforce.com"), Environment::Production);
        assert_eq!(
            environment("orgfarm-0a1b2c-dev-ed.develop.my.salesforce.com"),
            Environment::Production
        );
        assert_eq!(environment("acme.my-salesforce.com"), Environment::Production);
        assert_eq!(environment("acme.cloudforce.com"), Environment::Production);
        assert_eq!(environment("acme.database.com"), Environment::Production);
        assert_eq!(environment("acme.my.salesforce.mil"), Environment::Production);
    }

    #[test]
    fn sandboxes_old_and_new() {
        for host in [
            "acme--uat.sandbox.my.salesforce.com",
            "acme--uat.my.salesforce.com",
            "acme--uat.cs12.my.salesforce.com",
            "a-b--c-d.sandbox.my.salesforce.com",
            "acme--uat.sandbox.my-salesforce.com",
            "acme--uat.sandbox.my.salesforce.mil",
        ] {
            assert_eq!(environment(host), Environment::Test, "{host}");
        }
    }

    #[test]
    fn scratch_orgs_are_of_the_test_class() {
        assert_eq!(
            environment("page-flow-1234-dev-ed.scratch.my.salesforce.com"),
            Environment::Test
        );
        assert_eq!(environment("momentum-app-58.scratch.my.salesforce.com"), Environment::Test);
    }

    #[test]
    fn partitions_without_evidence_are_unknown() {
        for label in
            ["trailblaze", "demo", "patch", "free", "bt", "sfdctest", "sfdcdot", "sfrestore"]
        {
            assert_eq!(
                environment(&format!("acme.{label}.my.salesforce.com")),
                Environment::Unknown,
                "{label}"
            );
        }
        assert_eq!(environment("acme.my.sfcrmproducts.cn"), Environment::Unknown);
        assert_eq!(environment("acme--uat.sandbox.my.sfcrmproducts.cn"), Environment::Unknown);
    }

    #[test]
    fn instances_are_classed_by_their_name() {
        for host in [
            "na44.salesforce.com",
            "eu6.salesforce.com",
            "ap5.salesforce.com",
            "usa123.salesforce.com",
        ] {
            assert_eq!(environment(host), Environment::Production, "{host}");
        }
        for host in
            ["cs8.salesforce.com", "usa2s.sfdc-abc12.salesforce.com", "usa2s.salesforce.com"]
        {
            assert_eq!(environment(host), Environment::Test, "{host}");
        }
    }

    #[test]
    fn sites_identify_an_org_but_not_its_environment() {
        for host in [
            "acme.my.site.com",
            "acme--uat.sandbox.my.site.com",
            "acme.develop.my.site.com",
            "acme.force.com",
            "acme.secure.force.com",
        ] {
            assert_eq!(environment(host), Environment::Unknown, "{host}");
            assert!(Host::parse(host).names_an_org(), "{host}");
        }
    }

    #[test]
    fn hosts_for_browsers_are_distinguished() {
        for host in [
            "acme.lightning.force.com",
            "acme--uat.sandbox.lightning.force.com",
            "acme.my.salesforce-setup.com",
            "acme--c.vf.force.com",
            "acme--c.visual.force.com",
            "acme.file.force.com",
            "acme.lightning.sfcrmapps.cn",
        ] {
            assert!(Host::parse(host).is_user_interface(), "{host}");
        }
    }

    #[test]
    fn a_browser_host_names_the_my_domain() {
        let of = |host: &str| Host::parse(host).my_domain().map(|host| host.to_string());
        assert_eq!(
            of("acme--uat.sandbox.lightning.force.com").as_deref(),
            Some("acme--uat.sandbox.my.salesforce.com")
        );
        assert_eq!(of("acme.my.salesforce-setup.com").as_deref(), Some("acme.my.salesforce.com"));
        assert_eq!(
            of("acme--uat--c.sandbox.vf.force.com").as_deref(),
            Some("acme--uat.sandbox.my.salesforce.com")
        );
        assert_eq!(of("acme--c.vf.force.com").as_deref(), Some("acme.my.salesforce.com"));
        assert_eq!(of("acme.salesforce-setup.com").as_deref(), Some("acme.my.salesforce.com"));
        assert_eq!(
            of("acme-dev-ed.develop.my.salesforce-setup.com").as_deref(),
            Some("acme-dev-ed.develop.my.salesforce.com")
        );
        assert_eq!(of("acme--c.na12.visual.force.com"), None);
        for former in [
            "acme--uat.my.salesforce.com",
            "acme--uat.cs18.my.salesforce.com",
            "acme--uat.lightning.force.com",
        ] {
            assert_eq!(
                of(former).as_deref(),
                Some("acme--uat.sandbox.my.salesforce.com"),
                "{former}"
            );
        }
        assert_eq!(of("acme--uat.sandbox.my.salesforce.com"), None);
        assert_eq!(of("acme.my.salesforce.com"), None);
        assert_eq!(of("cs8.salesforce.com"), None);
    }

    #[test]
    fn the_former_my_domain_of_a_sandbox_has_no_partition() {
        let is_former = |host: &str| Host::parse(host).is_former_sandbox_domain();
        assert!(is_former("acme--uat.my.salesforce.com"));
        for host in [
            "acme--uat.sandbox.my.salesforce.com",
            "acme--uat.cs18.my.salesforce.com",
            "acme.my.salesforce.com",
            "acme-dev-ed.my.salesforce.com",
            "acme--uat.my.salesforce.mil",
            "acme--uat.my.sfcrmproducts.cn",
            "acme--uat.scratch.my.salesforce.com",
            "acme--uat.lightning.force.com",
        ] {
            assert!(!is_former(host), "{host}");
        }
    }

    #[test]
    fn the_name_of_a_host_outranks_the_fallback() {
        let other = || Some(Host::parse("billing--uat.sandbox.my.salesforce.com"));
        let of = |host: &str| api_host_for(&Host::parse(host), other).map(|host| host.to_string());
        for host in ["acme.my.salesforce-setup.com", "acme.salesforce-setup.com"] {
            assert_eq!(of(host).as_deref(), Some("acme.my.salesforce.com"), "{host}");
        }
        assert_eq!(
            of("cs8.salesforce.com").as_deref(),
            Some("billing--uat.sandbox.my.salesforce.com")
        );
    }

    #[test]
    fn hosts_of_one_owner_are_told_apart_from_others() {
        let related =
            |left: &str, right: &str| Host::parse(left).may_share_owner(&Host::parse(right));
        for (left, right) in [
            ("api.acme.com", "login.acme.com"),
            ("api.acme.com", "acme.io"),
            ("api.acme.co.uk", "acme.com"),
            ("acme-sandbox.net", "api.acme.com"),
            ("10.0.0.1", "api.acme.com"),
            ("intranet", "api.acme.com"),
            ("acme.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com"),
            ("acme.my.salesforce.com", "acme.my.site.com"),
            ("acme.my.salesforce.com", "api.salesforce.com"),
        ] {
            assert!(related(left, right) && related(right, left), "{left} {right}");
        }
        for (left, right) in [
            ("api.acme.com", "api.billing.com"),
            ("acme.co.uk", "billing.co.uk"),
            ("acme.my.salesforce.com", "api.weather.example"),
            ("acme.my.salesforce.com", "billing.my.salesforce.com"),
        ] {
            assert!(!related(left, right) && !related(right, left), "{left} {right}");
        }
    }

    #[test]
    fn loopback_addresses_have_many_names() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "app.localhost",
            "127.0.0.1",
            "127.0.0.2",
            "127.1",
            "0.0.0.0",
            "[::1]",
            "::1",
            "[0:0:0:0:0:0:0:1]",
        ] {
            assert!(Host::parse(host).is_loopback(), "{host}");
        }
        for host in
            ["localhost.com", "127.example", "acme.example", "10.0.0.1", "[2001:db8::1]", ""]
        {
            assert!(!Host::parse(host).is_loopback(), "{host}");
        }
    }

    #[test]
    fn foreign_hosts_are_left_alone() {
        for host in [
            "accounts.google.com",
            "salesforce.com.evil.example",
            "notsalesforce.com",
            "api.example.com",
            "",
            "mysalesforce.com",
        ] {
            assert!(!Host::parse(host).is_salesforce(), "{host}");
        }
        assert!(Host::parse("api.salesforce.com").is_salesforce());
        assert_eq!(environment("api.salesforce.com"), Environment::Unknown);
    }

    #[test]
    fn the_accepted_audience_is_unknown_if_sources_disagree() {
        assert_eq!(Host::parse("acme.my.salesforce.mil").accepted_audience(), None);
        assert_eq!(
            Host::parse("acme.my.salesforce.com").accepted_audience(),
            Some("https://login.salesforce.com")
        );
    }

    #[test]
    fn an_org_keeps_its_name_when_its_host_changes() {
        let same = |left: &str, right: &str| {
            Host::parse(left).kind().is_same_org(Host::parse(right).kind())
        };
        assert_eq!(
            same("acme--uat.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com"),
            Some(true)
        );
        assert_eq!(
            same("acme-dev-ed.my.salesforce.com", "acme-dev-ed.develop.my.salesforce.com"),
            Some(true)
        );
        assert_eq!(
            same("acme.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com"),
            Some(false)
        );
        assert_eq!(same("acme.my.salesforce.com", "acme.my.site.com"), None);
    }
}
