//! `STEPS.md`: what to do in which order, with the commands and pages of this setup, what to check after each step, and how
//! to undo everything.

use super::answers::{Recipe, Target};
use super::metadata;
use super::setup::{ANSWERS, PRINCIPAL, PROFILE, Place, RETRIEVED, Setup, join, label};
use crate::model::AppKind;

/// The document, step by step.
struct Document {
    text: String,
    steps: u32,
}

impl Document {
    fn heading(&mut self, title: &str) {
        self.text.push_str(&format!("\n## {title}\n"));
    }

    fn step(&mut self, place: &Place, title: &str) {
        self.steps += 1;
        let heading = format!("{}. In `{}`: {title}", self.steps, place.name);
        self.heading(&heading);
    }

    fn paragraph(&mut self, text: &str) {
        self.text.push_str(&format!("\n{text}\n"));
    }

    fn list(&mut self, items: &[String]) {
        self.text.push('\n');
        for item in items {
            self.text.push_str(&format!("- {item}\n"));
        }
    }

    fn commands(&mut self, lines: &[String]) {
        self.text.push_str("\n```sh\n");
        for line in lines {
            self.text.push_str(&format!("{line}\n"));
        }
        self.text.push_str("```\n");
    }

    fn check(&mut self, text: &str) {
        self.paragraph(&format!("**Check:** {text}"));
    }
}

/// A word of a command, quoted if a shell would change it.
fn word(text: &str) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:@+=".contains(character);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        if "\"\\$`".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// Commands in the folder of a project, with the way there and back.
fn inside(setup: &Setup, project: &str, commands: &[String]) -> Vec<String> {
    let own = setup.layout.own.as_str();
    let (there, back) = match project.strip_prefix(own) {
        Some(below) => {
            let below = below.trim_start_matches('/');
            let back = vec![".."; below.split('/').count()].join("/");
            (below.to_owned(), back)
        }
        // The project is around the folder of the setup.
        None => (vec![".."; own.split('/').count()].join("/"), own.to_owned()),
    };
    let mut lines = vec![format!("cd {}", word(&there))];
    lines.extend(commands.iter().cloned());
    lines.push(format!("cd {}", word(&back)));
    lines
}

/// From the project of an org to the folder of what was retrieved.
fn retrieved(setup: &Setup, project: &str) -> String {
    let own = setup.layout.own.as_str();
    match project.strip_prefix(own) {
        Some(below) => {
            let depth = below.trim_start_matches('/').split('/').count();
            join(&vec![".."; depth].join("/"), RETRIEVED)
        }
        None => join(own, RETRIEVED),
    }
}

fn open(place: &Place, path: &str) -> String {
    format!("sf org open --target-org {} --path {path}", word(&place.alias))
}

fn deploy(place: &Place, manifest: &str) -> Vec<String> {
    let alias = word(&place.alias);
    let start =
        format!("sf project deploy start --target-org {alias} --manifest {}", word(manifest));
    vec![format!("{start} --dry-run"), start]
}

fn assign(place: &Place, set: &str, user: Option<&str>) -> String {
    let alias = word(&place.alias);
    let start = format!("sf org assign permset --target-org {alias} --name {set}");
    match user {
        Some(user) => format!("{start} --on-behalf-of {}", word(user)),
        None => start,
    }
}

fn retrieve(place: &Place, component: &str, folder: &str) -> String {
    format!(
        "sf project retrieve start --target-org {} --metadata {component} --target-metadata-dir {folder} --zip-file-name {}.zip",
        word(&place.alias),
        place.name
    )
}

/// A query for users or assignments. Usernames may contain apostrophes.
fn query(place: &Place, soql: &str) -> String {
    format!("sf data query --target-org {} --query \"{soql}\"", word(&place.alias))
}

fn soql(text: &str) -> String {
    format!("'{}'", text.replace('\'', "\\'"))
}

