//! What every reader returns: functions with the settings that their source has, and notes.

use std::collections::BTreeMap;

use toml::Value;

/// What one source says, as far as a manifest can say it.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// Name of the project, as the source has it.
    pub project: Option<String>,
    /// The AWS account's id.
    pub account_id: Option<String>,
    /// The AWS region's code.
    pub region: Option<String>,
    /// The functions, in the order in which they are written.
    pub functions: Vec<Function>,
    /// What has no equivalent or needs a look, one or two sentences each.
    pub notes: Vec<String>,
}

/// One function. A setting that is absent is not written.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// Key in the manifest.
    pub key: String,
    /// Whether Lambda may have a function of this name already.
    pub deployed: bool,
    /// Where its code comes from.
    pub code: Code,
    /// A line above its settings, of what the user has to write.
    pub comment: Option<String>,
    pub description: Option<String>,
    /// What answers an invocation, in the form of the code's language.
    pub handler: Option<String>,
    pub memory_mb: Option<i64>,
    pub timeout_s: Option<i64>,
    /// Name or ARN of the execution role.
    pub role: Option<String>,
    /// ARNs of managed policies.
    pub policies: Vec<String>,
    /// ARN of the permissions boundary.
    pub permissions_boundary: Option<String>,
    /// As Lambda spells it: `x86_64` or `arm64`.
    pub architecture: Option<String>,
    /// Size of /tmp in MB.
    pub ephemeral_storage_mb: Option<i64>,
    pub environment: BTreeMap<String, Variable>,
    /// As the manifest spells it: `active` or `pass-through`.
    pub tracing: Option<String>,
    pub logging: Logging,
    /// Ids of subnets, such as `subnet-0a1b2c3d`.
    pub subnets: Vec<String>,
    /// Ids of security groups.
    pub security_groups: Vec<String>,
    /// Whether the network has IPv6 addresses.
    pub ipv6: bool,
    /// ARNs of versions of layers.
    pub layers: Vec<String>,
    /// As the manifest spells it: `allow` or `terminate`.
    pub recursive_loop: Option<String>,
    pub reserved_concurrency: Option<i64>,
    /// ARN of a KMS key.
    pub kms_key: Option<String>,
    /// ARN of a queue or topic.
    pub dead_letter: Option<String>,
    /// ARN of an access point and where it is mounted.
    pub file_systems: Vec<(String, String)>,
    /// Entry point, command and working directory instead of the image's.
    pub image: Image,
    /// Whether versions start from a snapshot.
    pub snapstart: bool,
    pub tags: BTreeMap<String, String>,
    pub build_args: BTreeMap<String, String>,
    /// Further tags of the image.
    pub extra_tags: Vec<String>,
    /// Name of the alias.
    pub alias: Option<String>,
    /// Executions that are kept ready.
    pub provisioned_concurrency: Option<i64>,
    /// Tables for its triggers, URL and asynchronous calls, written as comments if a value is
    /// unknown.
    pub later: Vec<Later>,
}

/// The origin of a function's code.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Code {
    /// Unknown: the lines are written as comments, for the user to choose from.
    #[default]
    Open,
    /// An image in ECR by its digest.
    Image(String),
    /// An image by a tag, which the manifest does not take.
    Tagged(String),
    /// A Julia script or package.
    Julia {
        /// Path of the script, or of the package's folder.
        source: String,
        /// What the argument is read as.
        argument_type: String,
        /// Names of packages; `None` if the source does not show them.
        dependencies: Option<Vec<String>>,
    },
    /// A project or jar for the JVM.
    Jvm {
        /// Path of the directory or jar.
        source: String,
        /// The module of a build with several.
        module: Option<String>,
        /// The release of Java, such as `21`.
        java: Option<String>,
        /// Whether it is deployed as a zip for AWS's runtime.
        zip: bool,
    },
    /// A Dockerfile with its context.
    Dockerfile {
        /// Path of the context.
        source: String,
        /// The Dockerfile's path in the context.
        file: String,
        /// The stage to build; `None`: the last.
        stage: Option<String>,
    },
}

impl Code {
    /// What to say of an image by a tag.
    pub const TAGGED: &'static str = "the image is named by a tag, which may move, but jot runs \
        images by digest. jot.toml has two options as comments: the Dockerfile that builds it, or \
        its digest, which `aws ecr describe-images` prints.";
    /// What to say where the source does not name the code.
    pub const OPEN: &'static str =
        "the source does not name the code. jot.toml has two options as comments: choose one.";

    /// What to say of a jar that a project next to it builds.
    pub const OUTPUT: &'static str =
        "the project builds this jar: `source` is the project, so that jot builds it.";

    /// The code of an image that something else made.
    pub fn given(uri: String) -> Self {
        match uri.contains("@sha256:") {
            true => Self::Image(uri),
            false => Self::Tagged(uri),
        }
    }
}

/// Where the value of an environment variable comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Written as it is.
    Plain(String),
    /// Read from the environment of the machine that runs jot.
    FromEnv(String),
    /// Read from Parameter Store.
    FromSsm(String),
}

#[derive(Clone, Debug, Default)]
pub struct Logging {
    pub retention_days: Option<i64>,
    /// As the manifest spells it: `text` or `json`.
    pub format: Option<String>,
    /// The level of the function's own lines.
    pub level: Option<String>,
    /// The level of Lambda's own lines.
    pub system_level: Option<String>,
    /// A log group that is not the one of the function's name.
    pub group: Option<String>,
}

/// What a function starts instead of what its image says.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// Replaces the image's ENTRYPOINT; empty: kept.
    pub entry_point: Vec<String>,
    /// Replaces the image's CMD; empty: kept.
    pub command: Vec<String>,
    /// Replaces the image's WORKDIR.
    pub working_directory: Option<String>,
}

/// A table below a function's.
#[derive(Clone, Debug, PartialEq)]
pub struct Later {
    /// Its name below the function: `triggers.arrivals`, `url`.
    pub table: String,
    /// Its keys and values.
    pub entries: Vec<(String, Value)>,
}
