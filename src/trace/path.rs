//! The components that one callout goes through, and the findings that concern it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::check;
use crate::finding::Finding;
use crate::model::{
    AUTH_PROVIDER, App, AppLogin, Callout, Certificate, Component, Connection, ExternalCredential,
    Flow, IDENTITY_PROVIDER, JwtCredential, Login, MatchedBy, Named, NamedCredential, Org, OrgId,
    PermissionSet, Provider, Workspace,
};
use crate::nearest::Suggestions;
use crate::pipeline::Report;
use crate::rule::{Concerns, Step as Kind, Stops, TokenCheck};
use crate::source::{FileId, Span, Text};

use super::callouts::{CalloutIndex, callouts};
use super::entry_point::EntryPoint;
use super::granting::{Granting, GrantingSets};
use super::step::{Check, Failure, MAX_LISTED};

/// The steps in execution order.
pub const KINDS: [Kind; 8] = [
    Kind::Caller,
    Kind::NamedCredential,
    Kind::Access,
    Kind::ExternalCredential,
    Kind::Signing,
    Kind::Request,
    Kind::TargetOrg,
    Kind::Call,
];

/// So many users that run callouts are compared with each permission set.
const MAX_RUNNING_USERS: usize = 100;

/// Everything that one callout goes through.
pub struct CalloutPath<'a> {
    pub workspace: &'a Workspace,
    pub calling_org_id: OrgId,
    pub calling_org: &'a Org,
    pub callouts: Vec<&'a Callout>,
    /// The Apex callout, if no file defines the credential it names.
    pub missing: Option<&'a Callout>,
    /// All callouts with this name.
    same_name: Vec<&'a Callout>,
    pub named: Option<&'a NamedCredential>,
    pub external: Option<&'a ExternalCredential>,
    pub flow: Flow,
    /// The credential that signs a JWT, in any flow.
    pub jwt: Option<&'a JwtCredential>,
    pub connection: Option<Connection<'a>>,
    /// The credential that logs in without a JWT bearer assertion.
    pub login: Option<&'a Login>,
    /// Its auth provider or external auth identity provider.
    pub provider: Option<Provider<'a>>,
    pub app_login: Option<AppLogin<'a>>,
    pub certificate: Option<&'a Certificate>,
    /// The permission sets that grant one of the principals.
    pub granting: Rc<Granting<'a>>,
    concerns: Vec<(Kind, Option<TokenCheck>, Failure<'a>)>,
}

/// A finding that makes some callout fail, certainly or possibly, with the step its rule names.
struct RelevantFinding<'a> {
    kind: Kind,
    check: Option<TokenCheck>,
    concerns: Option<Concerns>,
    failure: Failure<'a>,
    /// The external credentials, by their positions in the org of the finding, that the grants refer to which it shows.
    mentioned: BTreeSet<usize>,
}

/// The findings whose rule names a step of a callout, including those that are allowed.
pub struct RelevantFindings<'a> {
    all: Vec<RelevantFinding<'a>>,
    /// By org, file and name of the component, and by org and name alone. Names are in lower case.
    by_component: HashMap<(OrgId, FileId, String), Vec<usize>>,
    by_name: HashMap<(OrgId, String), Vec<usize>>,
    /// By each other place that they show.
    by_related: HashMap<Span, Vec<usize>>,
    apex: ApexFindings,
    /// About stored tokens.
    stored_tokens: Vec<usize>,
    /// About grants that refer to an external credential.
    access: HashMap<(OrgId, usize), Vec<usize>>,
}