const CERTIFICATES: &str = "/lightning/setup/CertificatesAndKeysManagement/home";
const CREDENTIALS: &str = "/lightning/setup/NamedCredential/home";
const USERS: &str = "/lightning/setup/ManageUsers/home";
const SETS: &str = "/lightning/setup/PermSets/home";
const CLIENT_APPS: &str = "/lightning/setup/ManageExternalClientApplication/home";
const APP_MANAGER: &str = "/lightning/setup/NavigationMenus/home";

pub fn text(setup: &Setup) -> String {
    let mut document = Document { text: String::new(), steps: 0 };
    introduction(setup, &mut document);
    log_in(setup, &mut document);
    if setup.signs() {
        certificate(setup, &mut document);
    }
    if let Some(called) = setup.called() {
        user(setup, called, &mut document);
        app(setup, called, &mut document);
        approve(setup, called, &mut document);
        if setup.signs() {
            consumer_key(setup, called, &mut document);
        }
    }
    credential(setup, &mut document);
    secrets(setup, &mut document);
    callers(setup, &mut document);
    test(setup, &mut document);
    afterwards(setup, &mut document);
    undo(setup, &mut document);
    document.text
}

fn introduction(setup: &Setup, document: &mut Document) {
    let name = setup.qualified(&setup.name);
    let what = match setup.target {
        Target::Org => "Callouts to another org",
        Target::OwnOrg => "Callouts of an org to itself",
        Target::Service => "Callouts to another service",
    };
    document.text = format!("# {}: {}\n", label(&setup.name), what.to_lowercase());
    let how = match setup.recipe {
        Recipe::JwtBearer => {
            "For each login, Salesforce signs a token (JWT) with a private key that never leaves the calling org. No secret is shared, typed or stored anywhere."
        }
        Recipe::ClientCredentials => {
            "Salesforce logs in with a client ID and a client secret, which you enter once in Setup. They are in no file."
        }
        Recipe::AuthorizationCode => {
            "Somebody logs in once in a browser, and Salesforce renews that login. The client ID and secret are entered in Setup. They are in no file."
        }
        Recipe::ApiKey => {
            "Salesforce sends an API key in a header. You enter the key once in Setup. It is in no file."
        }
        Recipe::Basic => {
            "Salesforce sends a username and a password. You enter them once in Setup. They are in no file."
        }
        Recipe::Aws => {
            "Salesforce signs each request with an AWS access key (Signature Version 4). You enter the key once in Setup. It is in no file."
        }
    };
    document.paragraph(&format!(
        "When all steps are done, Apex in the calling org can call `callout:{name}/…`. {how}"
    ));
    let mut rows = vec![format!(
        "| `{}` | {} | `{}` | calling org: makes the callouts, run by `{}` |",
        setup.hub.name, setup.hub.my_domain, setup.hub.alias, setup.caller
    )];
    match (&setup.spoke, setup.target) {
        (Some(spoke), _) => rows.push(format!(
            "| `{}` | {} | `{}` | target org: is called, logged in to as `{}` |",
            spoke.name, spoke.my_domain, spoke.alias, setup.integration_user
        )),
        (None, Target::OwnOrg) => rows.push(format!(
            "| `{}` | the same org | | target org as well: logged in to as `{}` |",
            setup.hub.name, setup.integration_user
        )),
        (None, Target::Org | Target::Service) => {
            rows.push(format!("| the service | {} | | is called |", setup.url));
        }
    }
    document.paragraph(&format!(
        "| | address | alias in `sf` | |\n| --- | --- | --- | --- |\n{}",
        rows.join("\n")
    ));
    document.paragraph(&format!(
        "Do the steps in order. Run every command in the folder of this file; the `cd` lines change to a project folder and back. `sf org open` opens a page of Setup in your browser. If a check fails, do not go on: `sfcred lint` and `sfcred trace {}` show what does not fit together. You need the [Salesforce CLI](https://developer.salesforce.com/tools/salesforcecli) (`sf`), sfcred, and an administrator's login to {}.",
        setup.name,
        if setup.spoke.is_some() { "both orgs" } else { "the org" }
    ));
    if setup.layout.has_description {
        document.paragraph(&format!(
            "This project has a description already, which is never changed automatically. Add these entries to it before you begin:\n\n```yaml\n{}```",
            setup.description()
        ));
    } else {
        document.paragraph(
            "`sfcred.yaml` describes the users and assignments as they are after the last step. Change it if you do something differently.",
        );
    }
}

