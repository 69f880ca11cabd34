//! The ordered difference between desired and observed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::action::{Action, Inline};

use super::{
    desired::Undeclared,
    observed::FunctionState,
    release::{Held, Shift},
    step::StepId,
    value::Shown,
};

/// What is to be done, in an order in which it can be done one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Changes when a field is removed or changes its meaning.
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
    /// Whether what is held is released all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// The target with the repository that images and archives are copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images_from: Option<String>,
    /// Every step comes after those in its `after`.
    pub steps: Vec<Step>,
    /// What the reader should know although no step acts on it, in words.
    pub notes: Vec<String>,
    /// Functions, by key, that stay at an earlier release: a newer one was refused or rolled back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, Held>,
    /// Functions, by key, that another apply is moving traffic of: then `apply` refuses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shifting: BTreeMap<String, Shift>,
    /// Environment variables of this machine that a step needs and that are not set, sorted: if
    /// any, `apply` refuses.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Values that a step needs and that could not be read, each with its key, origin and cause,
    /// sorted: if any, `apply` refuses.
    #[serde(default)]
    pub unread: Vec<String>,
    /// What Lambda reported of each function, by key: distinguishes later changes from those of the
    /// apply. Never saved, because it contains environments; a saved plan is made again before it
    /// is executed.
    #[serde(skip)]
    pub seen: Seen,
}

/// What Lambda reported of functions when a plan was made. Plans with the same steps are equal,
/// whatever was observed.
#[derive(Clone, Debug, Default)]
pub struct Seen(BTreeMap<String, FunctionState>);

impl Seen {
    /// The functions by key.
    pub fn new(functions: BTreeMap<String, FunctionState>) -> Self {
        Self(functions)
    }

    /// The function of that key, if it existed.
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
    /// Takes ownership of an existing resource without changing it.
    Adopt,
    /// Towards an earlier release.
    Rollback,
}

/// One action, why, and after what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
pub struct Change {
    /// The manifest's word for it, such as `memory_mb` or `environment.LOG_LEVEL`.
    pub field: String,
    /// The observed value.
    pub old: Shown,
    /// The desired value.
    pub new: Shown,
    /// Who made the two differ.
    #[serde(default)]
    pub cause: Cause,
}

impl Change {
    /// A change of unknown cause; [`Change::because`] sets one.
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

/// Why a field differs, as far as jot's records of the last apply show.
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
    /// Changed outside jot: the manifest asks for what jot last applied.
    Outside,
    /// Both: neither side is as it was recorded.
    Both,
    /// No record says, or nothing exists yet.
    #[default]
    Unknown,
}

impl Plan {
    /// The step of that name.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Whether AWS differs from the manifest: the plan has steps, or a function stays at an earlier
    /// release.
    pub fn is_pending(&self) -> bool {
        !self.is_empty() || !self.held.is_empty() || !self.shifting.is_empty()
    }

    /// Whether the plan has nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
