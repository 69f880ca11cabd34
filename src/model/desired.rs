//! What the manifest asks for, resolved: names, recipes with fingerprints, and every managed
//! setting.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::{access::Aws, lifecycle::Lifecycle};

use super::{
    Architecture, Code, Config, Fingerprint, Form, Hints, ImageOverrides, Reach, Recipe,
    RecursiveLoop, RuntimeUpdate, Test,
    reference::{Origin, Reference},
    scheduler::Scheduler,
    traffic::Traffic,
    value::EnvValue,
};

/// Everything that one manifest and target ask for. Serialized, its secrets are `(sensitive)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Desired {
    /// The project's name; also the repository's.
    pub project: String,
    /// The chosen target, if any.
    pub target: Option<String>,
    /// Where and as whom.
    pub aws: Aws,
    /// The project's one ECR repository.
    pub repository: Repository,
    /// Every recipe that a function needs, bases and harnesses included.
    pub recipes: BTreeMap<Fingerprint, Recipe>,
    /// The selected functions by their key in the manifest, see `whole`.
    pub functions: BTreeMap<String, Function>,
    /// The absolute path of the manifest's folder, to describe the origin of an image; decides
    /// nothing.
    pub root: PathBuf,
    /// Whether `functions` is all that the manifest declares for this target (no selection on the
    /// command line).
    pub whole: bool,
    /// What happens to functions of this target that the manifest does not declare.
    pub undeclared: Undeclared,
    /// Whether a function may be deleted and created again to change its package type:
    /// `--allow-replace`.
    #[serde(default)]
    pub replace: bool,
    /// Names of alarms that do not count for traffic steps: `--ignore-alarm`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_alarms: Vec<String>,
    /// Whether to release what a rollback or traffic steps hold back: `--retry`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// The source of images and archives that the repository lacks.
    #[serde(default, skip_serializing_if = "Supply::is_build")]
    pub supply: Supply,
    /// The ending of the names of jot's roles of this project, target and region: `-<8 hex
    /// digits>`. Names of more than 64 characters are cut and have another ending.
    #[serde(default)]
    pub role_ending: String,
    /// What the schedules of this project and target share.
    #[serde(default)]
    pub scheduler: Scheduler,
}

/// The source of images and archives that the repository lacks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// Docker on this machine builds them.
    #[default]
    Build,
    /// None: all must exist already (`--no-build`).
    Nowhere,
    /// The repository of another target, which asks for this (`--images-from`).
    Target(Box<Desired>),
}

impl Supply {
    /// Whether Docker may be asked to build.
    pub fn is_build(&self) -> bool {
        matches!(self, Self::Build)
    }

    /// What the target with the repository to copy images from asks for.
    pub fn target(&self) -> Option<&Desired> {
        match self {
            Self::Target(target) => Some(target),
            Self::Build | Self::Nowhere => None,
        }
    }
}

/// What happens to functions that jot created and that the manifest no longer declares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Undeclared {
    /// They stay, and are noted.
    #[default]
    Keep,
    /// They are deleted with what belongs to them: `--delete-undeclared`.
    Delete,
}

/// The project's one ECR repository as the manifest asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Name in ECR, without the registry's host: the project's.
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