fn log_in(setup: &Setup, document: &mut Document) {
    document.heading(match setup.spoke.is_some() {
        true => "Before you begin: log in to both orgs",
        false => "Before you begin: log in to the org",
    });
    let places: Vec<&Place> = std::iter::once(&setup.hub).chain(&setup.spoke).collect();
    let lines: Vec<String> = places
        .iter()
        .map(|place| {
            format!(
                "sf org login web --alias {} --instance-url {}",
                word(&place.alias),
                place.my_domain
            )
        })
        .collect();
    document.paragraph(
        "Each command opens a browser. Skip it for an alias that `sf org list` shows as connected.",
    );
    document.commands(&lines);
    let checks: Vec<String> = places
        .iter()
        .map(|place| format!("sf org display --target-org {}", word(&place.alias)))
        .collect();
    document.check("the *Instance Url* that is shown is the address in the table above.");
    document.commands(&checks);
}

fn certificate(setup: &Setup, document: &mut Document) {
    let hub = &setup.hub;
    let name = &setup.certificate;
    let retrieve =
        retrieve(hub, &format!("Certificate:{name}"), &retrieved(setup, setup.hub_project()));
    if setup.certificate_body.is_some() {
        document.step(hub, "check the certificate");
        document.paragraph(&format!(
            "The certificate is in these files already. Its private key must be in the org: in Setup > Security > Certificate and Key Management, `{name}` must be listed under *Unique Name* with the same expiration date as in `certs/{name}.crt-meta.xml`. If only your machine has the private key, import it there from a Java keystore (*Import from Keystore*)."
        ));
        document.commands(&[open(hub, CERTIFICATES)]);
        return;
    }
    if setup.reuses_certificate {
        document.step(hub, "read the certificate");
        document.paragraph(&format!(
            "The credential signs with the certificate `{name}`, which the org has already. Its public part is needed in the app that trusts it."
        ));
    } else {
        document.step(hub, "create the certificate");
        document.paragraph("In Setup > Security > Certificate and Key Management, click *Create Self-Signed Certificate* and enter these values. For production, your security team may require a certificate signed by an authority: click *Create CA-Signed Certificate* instead, with the same names, and upload the signed certificate before you go on.");
        document.list(&[
            format!("*Label*: `{}`", label(name)),
            format!("*Unique Name*: `{name}`, exactly like this"),
            "*Key Size*: 2048".to_owned(),
            "*Exportable Private Key*: not selected".to_owned(),
        ]);
        document.commands(&[open(hub, CERTIFICATES)]);
        document.paragraph(
            "Why this is not deployed: metadata never contains a private key, so each deployment of a certificate makes a new key pair.",
        );
        document.paragraph("Then read the public certificate back, and let sfcred fill it in:");
    }
    let mut lines = inside(setup, setup.hub_project(), &[retrieve]);
    lines.push("sfcred new --resume".to_owned());
    document.commands(&lines);
    document.paragraph("If you downloaded the certificate from Setup instead, run `sfcred new --resume --certificate FILE` with the path of the downloaded file.");
    let rest = match setup.consumer_key {
        Some(_) => "",
        None => " The consumer key is still missing; a later step fills it in.",
    };
    document.check(&format!(
        "`sfcred new --resume` says that it filled in the certificate, and `certs/{name}.crt` exists.{rest}"
    ));
}

