//! The ordered difference between desired and observed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::{
    Config, Digest, Fingerprint, RuntimeUpdate,
    desired::Undeclared,
    observed::FunctionState,
    secret::redacted,
    step::StepId,
    value::{Shown, Value},
};

/// What is to be done, in an order in which it can be done one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Changes when a field goes or changes meaning.
    #[schemars(extend("const" = PLAN_FORMAT_VERSION))]
    pub format_version: u32,
    /// The version of jot that made it.
    pub jot_version: String,
    /// Project.
    pub project: String,
    /// Target, if one was chosen.
    pub target: Option<String>,
    /// Account that it was made for.
    pub account: String,
    /// Region that it was made for.
    pub region: String,
    /// Whether it creates and updates, or destroys.
    pub purpose: Purpose,
    /// What becomes of functions that the manifest does not declare.
    #[serde(default)]
    pub undeclared: Undeclared,
    /// Every step stands after those that it names in `after`.
    pub steps: Vec<Step>,
    /// What the reader should know although nothing is done about it, in words.
    pub notes: Vec<String>,
    /// Environment variables of this machine that a step needs and that are not set here, sorted: `apply` refuses
    /// while there is one.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Values that a step needs and that could not be read, each with its key, where it stands and why, sorted: `apply` refuses
    /// while there is one.
    #[serde(default)]
    pub unread: Vec<String>,
    /// What Lambda reported of each function, by key: tells changes made since from those of the
    /// apply. Never saved, since it holds environments; a saved plan is planned again before it is
    /// carried out.
    #[serde(skip)]
    pub seen: Seen,
}

/// What Lambda reported of functions when a plan was made. Plans of the same steps are the same,
/// whatever was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen(BTreeMap<String, FunctionState>);

impl Seen {
    /// The functions by key.
    pub fn new(functions: BTreeMap<String, FunctionState>) -> Self {
        Self(functions)
    }

    /// The function of that key, where there was one.
    pub fn get(&self, key: &str) -> Option<&FunctionState> {
        self.0.get(key)
    }
}

impl PartialEq for Seen {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The version of the JSON form of [`Plan`].
pub const PLAN_FORMAT_VERSION: u32 = 1;

/// What a plan is towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Towards the manifest.
    Apply,
    /// Towards nothing.
    Destroy,
    /// Towards ownership of what is there as it is.
    Adopt,
}

/// One action, why, and after what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name.
    pub id: StepId,
    /// The resource that it acts on, such as `function increment-vector` or `repository numerics`.
    pub resource: String,
    /// What it does.
    pub action: Action,
    /// The steps that must have succeeded before.
    pub after: Vec<StepId>,
    /// Why, in words: `not in ECR`, `source changed: increment_vector.jl`.
    pub reasons: Vec<String>,
    /// Fields old -> new, for an update.
    pub changes: Vec<Change>,
}

/// One field that changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The manifest's word for it, such as `memory_mb` or `environment.LOG_LEVEL`.
    pub field: String,
    /// What is there.
    pub old: Shown,
    /// What is to be there.
    pub new: Shown,
    /// Who made the two differ.
    #[serde(default)]
    pub cause: Cause,
}

impl Change {
    /// A change whose cause nobody can tell, until [`Change::because`] says one.
    pub fn new(field: impl Into<String>, old: Shown, new: Shown) -> Self {
        Self {
            field: field.into(),
            old,
            new,
            cause: Cause::Unknown,
        }
    }

    /// The change with this cause.
    #[must_use]
    pub fn because(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }
}

/// Who made a field differ, as far as what jot recorded at the last apply tells.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The manifest, or a file that it names: AWS is as jot last left it.
    Manifest,
    /// Somebody or something in AWS: what the manifest asks for is what jot last applied.
    Outside,
    /// Both: neither side is as it was recorded.
    Both,
    /// Nothing that would tell was recorded, or nothing exists yet.
    #[default]
    Unknown,
}

