//! The shape of `jot.toml`. These doc comments are the text of the JSON schema and of the help in
//! errors; ranges, patterns and enumerations are written once here, as schemars attributes.
//! [`super::limits`] has their sources.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::{
    aws::Aws,
    deploy::{Deploy, Lifecycle, Traffic},
    either::Alias,
    logging::{LogFormat, LogLevel, Logging, SystemLogLevel},
    reach::{Asynchronous, Cors, Destination, Method, Permission, Url, UrlAuth},
    reference::{FromEnv, Reference, Text},
    trigger::{FilterScope, StartingPosition, Trigger, Via},
};
use super::{
    languages::{Dockerfile, Julia, Jvm},
    limits::{self, keys, pattern},
    reference::{self, EnvironmentValue},
    shape,
};

/// The manifest: the overlay of the chosen target and the defaults are merged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The project: a table `[project]` with at least a `name`.
    pub project: Project,
    /// Account, region and credentials to act with. The AWS SDK's default chain decides absent
    /// keys.
    #[serde(default)]
    pub aws: Aws,
    /// Every function that the project declares, by key: 1 to 64 letters, digits, `-` and `_`.
    #[serde(default)]
    #[schemars(transform = keys::functions)]
    pub functions: BTreeMap<String, Function>,
}

/// The project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Name of the project and of its one ECR repository: 2 to 256 lower-case letters and digits,
    /// in groups that `.`, `_`, `__`, `-` or `/` separate.
    #[schemars(length(min = 2, max = 256), regex(pattern = pattern::REPOSITORY))]
    pub name: String,
    /// Versions of jot that may act on this file, as a Cargo version requirement such as `>=0.1,
    /// <0.2`. Checked first.
    pub jot: Option<String>,
    /// Tags on everything that jot creates: keys of 1 to 128 and values of up to 256 letters,
    /// digits, spaces and `_ . : / = + - @`. Keys may not begin with `aws:` or `jot:`.
    #[serde(default)]
    #[schemars(transform = keys::tags)]
    pub tags: BTreeMap<String, String>,
}

