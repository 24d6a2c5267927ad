//! Plans how a connected app becomes an external client app. Salesforce moves the app itself, so the plan says what it
//! becomes, who uses it, and what to check; the new files are only for comparison.

use std::collections::{BTreeMap, HashMap, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};

use super::app_elements::{AppCounterparts, AppMapping};
use super::{Difference, NewFile, State, beside, names};
use crate::metadata_xml::document;
use crate::model::{
    App, AppKind, Component, ConsumerKey, Named, Org, OrgId, Workspace, without_namespace,
};
use crate::source::{FileId, Kind, Source, Sources, Span};

/// The shortest consumer key that Salesforce accepts.
const SHORTEST_KEY: usize = 8;

/// What uses the consumer key of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppCaller {
    /// Such as "external credential `Spoke_Org`".
    pub what: String,
    pub place: Span,
}

/// The plan for one connected app.
#[derive(Debug)]
pub struct AppMigration<'a> {
    pub app: &'a App,
    pub org: &'a Org,
    pub state: State,
    pub mappings: Vec<AppMapping>,
    pub callers: Vec<AppCaller>,
    pub differences: Vec<Difference>,
    pub steps: Vec<String>,
    /// How the files of the external client app would look.
    pub files: Vec<NewFile>,
}

/// The connected apps with one of these names or, if there is none, the external client apps; and those names that no
/// app has.
pub fn select_apps<'a>(
    workspace: &'a Workspace,
    wanted: &[String],
    org: Option<&str>,
) -> (Vec<(OrgId, &'a App)>, Vec<String>) {
    let folded = |name: &str| without_namespace(name).to_ascii_lowercase();
    let mut by_name: HashMap<String, Vec<(OrgId, &App)>> = HashMap::new();
    for (id, other) in workspace.orgs.iter().enumerate() {
        if org.is_none_or(|name| other.name == name) {
            for app in other.apps.iter() {
                by_name.entry(folded(app.name())).or_default().push((OrgId(id), app));
            }
        }
    }
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for name in wanted {
        let all = by_name.get(&folded(name)).map(Vec::as_slice).unwrap_or_default();
        let of_kind = |kind: AppKind| all.iter().copied().filter(move |(_, app)| app.kind == kind);
        let before = found.len();
        found.extend(of_kind(AppKind::ConnectedApp));
        if found.len() == before {
            found.extend(of_kind(AppKind::ExternalClientApp));
        }
        if found.len() == before {
            unknown.push(name.clone());
        }
    }
    found.sort_by_key(|(id, app)| (*id, app.component.place));
    found.dedup_by_key(|(_, app)| app.component.place);
    (found, unknown)
}

/// Plans the migration of some apps.
pub fn plan_apps<'a>(
    workspace: &'a Workspace,
    sources: &'a Sources,
    selected: &[(OrgId, &'a App)],
) -> Vec<AppMigration<'a>> {
    let mut callers = callers(workspace, sources, selected);
    let mut given = HashSet::new();
    let mut external: HashMap<(OrgId, String), &App> = HashMap::new();
    for (id, org) in workspace.orgs.iter().enumerate() {
        for app in org.apps.iter().filter(|app| app.kind == AppKind::ExternalClientApp) {
            external.insert((OrgId(id), app.name().to_ascii_lowercase()), app);
        }
    }
    selected
        .iter()
        .map(|&(id, app)| {
            let callers = callers.remove(&app.component.place).unwrap_or_default();
            migration(workspace, sources, (id, app), callers, &external, &mut given)
        })
        .collect()
}

fn migration<'a>(
    workspace: &'a Workspace,
    sources: &'a Sources,
    (id, app): (OrgId, &'a App),
    callers: Vec<(AppCaller, bool)>,
    external: &HashMap<(OrgId, String), &'a App>,
    given: &mut HashSet<(OrgId, String)>,
) -> AppMigration<'a> {
    let org = workspace.org(id);
    let source = sources.get(app.component.place.file);
    let mut plan = AppMigration {
        app,
        org,
        state: State::Possible,
        mappings: Vec::new(),
        callers: Vec::new(),
        differences: Vec::new(),
        steps: Vec::new(),
        files: Vec::new(),
    };
    if app.kind == AppKind::ExternalClientApp {
        plan.state = State::Current;
        return plan;
    }
    if let Some(reason) = obstacle(org, app, source) {
        plan.state = State::Refused { reason: reason.to_owned() };
        plan.callers = callers.into_iter().map(|(caller, _)| caller).collect();
        return plan;
    }
    let counterparts = AppCounterparts::of(org, app, sources.concealed(app.component.place.file));
    plan.mappings = counterparts.mappings.clone();
    let successor = app.key().and_then(|key| successor(workspace, id, &key));
    let is_packaged = workspace.is_packaged(&app.component);
    let namesake = external.get(&(id, app.name().to_ascii_lowercase())).copied();
    let namesake = namesake.filter(|_| successor.is_none());
    plan.differences = differences(app, &counterparts, &callers, namesake, is_packaged);
    plan.callers = callers.into_iter().map(|(caller, _)| caller).collect();
    match successor {
        Some(successor) => {
            plan.state = State::Added { successor: successor.name().to_owned() };
            plan.steps = steps_after(app, successor);
        }
        None => {
            plan.steps = steps(app);
            let is_taken = |name: &str| {
                let name = (id, name.to_ascii_lowercase());
                given.contains(&name) || external.contains_key(&name)
            };
            let name = names::unused(app.name(), "", is_taken);
            given.insert((id, name.to_ascii_lowercase()));
            plan.files = files(&name, source, counterparts);
        }
    }
    plan
}