fn user(setup: &Setup, called: &Place, document: &mut Document) {
    let user = &setup.integration_user;
    document.step(called, "create the integration user");
    match setup.recipe {
        Recipe::AuthorizationCode => document.paragraph(&format!(
            "The callouts run as `{user}`. If the user does not exist, create it in Setup > Users > Users > New User. It must be able to log in with a browser once, so it cannot have an API-only profile. Give it as few permissions as possible."
        )),
        Recipe::JwtBearer
        | Recipe::ClientCredentials
        | Recipe::ApiKey
        | Recipe::Basic
        | Recipe::Aws => {
            document.paragraph(&format!(
                "The callouts run as `{user}`. If the user does not exist, create it in Setup > Users > Users > New User:"
            ));
            document.list(&[
                format!("*Username*: `{user}` (a username is unique in all of Salesforce, and need not be a mailbox)"),
                "*Email*: a mailbox that your team reads".to_owned(),
                "*User License*: Salesforce Integration".to_owned(),
                format!("*Profile*: {PROFILE}"),
            ]);
            document.paragraph(
                "If the org has no free *Salesforce Integration* license, any license will do; choose the profile with the fewest permissions, and write its name into `sfcred.yaml`. Users are not metadata, so they cannot be deployed.",
            );
        }
    }
    document.commands(&[open(called, USERS)]);
    document.check("the query returns one row, and *IsActive* is true.");
    document.commands(&[query(
        called,
        &format!(
            "SELECT Username, IsActive, Profile.Name FROM User WHERE Username = {}",
            soql(user)
        ),
    )]);
}

fn app_project(setup: &Setup) -> String {
    match setup.target {
        Target::Org => setup.spoke_project(),
        Target::OwnOrg | Target::Service => setup.hub_project().to_owned(),
    }
}

fn app(setup: &Setup, called: &Place, document: &mut Document) {
    let (app, set) = (&setup.app, setup.access_set());
    let (noun, page) = match setup.app_kind {
        AppKind::ConnectedApp => ("connected app", "Setup > Apps > App Manager"),
        AppKind::ExternalClientApp => (
            "external client app",
            "Setup > Apps > External Client Apps > External Client App Manager",
        ),
    };
    document.step(called, &format!("deploy the {noun}"));
    document.paragraph(&format!(
        "This creates the {noun} `{app}` and the permission set `{set}`. Only users with that permission set can use the app. The first command only validates; the second one deploys. Both must end with *Status: Succeeded*."
    ));
    if setup.app_kind == AppKind::ConnectedApp {
        document.paragraph(
            "Many orgs can no longer create connected apps: if the check says so, write the setup with an external client app instead (`--app external-client-app`), or ask Salesforce Support.",
        );
    }
    let commands = deploy(called, &setup.app_manifest());
    document.commands(&inside(setup, &app_project(setup), &commands));
    if setup.app_kind == AppKind::ConnectedApp && setup.consumer_key.is_some() {
        document.paragraph(&format!(
            "When the second command has succeeded, delete the line `<consumerKey>…</consumerKey>` from `{}`: Salesforce accepts a consumer key only when it creates the app, and refuses every later deployment that contains one.",
            relative(setup, &format!("{}/connectedApps/{app}.connectedApp-meta.xml", setup.app_metadata()))
        ));
    }
    document.check(&format!(
        "`{app}` is listed in {page}, and *Permitted Users* in its policies is *Admin approved users are pre-authorized*."
    ));
    document.commands(&[open(
        called,
        match setup.app_kind {
            AppKind::ConnectedApp => APP_MANAGER,
            AppKind::ExternalClientApp => CLIENT_APPS,
        },
    )]);
}

/// A path relative to the folder of the steps.
fn relative(setup: &Setup, path: &str) -> String {
    let own = setup.layout.own.as_str();
    match path.strip_prefix(own) {
        Some(below) if own.is_empty() || below.starts_with('/') => {
            below.trim_start_matches('/').to_owned()
        }
        _ => join(&vec![".."; own.split('/').count()].join("/"), path),
    }
}