/// One Lambda function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Name of the Lambda function: 1 to 64 letters, digits, `-` and `_`. Default: the key. A
    /// target's `name_suffix` follows it.
    #[schemars(regex(pattern = pattern::FUNCTION))]
    pub name: Option<String>,
    /// Description, at most 256 characters.
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// What answers an invocation: with `julia` a function of the source, such as `answer` or
    /// `Module.answer`, default: the key with `-` as `_`; with `jvm` a class, or `class::method`,
    /// required.
    #[schemars(length(max = 128), regex(pattern = pattern::HANDLER))]
    pub handler: Option<String>,
    /// Memory in MB, 128 to 10240. Created with 1024.
    #[schemars(range(min = 128, max = 10240))]
    pub memory_mb: Option<u32>,
    /// Timeout in seconds, 1 to 900. Created with 30.
    #[schemars(range(min = 1, max = 900))]
    pub timeout_s: Option<u32>,
    /// Execution role: a name of 1 to 64 letters, digits and `_ + = , . @ -`, or an ARN. Absent:
    /// jot manages one.
    #[schemars(transform = reference::limited(shape::ROLE))]
    pub role: Option<Text>,
    /// ARNs of managed policies for jot's role, in addition to basic execution, such as
    /// `arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess`.
    #[schemars(extend("uniqueItems" = true), transform = reference::each(shape::POLICY))]
    pub policies: Option<Vec<Text>>,
    /// A file with an inline policy for jot's role, in JSON, relative to the manifest: at most
    /// 10,240 characters without white space.
    #[schemars(length(min = 1))]
    pub policy_file: Option<String>,
    /// ARN of a managed policy that bounds what jot's role may do, as its permissions boundary:
    /// `arn:aws:iam::<account>:policy/<name>`.
    #[schemars(transform = reference::limited(shape::POLICY))]
    pub permissions_boundary: Option<Text>,
    /// Processor architecture. Default `x86_64`; always managed.
    #[serde(default)]
    pub architecture: Architecture,
    /// Size of /tmp in MB, 512 to 10240.
    #[schemars(range(min = 512, max = 10240))]
    pub ephemeral_storage_mb: Option<u32>,
    /// Environment variables, 4 KB in all. A key is a letter and then at least one letter, digit or
    /// `_`; the variables that Lambda sets itself are reserved.
    #[schemars(with = "Option<BTreeMap<String, EnvironmentValue>>", transform = keys::environment)]
    pub environment: Option<BTreeMap<String, Text>>,
    /// X-Ray tracing.
    pub tracing: Option<Tracing>,
    /// Logging.
    pub logging: Option<Logging>,
    /// The network that the function is attached to; both lists empty for none. Absent: not
    /// managed.
    pub vpc: Option<Vpc>,
    /// Layers of a zip archive, at most 5: ARNs of versions,
    /// `arn:aws:lambda:<region>:<account>:layer:<name>:<version>`, in the order in which Lambda
    /// unpacks them to /opt. Local tests run without them.
    #[schemars(length(max = 5), extend("uniqueItems" = true))]
    #[schemars(transform = reference::each(shape::LAYER))]
    pub layers: Option<Vec<Text>>,
    /// What Lambda does with calls that form a loop through queues, topics, buckets or
    /// destinations: `terminate` stops them after about 16 rounds (Lambda's default), `allow` does
    /// not.
    pub recursive_loop: Option<RecursiveLoop>,
    /// Simultaneous executions reserved for the function, which are also its limit; 0 stops it.
    #[schemars(range(min = 0, max = i32::MAX))]
    pub reserved_concurrency: Option<u32>,
    /// ARN of the KMS key that encrypts the environment, SnapStart's snapshots and Lambda's copy of
    /// the image: `arn:aws:kms:<region>:<account>:key/<id>`, not that of an alias. Default:
    /// Lambda's own key.
    #[schemars(transform = reference::limited(shape::KMS_KEY))]
    pub kms_key: Option<Text>,
    /// ARN of the SQS queue or SNS topic, in the function's region, for events that failed. The
    /// role needs `sqs:SendMessage` or `sns:Publish` on it.
    #[schemars(transform = reference::limited(shape::DEAD_LETTER))]
    pub dead_letter: Option<Text>,
    /// File systems that the function mounts, one at most; they need `vpc`.
    #[schemars(length(max = 1))]
    pub file_systems: Option<Vec<FileSystem>>,
    /// What the function starts instead of what its image says.
    pub image: Option<ImageOverrides>,
    /// Whether Lambda starts each version from a snapshot of its initialised memory. Needs an
    /// alias, at most 512 MB of /tmp and no file systems. `jot_after_restore` of the source
    /// re-seeds its random generators.
    pub snapstart: Option<bool>,
    /// Whether the handler of a destination is called with the response alone (`responsePayload`),
    /// without Lambda's envelope. Other events are unchanged. For Julia only; default false.
    pub unwrap: Option<bool>,
    /// When Lambda moves a zip archive to a newer version of AWS's runtime: `auto` (Lambda's
    /// default), `function-update` (when the function is updated, so that published versions stay
    /// as tested), or the ARN of the version of the runtime to keep.
    #[schemars(length(max = 2048), regex(pattern = pattern::RUNTIME_UPDATE))]
    pub runtime_update: Option<String>,
    /// Tags on the function: keys of 1 to 128 and values of up to 256 letters, digits, spaces and
    /// `_ . : / = + - @`. Keys may not begin with `aws:` or `jot:`.
    #[schemars(transform = keys::tags)]
    pub tags: Option<BTreeMap<String, String>>,
    /// A source in Julia.
    pub julia: Option<Julia>,
    /// A source for the JVM.
    pub jvm: Option<Jvm>,
    /// Any source, built by a Dockerfile of its own.
    pub dockerfile: Option<Dockerfile>,
    /// Instead of a source: an image in ECR that jot neither builds nor pushes, by its digest,
    /// `<host>/<repository>@sha256:<64 hex digits>`. `jot adopt` writes this.
    #[schemars(length(max = 512), regex(pattern = pattern::IMAGE_URI))]
    pub image_uri: Option<String>,
    /// Its address over HTTPS. Absent: not managed.
    pub url: Option<Url>,
    /// What Lambda does with asynchronous calls; an absent key has Lambda's default. Absent: not
    /// managed.
    #[serde(rename = "async")]
    pub asynchronous: Option<Asynchronous>,
    /// Who may call the function's alias, in addition to its triggers and URL, by names of 1 to 64
    /// letters, digits, `-` and `_`. Absent: not managed.
    #[schemars(transform = keys::functions)]
    pub permissions: Option<BTreeMap<String, Permission>>,
    /// What calls the function's alias, by names of 1 to 44 letters, digits, `-` and `_`. Absent:
    /// not managed.
    #[schemars(transform = keys::triggers)]
    pub triggers: Option<BTreeMap<String, Trigger>>,
    /// How its image is built.
    #[serde(default)]
    pub build: Build,
    /// Its tests: one `[[functions.<key>.tests]]` for each, or an array of tables.
    #[serde(default)]
    pub tests: Vec<Test>,
    /// How a new version takes traffic.
    #[serde(default)]
    pub deploy: Deploy,
    /// What jot does not manage, must not delete, and the previous key.
    #[serde(default)]
    pub lifecycle: Lifecycle,
}

