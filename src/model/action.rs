//! What a step of a plan does.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::{
    Config, Digest, Fingerprint, Mapping, Push, RecursiveLoop, RuntimeUpdate,
    push::Notified,
    reach::{Asynchronous, Statement},
    release::Releases,
    secret::redacted,
    traffic::Traffic,
    value::Value,
};

/// What a step does. Names and settings that are missing here come from `Desired`, by `function`
/// (manifest key) or `image`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(
    clippy::large_enum_variant,
    reason = "a plan has few: a box would save nothing"
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
    /// Sets retention, or removes it if `Desired` has none because the key left the manifest.
    UpdateLogGroup { function: String },
    /// Writes the ownership tags of the function's log group.
    TagLogGroup { function: String },
    /// Pulls the base image at exactly this digest into the local Docker, to build on.
    Pull { image: Fingerprint, digest: Digest },
    /// Builds the image with the local Docker.
    Build { image: Fingerprint },
    /// Runs the function's tests against the local image: the gate before the push.
    TestLocal { function: String },
    /// Pushes the local image under its tag and `extra_tags`; returns the digest that ECR reports.
    Push {
        image: Fingerprint,
        extra_tags: Vec<String>,
    },
    /// Copies an image or archive from another target's repository (`host/name`) and gives it its
    /// tag and `extra_tags`; returns the same as [`Action::Push`].
    Copy {
        image: Fingerprint,
        source: String,
        digest: Digest,
        extra_tags: Vec<String>,
    },
    /// Returns an image that ECR holds these further tags.
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
    /// Deletes the function and creates it again: its creation failed, or its package type changes.
    ReplaceFunction {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        role: Value<String>,
        digest: Value<Digest>,
        /// `RevisionId` when planned, for a function that ran; absent for one that was never
        /// created completely.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<String>,
    },
    /// Returns the function another image.
    UpdateCode {
        function: String,
        digest: Value<Digest>,
        /// `RevisionId` when planned.
        revision: String,
        /// The `ImageUri`, or the archive's digest, to restore if the tests on `$LATEST` fail
        /// (functions without an alias).
        previous: Option<String>,
    },
    /// Sets the managed settings: those of `Desired` and those of `reset`, see [`Config::with`].
    UpdateConfig {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        role: Value<String>,
        /// Lambda's defaults for the keys that jot once set and that are no longer in the manifest.
        reset: Config,
        /// The log group to keep: the function's own, if it is neither the default nor set in the
        /// manifest.
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
    /// Reports what Lambda does with calls that go round in a circle.
    SetRecursiveLoop {
        function: String,
        recursive_loop: RecursiveLoop,
    },
    /// Sets when Lambda moves `$LATEST`, or a published version, to a newer version of its runtime.
    SetRuntimeUpdate {
        function: String,
        /// The published version; `None` for `$LATEST`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<Value<String>>,
        update: RuntimeUpdate,
    },
    /// Adds statements to the policy of the function's alias, by id; those under `replace` are
    /// removed first.
    AddPermissions {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        statements: BTreeMap<String, Statement>,
        replace: Vec<String>,
    },
    /// Removes statements from the policy of the function's alias.
    RemovePermissions { function: String, ids: Vec<String> },
    /// Makes the URL of the function's alias; says its address.
    CreateUrl { function: String },
    /// Returns the URL other settings; says its address.
    UpdateUrl { function: String },
    /// Deletes the URL.
    DeleteUrl { function: String },
    /// Reports what becomes of asynchronous calls of the function's alias.
    SetAsync {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        config: Asynchronous<String>,
    },
    /// Restores Lambda's defaults for asynchronous calls.
    ResetAsync { function: String },
    /// Writes the inline policy of jot's role for destinations, or deletes it.
    SetRolePolicy {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        policy: Option<serde_json::Value>,
    },
    /// Makes an event source mapping, tagged.
    CreateMapping {
        function: String,
        /// The manifest's name.
        trigger: String,
        #[serde(serialize_with = "without_secrets")]
        mapping: Mapping,
    },
    /// Returns a mapping other settings.
    UpdateMapping {
        function: String,
        uuid: String,
        #[serde(serialize_with = "without_secrets")]
        mapping: Mapping,
        /// Whether its tags are written too, because the function's key changed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tags: bool,
    },
    /// Deletes a mapping, after disabling it so that it reads nothing more.
    DeleteMapping { function: String, uuid: String },
    /// Creates or updates the rule, subscription or schedule that calls the function's alias.
    PutPush {
        function: String,
        /// The manifest's name.
        trigger: String,
        /// The name of the rule or schedule, or the ARN of an existing subscription; empty for a
        /// new subscription.
        #[serde(serialize_with = "without_secrets")]
        id: String,
        #[serde(serialize_with = "without_secrets")]
        push: Push,
        /// The ARN of the alias, or of the function where it has none.
        calls: String,
        /// Whether it does not exist yet.
        creates: bool,
    },
    /// Deletes a rule, subscription or schedule.
    DeletePush {
        function: String,
        #[serde(serialize_with = "without_secrets")]
        id: String,
        #[serde(serialize_with = "without_secrets")]
        push: Push,
    },
    /// Makes the group of the target's schedules, tagged.
    CreateScheduleGroup { name: String },
    /// Makes the role by which the target's schedules call, with its policy.
    CreateSchedulerRole { name: String, policy: Json },
    /// Puts trust policy, tags and policy of that role right.
    UpdateSchedulerRole {
        name: String,
        trust: bool,
        tags: bool,
        /// `None`: as it should be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<Json>,
    },
    /// Deletes a schedule of jot that belongs to no existing function.
    DeleteSchedule { group: String, name: String },
    /// Deletes the group of the target's schedules, which is empty.
    DeleteScheduleGroup { name: String },
    /// Writes entries of a bucket's notifications by id and removes others; the rest stays
    /// unchanged.
    SetNotifications {
        #[serde(serialize_with = "without_secrets")]
        bucket: String,
        #[serde(serialize_with = "without_secrets")]
        put: BTreeMap<String, Notified>,
        remove: Vec<String>,
        /// Whether a step of the plan lets S3 call one of the functions, which may take effect with
        /// a delay.
        granted: bool,
    },
    /// Sets the number of executions of the function's alias that stay initialised, or removes the
    /// setting.
    SetProvisioned {
        function: String,
        number: Option<u32>,
    },
    /// Publishes `$LATEST` as a version; gives its number.
    PublishVersion { function: String },
    /// Runs the tests against that version (or `$LATEST`): the gate before traffic.
    TestRemote {
        function: String,
        version: Value<String>,
    },
    /// Points the alias at the version; `revision` is the alias's when planned, `None` if it does
    /// not exist yet.
    SetAlias {
        function: String,
        version: Value<String>,
        revision: Option<String>,
        /// The record for the alias's description, which gets the version as its first release.
        #[serde(default)]
        record: Releases,
        /// The steps in which it takes the traffic of the version that has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traffic: Option<Traffic>,
    },
    /// Deletes the function's alias of a previous name, with its URL, its configuration of
    /// asynchronous calls and its provisioned executions.
    DeleteAlias { function: String, alias: String },
    /// Deletes published versions beyond the last `keep` releases, never one that an alias names.
    /// Versions that were never a release go first.
    RetireVersions { function: String, keep: u32 },
    /// Writes tags: last, so that they never claim what is not true. A `From` value is the digest
    /// of that push.
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
    /// Deletes archives from the bucket after Lambda has copied them.
    DeleteObjects {
        #[serde(serialize_with = "without_secrets")]
        bucket: String,
        keys: Vec<String>,
    },
}