fn approve(setup: &Setup, called: &Place, document: &mut Document) {
    let (user, set) = (&setup.integration_user, setup.access_set());
    document.step(called, "approve the integration user");
    document.paragraph(&format!(
        "Whoever has the permission set `{set}` may use the app. Assignments are not metadata, so they cannot be deployed."
    ));
    document.commands(&[assign(called, &set, Some(user))]);
    document.paragraph("The permission set allows API logins and nothing else. Add the objects and fields that the callouts need to it, or to another permission set of this user. With the license *Salesforce Integration*, first assign the permission set license *Salesforce API Integration* to the user (Setup > Users > Users > the user > Permission Set License Assignments).");
    document.check("the query returns one row.");
    document.commands(&[assignment(called, user, &set)]);
}

fn assignment(place: &Place, user: &str, set: &str) -> String {
    query(
        place,
        &format!(
            "SELECT Id FROM PermissionSetAssignment WHERE Assignee.Username = {} AND PermissionSet.Name = '{set}'",
            soql(user)
        ),
    )
}

fn consumer_key(setup: &Setup, called: &Place, document: &mut Document) {
    if setup.consumer_key.is_some() {
        return;
    }
    let app = &setup.app;
    document.step(called, "read the consumer key");
    let (component, where_) = match setup.app_kind {
        AppKind::ConnectedApp => (
            format!("ConnectedApp:{app}"),
            "App Manager > the app > View > Manage Consumer Details",
        ),
        AppKind::ExternalClientApp => (
            format!("ExtlClntAppGlobalOauthSettings:{}", metadata::global_settings_name(app)),
            "External Client App Manager > the app > Settings > OAuth Settings > Consumer Key and Secret",
        ),
    };
    document.paragraph(
        "Salesforce generated the consumer key of the app. It is the issuer (`iss`) of the JWT. sfcred reads it from a retrieve and writes it into the external credential:",
    );
    let project = app_project(setup);
    let command = retrieve(called, &component, &retrieved(setup, &project));
    let mut lines = inside(setup, &project, &[command]);
    lines.push("sfcred new --resume".to_owned());
    document.commands(&lines);
    document.paragraph(&format!(
        "If the retrieve does not contain the key, copy it from {where_}, and run `sfcred new --resume --consumer-key KEY`."
    ));
    document.check(
        "`sfcred lint` reports no error, and the trace ends with *The callout would work*. The files of both orgs now fit together; the next steps bring them into the calling org.",
    );
    document.commands(&trace(setup));
}

fn trace(setup: &Setup) -> Vec<String> {
    let path = if setup.layout.own.is_empty() {
        String::new()
    } else {
        format!(" {}", vec![".."; setup.layout.own.split('/').count()].join("/"))
    };
    vec![format!("sfcred lint{path}"), format!("sfcred trace {}{path}", setup.name)]
}

fn credential(setup: &Setup, document: &mut Document) {
    document.step(&setup.hub, "deploy the credential");
    let provider = match setup.recipe {
        Recipe::AuthorizationCode => {
            format!(", the external auth identity provider `{}`", setup.provider())
        }
        Recipe::JwtBearer
        | Recipe::ClientCredentials
        | Recipe::ApiKey
        | Recipe::Basic
        | Recipe::Aws => String::new(),
    };
    document.paragraph(&format!(
        "This creates the named credential `{0}`, the external credential `{0}` with the principal `{PRINCIPAL}`{provider}, and the permission set `{1}`. The first command only validates; the second one deploys. Both must end with *Status: Succeeded*.",
        setup.name,
        setup.callout_set()
    ));
    let commands = deploy(&setup.hub, &setup.manifest());
    document.commands(&inside(setup, setup.hub_project(), &commands));
    document.check(&format!(
        "`{}` is listed in Setup > Security > Named Credentials, on the tabs *Named Credentials* and *External Credentials*.",
        label(&setup.name)
    ));
    document.commands(&[open(&setup.hub, CREDENTIALS)]);
}

