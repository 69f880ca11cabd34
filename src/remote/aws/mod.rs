//! AWS: ECR, IAM, Lambda, CloudWatch Logs, STS, Resource Groups Tagging.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Error;
use crate::model::{
    Config, Secret, desired,
    image::RegistryLogin,
    observed::{Alias, FunctionState, LogGroup, RemoteImage, Repository, Role},
};

/// Clients for one account and region.
#[derive(Clone, Debug)]
pub struct Aws {}

/// What Lambda needs to make a function.
#[derive(Clone, Debug)]
pub struct NewFunction<'a> {
    /// Name.
    pub name: &'a str,
    /// `host/repository@sha256:...`.
    pub image_uri: &'a str,
    /// Role ARN.
    pub role: &'a str,
    /// `x86_64` or `arm64`.
    pub architecture: &'a str,
    /// Settings; absent memory and timeout become jot's creation defaults.
    pub config: &'a Config,
    /// All tags.
    pub tags: &'a BTreeMap<String, String>,
}

/// What an invocation answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// Response body, or the error object where `function_error` is set.
    pub payload: Vec<u8>,
    /// `Unhandled` where the function failed.
    pub function_error: Option<String>,
    /// The version that answered.
    pub version: Option<String>,
    /// The last 4 KB of log, decoded, where asked for.
    pub log: String,
}

/// A tagged resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// ARN.
    pub arn: String,
    /// All its tags.
    pub tags: BTreeMap<String, String>,
}

/// One line of a function's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// CloudWatch's id, for telling events apart.
    pub id: String,
    /// The line.
    pub message: String,
}

#[rustfmt::skip]
#[allow(missing_docs, unused_variables, clippy::unused_async)]
impl Aws {
    pub async fn connect(settings: &desired::Aws) -> Result<Aws, Error> { todo!() }
    pub fn region(&self) -> &str { todo!() }
    // STS
    pub async fn account(&self) -> Result<String, Error> { todo!() }
    // ECR. `repository` gives uri, arn, mutability and exceptions; tags, policy and lifecycle are left empty.
    pub async fn repository(&self, name: &str) -> Result<Option<Repository>, Error> { todo!() }
    pub async fn repository_policy(&self, name: &str) -> Result<Option<Json>, Error> { todo!() }
    pub async fn lifecycle_policy(&self, name: &str) -> Result<Option<Json>, Error> { todo!() }
    pub async fn images(&self, repository: &str, tags: &[String]) -> Result<BTreeMap<String, RemoteImage>, Error> { todo!() }
    pub async fn create_repository(&self, wanted: &desired::Repository) -> Result<Repository, Error> { todo!() }
    pub async fn update_repository(&self, wanted: &desired::Repository, arn: &str) -> Result<(), Error> { todo!() }
    pub async fn delete_repository(&self, name: &str) -> Result<(), Error> { todo!() }
    pub async fn registry_login(&self, registry: Option<&str>) -> Result<RegistryLogin, Error> { todo!() }
    // IAM. `role` gives arn, trust and tags; `attached_policies` the rest.
    pub async fn role(&self, name: &str) -> Result<Option<Role>, Error> { todo!() }
    pub async fn attached_policies(&self, name: &str) -> Result<Option<Vec<String>>, Error> { todo!() }
    pub async fn create_role(&self, wanted: &desired::Role) -> Result<String, Error> { todo!() }
    pub async fn update_trust(&self, wanted: &desired::Role) -> Result<(), Error> { todo!() }
    pub async fn attach_policy(&self, role: &str, policy: &str) -> Result<(), Error> { todo!() }
    pub async fn detach_policy(&self, role: &str, policy: &str) -> Result<(), Error> { todo!() }
    pub async fn tag_role(&self, role: &str, tags: &BTreeMap<String, String>) -> Result<(), Error> { todo!() }
    pub async fn delete_role(&self, name: &str) -> Result<(), Error> { todo!() }
    // Logs
    pub async fn log_group(&self, name: &str) -> Result<Option<LogGroup>, Error> { todo!() }
    pub async fn create_log_group(&self, wanted: &desired::LogGroup) -> Result<(), Error> { todo!() }
    pub async fn set_retention(&self, name: &str, days: Option<u32>) -> Result<(), Error> { todo!() }
    pub async fn delete_log_group(&self, name: &str) -> Result<(), Error> { todo!() }
    pub async fn log_events(&self, group: &str, since_ms: i64) -> Result<Vec<LogEvent>, Error> { todo!() }
    // Lambda. `qualifier` is a version or alias; none means $LATEST.
    pub async fn function(&self, name: &str, qualifier: Option<&str>) -> Result<Option<FunctionState>, Error> { todo!() }
    pub async fn alias(&self, name: &str, alias: &str) -> Result<Option<Alias>, Error> { todo!() }
    pub async fn create_function(&self, wanted: &NewFunction<'_>) -> Result<FunctionState, Error> { todo!() }
    pub async fn update_code(&self, name: &str, image_uri: &str, architecture: &str, revision: &str) -> Result<FunctionState, Error> { todo!() }
    pub async fn update_config(&self, name: &str, config: &Config, role: &str, revision: &str) -> Result<FunctionState, Error> { todo!() }
    /// Waits until neither state nor last update is pending; `Failed` is returned as data, not as an error.
    pub async fn settled(&self, name: &str, qualifier: Option<&str>) -> Result<FunctionState, Error> { todo!() }
    pub async fn publish_version(&self, name: &str, description: &str, revision: &str) -> Result<String, Error> { todo!() }
    /// Version numbers, oldest first, without $LATEST.
    pub async fn versions(&self, name: &str) -> Result<Vec<String>, Error> { todo!() }
    /// Versions that any alias names, weights included.
    pub async fn aliased_versions(&self, name: &str) -> Result<Vec<String>, Error> { todo!() }
    pub async fn delete_version(&self, name: &str, version: &str) -> Result<(), Error> { todo!() }
    pub async fn create_alias(&self, name: &str, alias: &str, version: &str) -> Result<Alias, Error> { todo!() }
    pub async fn update_alias(&self, name: &str, alias: &str, version: &str, revision: &str) -> Result<Alias, Error> { todo!() }
    pub async fn tag_function(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), Error> { todo!() }
    pub async fn untag_function(&self, arn: &str, keys: &[String]) -> Result<(), Error> { todo!() }
    pub async fn delete_function(&self, name: &str) -> Result<(), Error> { todo!() }
    pub async fn invoke(&self, name: &str, qualifier: Option<&str>, payload: &[u8], with_log: bool) -> Result<Invocation, Error> { todo!() }
    // Tagging
    pub async fn tagged(&self, key: &str, value: &str) -> Result<Vec<Tagged>, Error> { todo!() }
}
