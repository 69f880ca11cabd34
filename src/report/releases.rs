//! What `jot releases` shows of a published version.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::release::By;

/// A published version of a function. Texts are empty where it is not jot that published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReleaseRow {
    /// The manifest's key.
    pub function: String,
    /// The Lambda function's name.
    pub name: String,
    /// The version's number.
    pub version: String,
    /// What it is to the alias.
    pub state: ReleaseState,
    /// Percent of the alias's traffic that it has.
    pub percent: u8,
    /// When it was published, as Lambda says it.
    pub published: String,
    /// The first 16 hex digits of its recipe's fingerprint.
    pub fingerprint: String,
    /// The first 16 hex digits of the digest of its settings.
    pub config: String,
    /// What holds it.
    pub held_by: Option<By>,
}

/// What a version is to the alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseState {
    /// It has all traffic.
    Live,
    /// It has a part of the traffic.
    Partly,
    /// It had all traffic: a rollback can return to it.
    Released,
    /// It was rolled back, or traffic steps refused it.
    Held,
    /// It never had all traffic.
    Unreleased,
}