fn secrets(setup: &Setup, document: &mut Document) {
    let hub = &setup.hub;
    let label = label(&setup.name);
    let key_of_app = match setup.app_kind {
        AppKind::ConnectedApp => {
            "Setup > Apps > App Manager > the app > View > Manage Consumer Details"
        }
        AppKind::ExternalClientApp => {
            "Setup > Apps > External Client Apps > External Client App Manager > the app > Settings > OAuth Settings > Consumer Key and Secret"
        }
    };
    let from = match setup.called() {
        Some(called) => format!(
            "the consumer key and the consumer secret of the app `{}` (in `{}`: {key_of_app}; Salesforce sends you a code by email first)",
            setup.app, called.name
        ),
        None => "the client ID and the client secret that the service gave you".to_owned(),
    };
    let principal = format!(
        "Setup > Security > Named Credentials > External Credentials > *{label}* > Principals > `{PRINCIPAL}` > Edit > Authentication Parameters"
    );
    match setup.recipe {
        Recipe::JwtBearer => return,
        Recipe::ClientCredentials => {
            document.step(hub, "enter the client ID and the client secret");
            document.paragraph(&format!(
                "Open {principal}. Enter {from} as *Client Id* and *Client Secret*. They are kept encrypted and cannot be read back, and they are in no metadata."
            ));
            document.check("*Authentication Status* of the principal is *Configured*.");
        }
        Recipe::AuthorizationCode => {
            document.step(hub, "enter the client ID and the client secret, and log in once");
            document.paragraph(&format!(
                "Open Setup > Security > Named Credentials > External Auth Identity Providers > *{}*. Enter {from} as *Client ID* and *Client Secret*.",
                super::setup::label(&setup.provider())
            ));
            let callback = metadata::callback(setup);
            match setup.called() {
                Some(_) => document.paragraph(&format!(
                    "The page shows a *Callback URL*. It must be the one of the app, `{callback}`; if it differs, write it into the file of the app and deploy that again."
                )),
                None => document.paragraph(&format!(
                    "The page shows a *Callback URL*, usually `{callback}`. Register it at the service."
                )),
            }
            let who = match setup.called() {
                Some(_) => format!("`{}`", setup.integration_user),
                None => "the account that the callouts use".to_owned(),
            };
            let whose = match (setup.target, setup.called()) {
                (Target::Org, Some(called)) => format!(
                    " If you are logged in to `{}` in the same browser, log out of it first: otherwise your own login is used, and the app refuses it.",
                    called.name
                ),
                (Target::OwnOrg, _) => " Your browser is logged in as your own user: choose *Log In with a Different Username* or *Not you?* on that page, otherwise the app refuses the login.".to_owned(),
                (Target::Org, None) | (Target::Service, _) => String::new(),
            };
            document.paragraph(&format!(
                "Then open Setup > Security > Named Credentials > External Credentials > *{label}* > Principals > `{PRINCIPAL}` > Authenticate, and log in as {who} on the page that opens.{whose}"
            ));
            document.check("*Authentication Status* of the principal is *Configured*.");
        }
        Recipe::ApiKey => {
            document.step(hub, "enter the API key");
            document.paragraph(&format!(
                "Open {principal}. Add a parameter with the name `ApiKey`, exactly like this, and the API key as its value. It is sent in the header `{}`. The value is kept encrypted and cannot be read back, and it is in no metadata.",
                setup.header
            ));
            document.check("the parameter `ApiKey` is listed. *Authentication Status* stays *Unknown* for this protocol.");
        }
        Recipe::Basic => {
            document.step(hub, "enter the username and the password");
            document.paragraph(&format!(
                "Open {principal}. Enter the *Username* and the *Password* of the service. The password is kept encrypted and cannot be read back, and it is in no metadata."
            ));
            document.check("*Authentication Status* of the principal is *Configured*.");
        }
        Recipe::Aws => {
            document.step(hub, "enter the access key");
            document.paragraph(&format!(
                "In AWS, create an IAM user that may do only what the callouts need in `{}` ({}), and an access key for it. Open {principal}. Enter the *Access Key ID* and the *Secret Access Key*. They are kept encrypted and cannot be read back, and they are in no metadata.",
                setup.aws_service, setup.aws_region
            ));
            document.check("*Authentication Status* of the principal is *Configured*.");
        }
    }
    document.commands(&[open(hub, CREDENTIALS)]);
}