/// The network that the function is attached to: subnets and security groups, or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vpc {
    /// Ids of subnets, 16 at most, such as `subnet-0a1b2c3d`.
    #[schemars(length(max = 16), extend("uniqueItems" = true))]
    #[schemars(transform = reference::each(shape::SUBNET))]
    pub subnets: Vec<Text>,
    /// Ids of security groups, 5 at most, such as `sg-0a1b2c3d`.
    #[schemars(length(max = 5), extend("uniqueItems" = true))]
    #[schemars(transform = reference::each(shape::SECURITY_GROUP))]
    pub security_groups: Vec<Text>,
    /// Whether the function also has IPv6 addresses, from dual-stack subnets. Default false.
    pub ipv6: bool,
}

/// A file system that the function mounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSystem {
    /// ARN of an access point of Amazon EFS or Amazon S3 Files.
    #[schemars(transform = reference::limited(shape::ACCESS_POINT))]
    pub arn: Text,
    /// Where it is mounted: `/mnt/` and one name of letters, digits and `- _ .`, 160 characters at
    /// most.
    #[schemars(length(max = 160), regex(pattern = pattern::MOUNT))]
    pub mount: String,
}

/// What the function starts instead of what its image specifies; absent or empty keys leave that to
/// the image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImageOverrides {
    /// Program and first arguments, instead of ENTRYPOINT.
    #[schemars(length(max = 1500))]
    pub entry_point: Vec<String>,
    /// Further arguments, instead of CMD.
    #[schemars(length(max = 1500))]
    pub command: Vec<String>,
    /// Working directory, instead of WORKDIR: an absolute path of 1000 characters at most.
    #[schemars(length(max = 1000), regex(pattern = pattern::WORKING_DIRECTORY))]
    pub working_directory: Option<String>,
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

/// What Lambda does where calls go round in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecursiveLoop {
    /// They go on.
    Allow,
    /// They are stopped.
    Terminate,
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

/// How an image is built.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Build {
    /// Image to build on, instead of the language's own: a Docker image reference.
    #[schemars(regex(pattern = pattern::IMAGE))]
    pub base_image: Option<String>,
    /// Docker build arguments. A key is letters, digits and `_`, no digit first.
    #[schemars(transform = keys::build_arguments)]
    pub args: BTreeMap<String, String>,
    /// BuildKit secrets, never in a layer. A key is the secret's id: letters, digits and `_ . -`, a
    /// letter, digit or `_` first.
    #[schemars(transform = keys::secrets)]
    pub secrets: BTreeMap<String, FromEnv>,
    /// SSH agents for `RUN --mount=type=ssh`: `default` for the one of `SSH_AUTH_SOCK`, or
    /// `<id>=<socket>`. Keys never leave the agent, and agents do not change the fingerprint.
    #[schemars(inner(regex(pattern = pattern::SSH)), extend("uniqueItems" = true))]
    pub ssh: Vec<String>,
    /// Docker's network for the build: `default`, `host` or `none`. JOT_BUILD_NETWORK overrides it.
    #[schemars(extend("enum" = limits::NETWORKS))]
    pub network: Option<String>,
    /// Lines for the Dockerfile, before the entry point.
    pub dockerfile_extra: Option<String>,
    /// Labels of the image. A key is letters, digits and `. _ / -`, a letter or digit first and
    /// last; `dev.jot.` is reserved for jot and `com.docker.`, `io.docker.` and
    /// `org.dockerproject.` for Docker.
    #[schemars(transform = keys::labels)]
    pub labels: BTreeMap<String, String>,
    /// Further tags to push, as `<function>.<tag>`: letters, digits and `_ . -`, 128 characters
    /// with the function.
    #[schemars(inner(regex(pattern = pattern::TAG)), extend("uniqueItems" = true))]
    pub extra_tags: Vec<String>,
    /// Whether the pushed image contains AWS's emulator, so that it also answers under `docker
    /// run`; default false.
    pub rie: Option<bool>,
}

/// One test. Exactly one of `argument`, `argument_file`, `argument_json`; at most one of the
/// `expected` keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Name in reports.
    #[schemars(length(min = 1))]
    pub name: Option<String>,
    /// The argument, in TOML.
    pub argument: Option<serde_json::Value>,
    /// A file with the argument in JSON, relative to the manifest.
    #[schemars(length(min = 1))]
    pub argument_file: Option<String>,
    /// The argument as a JSON text.
    pub argument_json: Option<String>,
    /// The answer, in TOML.
    pub expected: Option<serde_json::Value>,
    /// A file with the answer in JSON, relative to the manifest.
    #[schemars(length(min = 1))]
    pub expected_file: Option<String>,
    /// The answer as a JSON text.
    pub expected_json: Option<String>,
    /// The `errorType` of the error that is expected.
    #[schemars(length(min = 1))]
    pub expected_error: Option<String>,
    /// For floats: the largest absolute or relative difference that passes, 0 or more.
    #[schemars(range(min = 0))]
    pub tolerance: Option<f64>,
    /// Whether the exemplar session replays it; default true.
    pub exemplar: Option<bool>,
}
