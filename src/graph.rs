//! Who trusts whom with what: the components of all orgs, and how they depend on each other.
//!
//! An edge leads from what depends to what it depends on, so that everything which depends on a component, and everybody
//! who can use it, is found against the direction of the edges. Names are masked here, once for all formats.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use time::Date;

use crate::check;
use crate::error::{Error, UsageError};
use crate::finding::{Finding, Severity};
use crate::mask::{self, Masker};
use crate::model::{
    App, AppKind, Component, ExternalCredential, Flow, Host, JwtCredential, Named, NamedCredential,
    Org, OrgId, PermissionSet, PermissionSetGroup, Workspace, find_named, fold_username,
    split_principal,
};
use crate::nearest::nearest;
use crate::pipeline::Report;
use crate::rule::Step;
use crate::source::{FileId, Span, Text};

/// The maximum number of findings of a node or edge; the others are counted.
const MAX_MARKS: usize = 20;
/// The maximum number of components that one finding is compared with.
const MAX_OWNERS: usize = 12;

#[derive(Debug)]
pub struct Graph {
    /// Sorted by org, kind and name.
    pub nodes: Vec<Node>,
    /// Sorted by their ends.
    pub edges: Vec<Edge>,
    /// The logins of one org to another, or to itself: the trust that the graph is about.
    pub connections: Vec<Connection>,
    pub today: Date,
}

#[derive(Clone, Debug)]
pub struct Node {
    /// Org, kind and name; stable as long as they are.
    pub id: String,
    pub kind: NodeKind,
    /// The name of the org; `None` for what is outside of every org.
    pub org: Option<String>,
    pub name: String,
    /// What it is, such as the flow of a credential.
    pub detail: Option<String>,
    pub place: Option<Span>,
    /// Whether the files contain it.
    pub in_files: bool,
    /// The last day of a certificate.
    pub expires: Option<Date>,
    pub marks: Marks,
}

#[derive(Clone, Debug)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub kind: EdgeKind,
    pub marks: Marks,
}

/// A credential that logs in to an app.
#[derive(Clone, Debug)]
pub struct Connection {
    pub calling_org: String,
    pub credential: usize,
    pub target_org: String,
    pub app: usize,
    pub flow: Flow,
    /// The user that it logs in as, if a file says so.
    pub user: Option<String>,
    /// `None` if the files do not contain them.
    pub scopes: Option<Vec<String>>,
    /// The findings of the edge between both.
    pub marks: Marks,
}

/// The errors and warnings about a node or an edge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub rules: Vec<Mark>,
    pub more: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub rule: &'static str,
    pub severity: Severity,
    /// Whether an allow or the baseline suppresses it.
    pub suppressed: bool,
}

impl Marks {
    fn add(&mut self, mark: Mark) {
        if self.rules.contains(&mark) {
            return;
        }
        if self.rules.len() < MAX_MARKS {
            self.rules.push(mark);
        } else {
            self.more += 1;
        }
    }

    pub fn worst(&self) -> Option<Severity> {
        self.rules.iter().map(|mark| mark.severity).max()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    Org,
    Apex,
    NamedCredential,
    ExternalCredential,
    Principal,
    PermissionSet,
    PermissionSetGroup,
    Profile,
    User,
    Provider,
    Certificate,
    AppCertificate,
    App,
    Host,
}

impl NodeKind {
    pub fn name(self) -> &'static str {
        match self {
            NodeKind::Org => "org",
            NodeKind::Apex => "apex",
            NodeKind::NamedCredential => "named-credential",
            NodeKind::ExternalCredential => "external-credential",
            NodeKind::Principal => "principal",
            NodeKind::PermissionSet => "permission-set",
            NodeKind::PermissionSetGroup => "permission-set-group",
            NodeKind::Profile => "profile",
            NodeKind::User => "user",
            NodeKind::Provider => "auth-provider",
            NodeKind::Certificate => "certificate",
            NodeKind::AppCertificate => "app-certificate",
            NodeKind::App => "app",
            NodeKind::Host => "host",
        }
    }

