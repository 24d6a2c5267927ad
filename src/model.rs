//! What the files mean, in the words of Salesforce, OAuth and X.509. Nothing here reads files, and nothing judges.

mod access;
mod allow;
mod apex;
mod app;
mod audience;
mod unfilled;
mod browser_host;
mod callout;
mod calls;
mod certificate;
mod claim;
mod component;
mod connection;
mod consumer_key;
mod custom_rule;
mod endpoint;
mod expiry;
mod external_credential;
mod host;
mod issuer;
mod lifetime;
mod login;
mod metadata_types;
mod named_credential;
mod org;
mod package;
mod permissions;
mod profile_name;
mod related;
mod scope;
mod secret;
mod signing;
mod subject;
mod url;
mod workspace;
pub use allow::{Allow, AllowScope};
pub use apex::{ApexEndpoint, ApexUnit, DYNAMIC_PART, is_api_name};
pub use app::{
    App, AppKind, OAUTH_GLOBALS, OAUTH_POLICIES, OAUTH_SETTINGS, PermittedUsers, org_id,
};
pub use audience::{Audience, Form, environment};
pub use unfilled::{Unfilled, RETRIEVED_SECRET};
pub use certificate::{Certificate, CertificateBody, Key, X509};
pub use claim::{JwtPart, registered_claim};
pub use component::{
    Component, Field, Named, OrgId, Record, find_named, same_name, without_namespace,
};
pub use connection::{Claim, Connection, JwtCredential, MatchedBy, SigningCertificate};
pub use consumer_key::{ConsumerKey, GENERATED_LENGTH, GENERATED_PREFIX, shortened};
pub use custom_rule::{CustomRule, Requirement};
pub use endpoint::{Endpoint, Role, UrlFlaw};
pub use external_credential::{
    ExternalCredential, Flow, Parameter, ParameterType, Principal, credential_merge_fields,
};
pub use host::{Cloud, Environment, Host, HostKind, Partition};
pub use issuer::IntendedApp;
pub use lifetime::{Lifetime, Misshape, expiry_formula};
pub use login::ForeignSubject;
pub use metadata_types::{ElementType, SchemaViolation, DeviationKind, MetadataTypes, Node, Versions};
pub use named_credential::{NamedCredential, NamedCredentialModel};
pub use org::{Callout, MergeField, Org, OrgKind, RequestPart, User};
pub use package::Package;
pub use permissions::{
    Grant, MutingPermissionSet, ObjectAccess, PermissionSet, PermissionSetGroup, Profile,
    is_principal_reference, split_principal,
};
pub use profile_name::{is_standard_profile, is_system_administrator, same_profile};
pub use related::RelatedComponents;
pub use scope::Scope;
pub use secret::{LeakedSecret, SecretKind, is_dummy, is_secret_value, looks_secret};
pub use signing::{ActiveCertificate, SigningUse};
pub use subject::{Subject, Username};
pub use url::Url;
pub use workspace::{Contradiction, Described, NeedsMyDomain, Unreadable, Workspace, same_value};
