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
    /// Whether what is held is released all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// The target whose repository images and archives are copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images_from: Option<String>,
    /// Every step stands after those that it names in `after`.
    pub steps: Vec<Step>,
    /// What the reader should know although nothing is done about it, in words.
    pub notes: Vec<String>,
    /// Functions, by key, that stay at an earlier release: what the manifest asks for was refused or rolled back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, Held>,
    /// Functions, by key, whose traffic another apply is moving: `apply` refuses while there is one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shifting: BTreeMap<String, Shift>,
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

impl Plan {
    /// The step of that name.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Whether AWS is not as the manifest asks: there are steps, or a function stays at an earlier release.
    pub fn is_pending(&self) -> bool {
        !self.is_empty() || !self.held.is_empty() || !self.shifting.is_empty()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
