//! What Docker, ECR, IAM, Logs and Lambda report. `None` means looked for and missing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use super::{
    settings::Settings,
    stored::{RemoteImage, Source},
};

use super::{
    Architecture, Digest, Fingerprint, LastUpdate, MappingState, Mutability, PackageType,
    PushState, RecursiveLoop, RuntimeUpdate, Secret, State, ZipArtifact, reach, release::Releases,
};

/// One observation of the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// The account that the credentials belong to.
    pub account: String,
    /// Code of the region that was observed, such as `eu-west-1`.
    pub region: String,
    /// The Docker of this machine; it counts as absent if no build is allowed.
    pub docker: Docker,
    /// The project's repository in ECR.
    pub repository: Option<Repository>,
    /// Images in it, by tag, of those that were asked for.
    pub images: BTreeMap<String, RemoteImage>,
    /// Zip archives among them, by tag; read only if a recipe makes one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub archives: BTreeMap<String, ZipArtifact>,
    /// The content of the target's repository to copy images from; `None`: not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What belongs to each selected function, by its key in the manifest.
    pub functions: BTreeMap<String, Function>,
    /// The values that were read from elsewhere, by the words for their
    /// [`Origin`](super::reference::Origin).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, Reading>,
    /// Functions of this project in Lambda outside of the selection, in any target.
    pub others: Vec<Other>,
    /// The time by AWS's clock, as `2026-11-28T15:10:05Z`; read only if an alias records a shift of
    /// traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// What schedules share; `None`: not read, since nothing mentions a schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<Scheduler>,
    /// What only `jot destroy` looks for.
    #[serde(default, skip_serializing_if = "Leftovers::is_empty")]
    pub leftovers: Leftovers,
}

/// What the schedules of the project and target share.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scheduler {
    /// Whether the group exists.
    pub group: bool,
    /// The names of all schedules in it, those that jot did not make too.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub schedules: BTreeSet<String>,
    /// The role by which they call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// Other resources with the project's tags: everything but functions, log groups and roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Leftovers {
    /// Images in the repository, with untagged ones; none if they were not counted.
    pub images: Option<usize>,
    /// ARNs of resources with the project's and target's tags, of kinds that jot never creates.
    pub unknown: Vec<String>,
    /// What could not be observed, each with the reason.
    pub unseen: Vec<String>,
    /// Keys of the project's archives in `aws.bucket`.
    pub objects: Vec<String>,
}

impl Leftovers {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Docker's side; its absence is data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Docker {
    /// No daemon answers; why, in one sentence.
    Absent(String),
    /// A daemon that answers.
    Present {
        /// Its platform, such as `linux/amd64`.
        platform: String,
        /// Images with jot's label for this project, by fingerprint.
        images: BTreeMap<Fingerprint, LocalImage>,
    },
}

/// An image of the local Docker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalImage {
    /// Docker's id of the image: `sha256:...`.
    pub id: String,
    /// Digests under which registries know it, as `host/name@sha256:...`.
    pub repo_digests: Vec<String>,
    /// Docker's id of the image of jot that it was built on, from its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

impl LocalImage {
    /// Whether a registry has it under this digest.
    pub fn is(&self, digest: &Digest) -> bool {
        let suffix = format!("@{}", digest.as_str());
        let mut known = self.repo_digests.iter();
        known.any(|known| known.ends_with(&suffix))
    }
}

impl Observed {
    /// Guards every value of an environment in Lambda, see [`Secret::guard`], unless it is `shown`:
    /// in the manifest and therefore not secret.
    pub fn guard(&self, shown: &BTreeSet<&str>) {
        let functions = self.functions.values();
        let states = functions.flat_map(|one| one.latest.iter().chain(&one.live));
        for value in states.flat_map(|state| state.config.environment.values()) {
            if !shown.contains(value.reveal()) {
                value.guard();
            }
        }
    }
}

/// A value from elsewhere, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// It may be shown.
    Shown(String),
    /// It may not be shown.
    Secret(Secret),
    /// It does not exist.
    Missing,
    /// It may not or cannot be read; why.
    Unreadable(String),
}

/// The project's repository as ECR reports it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// Address of images, without a tag: `<account>.dkr.ecr.<region>.amazonaws.com/<name>`.
    pub uri: String,
    /// ARN of the repository.
    pub arn: String,
    /// All its tags; `jot:project` names the project that owns it.
    pub tags: BTreeMap<String, String>,
    /// Repository policy, which lets Lambda pull, decoded; `None`: it has none.
    pub policy: Option<serde_json::Value>,
    /// Lifecycle policy, by which ECR expires images, decoded; `None`: it has none.
    pub lifecycle: Option<serde_json::Value>,
    /// Whether its tags can move.
    pub mutability: Mutability,
    /// Patterns of tags that are exempt from it. `None` with `..._WITH_EXCLUSION` means that they
    /// are not reported and cannot be compared: AWS always has one, ministack stores none.
    pub mutability_exceptions: Vec<String>,
}

/// All that belongs to one declared function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Function {
    /// The unpublished code and settings, `$LATEST`; `None`: the function does not exist.
    pub latest: Option<FunctionState>,
    /// The alias of the manifest.
    pub alias: Option<Alias>,
    /// The version that the alias points at.
    pub live: Option<FunctionState>,
    /// jot's role, or the named one.
    pub role: Option<Role>,
    /// The log group `/aws/lambda/<name>`.
    pub log_group: Option<LogGroup>,
    /// Published versions, read only if the state of `latest` is `Failed`: a function without
    /// versions and aliases never took traffic.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// Whether `alias` and `live`, the state, and the digest of `latest` (if Lambda reports no hash
    /// of the code) come from jot's tags, as they were at the end of an apply.
    pub from_tags: bool,
    /// What Lambda does with calls that form a loop; read if the manifest or its tags mention it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recursive_loop: Option<RecursiveLoop>,
    /// What may call it, as far as it was read: what the manifest or its tags mention.
    #[serde(skip_serializing_if = "reach::Found::is_empty")]
    pub reach: reach::Found,
}

