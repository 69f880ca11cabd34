//! What the manifest asks for, resolved: names, recipes with fingerprints, and every managed setting.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fingerprint, Image, Test, observed::Settings, value::EnvValue};

/// Everything that one manifest and target ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The project's name; also the repository's.
    pub project: String,
    /// The chosen target, if any.
    pub target: Option<String>,
    /// Where and as whom.
    pub aws: Aws,
    /// The project's one ECR repository.
    pub repository: Repository,
    /// Every image that a function needs, bases included.
    pub images: BTreeMap<Fingerprint, Image>,
    /// By manifest key.
    pub functions: BTreeMap<String, Function>,
    /// The absolute path of the folder that the manifest is in, for what is told of an image's origin; decides nothing.
    pub root: PathBuf,
    /// Whether `functions` is all that the manifest declares for this target (no selection on the command line).
    pub whole: bool,
}

/// Where to act; whatever is absent the AWS SDK's own chain decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aws {
    /// Region.
    pub region: Option<String>,
    /// Profile in the AWS configuration files.
    pub profile: Option<String>,
    /// The only account that jot may act on.
    pub account_id: Option<String>,
    /// Instead of AWS's endpoints, for an emulator.
    pub endpoint_url: Option<String>,
    /// Host and port to push to instead of the ECR host, for an emulator.
    pub registry: Option<String>,
}

impl Aws {
    /// The host that images are pushed to and Lambda pulls from: the manifest's, else ECR's for this account and region.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
    pub fn registry_host(&self, account: &str, region: &str) -> String {
        let suffix = if region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        let ecr = || format!("{account}.dkr.ecr.{region}.{suffix}");
        self.registry.clone().unwrap_or_else(ecr)
    }
}

/// The ECR repository.
#[derive(Clone, Debug, PartialEq)]
pub struct Repository {
    /// Name.
    pub name: String,
    /// All tags, ownership included.
    pub tags: BTreeMap<String, String>,
    /// Repository policy: lets Lambda pull.
    pub policy: serde_json::Value,
    /// Lifecycle policy: expires untagged images only.
    pub lifecycle: serde_json::Value,
    /// Wildcards of tags that may move although tags are immutable: `["*.*"]`.
    pub mutable_tags: Vec<String>,
}

/// One Lambda function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The manifest's key.
    pub key: String,
    /// The Lambda function's name, suffix included.
    pub name: String,
    /// The image that it runs.
    pub image: Fingerprint,
    /// The manifest's configuration.
    pub config: Config,
    /// Its execution role.
    pub role: RoleChoice,
    /// Its log group.
    pub log_group: LogGroup,
    /// `x86_64` or `arm64`; always managed.
    pub architecture: String,
    /// Tags of the user's, of project and function together, without the `jot:` ones.
    pub tags: Option<BTreeMap<String, String>>,
    /// `jot:project`, `jot:function`, `jot:target`: set at creation, never changed.
    pub ownership: BTreeMap<String, String>,
    /// First 16 hex digits of the digest over [`Config`], role and log settings; no sensitive value in it.
    pub config_digest: String,
    /// Versions and alias.
    pub deploy: Deploy,
    /// Its tests, in the manifest's order.
    pub tests: Vec<Test>,
    /// Tags under which to push as well, such as `increment-vector.latest`.
    pub extra_tags: Vec<String>,
    /// What the responder is made of, for the words of a reason; decides nothing.
    pub source: Source,
}

/// What a responder is made of, as the manifest names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The manifest's `source`.
    pub place: String,
    /// Every file, by its path from the manifest's folder, and every key of the manifest that is compiled in, by its word: a
    /// text that changes with it.
    pub parts: BTreeMap<String, String>,
}

impl Function {
    /// The description of a version that jot publishes: `jot <fingerprint16> <config16>`.
    pub fn version_description(&self) -> String {
        format!("jot {} {}", self.image.tag(), self.config_digest)
    }
}

/// Settings of a Lambda function. `None` is a key that the manifest does not have: not managed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Description of the function.
    pub description: Option<String>,
    /// MiB, 128 to 10240.
    pub memory_mb: Option<u32>,
    /// Seconds, 1 to 900.
    pub timeout_s: Option<u32>,
    /// MiB of /tmp, 512 to 10240.
    pub ephemeral_storage_mb: Option<u32>,
    /// Environment variables: the whole truth where present.
    pub environment: Option<BTreeMap<String, EnvValue>>,
    /// `Active` or `PassThrough`, in Lambda's spelling.
    pub tracing: Option<String>,
    /// `Text` or `JSON`, in Lambda's spelling.
    pub log_format: Option<String>,
    /// Application log level (`TRACE` .. `FATAL`), only with JSON.
    pub log_level: Option<String>,
}