/// A Lambda function as the manifest asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Key in the manifest, `functions.KEY`.
    pub key: String,
    /// The Lambda function's name, suffix included.
    pub name: String,
    /// The image or archive that Lambda runs.
    pub code: Code,
    /// Lambda's settings of the function; those that are `None` are not managed.
    pub config: Config,
    /// The execution role: one of the user's, or one that jot makes.
    pub role: RoleChoice,
    /// The settings and entries of role and configuration that the manifest takes from elsewhere.
    /// Unknown values are missing in both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Reserved simultaneous executions of all versions together, or `None`: not managed.
    pub reserved_concurrency: Option<u32>,
    /// When Lambda moves an archive's function to a newer version of its runtime, or `None`: not
    /// managed.
    pub runtime_update: Option<RuntimeUpdate>,
    /// What Lambda does with calls that form a loop, or `None`: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recursive_loop: Option<RecursiveLoop>,
    /// The log group of its name.
    pub log_group: LogGroup,
    /// The processor that it runs on; always managed.
    pub architecture: Architecture,
    /// Tags of the user's, of project and function together, without the `jot:` ones.
    pub tags: Option<BTreeMap<String, String>>,
    /// `jot:project`, `jot:function`, `jot:target`: set at creation, never changed.
    pub ownership: BTreeMap<String, String>,
    /// First 16 hex digits of the digest of [`Config`], role and log settings, without sensitive
    /// values.
    pub config_digest: String,
    /// Which versions are kept, and how a new one takes the traffic of the alias.
    pub deploy: Deploy,
    /// Its tests, in the manifest's order.
    pub tests: Vec<Test>,
    /// What is asked about code that is compiled at run time.
    pub jit: Jit,
    /// Tags under which to push as well, such as `increment-vector.latest`.
    pub extra_tags: Vec<String>,
    /// What the source consists of, for the words of a reason; decides nothing.
    pub source: Source,
    /// The git commit of the source, with `-dirty` if files differ from it; `None`: no commit, or
    /// not asked for. It is recorded and decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What jot knows about the source's language.
    #[serde(default)]
    pub hints: Hints,
    /// What is left to others, must not be deleted, and was called before.
    pub lifecycle: Lifecycle,
    /// What may call it, and where the outcome of its asynchronous calls goes.
    #[serde(default, skip_serializing_if = "Reach::is_empty")]
    pub reach: Reach,
}

/// What is asked about code that is compiled at run time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jit {
    /// Whether local tests list them.
    pub listed: bool,
    /// The limit for all local tests together; `None`: not checked.
    pub budget: Option<u32>,
}

/// What a source consists of, as the manifest names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The `source` in the language's table, as the manifest writes it.
    pub place: String,
    /// Every file, by its path from the manifest's folder, and every key of the manifest that is
    /// compiled in, with a text that changes with it.
    pub parts: BTreeMap<String, String>,
}

impl Function {
    /// The form of what it runs: an archive uses one of AWS's runtimes, an image contains its own.
    pub fn form(&self) -> Form {
        match self.config.runtime {
            Some(_) => Form::Zip,
            None => Form::Image,
        }
    }

    /// What it starts on this machine instead of what its harness says.
    pub fn start(&self) -> ImageOverrides {
        match &self.config.handler {
            Some(handler) => ImageOverrides {
                command: vec![handler.clone()],
                ..ImageOverrides::default()
            },
            None => self.config.image.clone().unwrap_or_default(),
        }
    }

    /// The log group that it writes to, as far as it is known.
    pub fn writes_to(&self) -> &str {
        let given = self.config.log_group.as_deref();
        let given = given.filter(|group| !group.is_empty());
        given.unwrap_or(&self.log_group.name)
    }

    /// Whether the manifest has it write to a log group that jot does not make.
    pub fn writes_elsewhere(&self) -> bool {
        match &self.config.log_group {
            Some(group) => !group.is_empty(),
            None => self.takes("logging.group"),
        }
    }

    /// MiB that it has, or would be created with.
    pub fn memory_mb(&self) -> u32 {
        self.config.memory_mb.unwrap_or(CREATED_MEMORY_MB)
    }

    /// MiB of /tmp that it has, or would be created with.
    pub fn tmp_mb(&self) -> u32 {
        self.config.ephemeral_storage_mb.unwrap_or(CREATED_TMP_MB)
    }

    /// Seconds that it may take, or would be created with.
    pub fn timeout_s(&self) -> u32 {
        self.config.timeout_s.unwrap_or(CREATED_TIMEOUT_S)
    }

    /// Its environment variables, by name; none if they are not managed.
    pub fn variables(&self) -> impl Iterator<Item = (&String, &EnvValue)> {
        self.config.environment.iter().flatten()
    }

    /// Those of them that the manifest still manages once the function exists.
    pub fn managed_variables(&self) -> impl Iterator<Item = (&String, &EnvValue)> {
        let left = |name: &str| self.lifecycle.ignores(&format!("environment.{name}"));
        self.variables().filter(move |(name, _)| !left(name))
    }

    /// The description of a version that jot publishes: `jot <fingerprint16> <config16>`, and the
    /// git commit if known.
    pub fn version_description(&self) -> String {
        let (tag, config) = (self.code.tag(), &self.config_digest);
        match &self.revision {
            Some(revision) => format!("jot {tag} {config} {revision}"),
            None => format!("jot {tag} {config}"),
        }
    }
}