impl<'a> RelevantFindings<'a> {
    pub fn new(report: &'a Report) -> RelevantFindings<'a> {
        let mut relevant = RelevantFindings {
            all: limited(all_relevant(report), &report.workspace),
            by_component: HashMap::new(),
            by_name: HashMap::new(),
            by_related: HashMap::new(),
            apex: ApexFindings::default(),
            stored_tokens: Vec::new(),
            access: HashMap::new(),
        };
        let mut grants = GrantIndex::new(&report.workspace);
        let mut at_place = HashMap::new();
        for (position, RelevantFinding { kind, concerns, failure, mentioned, .. }) in
            relevant.all.iter_mut().enumerate()
        {
            let finding = failure.finding;
            for label in &finding.related {
                let count: &mut usize = at_place.entry((label.span, finding.rule)).or_default();
                *count += 1;
                if *count <= MAX_LISTED {
                    relevant.by_related.entry(label.span).or_default().push(position);
                }
            }
            let component = &finding.component;
            if is_apex(component) {
                relevant.apex.add(finding, position);
                continue;
            }
            let is_of_permissions = is_of_permissions(component);
            let is_access =
                *kind == Kind::Access || (*kind == Kind::Component && is_of_permissions);
            match concerns {
                Some(Concerns::StoredTokens) if is_access => relevant.stored_tokens.push(position),
                Some(Concerns::Component | Concerns::ConsumerKey) | None if is_access => {
                    *mentioned = grants.mentioned(finding);
                    for &credential in &*mentioned {
                        let key = (component.org, credential);
                        relevant.access.entry(key).or_default().push(position);
                    }
                }
                // Found by the name of the permission set.
                Some(_) | None => {}
            }
            // What is about one grant concerns the credentials that the grant mentions.
            if !is_of_permissions || concerns.is_some() {
                let name = component.name.to_ascii_lowercase();
                let by_name = relevant.by_name.entry((component.org, name.clone()));
                by_name.or_default().push(position);
                let key = (component.org, component.place.file, name);
                relevant.by_component.entry(key).or_default().push(position);
            }
        }
        relevant
    }

    /// The positions of those that may be about one of the permission sets of an org.
    pub fn about_sets(&self, org: OrgId, sets: &[&PermissionSet]) -> Vec<usize> {
        let found = sets.iter().flat_map(|set| {
            let component = &set.component;
            let name = component.name.to_ascii_lowercase();
            let orgs = BTreeSet::from([org, component.org]);
            let keys = orgs.into_iter().map(|org| (org, component.place.file, name.clone()));
            let by_component = keys.filter_map(|key| self.by_component.get(&key)).flatten();
            let by_component: Vec<usize> = by_component.copied().collect();
            let by_name = self.by_name.get(&(org, name));
            by_component.into_iter().chain(by_name.into_iter().flatten().copied())
        });
        found.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Those that may concern a callout, in order, and whether they are about the callout itself.
    fn candidates(
        &self,
        path: &CalloutPath<'_>,
    ) -> impl Iterator<Item = (&RelevantFinding<'a>, bool)> {
        let components = path.components();
        let by_component = components.iter().filter_map(|key| self.by_component.get(key));
        let of_sets = &path.granting.findings;
        let names = path.names();
        let by_name =
            names.into_iter().filter_map(|name| self.by_name.get(&(path.calling_org_id, name)));
        let by_related =
            path.shared().into_iter().flatten().filter_map(|span| self.by_related.get(&span));
        let access =
            path.external_position().and_then(|at| self.access.get(&(path.calling_org_id, at)));
        let keeps_tokens = path.external.is_some_and(ExternalCredential::keeps_tokens);
        let stored_tokens = keeps_tokens.then_some(&self.stored_tokens);
        let at_callouts = self.apex.of_callouts(path);
        let positions: BTreeSet<usize> = by_component
            .chain(by_name)
            .chain(by_related)
            .chain(stored_tokens)
            .chain(access)
            .chain([of_sets])
            .flatten()
            .chain(&at_callouts)
            .copied()
            .collect();
        positions
            .into_iter()
            .map(move |position| (&self.all[position], at_callouts.contains(&position)))
    }
}

fn is_apex(component: &Component) -> bool {
    matches!(component.type_name, "ApexClass" | "ApexTrigger")
}

/// The findings about Apex, so that those about a callout are found without a search.
#[derive(Default)]
struct ApexFindings {
    /// By the file and start of what they are about: its end, and the finding.
    by_place: BTreeMap<(FileId, u32), Vec<(Span, usize)>>,
    /// The length of the longest of those places in a file.
    longest: HashMap<FileId, u32>,
    /// By the name of the class, and the field in lower case.
    by_field: HashMap<(String, String), Vec<usize>>,
}

impl ApexFindings {
    fn add(&mut self, finding: &Finding, position: usize) {
        for label in std::iter::once(&finding.primary).chain(&finding.related) {
            let span = label.span;
            self.by_place.entry((span.file, span.start)).or_default().push((span, position));
            let longest = self.longest.entry(span.file).or_default();
            *longest = (*longest).max(span.end - span.start);
        }
        let key = (finding.component.name.clone(), finding.field.to_ascii_lowercase());
        self.by_field.entry(key).or_default().push(position);
    }

    /// Those about one of the callouts, or about another callout with the same undefined name.
    fn of_callouts(&self, path: &CalloutPath<'_>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut fields = HashSet::new();
        for callout in path.callouts.iter().copied().chain(path.missing) {
            let spans = [
                Some(callout.name.outer),
                callout.path_text.as_ref().map(|path| path.outer),
                callout.authorization,
            ];
            for span in spans.into_iter().flatten() {
                let at = self.near(span);
                let at = at.filter(|(other, _)| overlaps(span, *other) || precedes(span, *other));
                found.extend(at.map(|(_, position)| position));
            }
            fields.insert((callout.class.name.clone(), callout.name.as_str().to_ascii_lowercase()));
        }
        let by_field = fields.iter().filter_map(|key| self.by_field.get(key));
        found.extend(by_field.flatten());
        for other in &path.same_name {
            let at = self.near(other.name.outer);
            let at = at.filter(|(span, _)| overlaps(other.name.outer, *span));
            found.extend(at.map(|(_, position)| position));
        }
        found
    }

    /// Those that may overlap a place or end where it starts.
    fn near(&self, span: Span) -> impl Iterator<Item = (Span, usize)> {
        let longest = self.longest.get(&span.file).copied().unwrap_or_default();
        let first = span.start.saturating_sub(longest).saturating_sub(1);
        let places =
            self.by_place.range((span.file, first)..=(span.file, span.end.max(span.start)));
        places.flat_map(|(_, places)| places).copied()
    }
}

/// The grants of all orgs by their place.
struct GrantIndex<'a> {
    workspace: &'a Workspace,
    grants: HashMap<(OrgId, Span), &'a str>,
    similar: HashMap<OrgId, Suggestions<'a>>,
}

impl<'a> GrantIndex<'a> {
    fn new(workspace: &'a Workspace) -> GrantIndex<'a> {
        let mut grants = HashMap::new();
        for (id, org) in workspace.orgs.iter().enumerate() {
            for grant in org.permission_sets.iter().flat_map(|set| &set.grants) {
                let places = [Some(&grant.reference), grant.switch.as_ref()];
                for text in places.into_iter().flatten() {
                    grants.insert((OrgId(id), text.span), grant.reference.as_str());
                }
            }
        }
        GrantIndex { workspace, grants, similar: HashMap::new() }
    }

    /// The external credentials that the grants refer to which a finding shows.
    fn mentioned(&mut self, finding: &Finding) -> BTreeSet<usize> {
        let id = finding.component.org;
        let Some(org) = self.workspace.orgs.get(id.0) else { return BTreeSet::new() };
        let similar = self.similar.entry(id).or_default();
        std::iter::once(&finding.primary)
            .chain(&finding.related)
            .filter_map(|label| self.grants.get(&(id, label.span)))
            .flat_map(|reference| org.credentials_mentioned(reference, similar))
            .collect()
    }
}

/// What findings must have in common so that they concern the same callouts in the same way.
#[derive(PartialEq, Eq, Hash)]
struct Alike<'a> {
    rule: &'static str,
    component: (&'static str, &'a str, OrgId, Span),
    /// The step of some rules depends on it.
    on_token_endpoint: bool,
    related: Vec<Span>,
    certain: bool,
    allowed: bool,
}

/// Keeps so many findings that are alike, and counts the others.
fn limited<'a>(
    relevant: Vec<RelevantFinding<'a>>,
    workspace: &Workspace,
) -> Vec<RelevantFinding<'a>> {
    let is_endpoint = token_endpoints(workspace);
    let mut listed: Vec<RelevantFinding<'_>> = Vec::new();
    let mut alike: HashMap<Alike<'_>, (usize, usize)> = HashMap::new();
    for one in relevant {
        let finding = one.failure.finding;
        let component = &finding.component;
        // What is about one callout or one grant concerns that one alone.
        if is_apex(component) || is_of_permissions(component) {
            listed.push(one);
            continue;
        }
        let key = Alike {
            rule: finding.rule,
            component: (component.type_name, &component.name, component.org, component.place),
            on_token_endpoint: is_endpoint(finding.primary.span),
            related: finding.related.iter().map(|label| label.span).collect(),
            certain: one.failure.certain,
            allowed: one.failure.allowed,
        };
        let (count, last) = alike.entry(key).or_default();
        *count += 1;
        if *count <= MAX_LISTED {
            *last = listed.len();
            listed.push(one);
        } else {
            listed[*last].failure.more += 1;
        }
    }
    listed
}