/// Why Salesforce does not move the app, or why sfcred cannot plan it.
fn obstacle(org: &Org, app: &App, source: &Source) -> Option<&'static str> {
    if source.kind != Kind::ConnectedApp {
        return Some("it is only in the description, without a metadata file");
    }
    if app.is_packaged(org.namespace.as_deref()) {
        return Some("it belongs to a managed package, and Salesforce migrates only local apps");
    }
    let has = |start: &str| {
        app.records.iter().flat_map(|record| &record.fields).any(|field| {
            field
                .path
                .strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    if app.oauth.is_some() {
        return None;
    }
    Some(if has("samlConfig") {
        "it is a SAML app without OAuth settings, and sfcred plans only OAuth settings"
    } else if has("canvasConfig") || has("canvas") {
        "it is a canvas app without OAuth settings, and sfcred plans only OAuth settings"
    } else {
        "its file has no OAuth settings, as if it was retrieved from an org in which a package \
         installed it"
    })
}

/// The external client app of the same org with the same consumer key: Salesforce keeps the key.
fn successor<'a>(workspace: &'a Workspace, id: OrgId, key: &ConsumerKey) -> Option<&'a App> {
    workspace
        .apps_with_key(key)
        .filter(|(org, _, _)| *org == id)
        .map(|(_, _, app)| app)
        .find(|app| app.kind == AppKind::ExternalClientApp)
}

/// The callers of one app, in the order of files and places, and whether each asks a shared login host for tokens.
type ByPlace = BTreeMap<(FileId, Span), (AppCaller, bool)>;

