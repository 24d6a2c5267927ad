//! What the files mean, in the words of Salesforce, OAuth and X.509. Nothing here reads files, and nothing judges.

mod app;
mod audience;
mod certificate;
mod component;
mod consumer_key;
mod custom;
mod external_credential;
mod handshake;
mod host;
mod lifetime;
mod metadata_types;
mod named_credential;
mod org;
mod permissions;
mod scope;
mod url;
mod workspace;

pub use app::{App, AppKind, PermittedUsers};
pub use audience::{Audience, Form, environment};
pub use certificate::{Certificate, CertificateBody, Key, X509};
pub use component::{Component, Field, Named, OrgId, Record, find_named};
pub use consumer_key::{ConsumerKey, GENERATED_LENGTH, GENERATED_PREFIX, shortened};
pub use custom::{CustomRule, Demand};
pub use external_credential::{ExternalCredential, Flow, Parameter, ParameterType, Principal, credential_merge_fields};
pub use handshake::{Claim, Handshake, JwtCredential, Meeting, SigningCertificate};
pub use host::{Cloud, Environment, Host, HostKind, Partition};
pub use lifetime::Lifetime;
pub use metadata_types::{Definition, Deviation, DeviationKind, MetadataTypes, Node, Versions};
pub use named_credential::{NamedCredential, NamedCredentialModel};
pub use org::{Callout, Org, OrgKind, User};
pub use permissions::{Grant, MutingPermissionSet, ObjectAccess, PermissionSet, PermissionSetGroup, Profile, split_principal};
pub use scope::Scope;
pub use url::Url;
pub use workspace::{Contradiction, Said, Unreadable, Workspace, same_value};
