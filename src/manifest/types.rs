//! The shape of `jot.toml`. These doc comments are the text of the JSON schema; ranges, patterns and
//! enumerations stand here once, as schemars attributes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value of an environment variable or a build secret: text, or a reference that is resolved when jot runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromEnv {
    /// Name of an environment variable of the machine that runs jot. Its value is never shown.
    pub from_env: String,
}

/// The manifest, overlay of the chosen target merged, defaults merged under every function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The project.
    pub project: Project,
    /// Where and as whom to act. Whatever is absent the AWS SDK's own chain decides.
    #[serde(default)]
    pub aws: Aws,
    /// Every function that the project declares, by key.
    #[serde(default)]
    pub functions: BTreeMap<String, Function>,
}

/// The project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Name of the project and of its one ECR repository.
    pub name: String,
    /// Versions of jot that may act on this file, as a Cargo version requirement.
    pub jot: Option<String>,
    /// Tags on everything that jot creates.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// Where and as whom to act.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// Region.
    pub region: Option<String>,
    /// Profile in the AWS configuration files.
    pub profile: Option<String>,
    /// A guard: jot refuses to act on any other account.
    pub account_id: Option<String>,
    /// Endpoint of an emulator.
    pub endpoint_url: Option<String>,
    /// Where to push instead of the ECR host, for an emulator.
    pub registry: Option<String>,
}

/// One Lambda function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Name of the Lambda function; the key unless given.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// The responder's function that answers; the key with `-` as `_` unless given.
    pub handler: Option<String>,
    /// Memory in MB, 128 to 10240. Created with 1024.
    pub memory_mb: Option<u32>,
    /// Timeout in seconds, 1 to 900. Created with 30.
    pub timeout_s: Option<u32>,
    /// Name or ARN of the execution role. Absent: jot makes and keeps a role.
    pub role: Option<String>,
    /// ARNs of managed policies for jot's role, beside basic execution.
    pub policies: Option<Vec<String>>,
    /// Processor architecture.
    #[serde(default)]
    pub architecture: Architecture,
    /// Size of /tmp in MB, 512 to 10240.
    pub ephemeral_storage_mb: Option<u32>,
    /// Environment variables.
    pub environment: Option<BTreeMap<String, EnvironmentValue>>,
    /// X-Ray tracing.
    pub tracing: Option<Tracing>,
    /// Logging.
    pub logging: Option<Logging>,
    /// Tags on the function.
    pub tags: Option<BTreeMap<String, String>>,
    /// A responder in Julia.
    pub julia: Option<Julia>,
    /// How its image is built.
    #[serde(default)]
    pub build: Build,
    /// Its tests.
    #[serde(default)]
    pub tests: Vec<Test>,
    /// How a new version takes traffic.
    #[serde(default)]
    pub deploy: Deploy,
}

/// Processor architecture, in Lambda's spelling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// 64-bit x86.
    #[default]
    X86_64,
    /// 64-bit ARM (Graviton).
    Arm64,
}

/// X-Ray tracing mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tracing {
    /// Lambda samples and records traces.
    Active,
    /// Lambda passes on what it is given.
    PassThrough,
}

/// Logging.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// Days that CloudWatch keeps the log.
    pub retention_days: Option<u32>,
    /// Format of log lines.
    pub format: Option<LogFormat>,
    /// Least level of the function's own lines that is kept; only with `format = "json"`.
    pub level: Option<LogLevel>,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines of text.
    Text,
    /// JSON objects, one a line.
    Json,
}

/// Level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// A responder in Julia.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Julia {
    /// A script or a package directory, relative to the manifest.
    pub source: String,
    /// Any Julia type expression; the argument is read as this. `Invocation` hands over the raw event.
    pub argument_type: String,
    /// Julia version of the base image `julia:<version>`.
    pub version: Option<String>,
    /// What is compiled while building.
    #[serde(default)]
    pub compile: Compile,
}

/// What is compiled while building.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compile {
    /// What the tests exercise is compiled into the package's cache.
    #[default]
    Precompile,
    /// Nothing.
    None,
}

/// How an image is built.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Build {
    /// Image to build on, instead of `julia:<version>`.
    pub base_image: Option<String>,
    /// Docker build arguments.
    pub args: BTreeMap<String, String>,
    /// BuildKit secrets, never in a layer.
    pub secrets: BTreeMap<String, FromEnv>,
    /// Docker's network for the build; JOT_BUILD_NETWORK overrides it.
    pub network: Option<String>,
    /// Lines for the Dockerfile, before the entry point.
    pub dockerfile_extra: Option<String>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Further tags to push, as `<function>.<tag>`.
    pub extra_tags: Vec<String>,
    /// Whether AWS's emulator is put in, so that the image answers under `docker run`; default true.
    pub rie: Option<bool>,
}

/// One test. Exactly one of `argument`, `argument_file`, `argument_json`; at most one of the `expected` keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Name in reports.
    pub name: Option<String>,
    /// The argument, in TOML.
    pub argument: Option<serde_json::Value>,
    /// A file with the argument in JSON, relative to the manifest.
    pub argument_file: Option<String>,
    /// The argument as a JSON text.
    pub argument_json: Option<String>,
    /// The answer, in TOML.
    pub expected: Option<serde_json::Value>,
    /// A file with the answer in JSON, relative to the manifest.
    pub expected_file: Option<String>,
    /// The answer as a JSON text.
    pub expected_json: Option<String>,
    /// The `errorType` of the error that is expected.
    pub expected_error: Option<String>,
    /// For floats: the greatest absolute or relative difference that passes.
    pub tolerance: Option<f64>,
    /// Whether the exemplar session replays it; default true.
    pub exemplar: Option<bool>,
}

/// How a new version takes traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Deploy {
    /// The alias that traffic uses, default `live`; `false`: no versions, the tests run on `$LATEST`.
    pub alias: Option<Alias>,
    /// Published versions to keep; default 5.
    pub keep_versions: Option<u32>,
}

// `EnvironmentValue` (text, or `{ from_env = "NAME" }`) and `Alias` (text, or `false`) accept two TOML types. They are
// written by hand below, serde and schema, because untagged enums lose the span and the reason of an error.

/// The value of an environment variable of the function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EnvironmentValue {
    /// Written in the manifest.
    Text(String),
    /// Taken from this machine's environment.
    FromEnv(FromEnv),
}

/// The alias that traffic uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Alias {
    /// Its name.
    Name(String),
    /// `false`: no versions and no alias.
    Off,
}
