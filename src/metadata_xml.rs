//! Writes metadata XML in the form in which the Salesforce CLI retrieves it: elements, and the parts that all credentials have.

use quick_xml::escape::escape;

/// The group of the parameters of an external credential that belong to no principal.
pub const DEFAULT_GROUP: &str = "DefaultGroup";

/// An element with text or with other elements.
pub struct Element {
    name: &'static str,
    content: Content,
}

enum Content {
    Text(String),
    Elements(Vec<Element>),
}

impl Element {
    /// Whether it has this name.
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

pub fn leaf(name: &'static str, text: &str) -> Element {
    Element { name, content: Content::Text(text.to_owned()) }
}

pub fn node(name: &'static str, elements: Vec<Element>) -> Element {
    Element { name, content: Content::Elements(elements) }
}

/// The elements in the order in which the Salesforce CLI retrieves them.
pub fn sorted(mut elements: Vec<Element>) -> Vec<Element> {
    elements.sort_by_key(|element| element.name);
    elements
}

/// A file of metadata.
pub fn document(root: Element) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let attribute = " xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    write(&root, attribute, 0, &mut text);
    text
}

fn write(element: &Element, attribute: &str, depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    let name = element.name;
    match &element.content {
        Content::Text(content) => {
            let content = escape(content.as_str());
            text.push_str(&format!("{indent}<{name}>{content}</{name}>\n"));
        }
        Content::Elements(elements) => {
            text.push_str(&format!("{indent}<{name}{attribute}>\n"));
            for element in elements {
                write(element, "", depth + 1, text);
            }
            text.push_str(&format!("{indent}</{name}>\n"));
        }
    }
}

/// One of the files that an external client app consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppFile {
    pub type_name: &'static str,
    pub folder: &'static str,
    pub suffix: &'static str,
    /// What its name has after the name of the app.
    ending: &'static str,
}

impl AppFile {
    const fn new(
        type_name: &'static str,
        folder: &'static str,
        suffix: &'static str,
        ending: &'static str,
    ) -> AppFile {
        AppFile { type_name, folder, suffix, ending }
    }

    /// The full name of the component.
    pub fn name(self, app: &str) -> String {
        format!("{app}{}", self.ending)
    }
}

pub const APP: AppFile = AppFile::new("ExternalClientApplication", "externalClientApps", "eca", "");
pub const APP_SETTINGS: AppFile =
    AppFile::new("ExtlClntAppOauthSettings", "extlClntAppOauthSettings", "ecaOauth", "_oauth");
pub const APP_GLOBALS: AppFile = AppFile::new(
    "ExtlClntAppGlobalOauthSettings",
    "extlClntAppGlobalOauthSets",
    "ecaGlblOauth",
    "_glbloauth",
);
pub const APP_OAUTH_POLICIES: AppFile = AppFile::new(
    "ExtlClntAppOauthConfigurablePolicies",
    "extlClntAppOauthPolicies",
    "ecaOauthPlcy",
    "_oauthPlcy",
);
pub const APP_POLICIES: AppFile =
    AppFile::new("ExtlClntAppConfigurablePolicies", "extlClntAppPolicies", "ecaPlcy", "_plcy");

/// A parameter of an external credential. `rest` follows its type.
pub fn parameter(group: &str, kind: &str, name: &str, rest: Vec<Element>) -> Element {
    let mut children = vec![
        leaf("parameterGroup", group),
        leaf("parameterName", name),
        leaf("parameterType", kind),
    ];
    children.extend(rest);
    node("externalCredentialParameters", children)
}

/// A parameter with a value, in the default group.
pub fn default_parameter(kind: &str, name: &str, value: &str) -> Element {
    parameter(DEFAULT_GROUP, kind, name, vec![leaf("parameterValue", value)])
}

/// A parameter that names another component in an element of its own, which precedes the others.
pub fn lookup(element: &'static str, component: &str, kind: &str) -> Element {
    node(
        "externalCredentialParameters",
        vec![
            leaf(element, component),
            leaf("parameterGroup", DEFAULT_GROUP),
            leaf("parameterName", kind),
            leaf("parameterType", kind),
        ],
    )
}

/// A principal, whose group has the same name.
pub fn principal(kind: &str, name: &str) -> Element {
    parameter(name, kind, name, vec![leaf("sequenceNumber", "1")])
}

/// The parameter of a named credential with its URL.
pub fn url(url: &str) -> Element {
    node(
        "namedCredentialParameters",
        vec![
            leaf("parameterName", "Url"),
            leaf("parameterType", "Url"),
            leaf("parameterValue", url),
        ],
    )
}

/// A parameter of a named credential that names another component.
pub fn named_lookup(element: &'static str, component: &str, name: &str, kind: &str) -> Element {
    node(
        "namedCredentialParameters",
        vec![leaf(element, component), leaf("parameterName", name), leaf("parameterType", kind)],
    )
}

/// The external credential of a named credential.
pub fn authentication(external_credential: &str) -> Element {
    named_lookup("externalCredential", external_credential, "ExternalCredential", "Authentication")
}

/// The elements of a permission set that grants a principal. `rest` follows the label.
pub fn callout_set(principal: &str, label: &str, rest: Option<Element>) -> Vec<Element> {
    let access = node(
        "externalCredentialPrincipalAccesses",
        vec![leaf("enabled", "true"), leaf("externalCredentialPrincipal", principal)],
    );
    let own = [access, leaf("hasActivationRequired", "false"), leaf("label", label)];
    own.into_iter().chain(rest).collect()
}

/// Access to the records in which Salesforce keeps tokens: `writes` to those of the user, and to `all`.
pub fn token_access(writes: bool, all: bool) -> Element {
    let is_on = |on: bool| if on { "true" } else { "false" };
    node(
        "objectPermissions",
        vec![
            leaf("allowCreate", is_on(writes)),
            leaf("allowDelete", is_on(writes)),
            leaf("allowEdit", is_on(writes)),
            leaf("allowRead", "true"),
            leaf("modifyAllRecords", is_on(all)),
            leaf("object", "UserExternalCredential"),
            leaf("viewAllRecords", is_on(all)),
        ],
    )
}