/// Everything that uses each app, and whether it asks a shared login host for tokens.
fn callers(
    workspace: &Workspace,
    sources: &Sources,
    selected: &[(OrgId, &App)],
) -> HashMap<Span, Vec<(AppCaller, bool)>> {
    let mut found: HashMap<Span, ByPlace> =
        selected.iter().map(|(_, app)| (app.component.place, BTreeMap::new())).collect();
    let mut files: HashSet<(Span, FileId)> = HashSet::new();
    for used in workspace.app_uses() {
        let app = used.app.component.place;
        let Some(callers) = found.get_mut(&app) else { continue };
        let jwt = workspace.signing_credential_at(used.credential).and_then(|one| one.token_host());
        let login = workspace.login_at(used.credential).and_then(|one| one.token_host());
        let shared = jwt.or(login).is_some_and(|host| host.value.is_shared_login());
        let noun = noun_of(used.credential);
        let what = format!("{noun} `{}` ({})", used.credential.name, used.flow.name());
        files.insert((app, used.place.file));
        callers
            .insert((used.place.file, used.place), (AppCaller { what, place: used.place }, shared));
    }
    // Auth providers, Apex, descriptions and everything else that contains the key.
    let keys: Vec<(ConsumerKey, Span)> = selected
        .iter()
        .filter(|(_, app)| app.kind == AppKind::ConnectedApp)
        .filter_map(|(_, app)| {
            Some((app.key().filter(|key| key.as_str().len() >= SHORTEST_KEY)?, app.component.place))
        })
        .collect();
    let patterns = keys.iter().map(|(key, _)| key.as_str());
    let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
    let Ok(search) = search else { return finished(found) };
    let own: HashSet<FileId> = keys.iter().map(|(_, app)| app.file).collect();
    for (file, source) in sources.iter().filter(|(_, source)| !source.text().is_empty()) {
        if own.contains(&file) || OF_APPS.contains(&source.kind) {
            continue;
        }
        for hit in search.find_iter(source.text()) {
            let (_, app) = keys[hit.pattern().as_usize()];
            let bytes = source.text().as_bytes();
            let before = hit.start().checked_sub(1).map(|at| bytes[at]);
            let is_longer = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
            let continues = |byte: Option<u8>| byte.is_some_and(is_longer);
            let after = bytes.get(hit.end()).copied();
            if continues(before) || after.is_some_and(|byte| byte != b'.' && is_longer(byte)) {
                continue;
            }
            if !files.insert((app, file)) {
                continue;
            }
            let place = Span::new(file, hit.start(), hit.end());
            let what = format!("{} with its consumer key", noun_of_file(source.kind));
            if let Some(callers) = found.get_mut(&app) {
                callers.insert((file, place), (AppCaller { what, place }, false));
            }
        }
    }
    finished(found)
}

fn finished(found: HashMap<Span, ByPlace>) -> HashMap<Span, Vec<(AppCaller, bool)>> {
    found.into_iter().map(|(app, callers)| (app, callers.into_values().collect())).collect()
}

fn noun_of(credential: &Component) -> &'static str {
    if credential.type_name == "NamedCredential" {
        "named credential"
    } else {
        "external credential"
    }
}

/// The files of external client apps, which have the key after the migration.
const OF_APPS: &[Kind] = &[
    Kind::ConnectedApp,
    Kind::ExternalClientApplication,
    Kind::ExtlClntAppGlobalOauthSettings,
    Kind::ExtlClntAppOauthSettings,
    Kind::ExtlClntAppOauthConfigurablePolicies,
    Kind::ExtlClntAppConfigurablePolicies,
    Kind::ExtlClntAppOauthSecuritySettings,
];

fn noun_of_file(kind: Kind) -> &'static str {
    match kind {
        Kind::Apex => "Apex",
        Kind::AuthProvider => "auth provider",
        Kind::ExternalAuthIdentityProvider => "external auth identity provider",
        Kind::ExternalCredential => "external credential",
        Kind::NamedCredential => "named credential",
        Kind::Description => "description",
        Kind::Export => "export",
        _ => "file",
    }
}