/// What a step does. Names and settings that are not here are taken from `Desired` by `function` (manifest key) or `image`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(
    clippy::large_enum_variant,
    reason = "a few a plan: a box would save nothing"
)]
// `function` is a manifest key, `image` a fingerprint, `name` AWS's name, in every variant.
#[allow(missing_docs)]
pub enum Action {
    /// Makes the repository with policy and lifecycle.
    CreateRepository,
    /// Puts policy, lifecycle, mutability and tags right.
    UpdateRepository,
    /// Makes jot's role of the function, policies attached.
    CreateRole { function: String },
    /// Puts trust policy, attached policies and tags right.
    UpdateRole {
        function: String,
        arn: String,
        #[serde(serialize_with = "without_secrets")]
        attach: Vec<String>,
        #[serde(serialize_with = "without_secrets")]
        detach: Vec<String>,
        trust: bool,
        tags: bool,
        /// What becomes of the inline policy, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inline: Option<Inline>,
        /// What becomes of the permissions boundary, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        boundary: Option<Inline>,
    },
    /// Makes the log group, retention set.
    CreateLogGroup { function: String },
    /// Sets retention, or removes it where `Desired` has none: the key left the manifest.
    UpdateLogGroup { function: String },
    /// Writes the ownership tags of the function's log group.
    TagLogGroup { function: String },
    /// Brings the base image at exactly this digest to the local Docker, to build on.
    Pull { image: Fingerprint, digest: Digest },
    /// Builds the image with the local Docker.
    Build { image: Fingerprint },
    /// Runs the function's tests against the local image: the gate before the push.
    TestLocal { function: String },
    /// Pushes the local image under its tag and `extra_tags`; gives the digest that ECR reports.
    Push {
        image: Fingerprint,
        extra_tags: Vec<String>,
    },
    /// Gives an image that ECR holds these further tags.
    TagImage {
        image: Fingerprint,
        tags: Vec<String>,
    },
    /// Makes the function, with ownership tags.
    CreateFunction {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        role: Value<String>,
        digest: Value<Digest>,
    },
    /// Deletes the function and creates it again: its creation failed, or it is of another package type.
    ReplaceFunction {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        role: Value<String>,
        digest: Value<Digest>,
        /// `RevisionId` when planned of a function that ran; absent for one whose creation failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<String>,
    },
    /// Gives the function another image.
    UpdateCode {
        function: String,
        digest: Value<Digest>,
        /// `RevisionId` when planned.
        revision: String,
        /// The `ImageUri`, or the digest of the archive, to put back if the tests on `$LATEST` fail (functions without an alias).
        previous: Option<String>,
    },
    /// Puts the managed settings right: those of `Desired`, and beside them those of `reset`, see [`Config::with`].
    UpdateConfig {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        role: Value<String>,
        /// Lambda's defaults for the keys that jot once set and that left the manifest.
        reset: Config,
        /// The log group that the function writes to, where that is not the one of its name: it is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_group: Option<String>,
        /// `RevisionId` when planned.
        revision: String,
    },
    /// Reserves that many simultaneous executions, or none any more.
    SetConcurrency {
        function: String,
        reserved: Option<u32>,
    },
    /// Says when Lambda moves `$LATEST`, or a published version, to a newer version of its runtime.
    SetRuntimeUpdate {
        function: String,
        /// The published version; `None` for `$LATEST`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<Value<String>>,
        update: RuntimeUpdate,
    },
    /// Publishes `$LATEST` as a version; gives its number.
    PublishVersion { function: String },
    /// Runs the tests against that version (or `$LATEST`): the gate before traffic.
    TestRemote {
        function: String,
        version: Value<String>,
    },
    /// Points the alias at the version; `revision` is that when planned, `None` where it does not exist yet.
    SetAlias {
        function: String,
        version: Value<String>,
        revision: Option<String>,
    },
    /// Deletes published versions beyond the newest `keep`, never one that an alias names.
    RetireVersions { function: String, keep: u32 },
    /// Writes tags: last, so that they never claim what is not so. A `From` value is the digest of that push.
    TagFunction {
        function: String,
        set: BTreeMap<String, Value<String>>,
        remove: Vec<String>,
    },
    /// Deletes the Lambda function of this name with all versions and aliases.
    DeleteFunction { name: String },
    /// Deletes the role, its policies detached first.
    DeleteRole { name: String, policies: Vec<String> },
    /// Deletes the log group.
    DeleteLogGroup { name: String },
    /// Deletes the repository and the images in it.
    DeleteRepository { name: String },
    /// Deletes archives from the bucket that Lambda took them from; it has copies of its own.
    DeleteObjects { bucket: String, keys: Vec<String> },
}

/// Writes names and ARNs down without the guarded values among them: the manifest may take them from elsewhere.
fn without_secrets<T: Serialize, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut json = serde_json::to_value(value).map_err(serde::ser::Error::custom)?;
    let texts: Vec<&mut Json> = match &mut json {
        Json::Array(items) => items.iter_mut().collect(),
        Json::Object(fields) => fields.values_mut().collect(),
        _ => Vec::new(),
    };
    for text in texts {
        if let Json::String(text) = text {
            *text = redacted(text).into_owned();
        }
    }
    json.serialize(serializer)
}

/// What becomes of the inline policy, or of the permissions boundary, of a role of jot's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// It is written, as `Desired` has it.
    Put,
    /// It is deleted.
    Delete,
}

impl Action {
    /// The manifest key of the function that it acts on, where it names one.
    pub fn function(&self) -> Option<&str> {
        match self {
            Self::CreateRole { function }
            | Self::UpdateRole { function, .. }
            | Self::CreateLogGroup { function }
            | Self::UpdateLogGroup { function }
            | Self::TagLogGroup { function }
            | Self::TestLocal { function }
            | Self::CreateFunction { function, .. }
            | Self::ReplaceFunction { function, .. }
            | Self::UpdateCode { function, .. }
            | Self::UpdateConfig { function, .. }
            | Self::SetConcurrency { function, .. }
            | Self::SetRuntimeUpdate { function, .. }
            | Self::PublishVersion { function }
            | Self::TestRemote { function, .. }
            | Self::SetAlias { function, .. }
            | Self::RetireVersions { function, .. }
            | Self::TagFunction { function, .. } => Some(function),
            _ => None,
        }
    }

    /// The image that it acts on, where it names one.
    pub fn image(&self) -> Option<&Fingerprint> {
        match self {
            Self::Pull { image, .. }
            | Self::Build { image }
            | Self::Push { image, .. }
            | Self::TagImage { image, .. } => Some(image),
            _ => None,
        }
    }

    /// Whether it acts on the repository.
    pub fn is_repository(&self) -> bool {
        matches!(
            self,
            Self::CreateRepository | Self::UpdateRepository | Self::DeleteRepository { .. }
        )
    }
}

impl Plan {
    /// The step of that name.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