/// Who executes the function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "one per function: a box would save nothing"
)]
pub enum RoleChoice {
    /// A role of the user's: its name or ARN; jot never touches it.
    Given(String),
    /// A role of the user with a name or ARN that is not known yet.
    From(Origin),
    /// A role that jot makes and keeps.
    Own(Role),
}

/// A role of jot's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Name, at most 64 characters.
    pub name: String,
    /// Path in IAM: `/jot/<project>/`.
    pub path: String,
    /// Trust policy: only Lambda may assume the role.
    pub trust: serde_json::Value,
    /// ARNs of managed policies, sorted, basic execution included.
    pub policies: Vec<String>,
    /// The one inline policy, named [`INLINE_POLICY`]: what `policy_file` holds.
    pub inline: Option<serde_json::Value>,
    /// ARN of the managed policy that bounds what it may do; `None`: not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// All tags, ownership included.
    pub tags: BTreeMap<String, String>,
}

/// The function's log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Name of Lambda's default group for the function: `/aws/lambda/<name>`.
    pub name: String,
    /// Days, or `None`: not managed.
    pub retention_days: Option<u32>,
    /// Tags that it is created with, ownership included; a plan does not compare them later.
    pub tags: BTreeMap<String, String>,
}

/// How a new version takes traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deploy {
    /// The alias that traffic uses; `None`: no versions, the tests run on `$LATEST`.
    pub alias: Option<String>,
    /// Published versions to keep.
    pub keep_versions: u32,
    /// Its steps; `None`: a version that passed its tests takes all traffic immediately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
}

/// Lambda's and jot's defaults for a function that is created: memory, MiB.
pub const CREATED_MEMORY_MB: u32 = 1024;
/// Timeout of a function that is created, seconds.
pub const CREATED_TIMEOUT_S: u32 = 30;
/// The name of the one inline policy of a role of jot's.
pub const INLINE_POLICY: &str = "jot";
/// The tag with the keys of the manifest that jot has set, as words separated by spaces.
pub const TAG_MANAGED: &str = "jot:managed";
/// The word in [`TAG_MANAGED`] for `policy_file`.
pub const MANAGED_INLINE_POLICY: &str = "policy";
/// The word in [`TAG_MANAGED`] for `runtime_update`.
pub const MANAGED_RUNTIME_UPDATE: &str = "rtup";
/// The word in [`TAG_MANAGED`] for `recursive_loop`.
pub const MANAGED_RECURSIVE_LOOP: &str = "loop";
/// The tag that holds the project's name, on everything that jot owns.
pub const TAG_PROJECT: &str = "jot:project";
/// The tag that holds a function's manifest key.
pub const TAG_FUNCTION: &str = "jot:function";
/// The tag that holds the target, empty for none.
pub const TAG_TARGET: &str = "jot:target";
/// The tag of a function that existed before jot: `jot adopt` writes it.
pub const TAG_ADOPTED: &str = "jot:adopted";
/// The tag with the fingerprint's tag of the image that was applied last.
pub const TAG_FINGERPRINT: &str = "jot:fingerprint";
/// The tag of a function that was rolled back: the versions that are held.
pub const TAG_HELD: &str = "jot:held";
/// The tag with the version that serves since the last apply, and the git commit of its source if
/// known: `12 0123abcd`. Without an alias, [`RELEASE_LATEST`] replaces the version.
pub const TAG_RELEASE: &str = "jot:release";
/// See [`TAG_RELEASE`]: `$` is no character of a tag.
pub const RELEASE_LATEST: &str = "latest";
/// The tag that holds the digest that was applied last.
pub const TAG_DIGEST: &str = "jot:digest";

/// Whether a resource with the tags `found` has the same project, function and target as the tags
/// `wanted`.
pub fn owned(found: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    [TAG_PROJECT, TAG_FUNCTION, TAG_TARGET]
        .iter()
        .all(|key| found.get(*key) == wanted.get(*key))
}
/// /tmp of a new function in MiB: Lambda's own default.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html>
pub const CREATED_TMP_MB: u32 = 512;