/// Whether a place overlaps the token endpoint of some credential.
fn token_endpoints(workspace: &Workspace) -> impl Fn(Span) -> bool {
    let mut ends: BTreeMap<(FileId, u32), u32> = BTreeMap::new();
    for org in &workspace.orgs {
        let external =
            org.external_credentials.iter().filter_map(ExternalCredential::token_endpoint);
        let named = org.named_credentials.iter().filter_map(|named| named.token_endpoint.as_ref());
        for Span { file, start, end } in external.chain(named).map(|text| text.element) {
            ends.insert((file, start), end);
        }
    }
    move |place| {
        let before = ends.range(..(place.file, place.end.max(place.start + 1)));
        before.last().is_some_and(|((file, _), end)| *file == place.file && *end > place.start)
    }
}

fn is_of_permissions(component: &Component) -> bool {
    matches!(
        component.type_name,
        "PermissionSet" | "PermissionSetGroup" | "MutingPermissionSet" | "Profile"
    )
}

fn all_relevant(report: &Report) -> Vec<RelevantFinding<'_>> {
    let baselined = report.baseline.iter().flat_map(|baseline| &baseline.findings);
    let findings = report
        .findings
        .iter()
        .map(|finding| (finding, false))
        .chain(report.allowed.iter().chain(baselined).map(|finding| (finding, true)));
    findings
        .filter_map(|(finding, allowed)| {
            let head = &check::rule(finding.rule)?.page().head;
            Some(RelevantFinding {
                kind: head.step?,
                check: head.check,
                concerns: head.concerns,
                failure: Failure {
                    finding,
                    allowed,
                    certain: finding.proven && head.stops() == Stops::Certainly,
                    more: 0,
                },
                mentioned: BTreeSet::new(),
            })
        })
        .collect()
}

