//! A row of `jot releases`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::release::By;

/// A published version of a function. Texts are empty if jot did not publish it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReleaseRow {
    /// The manifest's key.
    pub function: String,
    /// The Lambda function's name.
    pub name: String,
    /// The version's number.
    pub version: String,
    /// Its relation to the alias.
    pub state: ReleaseState,
    /// Its share of the alias's traffic, in percent.
    pub percent: u8,
    /// When it was published, in Lambda's format.
    pub published: String,
    /// The first 16 hex digits of its recipe's fingerprint.
    pub fingerprint: String,
    /// The first 16 hex digits of the digest of its settings.
    pub config: String,
    /// Why it is held.
    pub held_by: Option<By>,
}

/// The relation of a version to the alias.
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