    /// In sentences.
    pub fn noun(self) -> &'static str {
        match self {
            NodeKind::Org => "org",
            NodeKind::Apex => "Apex",
            NodeKind::NamedCredential => "named credential",
            NodeKind::ExternalCredential => "external credential",
            NodeKind::Principal => "principal",
            NodeKind::PermissionSet => "permission set",
            NodeKind::PermissionSetGroup => "permission set group",
            NodeKind::Profile => "profile",
            NodeKind::User => "user",
            NodeKind::Provider => "auth provider",
            NodeKind::Certificate => "certificate",
            NodeKind::AppCertificate => "certificate of the app",
            NodeKind::App => "app",
            NodeKind::Host => "host",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    Calls,
    AuthenticatesWith,
    BelongsTo,
    Grants,
    Includes,
    Has,
    SignsWith,
    Presents,
    SharesKey,
    VerifiesWith,
    LogsInBy,
    LogsInTo,
    LogsInAs,
    RunsAs,
    IsApprovedBy,
    SendsTo,
}

impl EdgeKind {
    pub fn name(self) -> &'static str {
        match self {
            EdgeKind::Calls => "calls",
            EdgeKind::AuthenticatesWith => "authenticates with",
            EdgeKind::BelongsTo => "belongs to",
            EdgeKind::Grants => "grants",
            EdgeKind::Includes => "includes",
            EdgeKind::Has => "has",
            EdgeKind::SignsWith => "signs with",
            EdgeKind::Presents => "presents",
            EdgeKind::SharesKey => "has the same key as",
            EdgeKind::VerifiesWith => "verifies with",
            EdgeKind::LogsInBy => "logs in by",
            EdgeKind::LogsInTo => "logs in to",
            EdgeKind::LogsInAs => "logs in as",
            EdgeKind::RunsAs => "runs as",
            EdgeKind::IsApprovedBy => "is approved by",
            EdgeKind::SendsTo => "sends requests to",
        }
    }
}

impl EdgeKind {
    /// Whether a fault that stops a callout at a step can be one of such an edge.
    fn belongs_to(self, step: Option<Step>) -> bool {
        let Some(step) = step else { return true };
        match self {
            EdgeKind::Calls => matches!(step, Step::Caller | Step::NamedCredential),
            EdgeKind::AuthenticatesWith => {
                matches!(step, Step::NamedCredential | Step::ExternalCredential)
            }
            EdgeKind::BelongsTo | EdgeKind::Grants | EdgeKind::Includes | EdgeKind::Has => {
                step == Step::Access
            }
            EdgeKind::SignsWith => step == Step::Signing,
            EdgeKind::SendsTo | EdgeKind::Presents => {
                matches!(step, Step::NamedCredential | Step::Call)
            }
            EdgeKind::LogsInBy => matches!(step, Step::Request | Step::ExternalCredential),
            EdgeKind::LogsInTo => {
                matches!(step, Step::Request | Step::TargetOrg | Step::ExternalCredential)
            }
            EdgeKind::SharesKey
            | EdgeKind::VerifiesWith
            | EdgeKind::LogsInAs
            | EdgeKind::RunsAs
            | EdgeKind::IsApprovedBy => step == Step::TargetOrg,
        }
    }
}

/// A part of a graph, for one question.
#[derive(Clone, Debug)]
pub enum Focus {
    Everything,
    /// What depends on the components with a name, and what they depend on.
    Around(String),
    /// Who can use the components with a name.
    WhoCan(String),
    /// The certificates, and what depends on them.
    Certificates,
}

impl Graph {
    /// The graph of all orgs.
    pub fn new(report: &Report) -> Graph {
        let mut builder = Builder::new(report);
        let workspace = &report.workspace;
        for (index, org) in workspace.orgs.iter().enumerate() {
            builder.org(OrgId(index), org);
        }
        builder.logins();
        builder.mark(report);
        builder.finish()
    }

    /// The part of the graph that a question is about.
    ///
    /// # Errors
    /// If no component has the name.
    pub fn focused(self, focus: &Focus) -> Result<Graph, Error> {
        let kept: BTreeSet<usize> = match focus {
            Focus::Everything => return Ok(self),
            Focus::Around(name) => {
                let found = self.named(name)?;
                let mut kept = self.reach(&found, Direction::Dependents);
                kept.extend(self.reach(&found, Direction::Dependencies));
                kept
            }
            Focus::WhoCan(name) => self.reach(&self.usable(name)?, Direction::Dependents),
            Focus::Certificates => {
                let of_kind = |kind: NodeKind| {
                    matches!(kind, NodeKind::Certificate | NodeKind::AppCertificate)
                };
                let all: Vec<usize> =
                    (0..self.nodes.len()).filter(|&node| of_kind(self.nodes[node].kind)).collect();
                self.reach(&all, Direction::Dependents)
            }
        };
        Ok(self.only(&kept))
    }

    /// The first edges with an error that is not suppressed, and their ends; `None` if there are none. Also returns how
    /// many more there are.
    pub fn faulty(self, most: usize) -> Option<(Graph, usize)> {
        let is_faulty = |edge: &Edge| {
            let mut marks = edge.marks.rules.iter();
            marks.any(|mark| mark.severity == Severity::Error && !mark.suppressed)
        };
        let mut edges: Vec<Edge> =
            self.edges.iter().filter(|edge| is_faulty(edge)).cloned().collect();
        let more = edges.len().saturating_sub(most);
        edges.truncate(most);
        let kept: BTreeSet<usize> = edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
        let graph = Graph { edges, ..self }.only(&kept);
        (!graph.edges.is_empty()).then_some((graph, more))
    }

