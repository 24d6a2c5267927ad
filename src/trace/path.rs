//! The components that one callout goes through, and the findings that concern it.

use std::collections::{BTreeSet, HashMap};

use crate::check;
use crate::finding::Finding;
use crate::model::{
    AUTH_PROVIDER, App, AppLogin, Callout, Certificate, Component, Components, Connection,
    ExternalCredential, Flow, IDENTITY_PROVIDER, JwtCredential, Login, MatchedBy, Named,
    NamedCredential, Org, OrgId, PermissionSet, Provider, Workspace, find_named,
};
use crate::pipeline::Report;
use crate::rule::{Concerns, Step as Kind, Stops, TokenCheck};
use crate::source::{FileId, Span};

use super::callouts::{CalloutIndex, callouts};
use super::entry_point::EntryPoint;
use super::step::{Check, Failure};

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
    /// Permission sets that grant one of the principals.
    pub granting: Vec<&'a PermissionSet>,
    concerns: Vec<(Kind, Option<TokenCheck>, Failure<'a>)>,
}

/// A finding that makes some callout fail, certainly or possibly, with the step its rule names.
#[derive(Clone, Copy)]
struct RelevantFinding<'a> {
    kind: Kind,
    check: Option<TokenCheck>,
    concerns: Option<Concerns>,
    failure: Failure<'a>,
}

/// The findings whose rule names a step of a callout, including those that are allowed.
pub struct RelevantFindings<'a> {
    all: Vec<RelevantFinding<'a>>,
    /// By each file that they show, and by the name of their component in lower case.
    by_file: HashMap<FileId, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    /// About stored tokens, and about grants in any permission set.
    stored_tokens: Vec<usize>,
    access: Vec<usize>,
}

impl<'a> RelevantFindings<'a> {
    pub fn new(report: &'a Report) -> RelevantFindings<'a> {
        let mut relevant = RelevantFindings {
            all: all_relevant(report),
            by_file: HashMap::new(),
            by_name: HashMap::new(),
            stored_tokens: Vec::new(),
            access: Vec::new(),
        };
        for (position, RelevantFinding { kind, concerns, failure, .. }) in
            relevant.all.iter().enumerate()
        {
            let finding = failure.finding;
            let labels = std::iter::once(&finding.primary).chain(&finding.related);
            let files: BTreeSet<FileId> =
                labels.map(|label| label.span.file).chain([finding.component.place.file]).collect();
            for file in files {
                relevant.by_file.entry(file).or_default().push(position);
            }
            let name = finding.component.name.to_ascii_lowercase();
            relevant.by_name.entry(name).or_default().push(position);
            let is_of_permissions = matches!(
                finding.component.type_name,
                "PermissionSet" | "PermissionSetGroup" | "MutingPermissionSet" | "Profile"
            );
            match concerns {
                _ if *kind != Kind::Access && !(*kind == Kind::Component && is_of_permissions) => {}
                Some(Concerns::StoredTokens) => relevant.stored_tokens.push(position),
                // Found by the name of the permission set.
                Some(Concerns::PermissionSet) => {}
                Some(Concerns::Component | Concerns::ConsumerKey) | None => {
                    relevant.access.push(position);
                }
            }
        }
        relevant
    }

    /// Those that may concern a callout, in order.
    fn candidates(&self, path: &CalloutPath<'_>) -> impl Iterator<Item = &RelevantFinding<'a>> {
        let files = path.files();
        let names = path.names();
        let by_file = files.iter().filter_map(|file| self.by_file.get(file));
        let by_name = names.iter().filter_map(|name| self.by_name.get(name));
        let keeps_tokens = path.external.is_some_and(ExternalCredential::keeps_tokens);
        let stored_tokens = keeps_tokens.then_some(&self.stored_tokens);
        let positions: BTreeSet<usize> = by_file
            .chain(by_name)
            .chain(stored_tokens)
            .chain([&self.access])
            .flatten()
            .copied()
            .collect();
        positions.into_iter().map(|position| &self.all[position])
    }
}

fn all_relevant(report: &Report) -> Vec<RelevantFinding<'_>> {
    let findings = report
        .findings
        .iter()
        .map(|finding| (finding, false))
        .chain(report.allowed.iter().map(|finding| (finding, true)));
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
                },
            })
        })
        .collect()
}

