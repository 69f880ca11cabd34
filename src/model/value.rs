//! A value that a step needs, and how a value is shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Secret,
    reference::{Given, Origin},
    step::StepId,
};

/// A value that is known when planning, or that another step will give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ValueOf_{T}")]
pub enum Value<T> {
    /// Known when planning.
    Known(T),
    /// Given by that step, shown as `(known after <verb>)`.
    From(StepId),
}

/// One side of a [`super::Change`], ready to be shown: never holds a sensitive value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// There is none on this side.
    Absent,
    /// A value that may be shown.
    Value(serde_json::Value),
    /// A value that may not.
    Sensitive,
    /// Known after the named kind of step, such as `push`, or after something outside, such as `DB_URL is set here`.
    KnownAfter(String),
    /// The value that Lambda uses where none is given.
    Default(serde_json::Value),
    /// The value that jot creates a function with where none is given.
    Created(serde_json::Value),
}

/// A value of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnvValue {
    /// Written in the manifest; may be shown.
    Plain(String),
    /// Taken from elsewhere.
    From {
        /// Where it stands.
        origin: Origin,
        /// The value, or `None` where it was not or could not be read: then it is not compared, and apply refuses.
        value: Option<Given>,
    },
    /// What the function has already, which `lifecycle.ignore` leaves to others; never shown.
    Kept(Secret),
}

impl EnvValue {
    /// A value of an environment variable of the machine that runs jot, `None` where it is not set here.
    pub fn from_env(name: impl Into<String>, value: Option<Secret>) -> Self {
        let origin = Origin::Env(name.into());
        let value = value.map(Given::Secret);
        Self::From { origin, value }
    }

    /// The value to hand to Lambda, or `None` where it is unknown here.
    pub fn reveal(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::From { value, .. } => value.as_ref().map(Given::reveal),
            Self::Kept(value) => Some(value.reveal()),
        }
    }

    /// Where the value stands, where that is elsewhere and it is not known.
    pub fn unknown(&self) -> Option<&Origin> {
        match self {
            Self::From {
                origin,
                value: None,
            } => Some(origin),
            Self::From { .. } | Self::Plain(_) | Self::Kept(_) => None,
        }
    }

    /// What stands for a value that the manifest does not hold, such as `{"from_env": "DB_URL"}`; `None` for one that it
    /// does hold. This goes into digests, never the value.
    pub fn source(&self) -> Option<serde_json::Value> {
        match self {
            Self::Plain(_) => None,
            Self::From { origin, value: _ } => Some(origin.written()),
            Self::Kept(_) => Some(serde_json::Value::Null),
        }
    }
}
