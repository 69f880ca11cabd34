//! `[aws]`. These doc comments are the text of the JSON schema and of the help in errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    limits::pattern,
    reference::{self, Text},
    shape,
};

/// Where and as whom to act.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// The region's code, such as `eu-west-1`.
    #[schemars(regex(pattern = pattern::REGION))]
    pub region: Option<String>,
    /// The name of a profile in the AWS configuration files.
    #[schemars(length(min = 1))]
    pub profile: Option<String>,
    /// A guard: jot refuses to act on any other account. 12 digits, in quotes.
    #[schemars(regex(pattern = pattern::ACCOUNT))]
    pub account_id: Option<String>,
    /// Endpoint of an emulator: an `http://` or `https://` URL.
    #[schemars(regex(pattern = pattern::URL))]
    pub endpoint_url: Option<String>,
    /// Where to push instead of the ECR host, for an emulator: `host`, `host:port` or
    /// `host:port/path`, without `http://`.
    #[schemars(regex(pattern = pattern::REGISTRY))]
    pub registry: Option<String>,
    /// Bucket in the same region and account for zip archives over 50 MB, which Lambda takes from
    /// S3 only. They go below `jot/<project>/`.
    #[schemars(transform = reference::limited(shape::BUCKET))]
    pub bucket: Option<Text>,
    /// Other accounts that may pull from the project's ECR repository, 12 digits each: one of them
    /// copies from it with `--images-from`.
    #[schemars(inner(regex(pattern = pattern::ACCOUNT)), extend("uniqueItems" = true))]
    pub pull_accounts: Option<Vec<String>>,
}
