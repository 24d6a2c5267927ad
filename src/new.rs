//! Writes a credential setup from a few answers: metadata for both orgs, a description, a test and the steps in order.
//! Everything here is pure: answers in, the contents of files out.

mod answers;
mod metadata;
mod resume;
mod setup;
mod steps;

use std::collections::BTreeMap;

pub use answers::{Answer, Answers, Problem, Recipe, Target, parse};
pub use resume::{Facts, Filled, PublicCertificate, candidates, certificate_paths, resume};
pub use setup::{ANSWERS, KEY_PLACEHOLDER, Layout, RETRIEVED, Setup};
use setup::{SMOKE_TEST, join};

use crate::init;
use crate::schema;
use resume::certificate_files;

/// The name of the file with the steps.
pub const STEPS: &str = "STEPS.md";

/// Every file of a new setup, by its path relative to the base of the layout.
pub fn files(setup: &Setup, answers: &Answers, facts: &Facts) -> BTreeMap<String, String> {
    let mut setup = setup.clone();
    setup.consumer_key = setup.consumer_key.or_else(|| facts.consumer_key.clone());
    setup.certificate_body = facts.certificate.as_ref().map(|found| found.base64.clone());
    let setup = &setup;
    let mut files = BTreeMap::new();
    let credential = metadata::of_credential(setup);
    let app = metadata::of_app(setup);
    let hub_manifest = join(setup.hub_project(), &setup.manifest());
    files.insert(hub_manifest, metadata::manifest(&credential, &setup.api_version));
    if setup.called().is_some() {
        let project = match setup.target {
            Target::Org => setup.spoke_project(),
            Target::OwnOrg | Target::Service => setup.hub_project().to_owned(),
        };
        let manifest = metadata::manifest(&app, &setup.api_version);
        files.insert(join(&project, &setup.app_manifest()), manifest);
    }
    files.extend(credential.into_iter().chain(app).map(|one| (one.path, one.text)));
    files.extend(certificate_files(setup, facts));
    if setup.layout.packages.is_empty() {
        let namespace = setup.namespace.as_deref().unwrap_or_default();
        let project = project(namespace, &setup.api_version);
        files.insert(join(setup.hub_project(), "sfdx-project.json"), project);
        if setup.signs() {
            // A deployment of a certificate creates another key pair.
            let ignored = "**/certs/**\n".to_owned();
            files.insert(join(setup.hub_project(), ".forceignore"), ignored);
        }
    }
    if setup.spoke.is_some() {
        let project = project("", &setup.api_version);
        files.insert(join(&setup.spoke_project(), "sfdx-project.json"), project);
    }
    if !setup.layout.has_description {
        let url = schema::DESCRIPTION.url;
        let text = format!(
            "# yaml-language-server: $schema={url}\n# The orgs of this setup, and what their metadata does not contain, as it is once all steps of {STEPS} are done.\n{}",
            setup.description()
        );
        files.insert(init::DESCRIPTION.to_owned(), text);
    }
    let own = &setup.layout.own;
    if setup.signs() {
        // What is retrieved contains the consumer key.
        files.insert(join(own, &format!("{RETRIEVED}/.gitignore")), "*\n".to_owned());
    }
    files.insert(join(own, SMOKE_TEST), smoke_test(setup));
    files.insert(join(own, ANSWERS), answers.text());
    files.insert(join(own, STEPS), steps::text(setup));
    files
}

fn project(namespace: &str, api_version: &str) -> String {
    format!(
        "{{\n    \"packageDirectories\": [\n        {{\n            \"path\": \"force-app\",\n            \"default\": true\n        }}\n    ],\n    \"namespace\": \"{namespace}\",\n    \"sourceApiVersion\": \"{api_version}\"\n}}\n"
    )
}

/// Anonymous Apex that makes one callout. It prints no body: that of a refused login can contain anything.
fn smoke_test(setup: &Setup) -> String {
    let name = setup.qualified(&setup.name);
    let path = &setup.path;
    let (about, result, shown) = match setup.target {
        Target::Org | Target::OwnOrg => (
            "// Asks the target org who is logged in: an answer needs a valid access token.\n// Prints the status, the ID of the org and the username.",
            "Map<String, Object> result = response.getStatusCode() == 200\n    ? (Map<String, Object>) JSON.deserializeUntyped(response.getBody())\n    : new Map<String, Object>();\n",
            " + ' ' + result.get('organization_id') + ' ' + result.get('preferred_username')",
        ),
        Target::Service => {
            ("// Makes one callout to the service, and prints only its status.", "", "")
        }
    };
    format!(
        "{about}\nHttpRequest request = new HttpRequest();\nrequest.setEndpoint('callout:{name}{path}');\nrequest.setMethod('GET');\nHttpResponse response = new Http().send(request);\n{result}System.debug('SMOKE TEST: ' + response.getStatusCode(){shown});\nSystem.assertEquals(200, response.getStatusCode());\n"
    )
}