/// A function or version, as GetFunction reports it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionState {
    /// ARN of the function, without version or alias.
    pub arn: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// How its code is packed.
    pub package_type: PackageType,
    /// The digest that it runs: of `ResolvedImageUri`, else `CodeSha256`.
    pub digest: Option<Digest>,
    /// `ImageUri` as last given, to put back after a failed test on `$LATEST`.
    pub image_uri: Option<String>,
    /// The processor that it runs on.
    pub architecture: Architecture,
    /// ARN of the role.
    pub role: String,
    /// Its settings; those that Lambda leaves out of its answer have Lambda's default.
    pub config: Settings,
    /// Tags, of `$LATEST` only.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether it can run.
    pub state: State,
    /// The result of its last update.
    pub last_update: LastUpdate,
    /// The reason code and text of a failed state or update.
    #[serde(default)]
    pub reason: Option<String>,
    /// Guard against changes by others.
    pub revision: String,
    /// When it last changed (a version: when it was published), as Lambda writes it:
    /// `2026-11-28T02:30:11.000+0000`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modified: String,
    /// Reserved simultaneous executions of all versions together; only for `$LATEST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_concurrency: Option<u32>,
    /// Whether Lambda now starts this version from a snapshot; never for `$LATEST`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optimised: bool,
    /// What only zip functions have; none for an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip: Option<ZipState>,
}

impl FunctionState {
    /// What it runs: the digest of its image or archive.
    pub fn code(&self) -> Option<&Digest> {
        let archive = self.zip.as_ref().and_then(|zip| zip.code.as_ref());
        self.digest.as_ref().or(archive)
    }
}

/// What Lambda reports of a zip function alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZipState {
    /// Digest of the archive, of `CodeSha256`.
    pub code: Option<Digest>,
    /// Bytes of the archive.
    pub size: u64,
    /// ARN of the version of the runtime that it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version: Option<String>,
    /// When Lambda moves it to a newer one; `None` if not read, because jot does not manage it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<RuntimeUpdate>,
}

/// Lambda's name for the unpublished code and settings of a function.
pub const LATEST: &str = "$LATEST";

/// An alias as Lambda reports it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// The version that it points at.
    pub version: String,
    /// Weights of further versions; empty but during a canary.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
    /// Guard against changes by others.
    pub revision: String,
    /// Its description: jot's record of releases, see [`Releases`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

impl Alias {
    /// Percent of its traffic that a version has.
    pub fn percent(&self, version: &str) -> u8 {
        let others: f64 = self.weights.values().sum();
        let share = match self.weights.get(version) {
            Some(weight) => *weight,
            None if self.version == version => 1.0 - others,
            None => 0.0,
        };
        (share * 100.0).round().clamp(0.0, 100.0) as u8
    }

    /// The versions that it names, weights included.
    pub fn versions(&self) -> impl Iterator<Item = &String> {
        self.weights.keys().chain([&self.version])
    }

    /// The releases that its description records.
    pub fn releases(&self) -> Option<Releases> {
        Releases::read(&self.description)
    }
}

/// A role as IAM reports it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// ARN of the role, which contains its path.
    pub arn: String,
    /// Trust policy, which IAM returns URL-encoded, decoded.
    pub trust: serde_json::Value,
    /// ARNs of attached managed policies, sorted.
    pub policies: Vec<String>,
    /// The inline policy named `jot`, decoded; `None` also if it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<serde_json::Value>,
    /// ARN of the managed policy that bounds what it may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// All its tags; those that begin with `jot:` name the owner.
    pub tags: BTreeMap<String, String>,
}

/// A log group as CloudWatch Logs reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Days; `None`: never expire.
    pub retention_days: Option<u32>,
    /// Its tags, read to find its owner if the function does not exist; otherwise empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A function of the project that is not desired here, or what remains of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Other {
    /// Name of the function in Lambda.
    pub name: String,
    /// ARN of what exists: the function, or else its log group or role.
    pub arn: String,
    /// `jot:target`, empty for none.
    pub target: String,
    /// Key in the manifest that declared it: its tag `jot:function`.
    pub function: String,
    /// What belongs to it. `None` if not read: it is another target's, or outside of the selection.
    #[serde(default)]
    pub belongings: Option<Belongings>,
}

/// What is deleted with a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Belongings {
    /// The tags of the function as Lambda itself reports them; `None` if it is deleted and only the
    /// rest remains.
    pub tags: Option<BTreeMap<String, String>>,
    /// jot's role of it, with its name; `None` if it does not exist.
    pub role: Option<(String, Role)>,
    /// The log group `/aws/lambda/<name>`; `None` if it does not exist.
    pub log_group: Option<LogGroup>,
    /// Event source mappings of it and of its aliases, by UUID; read if its tags mention triggers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mappings: BTreeMap<String, MappingState>,
    /// What else calls it or its aliases under names of jot, by id; read like `mappings`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pushes: BTreeMap<String, PushState>,
}

impl Other {
    /// Whether the function itself exists, and not only what remains of it.
    pub fn exists(&self) -> bool {
        let belongings = self.belongings.as_ref();
        belongings.is_none_or(|belongings| belongings.tags.is_some())
    }
}