/// What behaves differently afterwards.
fn differences(
    app: &App,
    counterparts: &AppCounterparts<'_>,
    callers: &[(AppCaller, bool)],
    namesake: Option<&App>,
    is_packaged: bool,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut add = |text: &str, places: Vec<Span>| {
        found.push(Difference { text: text.to_owned(), places });
    };
    if is_packaged {
        add(
            "this project builds a package that contains the app, and Salesforce migrates only \
             local apps: if the app is not local, create an external client app instead, and ship \
             it in a new version of the package",
            vec![app.component.place],
        );
    }
    if let Some(other) = namesake {
        add(
            "there already is an external client app with this name: compare the consumer keys; \
             if they are equal, Salesforce has already migrated the app",
            vec![other.component.place],
        );
    }
    add(
        "Salesforce keeps the consumer key if it migrates the app itself, so callers do not change; \
         an app that is created from new files gets another key, which every caller would have to \
         use",
        callers.iter().map(|(caller, _)| caller.place).collect(),
    );
    add(
        "the connected app becomes read-only: changes to its file have no effect, and the external \
         client app has to be changed instead",
        vec![app.component.place],
    );
    add(
        "if the external client app is deleted, the connected app is active again, with the \
         settings of the day of the migration",
        Vec::new(),
    );
    add(
        "the username-password flow does not work with an external client app: move its callers to \
         another flow first",
        Vec::new(),
    );
    let shared: Vec<Span> =
        callers.iter().filter(|(_, shared)| *shared).map(|(caller, _)| caller.place).collect();
    add(
        "a local external client app is found only at the My Domain of its org: `login.salesforce.com` \
         and `test.salesforce.com` answer `app_not_found`, so change such token endpoints first",
        shared,
    );
    if !app.permission_sets.is_empty() {
        add(
            "approved permission sets are listed by name instead of by label",
            app.permission_sets.iter().map(|set| set.span).collect(),
        );
    }
    if !counterparts.unknown.is_empty() {
        add(
            "these scopes and permission sets are missing in the new files, because their names in \
             an external client app are unknown: compare them after the migration",
            counterparts.unknown.clone(),
        );
    }
    if app.oauth_switch("isPkceRequired").is_none() {
        add(
            "`isPkceRequired` is not in the file, and its default in an external client app is \
             `true`: check that clients of the authorization code flow send a code challenge",
            Vec::new(),
        );
    }
    add(
        "the app is missing in *Notification Delivery Settings* and in the assignment of connected \
         apps to briefcases",
        Vec::new(),
    );
    add(
        "other uses of the consumer key are not in these files, such as other systems, and Apex and \
         custom metadata that do not mention a credential: search for them",
        Vec::new(),
    );
    found
}

/// The order of the work.
fn steps(app: &App) -> Vec<String> {
    let name = app.name();
    let mut steps = vec![
        "try it in a sandbox first; you need the permission *Create, edit, and delete External \
         Client Apps*"
            .to_owned(),
        format!(
            "in the org of the app, open Setup > App Manager > `{name}`, and click *Migrate to \
             External Client App*; without the button, Salesforce cannot migrate this app"
        ),
        "confirm that the app is local and does not use the username-password flow, and click \
         *Migrate*; the window then links to the new external client app"
            .to_owned(),
        "read the new files (`sfcred pull ALIAS`), and compare them with `--diff`; retrieve them into \
         the project without `oauthLink`, and keep the consumer key out of version control"
            .to_owned(),
    ];
    steps.extend(last_steps(app));
    steps
}

/// What is left to do after Salesforce migrated the app.
fn steps_after(app: &App, successor: &App) -> Vec<String> {
    let compare = format!(
        "compare the settings of `{}` with the elements above, in Setup > External Client App \
         Manager > `{}`",
        successor.name(),
        successor.name()
    );
    std::iter::once(compare).chain(last_steps(app)).collect()
}

fn last_steps(app: &App) -> [String; 3] {
    let name = app.name();
    [
        "test every caller: a new setting can take up to 10 minutes to apply".to_owned(),
        format!(
            "if `sfcred.yaml` describes `{name}` under `connected_apps`, move it to \
             `external_client_apps`"
        ),
        format!(
            "remove the file of the connected app `{name}` from the project, but not the app from \
             the org"
        ),
    ]
}

/// How the files of the external client app would look.
fn files(name: &str, source: &Source, counterparts: AppCounterparts<'_>) -> Vec<NewFile> {
    let windows = source.text().contains("\r\n");
    counterparts
        .documents(name)
        .into_iter()
        .map(|(file, root)| {
            let text = document(root);
            let text = if windows { text.replace('\n', "\r\n") } else { text };
            let own = file.name(name);
            let path = beside(source, "connectedApps", file.folder, &own, file.suffix);
            NewFile { type_name: file.type_name, name: own, path, text }
        })
        .collect()
}