fn callers(setup: &Setup, document: &mut Document) {
    let (hub, set, caller) = (&setup.hub, setup.callout_set(), &setup.caller);
    document.step(hub, "let the callers use the credential");
    document.paragraph(&format!(
        "The first line is for `{caller}`, the second for your own user, who runs the test in the next step; skip the second if they are the same. Every other user whose transactions make the callout needs the permission set as well, and an entry in `callouts_run_as` and `assigned_to` of `sfcred.yaml`."
    ));
    document.commands(&[assign(hub, &set, Some(caller)), assign(hub, &set, None)]);
    document.check("the query returns one row.");
    document.commands(&[assignment(hub, caller, &set)]);
}

fn test(setup: &Setup, document: &mut Document) {
    document.step(&setup.hub, "make a callout");
    match setup.called() {
        Some(_) => document.paragraph(
            "A new app can need up to 10 minutes until every server accepts it. The test asks the target org who is logged in.",
        ),
        None => document.paragraph(&format!(
            "The test sends a GET request to `{}{}`. It proves something only if the service refuses the same request without a login.",
            setup.url, setup.path
        )),
    }
    document.commands(&[format!(
        "sf apex run --target-org {} --file smoke.apex",
        word(&setup.hub.alias)
    )]);
    match setup.called() {
        Some(called) => document.check(&format!(
            "the log contains `SMOKE TEST: 200`, the ID of the org `{}` (*Organization ID* in Setup > Company Settings > Company Information), and `{}`.",
            called.name, setup.integration_user
        )),
        None => document.check("the log contains `SMOKE TEST: 200`."),
    }
    document.paragraph(
        "If it fails, sfcred explains the message, and names the cause if it is in these files:",
    );
    let mut lines = vec![format!(
        "sf apex run --target-org {} --file smoke.apex > smoke.log",
        word(&setup.hub.alias)
    )];
    let path = trace(setup);
    let below = path.first().and_then(|line| line.strip_prefix("sfcred lint")).unwrap_or_default();
    lines.push(format!(
        "sfcred diagnose smoke.log{}",
        match below {
            "" => " .",
            other => other,
        }
    ));
    document.commands(&lines);
    document.paragraph(&format!(
        "The test runs as your own user. `{}` makes the real callouts, and needs the same permission set.",
        setup.caller
    ));
}

fn afterwards(setup: &Setup, document: &mut Document) {
    document.heading("Afterwards");
    let mut items = vec![format!(
        "Commit the metadata, `sfcred.yaml` and `{ANSWERS}`. Delete `smoke.log` and the folder `{RETRIEVED}`."
    )];
    if !setup.signs() {
        items = vec![format!(
            "Commit the metadata, `sfcred.yaml` and `{ANSWERS}`. Delete `smoke.log`."
        )];
    }
    items.push(format!(
        "In Apex, use the credential as in `smoke.apex`: `request.setEndpoint('callout:{}/…')`, with the rest of the URL in place of `…`.",
        setup.qualified(&setup.name)
    ));
    items.push(
        "Run `sfcred lint` in your build, so that a later change cannot break the setup unnoticed."
            .to_owned(),
    );
    if setup.signs() {
        items.push(format!(
            "The certificate expires: by default, a self-signed one after a year. `sfcred lint` warns before that. To replace it, create a certificate with another name, add it to the app, deploy the app, and only then change the external credential. Never delete `{}` before that.",
            setup.certificate
        ));
    }
    document.list(&items);
}