/// Serializes names and ARNs without the guarded values in them, which the manifest may take from
/// elsewhere.
fn without_secrets<T: Serialize, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut json = serde_json::to_value(value).map_err(serde::ser::Error::custom)?;
    redact(&mut json);
    json.serialize(serializer)
}

fn redact(json: &mut Json) {
    match json {
        Json::String(text) => *text = redacted(text).into_owned(),
        Json::Array(items) => items.iter_mut().for_each(redact),
        Json::Object(fields) => fields.values_mut().for_each(redact),
        _ => {}
    }
}

/// What happens to the inline policy, or to the permissions boundary, of a role of jot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// It is written, as `Desired` has it.
    Put,
    /// It is deleted.
    Delete,
}

impl Action {
    /// The manifest key of the function that it acts on, if it names one.
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
            | Self::SetRecursiveLoop { function, .. }
            | Self::AddPermissions { function, .. }
            | Self::RemovePermissions { function, .. }
            | Self::CreateUrl { function }
            | Self::UpdateUrl { function }
            | Self::DeleteUrl { function }
            | Self::SetAsync { function, .. }
            | Self::ResetAsync { function }
            | Self::SetRolePolicy { function, .. }
            | Self::SetProvisioned { function, .. }
            | Self::CreateMapping { function, .. }
            | Self::UpdateMapping { function, .. }
            | Self::DeleteMapping { function, .. }
            | Self::PutPush { function, .. }
            | Self::DeletePush { function, .. }
            | Self::PublishVersion { function }
            | Self::TestRemote { function, .. }
            | Self::SetAlias { function, .. }
            | Self::DeleteAlias { function, .. }
            | Self::RetireVersions { function, .. }
            | Self::TagFunction { function, .. } => Some(function),
            _ => None,
        }
    }

    /// The image that it acts on, if it names one.
    pub fn image(&self) -> Option<&Fingerprint> {
        match self {
            Self::Pull { image, .. }
            | Self::Build { image }
            | Self::Push { image, .. }
            | Self::Copy { image, .. }
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