impl<'a> CalloutPath<'a> {
    pub fn new(
        workspace: &'a Workspace,
        relevant: &RelevantFindings<'a>,
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
            granting: Vec::new(),
            same_name: Vec::new(),
            concerns: Vec::new(),
        };
        if let Some(external) = external {
            for (set, _) in calling_org.grants_of(external) {
                if !path.granting.iter().any(|known| known.name() == set.name()) {
                    path.granting.push(set);
                }
            }
        }
        if let Some(missing) = missing {
            path.same_name = index.by_name(calling_org_id, missing.name.as_str()).collect();
        }
        path.concerns =
            relevant.candidates(&path).filter_map(|relevant| path.concern(relevant)).collect();
        path
    }

    /// The files of everything that the callout passes through.
    fn files(&self) -> BTreeSet<FileId> {
        let components = [
            self.named.map(|named| &named.component),
            self.external.map(|external| &external.component),
            self.certificate.map(|certificate| &certificate.component),
            self.app().map(|app| &app.component),
            self.provider.as_ref().map(Named::component),
        ];
        let records = self.app().into_iter().flat_map(|app| &app.records);
        let components =
            components.into_iter().flatten().chain(records.map(|record| &record.component));
        let callouts = self.callouts.iter().chain(&self.same_name);
        let texts = [
            self.jwt.and_then(|jwt| jwt.signing_certificate.as_ref()),
            self.app().and_then(|app| app.consumer_key.as_ref()),
        ];
        components
            .map(|component| component.place.file)
            .chain(callouts.map(|callout| callout.name.span.file))
            .chain(texts.into_iter().flatten().map(|text| text.span.file))
            .collect()
    }

    /// The names, in lower case, of the components that the callout refers to, the calling classes and the permission
    /// sets.
    fn names(&self) -> BTreeSet<String> {
        let references = [
            self.named.and_then(|named| named.external_credential.as_ref()),
            self.missing.map(|callout| &callout.name),
            self.jwt.and_then(|jwt| jwt.signing_certificate.as_ref()),
        ];
        let classes = self.callouts.iter().copied().chain(self.missing);
        let references = references.into_iter().flatten().map(|text| text.as_str());
        references
            .chain(classes.map(|callout| callout.class.name.as_str()))
            .chain(self.granting.iter().map(|set| set.name()))
            .map(str::to_ascii_lowercase)
            .collect()
    }

    /// The failures at a step; for the target org, those that belong to none of its checks.
    pub fn failures(&self, kind: Kind) -> Vec<Failure<'a>> {
        self.concerns
            .iter()
            .filter(|(known, check, _)| *known == kind && check.is_none())
            .map(|(.., failure)| *failure)
            .collect()
    }

    /// The failures at a check of the target org.
    pub fn failures_at(&self, check: TokenCheck) -> Vec<Failure<'a>> {
        self.concerns
            .iter()
            .filter(|(_, known, _)| *known == Some(check))
            .map(|(.., failure)| *failure)
            .collect()
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
    fn target_org(&self) -> Option<&'a Org> {
        self.connection
            .map(|connection| connection.target_org)
            .or_else(|| self.app_login.map(|login| login.target_org))
    }

    fn concern(
        &self,
        relevant: &RelevantFinding<'a>,
    ) -> Option<(Kind, Option<TokenCheck>, Failure<'a>)> {
        let finding = relevant.failure.finding;
        let kind = self.step_of(relevant.kind, finding)?;
        let concerned = self.is_component(finding)
            || self.is_access(relevant, kind)
            || self.is_callout(finding)
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
        let named = |reference: Option<&crate::source::Text>| {
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
            Some(Concerns::PermissionSet) => self.granting.iter().any(|set| {
                finding.component.type_name == "PermissionSet"
                    && set.name() == finding.component.name
            }),
            Some(Concerns::StoredTokens) => external.keeps_tokens() && !self.granting.is_empty(),
            Some(Concerns::Component | Concerns::ConsumerKey) | None => {
                let labels = std::iter::once(&finding.primary).chain(&finding.related);
                let spans: Vec<Span> = labels.map(|label| label.span).collect();
                self.calling_org.permission_sets.iter().flat_map(|set| &set.grants).any(|grant| {
                    spans.contains(&grant.reference.span)
                        && self.mentions(external, grant.reference.as_str())
                }) || (finding.component.type_name == "PermissionSet"
                    && kind == Kind::Access
                    && self.granting.iter().any(|set| {
                        set.component.place == finding.component.place
                            && relevant.concerns == Some(Concerns::Component)
                    }))
            }
        }
    }

    /// Whether a grant refers to this credential or its principal, possibly misspelled.
    fn mentions(&self, external: &ExternalCredential, reference: &str) -> bool {
        if self.calling_org.grant_names(reference, external) {
            return true;
        }
        let name = reference.split('-').next().unwrap_or(reference).trim();
        let others = || self.calling_org.external_credentials.iter().map(Named::name);
        let has_prefix =
            reference.to_ascii_lowercase().starts_with(&external.name().to_ascii_lowercase());
        let principal =
            reference.split_once('-').map_or(reference, |(_, principal)| principal).trim();
        let own_principal =
            external.principals().any(|own| own.name.as_str().eq_ignore_ascii_case(principal));
        is_same(&self.calling_org.external_credentials, name, external)
            || (has_prefix
                && !others().any(|other| {
                    other.len() > external.name().len()
                        && reference.to_ascii_lowercase().starts_with(&other.to_ascii_lowercase())
                }))
            || crate::nearest::nearest(name, others()) == Some(external.name())
            || (find_named(&self.calling_org.external_credentials, name).is_none() && own_principal)
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
                self.calling_org.holders(set).is_some_and(|holders| !holders.is_empty())
            } else {
                runs.iter().all(|user| {
                    self.calling_org.has_permission_set(user.as_str(), set) == Some(true)
                })
            }
        };
        self.granting.iter().any(|set| set.name() != finding.component.name && covers_users(set))
    }

    /// Whether the finding is about one of the Apex callouts.
    fn is_callout(&self, finding: &Finding) -> bool {
        if finding.component.type_name != "ApexClass"
            && finding.component.type_name != "ApexTrigger"
        {
            return false;
        }
        self.callouts.iter().copied().chain(self.missing).any(|callout| {
            let spans = [
                Some(callout.name.outer),
                callout.path_text.as_ref().map(|path| path.outer),
                callout.authorization,
            ];
            let at_call = spans.into_iter().flatten().any(|span| {
                overlaps(span, finding.primary.span) || precedes(span, finding.primary.span)
            });
            let by_name = finding.field.eq_ignore_ascii_case(callout.name.as_str())
                && finding.component.name == callout.class.name;
            at_call || by_name
        }) || self.is_same_missing_name(finding)
    }

    /// Whether the finding is about another callout with the same undefined name.
    fn is_same_missing_name(&self, finding: &Finding) -> bool {
        self.same_name.iter().any(|other| overlaps(other.name.outer, finding.primary.span))
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

/// Whether the reference resolves to this item of the list.
fn is_same<T: Named>(items: &Components<T>, reference: &str, item: &T) -> bool {
    find_named(items, reference).is_some_and(|found| std::ptr::eq(found, item))
}