impl<'a> CalloutPath<'a> {
    pub fn new(
        workspace: &'a Workspace,
        relevant: &RelevantFindings<'a>,
        granting: &GrantingSets<'a>,
        index: &CalloutIndex<'a>,
        entry: EntryPoint<'a>,
    ) -> CalloutPath<'a> {
        let calling_org_id = entry.org();
        let calling_org = workspace.org(calling_org_id);
        let (named, external, missing) = match entry {
            EntryPoint::Named(_, named) => (Some(named), calling_org.external_of(named), None),
            EntryPoint::External(_, external) => (None, Some(external), None),
            EntryPoint::Missing(_, callout) => (None, None, Some(callout)),
        };
        let flow = match (named, external) {
            (Some(named), _) => calling_org.flow_of(named),
            (None, Some(external)) => calling_org.flow_of_external(external),
            (None, None) => Flow::Unknown,
        };
        let components = [external.map(Named::component), named.map(Named::component)];
        let components = || components.into_iter().flatten();
        let jwt = components().find_map(|component| workspace.signing_credential_at(component));
        let login = components().find_map(|component| workspace.login_at(component));
        let mut path = CalloutPath {
            workspace,
            calling_org_id,
            calling_org,
            callouts: callouts(index, calling_org_id, named, missing),
            missing,
            named,
            external,
            flow,
            jwt,
            connection: jwt.and_then(|credential| workspace.connection_of(credential)),
            login,
            provider: login.and_then(|login| login.provider(calling_org)),
            app_login: login.and_then(|login| workspace.app_login(login)),
            certificate: jwt
                .and_then(|credential| workspace.signing_certificate(credential))
                .and_then(|signing| signing.certificate),
            granting: granting.of(workspace, calling_org_id, external),
            same_name: Vec::new(),
            concerns: Vec::new(),
        };
        if let Some(missing) = missing {
            path.same_name = index.by_name(calling_org_id, missing.name.as_str()).collect();
        }
        path.concerns = relevant
            .candidates(&path)
            .filter_map(|(relevant, is_callout)| path.concern(relevant, is_callout))
            // Other flows do not run as the user that an app names.
            .filter(|(_, check, _)| {
                *check != Some(TokenCheck::RunAsUser) || flow.is_client_credentials()
            })
            .collect();
        path
    }

    fn external_position(&self) -> Option<usize> {
        self.calling_org.external_credentials.element_offset(self.external?)
    }

    /// The org, file and name in lower case of the components that the callout passes through.
    fn components(&self) -> BTreeSet<(OrgId, FileId, String)> {
        let components = [
            self.named.map(Named::component),
            self.external.map(Named::component),
            self.certificate.map(Named::component),
            self.app().map(Named::component),
            self.provider.as_ref().map(Named::component),
        ];
        let records = self.app().into_iter().flat_map(|app| &app.records).map(Named::component);
        let components = components.into_iter().flatten().chain(records);
        let app = self.app().map(|app| app.component.org);
        components
            .flat_map(|component| {
                // Records of an app and providers may have no org of their own.
                let orgs = [Some(component.org), Some(self.calling_org_id), app];
                let name = component.name.to_ascii_lowercase();
                let file = component.place.file;
                orgs.into_iter().flatten().map(move |org| (org, file, name.clone()))
            })
            .collect()
    }

    /// The names, in lower case, of what the callout refers to in its own org.
    fn names(&self) -> BTreeSet<String> {
        let references = [
            self.named.and_then(|named| named.external_credential.as_ref()),
            self.missing.map(|callout| &callout.name),
            self.jwt.and_then(|jwt| jwt.signing_certificate.as_ref()),
        ];
        references.into_iter().flatten().map(|name| name.as_str().to_ascii_lowercase()).collect()
    }

    /// The places of a certificate and a consumer key that other components may share.
    fn shared(&self) -> [Option<Span>; 2] {
        [
            self.jwt.and_then(|jwt| jwt.signing_certificate.as_ref()).map(|text| text.span),
            self.app().and_then(|app| app.consumer_key.as_ref()).map(|text| text.span),
        ]
    }

    /// The failures at a step; for the target org, those that belong to none of its checks.
    pub fn failures(&self, kind: Kind) -> Vec<Failure<'a>> {
        self.concerning(|known, check| known == kind && check.is_none())
    }

    /// The failures at a check of the target org.
    pub fn failures_at(&self, check: TokenCheck) -> Vec<Failure<'a>> {
        self.concerning(|_, known| known == Some(check))
    }

    /// At most so many of a rule with the same effect.
    fn concerning(&self, at: impl Fn(Kind, Option<TokenCheck>) -> bool) -> Vec<Failure<'a>> {
        let mut listed: Vec<Failure<'a>> = Vec::new();
        let mut of_rule: HashMap<_, (usize, usize)> = HashMap::new();
        for (.., failure) in self.concerns.iter().filter(|(kind, check, _)| at(*kind, *check)) {
            let key = (failure.finding.rule, failure.certain, failure.allowed);
            let (count, last) = of_rule.entry(key).or_default();
            if *count < MAX_LISTED {
                *last = listed.len();
                listed.push(*failure);
            } else {
                listed[*last].more += 1 + failure.more;
            }
            *count += 1;
        }
        listed
    }

    /// The checks of a flow, and others at which something fails.
    pub fn checks(
        &self,
        of_flow: &[TokenCheck],
        mut describe: impl FnMut(&mut Check<'a>),
    ) -> Vec<Check<'a>> {
        let mut checks = Vec::new();
        for kind in TokenCheck::ALL {
            let mut check = Check::new(kind, self.failures_at(kind));
            let is_of_flow = of_flow.contains(&kind);
            if is_of_flow {
                describe(&mut check);
            }
            if is_of_flow || !check.failures.is_empty() {
                checks.push(check);
            }
        }
        checks
    }

    /// The checks of the target org at which something fails.
    pub fn failing_checks(&self) -> Vec<Check<'a>> {
        self.checks(&[], |_| {})
    }

    /// Whether the rules of Salesforce's token endpoint apply.
    pub fn is_to_salesforce(&self) -> bool {
        self.jwt.is_some_and(JwtCredential::is_to_salesforce)
            || self.login.is_some_and(|login| login.is_to_salesforce(self.calling_org))
    }

    /// Whether an assertion is exchanged at a Salesforce token endpoint.
    pub fn is_exchange_with_salesforce(&self) -> bool {
        self.flow == Flow::JwtBearer && self.is_to_salesforce()
    }

    pub fn app(&self) -> Option<&'a App> {
        self.connection
            .map(|connection| connection.app)
            .or_else(|| self.app_login.map(|login| login.app))
    }

    /// The app in words, with its org if that has a name.
    pub fn named_app(&self) -> Option<String> {
        let (app, org) = (self.app()?, self.target_org()?);
        let app = format!("the {} `{}`", app.noun(), app.name());
        Some(if org.name.is_empty() { app } else { format!("{app} in org `{}`", org.name) })
    }

    /// The org of the app.
    pub fn target_org(&self) -> Option<&'a Org> {
        self.connection
            .map(|connection| connection.target_org)
            .or_else(|| self.app_login.map(|login| login.target_org))
    }

    fn concern(
        &self,
        relevant: &RelevantFinding<'a>,
        is_callout: bool,
    ) -> Option<(Kind, Option<TokenCheck>, Failure<'a>)> {
        let finding = relevant.failure.finding;
        let kind = self.step_of(relevant.kind, finding)?;
        let concerned = self.is_component(finding)
            || self.is_access(relevant, kind)
            || is_callout
            || self.shares_certificate(finding, kind)
            || self.shares_key(relevant);
        if !concerned || (kind == Kind::Access && self.is_redundant(relevant)) {
            return None;
        }
        // A fault of the app's file as a whole belongs to the check that looks up the app.
        let check = (kind == Kind::TargetOrg).then(|| relevant.check.unwrap_or(TokenCheck::App));
        let mut failure = relevant.failure;
        let is_guess =
            self.app_login.is_some_and(|login| login.matched_by == MatchedBy::OnlyCandidate);
        if is_guess && self.is_of_app(&failure.finding.component) {
            failure.certain = false;
        }
        Some((kind, check, failure))
    }

    /// The step of the finding, if its rule covers several steps.
    fn step_of(&self, kind: Kind, finding: &Finding) -> Option<Kind> {
        let on_token_endpoint = self
            .jwt
            .and_then(|jwt| jwt.token_endpoint.as_ref())
            .is_some_and(|text| overlaps(text.element, finding.primary.span))
            || self
                .external
                .and_then(ExternalCredential::token_endpoint)
                .is_some_and(|text| overlaps(text.element, finding.primary.span));
        Some(match kind {
            Kind::Component if on_token_endpoint => Kind::Request,
            Kind::Component => match finding.component.type_name {
                "NamedCredential" => Kind::NamedCredential,
                "ExternalCredential" => Kind::ExternalCredential,
                AUTH_PROVIDER | IDENTITY_PROVIDER => Kind::Request,
                "Certificate" => Kind::Signing,
                "ApexClass" | "ApexTrigger" => Kind::Caller,
                "PermissionSet" | "PermissionSetGroup" | "MutingPermissionSet" | "Profile" => {
                    Kind::Access
                }
                _ if self.is_of_app(&finding.component) => Kind::TargetOrg,
                _ => return None,
            },
            Kind::NamedCredential
                if on_token_endpoint || finding.component.type_name == "ExternalCredential" =>
            {
                Kind::Request
            }
            other => other,
        })
    }

    /// Whether the finding is about a component that the callout goes through.
    fn is_component(&self, finding: &Finding) -> bool {
        let component = &finding.component;
        let same = |other: &Component| {
            other.type_name == component.type_name
                && other.name == component.name
                && other.org == component.org
                && other.place.file == component.place.file
        };
        self.named.is_some_and(|named| same(&named.component))
            || self.external.is_some_and(|external| same(&external.component))
            || self.certificate.is_some_and(|certificate| same(&certificate.component))
            || self.provider.is_some_and(|provider| same(provider.component()))
            || self.is_of_app(component)
            || self.is_unreadable(component)
    }

    /// Whether the callout refers by name to this component of the calling org, which could not be
    /// parsed.
    fn is_unreadable(&self, component: &Component) -> bool {
        let named = |reference: Option<&Text>| {
            reference
                .and_then(|text| text.known())
                .is_some_and(|name| name.eq_ignore_ascii_case(&component.name))
        };
        component.org == self.calling_org_id
            && match component.type_name {
                "ExternalCredential" => {
                    self.external.is_none()
                        && named(self.named.and_then(|named| named.external_credential.as_ref()))
                }
                "NamedCredential" => named(self.missing.map(|callout| &callout.name)),
                "Certificate" => {
                    self.certificate.is_none()
                        && named(self.jwt.and_then(|jwt| jwt.signing_certificate.as_ref()))
                }
                _ => false,
            }
    }

    /// Whether it is the app that the JWT connects to, or one of the app's files.
    fn is_of_app(&self, component: &Component) -> bool {
        let (Some(app), Some(target_org)) = (self.app(), self.target_org()) else { return false };
        let same = |other: &Component| {
            other.type_name == component.type_name
                && other.name == component.name
                && other.place == component.place
        };
        let is_target_org = self
            .workspace
            .orgs
            .get(component.org.0)
            .is_some_and(|org| std::ptr::eq(org, target_org));
        is_target_org
            && (same(&app.component) || app.records.iter().any(|record| same(&record.component)))
    }

    /// Whether the finding is about the permission to use the credential.
    fn is_access(&self, relevant: &RelevantFinding<'_>, kind: Kind) -> bool {
        let finding = relevant.failure.finding;
        let Some(external) = self
            .external
            .filter(|_| kind == Kind::Access && finding.component.org == self.calling_org_id)
        else {
            return false;
        };
        match relevant.concerns {
            Some(Concerns::PermissionSet) => self.granting.sets.iter().any(|set| {
                finding.component.type_name == "PermissionSet"
                    && set.name() == finding.component.name
            }),
            Some(Concerns::StoredTokens) => {
                external.keeps_tokens() && !self.granting.sets.is_empty()
            }
            Some(Concerns::Component | Concerns::ConsumerKey) | None => {
                let position = self.external_position();
                position.is_some_and(|at| relevant.mentioned.contains(&at))
                    || (finding.component.type_name == "PermissionSet"
                        && kind == Kind::Access
                        && self.granting.sets.iter().any(|set| {
                            set.component.place == finding.component.place
                                && relevant.concerns == Some(Concerns::Component)
                        }))
            }
        }
    }

    /// Whether the finding is about a permission set while another one already grants access to the same
    /// users.
    fn is_redundant(&self, relevant: &RelevantFinding<'_>) -> bool {
        let finding = relevant.failure.finding;
        if finding.component.type_name != "PermissionSet"
            || relevant.concerns == Some(Concerns::StoredTokens)
        {
            return false;
        }
        let runs = &self.calling_org.callouts_run_as;
        let covers_users = |set: &PermissionSet| {
            if runs.is_empty() {
                self.calling_org.is_held(set) == Some(true)
            } else if runs.len() > MAX_RUNNING_USERS {
                false
            } else {
                runs.iter().all(|user| {
                    self.calling_org.has_permission_set(user.as_str(), set) == Some(true)
                })
            }
        };
        self.granting
            .sets
            .iter()
            .any(|set| set.name() != finding.component.name && covers_users(set))
    }

    /// Whether the finding is about a shared certificate, reported at another credential that uses it.
    fn shares_certificate(&self, finding: &Finding, kind: Kind) -> bool {
        let Some(reference) = self.jwt.and_then(|jwt| jwt.signing_certificate.as_ref()) else {
            return false;
        };
        kind == Kind::Signing && finding.related.iter().any(|label| label.span == reference.span)
    }

    /// Whether the finding is about a consumer key shared by two apps, reported at the other one.
    fn shares_key(&self, relevant: &RelevantFinding<'_>) -> bool {
        let related = &relevant.failure.finding.related;
        let key = self.app().and_then(|app| app.consumer_key.as_ref());
        relevant.concerns == Some(Concerns::ConsumerKey)
            && key.is_some_and(|key| related.iter().any(|label| label.span == key.span))
    }
}

/// Whether two spans overlap; an empty span counts as one byte.
fn overlaps(one: Span, other: Span) -> bool {
    one.file == other.file
        && one.start < other.end.max(other.start + 1)
        && other.start < one.end.max(one.start + 1)
}

/// Whether `other` ends where `name` starts, as the `callout:` scheme does.
fn precedes(name: Span, other: Span) -> bool {
    name.file == other.file && other.end == name.start
}
