//! A setup with everything that follows from the answers: names, hosts and folders.

use super::answers::{APPS, Answer, Answers, Recipe, Target};
use crate::init;
use crate::model::{AppKind, Host, Url};

/// In place of the consumer key, until `sfcred new --resume` fills it in.
pub const KEY_PLACEHOLDER: &str = "REPLACE_ME_WITH_THE_CONSUMER_KEY";
/// The test.
pub const SMOKE_TEST: &str = "smoke.apex";
/// The name of the only principal.
pub const PRINCIPAL: &str = "Integration";
/// The file of answers.
pub const ANSWERS: &str = "sfcred-new.yaml";
/// The folder of what is retrieved for `sfcred new --resume`.
pub const RETRIEVED: &str = "retrieved";

/// Where the files go. All paths are relative to one folder, the base, with `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The folder of the setup; empty if it is the base.
    pub own: String,
    /// The package directories of the project that exists in the base, the default one first. Empty for a new project.
    pub packages: Vec<String>,
    /// Whether a description exists in the base.
    pub has_description: bool,
}

/// One org of the setup.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its name in the description.
    pub name: &'static str,
    pub alias: String,
    /// `https://` and its host.
    pub my_domain: String,
}

/// A setup to write.
#[derive(Clone, Debug)]
pub struct Setup {
    pub recipe: Recipe,
    pub target: Target,
    pub app_kind: AppKind,
    /// The calling org.
    pub hub: Place,
    /// The org that is called, if it is another one.
    pub spoke: Option<Place>,
    /// The named and the external credential.
    pub name: String,
    /// The app in the target org.
    pub app: String,
    pub certificate: String,
    pub reuses_certificate: bool,
    pub integration_user: String,
    pub caller: String,
    pub contact_email: String,
    pub url: String,
    pub token_url: String,
    pub authorize_url: String,
    pub scope: String,
    pub header: String,
    pub aws_region: String,
    pub aws_service: String,
    pub path: String,
    pub consumer_key: Option<String>,
    pub namespace: Option<String>,
    pub api_version: String,
    pub layout: Layout,
    /// The public certificate in base64, on one line.
    pub certificate_body: Option<String>,
}

impl Setup {
    /// The answers are [complete](Answers::completed).
    pub fn new(answers: &Answers, layout: Layout) -> Setup {
        let text = |answer| answers.get(answer).unwrap_or_default().to_owned();
        let some = |answer| answers.get(answer).map(str::to_owned);
        let target = answers.target();
        let hub = Place {
            name: match target {
                Target::Org => "hub",
                Target::OwnOrg | Target::Service => "org",
            },
            alias: text(Answer::HubAlias),
            my_domain: text(Answer::Hub),
        };
        let spoke = (target == Target::Org).then(|| Place {
            name: "spoke",
            alias: text(Answer::SpokeAlias),
            my_domain: text(Answer::Spoke),
        });
        let called = spoke.as_ref().map_or(&hub.my_domain, |spoke| &spoke.my_domain).clone();
        let is_service = target == Target::Service;
        let or_of = |answer, path: &str| match is_service {
            true => text(answer),
            false => format!("{called}{path}"),
        };
        let app_kind = match text(Answer::App) == APPS[1] {
            true => AppKind::ConnectedApp,
            false => AppKind::ExternalClientApp,
        };
        let app = match target {
            Target::Org => super::answers::name_of(&hub.my_domain),
            Target::OwnOrg | Target::Service => format!("{}_App", text(Answer::Name)),
        };
        Setup {
            recipe: answers.recipe(),
            target,
            app_kind,
            app,
            name: text(Answer::Name),
            certificate: text(Answer::CertificateName),
            reuses_certificate: answers.get(Answer::ReuseCertificate).is_some(),
            integration_user: text(Answer::IntegrationUser),
            caller: text(Answer::Caller),
            contact_email: text(Answer::ContactEmail),
            url: or_of(Answer::Url, ""),
            token_url: or_of(Answer::TokenUrl, "/services/oauth2/token"),
            authorize_url: or_of(Answer::AuthorizeUrl, "/services/oauth2/authorize"),
            scope: if is_service { text(Answer::Scope) } else { "api refresh_token".to_owned() },
            header: text(Answer::Header),
            aws_region: text(Answer::AwsRegion),
            aws_service: text(Answer::AwsService),
            path: if is_service {
                text(Answer::Path)
            } else {
                "/services/oauth2/userinfo".to_owned()
            },
            consumer_key: some(Answer::ConsumerKey),
            namespace: some(Answer::Namespace),
            api_version: text(Answer::ApiVersion),
            layout,
            certificate_body: None,
            hub,
            spoke,
        }
    }

    /// The org with the app; `None` if a service is called.
    pub fn called(&self) -> Option<&Place> {
        match self.target {
            Target::Org => self.spoke.as_ref(),
            Target::OwnOrg => Some(&self.hub),
            Target::Service => None,
        }
    }

    /// The host that is called.
    pub fn called_host(&self) -> Host {
        Host::parse(&Url::parse(&self.url).host)
    }

    /// Whether the hub signs.
    pub fn signs(&self) -> bool {
        self.recipe == Recipe::JwtBearer
    }