impl Config {
    /// These settings, and those of `reset` for every key that these do not have.
    #[must_use]
    pub fn with(&self, reset: &Config) -> Config {
        let Config {
            description,
            memory_mb,
            timeout_s,
            ephemeral_storage_mb,
            environment,
            tracing,
            log_format,
            log_level,
        } = self.clone();
        let reset = reset.clone();
        Config {
            description: description.or(reset.description),
            memory_mb: memory_mb.or(reset.memory_mb),
            timeout_s: timeout_s.or(reset.timeout_s),
            ephemeral_storage_mb: ephemeral_storage_mb.or(reset.ephemeral_storage_mb),
            environment: environment.or(reset.environment),
            tracing: tracing.or(reset.tracing),
            log_format: log_format.or(reset.log_format),
            log_level: log_level.or(reset.log_level),
        }
    }

    /// Whether a function with these settings has all that this asks for. What it does not ask for, and a variable whose value is
    /// unknown on this machine, may be anything.
    pub fn is_met_by(&self, found: &Settings) -> bool {
        let Config {
            description,
            memory_mb,
            timeout_s,
            ephemeral_storage_mb,
            environment,
            tracing,
            log_format,
            log_level,
        } = self;
        let same = |name: &String, wanted: &EnvValue| {
            let there = found.environment.get(name);
            there.is_some_and(|there| wanted.reveal().is_none_or(|value| value == there.reveal()))
        };
        let variables = |wanted: &BTreeMap<String, EnvValue>| {
            wanted.len() == found.environment.len() && wanted.iter().all(|(k, v)| same(k, v))
        };
        asks(description, &found.description)
            && asks(memory_mb, &found.memory_mb)
            && asks(timeout_s, &found.timeout_s)
            && asks(ephemeral_storage_mb, &found.ephemeral_storage_mb)
            && environment.as_ref().is_none_or(variables)
            && asks(tracing, &found.tracing)
            && asks(log_format, &found.log_format)
            && (log_level.is_none() || *log_level == found.log_level)
    }
}

fn asks<T: PartialEq>(wanted: &Option<T>, found: &T) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted == found)
}

/// Who executes the function.
#[derive(Clone, Debug, PartialEq)]
pub enum RoleChoice {
    /// A role of the user's: its name or ARN; jot never touches it.
    Given(String),
    /// A role that jot makes and keeps.
    Own(Role),
}

/// A role of jot's.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Name, at most 64 characters.
    pub name: String,
    /// `/jot/<project>/`.
    pub path: String,
    /// Trust policy.
    pub trust: serde_json::Value,
    /// ARNs of managed policies, sorted, basic execution included.
    pub policies: Vec<String>,
    /// All tags, ownership included.
    pub tags: BTreeMap<String, String>,
}

/// The function's log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogGroup {
    /// `/aws/lambda/<name>`.
    pub name: String,
    /// Days, or `None`: not managed.
    pub retention_days: Option<u32>,
    /// Tags at creation.
    pub tags: BTreeMap<String, String>,
}

/// How a new version takes traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// The alias that traffic uses; `None`: no versions, the tests run on `$LATEST`.
    pub alias: Option<String>,
    /// Published versions to keep.
    pub keep_versions: u32,
}

/// Lambda's and jot's defaults for a function that is created: memory, MiB.
pub const CREATED_MEMORY_MB: u32 = 1024;
/// Timeout of a function that is created, seconds.
pub const CREATED_TIMEOUT_S: u32 = 30;
/// The tag that holds the project's name, on everything that jot owns.
pub const TAG_PROJECT: &str = "jot:project";
/// The tag that holds a function's manifest key.
pub const TAG_FUNCTION: &str = "jot:function";
/// The tag that holds the target, empty for none.
pub const TAG_TARGET: &str = "jot:target";
/// The tag that holds the fingerprint's tag of the image that was applied last.
pub const TAG_FINGERPRINT: &str = "jot:fingerprint";
/// The tag that holds the digest that was applied last.
pub const TAG_DIGEST: &str = "jot:digest";

/// Whether a resource with the tags `found` belongs to what bears the tags `wanted`: project, function and target are the same.
pub fn owned(found: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    [TAG_PROJECT, TAG_FUNCTION, TAG_TARGET]
        .iter()
        .all(|key| found.get(*key) == wanted.get(*key))
}
/// /tmp of a function that is created, MiB: Lambda's own default.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html>
pub const CREATED_TMP_MB: u32 = 512;