    /// The components with a name, or all of an org with it.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(&self, name: &str) -> Result<Vec<usize>, Error> {
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        let found: Vec<usize> = (0..self.nodes.len())
            .filter(|&node| {
                let node = &self.nodes[node];
                same(&node.name) || same(&node.id)
            })
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let in_org: Vec<usize> = (0..self.nodes.len())
            .filter(|&node| self.nodes[node].org.as_deref().is_some_and(same))
            .collect();
        if !in_org.is_empty() {
            return Ok(in_org);
        }
        let known: BTreeSet<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
        let nearest = nearest(name, known.iter().copied()).map(str::to_owned);
        let known = known.into_iter().map(str::to_owned).collect();
        Err(UsageError::UnknownComponent { name: name.to_owned(), nearest, known }.into())
    }

    /// The components with a name, and the external credentials that named credentials among them authenticate with: who
    /// can use one, can use the other.
    ///
    /// # Errors
    /// If there is none.
    pub fn usable(&self, name: &str) -> Result<Vec<usize>, Error> {
        let mut found = self.named(name)?;
        let of_named = self.edges.iter().filter(|edge| {
            edge.kind == EdgeKind::AuthenticatesWith && found.binary_search(&edge.from).is_ok()
        });
        let external: Vec<usize> = of_named.map(|edge| edge.to).collect();
        found.extend(external);
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn reach(&self, from: &[usize], direction: Direction) -> BTreeSet<usize> {
        let next = self.neighbors(direction);
        let mut reached: BTreeSet<usize> = from.iter().copied().collect();
        let mut open: Vec<usize> = from.to_vec();
        while let Some(node) = open.pop() {
            for &edge in &next[node] {
                let edge = &self.edges[edge];
                let other = match direction {
                    Direction::Dependents => edge.from,
                    Direction::Dependencies => edge.to,
                };
                if reached.insert(other) {
                    open.push(other);
                }
            }
        }
        reached
    }

    /// The edges of each node, in their order.
    pub fn neighbors(&self, direction: Direction) -> Vec<Vec<usize>> {
        let mut next = vec![Vec::new(); self.nodes.len()];
        for (number, edge) in self.edges.iter().enumerate() {
            let node = match direction {
                Direction::Dependents => edge.to,
                Direction::Dependencies => edge.from,
            };
            next[node].push(number);
        }
        next
    }

    fn only(self, kept: &BTreeSet<usize>) -> Graph {
        let at: HashMap<usize, usize> =
            kept.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let edges = self.edges.into_iter().filter_map(|edge| {
            Some(Edge { from: *at.get(&edge.from)?, to: *at.get(&edge.to)?, ..edge })
        });
        let connections = self.connections.into_iter().filter_map(|connection| {
            Some(Connection {
                credential: *at.get(&connection.credential)?,
                app: *at.get(&connection.app)?,
                ..connection
            })
        });
        let nodes = self.nodes.into_iter().enumerate();
        let nodes = nodes.filter(|(node, _)| kept.contains(node)).map(|(_, node)| node);
        Graph {
            edges: edges.collect(),
            connections: connections.collect(),
            nodes: nodes.collect(),
            today: self.today,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Against the edges: what depends on a node.
    Dependents,
    /// Along the edges: what a node depends on.
    Dependencies,
}

/// The kind, org and folded name of a component: equal for everything that refers to it.
type Key = (NodeKind, Option<OrgId>, String);
/// Both ends and the kind of an edge.
type EdgeKey = (usize, usize, EdgeKind);
/// The places that edges are read from, sorted, by file.
type Evidence = HashMap<FileId, Vec<(Span, EdgeKey)>>;

struct Builder<'a> {
    workspace: &'a Workspace,
    masker: Masker<'a>,
    nodes: Vec<Node>,
    by_key: HashMap<Key, usize>,
    /// The number of components that have an ID, apart from `#` and a number at its end.
    ids: HashMap<String, usize>,
    edges: BTreeMap<EdgeKey, Marks>,
    connections: Vec<Connection>,
    /// The places that an edge is read from: a fault of one of them is a fault of the edge.
    evidence: Vec<(Span, EdgeKey)>,
    /// Where the components begin in each file.
    places: HashMap<FileId, Vec<(u32, usize)>>,
}

impl<'a> Builder<'a> {
    fn new(report: &'a Report) -> Builder<'a> {
        Builder {
            workspace: &report.workspace,
            masker: Masker::new(&report.sources),
            nodes: Vec::new(),
            by_key: HashMap::new(),
            ids: HashMap::new(),
            edges: BTreeMap::new(),
            connections: Vec::new(),
            evidence: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// The node of a component, which is added if it is new.
    fn node(
        &mut self,
        kind: NodeKind,
        org: Option<OrgId>,
        name: &str,
        place: Option<Span>,
    ) -> usize {
        self.node_as(kind, org, name, name, place)
    }

    /// The same with another name to show.
    fn node_as(
        &mut self,
        kind: NodeKind,
        org: Option<OrgId>,
        name: &str,
        shown: &str,
        place: Option<Span>,
    ) -> usize {
        let folded = match kind {
            NodeKind::User => fold_username(name),
            NodeKind::Org
            | NodeKind::Apex
            | NodeKind::NamedCredential
            | NodeKind::ExternalCredential
            | NodeKind::Principal
            | NodeKind::PermissionSet
            | NodeKind::PermissionSetGroup
            | NodeKind::Profile
            | NodeKind::Provider
            | NodeKind::Certificate
            | NodeKind::AppCertificate
            | NodeKind::App
            | NodeKind::Host => name.to_ascii_lowercase(),
        };
        let key = (kind, org, folded);
        if let Some(&known) = self.by_key.get(&key) {
            return known;
        }
        let number = self.nodes.len();
        let org_name = org.map(|id| self.workspace.org(id).name.as_str());
        let masked = self.masked(shown, place);
        let base = match org_name {
            Some(org) => format!("{}/{}:{masked}", self.masked(org, None), kind.name()),
            None => format!("{}:{masked}", kind.name()),
        };
        let mut id = base.clone();
        let mut copy = self.ids.get(&base).copied().unwrap_or_default();
        while self.ids.contains_key(&id) {
            copy += 1;
            id = format!("{base}#{copy}");
        }
        self.ids.insert(base, copy.max(1));
        self.ids.entry(id.clone()).or_insert(1);
        if let Some(place) = place {
            self.places.entry(place.file).or_default().push((place.start, number));
        }
        self.nodes.push(Node {
            id,
            kind,
            org: org_name.map(|org| self.masked(org, None)),
            name: masked,
            detail: None,
            place,
            in_files: true,
            expires: None,
            marks: Marks::default(),
        });
        self.by_key.insert(key, number);
        number
    }

    /// A component that something refers to and no file contains.
    fn missing(&mut self, kind: NodeKind, org: Option<OrgId>, reference: &Text) -> usize {
        let before = self.nodes.len();
        let name = reference.as_str().trim();
        let node = self.node(kind, org, name, None);
        if node == before {
            let shown = self.masker.value_at(name, Some(reference.span));
            self.nodes[node].name.clone_from(&shown);
            self.nodes[node].in_files = false;
        }
        node
    }

    fn masked(&self, name: &str, place: Option<Span>) -> String {
        match place {
            Some(place) => self.masker.text(&format!("`{name}`"), [place.file]),
            None => mask::name(name),
        }
        .trim_matches('`')
        .to_owned()
    }

    fn edge(
        &mut self,
        from: usize,
        to: usize,
        kind: EdgeKind,
        evidence: impl IntoIterator<Item = Span>,
    ) {
        let key = (from, to, kind);
        self.edges.entry(key).or_default();
        self.evidence.extend(evidence.into_iter().map(|span| (span, key)));
    }

    fn org(&mut self, id: OrgId, org: &'a Org) {
        let own = Some(id);
        for external in &org.external_credentials {
            self.external(id, org, external);
        }
        for certificate in &org.certificates {
            let place = Some(certificate.component.place);
            let node = self.node(NodeKind::Certificate, own, certificate.name(), place);
            self.nodes[node].expires = certificate.end().map(|(date, _)| date);
            if let Some(x509) = certificate.x509() {
                self.nodes[node].detail = Some(x509.fingerprint());
            }
        }
        for named in &org.named_credentials {
            self.named(id, org, named);
        }
        for app in &org.apps {
            self.app(id, org, app);
        }
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(name) = callout.name.known() else { continue };
            let class =
                self.node(NodeKind::Apex, own, &callout.class.name, Some(callout.class.place));
            let named = match find_named(&org.named_credentials, name) {
                Some(named) => self.component(NodeKind::NamedCredential, id, &named.component),
                None => self.missing(NodeKind::NamedCredential, own, &callout.name),
            };
            self.edge(class, named, EdgeKind::Calls, [callout.name.span]);
        }
        for unit in &org.apex {
            for used in &unit.certificates {
                let Some(name) = used.name.known() else { continue };
                let class = self.node(
                    NodeKind::Apex,
                    own,
                    &unit.component.name,
                    Some(unit.component.place),
                );
                let certificate = self.certificate(id, org, name, &used.name);
                let kind = if used.is_client { EdgeKind::Presents } else { EdgeKind::SignsWith };
                self.edge(class, certificate, kind, [used.name.span]);
            }
        }
        for set in &org.permission_sets {
            for grant in set.granted() {
                let principal = match org.granted_principal(grant.reference.as_str()) {
                    Some((external, principal)) => self.principal(id, external, principal.name),
                    None if split_principal(grant.reference.as_str()).is_some() => {
                        self.missing(NodeKind::Principal, own, &grant.reference)
                    }
                    None => continue,
                };
                let set = self.permission_set(id, set);
                self.edge(set, principal, EdgeKind::Grants, [grant.reference.span]);
            }
        }
        self.holders(id, org);
    }

    fn external(&mut self, id: OrgId, org: &'a Org, external: &ExternalCredential) {
        let node = self.component(NodeKind::ExternalCredential, id, &external.component);
        self.nodes[node].detail = Some(org.flow_of_external(external).label().to_owned());
        for principal in external.principals() {
            let principal = self.principal(id, external, principal.name);
            self.edge(principal, node, EdgeKind::BelongsTo, []);
        }
    }

    /// The node of a component of an org.
    fn component(&mut self, kind: NodeKind, id: OrgId, component: &Component) -> usize {
        self.node(kind, Some(id), &component.name, Some(component.place))
    }

    fn principal(&mut self, id: OrgId, external: &ExternalCredential, name: &Text) -> usize {
        let key = format!("{}-{}", external.name(), name.as_str().trim());
        self.node(NodeKind::Principal, Some(id), &key, Some(name.element))
    }

    fn named(&mut self, id: OrgId, org: &'a Org, named: &NamedCredential) {
        let own = Some(id);
        let node = self.component(NodeKind::NamedCredential, id, &named.component);
        if named.is_legacy() {
            self.nodes[node].detail = Some(format!("legacy, {}", org.flow_of(named).label()));
        }
        if let Some(reference) =
            named.external_credential.as_ref().filter(|reference| !reference.is_empty())
        {
            let external = match org.external_of(named) {
                Some(external) => {
                    Some(self.component(NodeKind::ExternalCredential, id, &external.component))
                }
                None if reference.known().is_some() => {
                    Some(self.missing(NodeKind::ExternalCredential, own, reference))
                }
                None => None,
            };
            if let Some(external) = external {
                self.edge(node, external, EdgeKind::AuthenticatesWith, [reference.span]);
            }
        }
        if let Some(reference) = &named.client_certificate
            && let Some(name) = reference.known().filter(|name| !name.is_empty())
        {
            let certificate = self.certificate(id, org, name, reference);
            self.edge(node, certificate, EdgeKind::Presents, [reference.span]);
        }
        if let Some(url) = &named.url
            && let Some(host) = named.host().filter(|host| !host.as_str().is_empty())
        {
            let target = self.host(&host, url);
            self.edge(node, target, EdgeKind::SendsTo, [url.span]);
        }
    }

    /// The org with this My Domain, or else the host.
    fn host(&mut self, host: &Host, text: &Text) -> usize {
        match self.workspace.org_of_host(host) {
            Some(org) => self.org_node(org),
            None => {
                let before = self.nodes.len();
                let shown = self.masker.value_at(host.as_str(), Some(text.span));
                let node = self.node_as(NodeKind::Host, None, host.as_str(), &shown, None);
                if node == before {
                    let kind = if host.is_salesforce() { "Salesforce" } else { "third party" };
                    self.nodes[node].detail = Some(kind.to_owned());
                    self.nodes[node].in_files = false;
                }
                node
            }
        }
    }

    fn org_node(&mut self, id: OrgId) -> usize {
        let org = self.workspace.org(id);
        self.node(NodeKind::Org, Some(id), &org.name, org.place())
    }

    fn certificate(&mut self, id: OrgId, org: &Org, name: &str, reference: &Text) -> usize {
        match org.certificate(name) {
            Some(certificate) => self.node(
                NodeKind::Certificate,
                Some(id),
                certificate.name(),
                Some(certificate.component.place),
            ),
            None => self.missing(NodeKind::Certificate, Some(id), reference),
        }
    }

    fn app(&mut self, id: OrgId, org: &'a Org, app: &App) {
        let own = Some(id);
        let node = self.component(NodeKind::App, id, &app.component);
        let kind = match app.kind {
            AppKind::ConnectedApp => "connected app",
            AppKind::ExternalClientApp => "external client app",
        };
        self.nodes[node].detail = Some(kind.to_owned());
        for record in &app.records {
            let place = record.component.place;
            self.places.entry(place.file).or_default().push((place.start, node));
        }
        if let Some(body) = &app.certificate {
            let certificate = self.node(NodeKind::AppCertificate, own, app.name(), None);
            self.nodes[certificate].place = Some(body.span);
            if let Some(x509) = body.x509() {
                self.nodes[certificate].expires = Some(x509.not_after.date());
                self.nodes[certificate].detail = Some(x509.fingerprint());
            }
            self.edge(node, certificate, EdgeKind::VerifiesWith, [body.span]);
        }
        for approved in &app.permission_sets {
            let Some(name) = approved.known() else { continue };
            let target = match (org.set_called(name), find_named(&org.groups, name)) {
                (Some(set), _) => self.permission_set(id, set),
                (None, Some(group)) => self.group(id, group),
                (None, None) => self.missing(NodeKind::PermissionSet, own, approved),
            };
            self.edge(target, node, EdgeKind::IsApprovedBy, [approved.span]);
        }
        for approved in &app.profiles {
            let Some(name) = approved.known() else { continue };
            let target = self.profile(id, org, name, approved);
            self.edge(target, node, EdgeKind::IsApprovedBy, [approved.span]);
        }
    }

    fn permission_set(&mut self, id: OrgId, set: &PermissionSet) -> usize {
        match &set.profile {
            Some(profile) => {
                self.node(NodeKind::Profile, Some(id), profile.as_str(), Some(set.component.place))
            }
            None => {
                self.node(NodeKind::PermissionSet, Some(id), set.name(), Some(set.component.place))
            }
        }
    }

    fn group(&mut self, id: OrgId, group: &PermissionSetGroup) -> usize {
        let place = Some(group.component.place);
        self.node(NodeKind::PermissionSetGroup, Some(id), group.name(), place)
    }

    fn profile(&mut self, id: OrgId, org: &Org, name: &str, reference: &Text) -> usize {
        match org.profile(name) {
            Some(profile) => {
                self.node(NodeKind::Profile, Some(id), name, Some(profile.component.place))
            }
            None => self.missing(NodeKind::Profile, Some(id), reference),
        }
    }

    fn user(&mut self, id: OrgId, username: &Text) -> usize {
        let name = username.as_str().trim();
        let shown = self.masker.value_at(name, Some(username.span));
        self.node_as(NodeKind::User, Some(id), name, &shown, None)
    }

    /// The groups, profiles and users that have what the graph already contains.
    fn holders(&mut self, id: OrgId, org: &'a Org) {
        let own = Some(id);
        let known = |builder: &Self, kind: NodeKind, name: &str| {
            builder.by_key.get(&(kind, own, name.to_ascii_lowercase())).copied()
        };
        for group in &org.groups {
            for set in org.members_of(group) {
                let Some(set) = known(self, NodeKind::PermissionSet, set.name()) else { continue };
                let group = self.group(id, group);
                self.edge(group, set, EdgeKind::Includes, []);
            }
            let Some(node) = known(self, NodeKind::PermissionSetGroup, group.name()) else {
                continue;
            };
            for user in group.assigned_to.iter().flatten() {
                let user_node = self.user(id, user);
                self.edge(user_node, node, EdgeKind::Has, [user.span]);
            }
        }
        for set in org.permission_sets.iter().filter(|set| set.profile.is_none()) {
            let Some(node) = known(self, NodeKind::PermissionSet, set.name()) else { continue };
            for user in set.assigned_to.iter().flatten() {
                let user_node = self.user(id, user);
                self.edge(user_node, node, EdgeKind::Has, [user.span]);
            }
        }
        for user in org.users.iter().flatten() {
            for held in user.permission_sets.iter().flatten() {
                let Some(name) = held.known() else { continue };
                let set = org
                    .set_called(name)
                    .and_then(|set| known(self, NodeKind::PermissionSet, set.name()));
                let group = find_named(&org.groups, name)
                    .and_then(|group| known(self, NodeKind::PermissionSetGroup, group.name()));
                if let Some(node) = set.or(group) {
                    let user_node = self.user(id, &user.username);
                    self.edge(user_node, node, EdgeKind::Has, [held.span]);
                }
            }
            let profile = user.profile.as_ref().and_then(|profile| {
                Some((profile, known(self, NodeKind::Profile, profile.known()?)?))
            });
            if let Some((text, profile)) = profile {
                let user_node = self.user(id, &user.username);
                self.edge(user_node, profile, EdgeKind::Has, [text.span]);
            }
        }
        for user in &org.callouts_run_as {
            let node = self.user(id, user);
            self.nodes[node].detail = Some("runs callouts".to_owned());
        }
    }

    /// The credentials that log in, and what they sign with.
    fn logins(&mut self) {
        let workspace = self.workspace;
        for credential in workspace.signing_credentials() {
            let id = credential.component.org;
            let node = self.credential(&credential.component);
            let reference = credential.signing_certificate.as_ref();
            if let Some(reference) = reference
                && let Some(name) = reference.known().filter(|name| !name.is_empty())
            {
                let certificate = self.certificate(id, workspace.org(id), name, reference);
                self.edge(node, certificate, EdgeKind::SignsWith, [reference.span]);
            }
        }
        for (org, external) in workspace.external_credentials() {
            let id = external.component.org;
            if let Some(reference) = external.signing_certificate()
                && let Some(name) = reference.known().filter(|name| !name.is_empty())
            {
                let node = self.credential(&external.component);
                let certificate = self.certificate(id, org, name, reference);
                self.edge(node, certificate, EdgeKind::SignsWith, [reference.span]);
            }
        }
        for credential in &workspace.jwt_credentials {
            self.jwt(credential);
        }
        for login in &workspace.logins {
            let calling_org = workspace.org(login.component.org);
            let node = self.credential(&login.component);
            if let Some(provider) = login.provider(calling_org) {
                let place = Some(provider.component().place);
                let target = self.node(
                    NodeKind::Provider,
                    Some(login.component.org),
                    provider.name(),
                    place,
                );
                self.nodes[target].detail = Some(provider.noun().to_owned());
                self.edge(node, target, EdgeKind::LogsInBy, []);
            }
            let evidence = login.token_endpoint.as_ref().map(|text| text.span);
            if let Some(found) = workspace.app_login(login) {
                let user = found
                    .app
                    .client_credentials_user()
                    .filter(|_| login.flow.is_client_credentials());
                self.connection(node, found.app, login.flow, user, evidence);
            } else if let Some(text) = &login.token_endpoint
                && let Some(host) = login.token_host().filter(|host| !host.as_str().is_empty())
            {
                let target = self.host(&host.value, text);
                self.edge(node, target, EdgeKind::LogsInTo, evidence);
            }
        }
        for user in workspace.run_as_users() {
            let id = user.app.component.org;
            if user.username.known().is_none() {
                continue;
            }
            let app = self.component(NodeKind::App, id, &user.app.component);
            let target = self.user(id, user.username);
            self.edge(app, target, EdgeKind::RunsAs, [user.username.span]);
        }
        self.shared_keys();
    }

    fn jwt(&mut self, credential: &'a JwtCredential) {
        let workspace = self.workspace;
        let node = self.credential(&credential.component);
        let claims = credential.body_claims.iter().map(|claim| claim.element);
        let endpoint = credential.token_endpoint.as_ref();
        let evidence: Vec<Span> = claims.chain(endpoint.map(|text| text.span)).collect();
        let Some(connection) = workspace.connection_of(credential) else {
            if let Some(text) = endpoint
                && let Some(host) = credential.token_host().filter(|host| !host.as_str().is_empty())
            {
                let target = self.host(&host.value, text);
                self.edge(node, target, EdgeKind::LogsInTo, evidence);
            }
            return;
        };
        let subject = credential.subject().filter(|subject| {
            credential.login().is_some_and(|login| login.username().is_some())
                && subject.known().is_some()
        });
        self.connection(node, connection.app, Flow::JwtBearer, subject, evidence);
        if let Some(subject) = subject {
            let user = self.user(connection.app.component.org, subject);
            self.edge(node, user, EdgeKind::LogsInAs, [subject.span]);
        }
    }

    fn connection(
        &mut self,
        credential: usize,
        app: &'a App,
        flow: Flow,
        user: Option<&Text>,
        evidence: impl IntoIterator<Item = Span>,
    ) {
        let id = app.component.org;
        let app_node = self.component(NodeKind::App, id, &app.component);
        self.edge(credential, app_node, EdgeKind::LogsInTo, evidence);
        let scopes = app.scopes.as_ref().map(|scopes| {
            let shown = scopes.iter().take(MAX_MARKS);
            shown.map(|scope| self.masker.value_at(scope.as_str(), Some(scope.span))).collect()
        });
        let user = user.map(|user| self.masker.value_at(user.as_str(), Some(user.span)));
        self.connections.push(Connection {
            calling_org: self.nodes[credential].org.clone().unwrap_or_default(),
            credential,
            target_org: self.nodes[app_node].org.clone().unwrap_or_default(),
            app: app_node,
            flow,
            user,
            scopes,
            marks: Marks::default(),
        });
    }

    /// The node of an external credential or a legacy named credential.
    fn credential(&mut self, component: &Component) -> usize {
        let kind = if component.type_name == "NamedCredential" {
            NodeKind::NamedCredential
        } else {
            NodeKind::ExternalCredential
        };
        self.node(kind, Some(component.org), &component.name, Some(component.place))
    }

    /// The certificates of calling orgs whose public key an app has.
    fn shared_keys(&mut self) {
        let workspace = self.workspace;
        let mut verifiers: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
        for (_, app) in workspace.apps() {
            let Some(x509) = app.certificate.as_ref().and_then(|body| body.x509()) else {
                continue;
            };
            let name = app.name().to_ascii_lowercase();
            let key = (NodeKind::AppCertificate, Some(app.component.org), name);
            if let Some(&node) = self.by_key.get(&key) {
                let nodes = verifiers.entry(x509.public_key_sha256).or_default();
                // Few are enough: the work stays in proportion to the files.
                if nodes.len() < MAX_MARKS && !nodes.contains(&node) {
                    nodes.push(node);
                }
            }
        }
        for (index, org) in workspace.orgs.iter().enumerate() {
            for certificate in &org.certificates {
                let Some(x509) = certificate.x509() else { continue };
                let Some(nodes) = verifiers.get(&x509.public_key_sha256) else { continue };
                let place = Some(certificate.component.place);
                let own =
                    self.node(NodeKind::Certificate, Some(OrgId(index)), certificate.name(), place);
                for &node in nodes {
                    // The app depends on the key of the calling org: a new key has to reach it.
                    self.edge(node, own, EdgeKind::SharesKey, []);
                }
            }
        }
    }

    /// Marks what errors and warnings are about.
    fn mark(&mut self, report: &Report) {
        for places in self.places.values_mut() {
            places.sort_unstable();
        }
        let mut evidence: Evidence = HashMap::new();
        for (span, edge) in std::mem::take(&mut self.evidence) {
            evidence.entry(span.file).or_default().push((span, edge));
        }
        for spans in evidence.values_mut() {
            spans.sort_unstable();
        }
        let kinds: HashMap<(usize, usize), Vec<EdgeKind>> = {
            let mut kinds: HashMap<(usize, usize), Vec<EdgeKind>> = HashMap::new();
            for &(from, to, kind) in self.edges.keys() {
                kinds.entry((from, to)).or_default().push(kind);
            }
            kinds
        };
        let baselined = report.baseline.iter().flat_map(|baseline| &baseline.findings);
        let suppressed = report.allowed.iter().chain(baselined).map(|finding| (finding, true));
        let reported = report.findings.iter().map(|finding| (finding, false));
        for (finding, suppressed) in reported.chain(suppressed) {
            if finding.severity == Severity::Note {
                continue;
            }
            let mark = Mark { rule: finding.rule, severity: finding.severity, suppressed };
            let step = check::rule(finding.rule).and_then(|rule| rule.page().head.step);
            let mut owners: Vec<usize> = Vec::new();
            for place in places_of(finding).take(MAX_OWNERS) {
                let owner = self.owner(place);
                owners.extend(owner.filter(|owner| !owners.contains(owner)));
            }
            if let Some(owner) = self.owner(finding.component.place) {
                self.nodes[owner].marks.add(mark);
            }
            let mut edges: BTreeSet<EdgeKey> = BTreeSet::new();
            for &from in &owners {
                for &to in owners.iter().filter(|to| **to != from) {
                    let between = kinds.get(&(from, to)).into_iter().flatten();
                    let concerned = between.filter(|kind| kind.belongs_to(step));
                    edges.extend(concerned.map(|&kind| (from, to, kind)));
                }
            }
            edges.extend(at(&evidence, finding.primary.span));
            for edge in edges {
                if let Some(marks) = self.edges.get_mut(&edge) {
                    marks.add(mark);
                }
            }
        }
    }

    /// The component that a place is in: the last one that begins before it in its file.
    fn owner(&self, place: Span) -> Option<usize> {
        let places = self.places.get(&place.file)?;
        let next = places.partition_point(|(start, _)| *start <= place.start);
        places.get(next.saturating_sub(1)).map(|(_, node)| *node)
    }

    fn finish(self) -> Graph {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        let key = |node: &Node| {
            (node.org.is_none(), node.org.clone(), node.kind, node.name.clone(), node.id.clone())
        };
        order.sort_by_cached_key(|&node| key(&self.nodes[node]));
        let mut at = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            at[old] = new;
        }
        let mut edges: Vec<Edge> = self
            .edges
            .iter()
            .map(|(&(from, to, kind), marks)| Edge {
                from: at[from],
                to: at[to],
                kind,
                marks: marks.clone(),
            })
            .collect();
        edges.sort_by_key(|edge| (edge.from, edge.to, edge.kind));
        let mut connections: Vec<Connection> = self
            .connections
            .into_iter()
            .map(|connection| Connection {
                marks: self
                    .edges
                    .get(&(connection.credential, connection.app, EdgeKind::LogsInTo))
                    .cloned()
                    .unwrap_or_default(),
                credential: at[connection.credential],
                app: at[connection.app],
                ..connection
            })
            .collect();
        connections.sort_by_key(|connection| (connection.credential, connection.app));
        let mut nodes = self.nodes;
        let mut sorted = Vec::with_capacity(nodes.len());
        for &old in &order {
            sorted.push(nodes[old].clone());
        }
        nodes.clear();
        Graph { nodes: sorted, edges, connections, today: self.workspace.today }
    }
}

/// The places that a finding shows, and that of its component.
fn places_of(finding: &Finding) -> impl Iterator<Item = Span> {
    let labels = std::iter::once(&finding.primary).chain(&finding.related);
    std::iter::once(finding.component.place).chain(labels.map(|label| label.span))
}

/// The edges that are read from a place.
fn at(evidence: &Evidence, place: Span) -> Vec<EdgeKey> {
    let Some(spans) = evidence.get(&place.file) else { return Vec::new() };
    let next = spans.partition_point(|(span, _)| span.start <= place.end);
    // Evidence is not nested, so few spans before the place can reach into it.
    let before = spans[next.saturating_sub(MAX_OWNERS)..next].iter();
    before
        .filter(|(span, _)| place.start < span.end.max(span.start + 1))
        .map(|(_, edge)| *edge)
        .collect()
}