    /// Whether a consumer key has to be chosen: Salesforce accepts one for a new connected app.
    pub fn chooses_key(&self) -> bool {
        self.called().is_some()
            && self.app_kind == AppKind::ConnectedApp
            && self.consumer_key.is_none()
    }

    /// The permission set that lets users of the hub make the callout.
    pub fn callout_set(&self) -> String {
        format!("{}_Callout", self.name)
    }

    /// The permission set of the integration user, which the app is limited to.
    pub fn access_set(&self) -> String {
        format!("{}_Access", self.app)
    }

    /// The external auth identity provider.
    pub fn provider(&self) -> String {
        format!("{}_Login", self.name)
    }

    /// A name as other components and Apex of the hub refer to it.
    pub fn qualified(&self, name: &str) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}__{name}"),
            None => name.to_owned(),
        }
    }

    /// The folder of the project of the hub, relative to the base; empty if it is the base.
    pub fn hub_project(&self) -> &str {
        if self.layout.packages.is_empty() { self.hub.name } else { "" }
    }

    /// The folder of the project of the spoke, relative to the base.
    pub fn spoke_project(&self) -> String {
        join(&self.layout.own, "spoke")
    }

    /// The folder of the metadata of the hub, relative to the base.
    pub fn hub_metadata(&self) -> String {
        let package = self.layout.packages.first().map_or("force-app", String::as_str);
        join(self.hub_project(), &join(package, "main/default"))
    }

    /// The folder of the metadata of the app, relative to the base.
    pub fn app_metadata(&self) -> String {
        match self.target {
            Target::Org => join(&self.spoke_project(), "force-app/main/default"),
            Target::OwnOrg | Target::Service => self.hub_metadata(),
        }
    }

    /// The manifest of the credential, relative to the project of the hub.
    pub fn manifest(&self) -> String {
        match self.layout.packages.is_empty() {
            true => "manifest/package.xml".to_owned(),
            false => format!("manifest/{}-package.xml", self.name),
        }
    }

    /// The manifest of the app, relative to its project.
    pub fn app_manifest(&self) -> String {
        match (self.target, self.layout.packages.is_empty()) {
            (Target::Org, _) => "manifest/package.xml".to_owned(),
            (Target::OwnOrg | Target::Service, true) => "manifest/app-package.xml".to_owned(),
            (Target::OwnOrg | Target::Service, false) => {
                format!("manifest/{}-package.xml", self.app)
            }
        }
    }

    /// The names and folders of the orgs in the description, relative to the base.
    pub fn description(&self) -> String {
        let scalar = |text: &str| init::scalar(text);
        let mut lines = vec!["orgs:".to_owned()];
        let mut org = |place: &Place, metadata: &[String]| {
            lines.push(format!("  {}:", place.name));
            let folders: Vec<String> = metadata.iter().map(|folder| scalar(folder)).collect();
            lines.push(match folders.as_slice() {
                [one] => format!("    metadata: {one}"),
                several => format!("    metadata: [{}]", several.join(", ")),
            });
            let host = Host::parse(&Url::parse(&place.my_domain).host);
            lines.extend(init::kind_of_host(&host).map(|kind| format!("    kind: {kind}")));
            lines.push(format!("    my_domain: {}", scalar(&place.my_domain)));
            if place.name == self.hub.name {
                lines.push(format!("    callouts_run_as: [{}]", scalar(&self.caller)));
                lines.push("    permission_sets:".to_owned());
                lines.push(format!(
                    "      {}: {{ assigned_to: [{}] }}",
                    self.callout_set(),
                    scalar(&self.caller)
                ));
            }
            if self.called().is_some_and(|called| called.name == place.name) {
                // People and other integrations use the org as well.
                lines.push("    other_users: unknown".to_owned());
                lines.push("    users:".to_owned());
                lines.push(format!("      {}:", scalar(&self.integration_user)));
                match self.recipe {
                    Recipe::JwtBearer | Recipe::ClientCredentials => {
                        lines.push(format!("        profile: {PROFILE}"));
                    }
                    Recipe::AuthorizationCode | Recipe::ApiKey | Recipe::Basic | Recipe::Aws => {}
                }
                lines.push(format!("        permission_sets: [{}]", self.access_set()));
                if self.signs() {
                    // The file of the app must not contain its key for long.
                    lines.push(match self.app_kind {
                        AppKind::ConnectedApp => "    connected_apps:".to_owned(),
                        AppKind::ExternalClientApp => "    external_client_apps:".to_owned(),
                    });
                    let key = self.consumer_key.as_deref().unwrap_or(KEY_PLACEHOLDER);
                    lines.push(format!("      {}: {{ consumer_key: {} }}", self.app, scalar(key)));
                }
            }
        };
        let mut folders = match self.layout.packages.is_empty() {
            true => vec![self.hub.name.to_owned()],
            false => self.layout.packages.clone(),
        };
        folders.push(join(&self.layout.own, SMOKE_TEST));
        org(&self.hub, &folders);
        if let Some(spoke) = &self.spoke {
            org(spoke, &[self.spoke_project()]);
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

/// The profile of an integration user.
pub const PROFILE: &str = "Minimum Access - API Only Integrations";

/// A path in a folder; an empty folder is the base.
pub fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// A label for an API name.
pub fn label(name: &str) -> String {
    name.replace('_', " ")
}