fn undo(setup: &Setup, document: &mut Document) {
    let hub = &setup.hub;
    document.heading("How to undo it");
    // A file in which one element stops all callouts, and its deployment.
    let mut stop =
        |place: &Place, project: &str, (sentence, file): (&str, &str), component: &str| {
            document
                .paragraph(&format!("{sentence} in `{}`, and deploy it:", relative(setup, file)));
            let deploy = format!(
                "sf project deploy start --target-org {} --metadata {component}",
                word(&place.alias)
            );
            document.commands(&inside(setup, project, &[deploy]));
        };
    let named = format!(
        "{}/namedCredentials/{}.namedCredential-meta.xml",
        setup.hub_metadata(),
        setup.name
    );
    stop(
        hub,
        setup.hub_project(),
        ("To stop all callouts at once, set `<calloutStatus>` to `Disabled`", &named),
        &format!("NamedCredential:{}", setup.name),
    );
    if let Some(called) = setup.called() {
        match setup.app_kind {
            AppKind::ExternalClientApp => {
                let policies = format!(
                    "{}/extlClntAppPolicies/{}_plcy.ecaPlcy-meta.xml",
                    setup.app_metadata(),
                    setup.app
                );
                stop(
                    called,
                    &app_project(setup),
                    ("To refuse them in the target org, set `<isEnabled>` to `false`", &policies),
                    &format!("ExtlClntAppConfigurablePolicies:{}_plcy", setup.app),
                );
            }
            AppKind::ConnectedApp => document.paragraph(
                "To refuse them in the target org, open Setup > Apps > Connected Apps > Connected Apps OAuth Usage, and click *Block* for the app.",
            ),
        }
    }
    document.paragraph(
        "To remove everything, go backwards. First remove the assignments: Setup > Users > Permission Sets > the permission set > Manage Assignments. Then delete the components; the commands ask first, and delete the local files as well.",
    );
    let mut pages = vec![open(hub, SETS)];
    pages.extend(setup.spoke.as_ref().map(|spoke| open(spoke, SETS)));
    document.commands(&pages);
    let mut components = vec![
        format!("PermissionSet:{}", setup.callout_set()),
        format!("NamedCredential:{}", setup.name),
        format!("ExternalCredential:{}", setup.name),
    ];
    if setup.recipe == Recipe::AuthorizationCode {
        components.push(format!("ExternalAuthIdentityProvider:{}", setup.provider()));
    }
    let delete = |place: &Place, component: &str| {
        format!(
            "sf project delete source --target-org {} --metadata {component}",
            word(&place.alias)
        )
    };
    let lines: Vec<String> = components.iter().map(|component| delete(hub, component)).collect();
    document.commands(&inside(setup, setup.hub_project(), &lines));
    if let Some(called) = setup.called() {
        let app = match setup.app_kind {
            AppKind::ConnectedApp => format!("ConnectedApp:{}", setup.app),
            AppKind::ExternalClientApp => format!("ExternalClientApplication:{}", setup.app),
        };
        document.paragraph(
            "Deleting the app makes its consumer key invalid for good; an app with the same name gets another one.",
        );
        let lines = [
            delete(called, &app),
            delete(called, &format!("PermissionSet:{}", setup.access_set())),
        ];
        document.commands(&inside(setup, &app_project(setup), &lines));
    }
    if setup.signs() && !setup.reuses_certificate {
        document.paragraph(&format!(
            "Last, delete the certificate `{}` in Setup > Security > Certificate and Key Management, if nothing else uses it, and deactivate `{}` in the target org.",
            setup.certificate, setup.integration_user
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_word_as_it_was() {
        assert_eq!(word("../my-app"), "../my-app");
        assert_eq!(word("o'neill@acme.example"), "\"o'neill@acme.example\"");
        assert_eq!(word("a b$(c)`d`"), "\"a b\\$(c)\\`d\\`\"");
    }
}
