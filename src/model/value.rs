//! A value that a step needs, and how a value is shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Secret,
    reference::{Given, Origin},
    step::StepId,
};

/// A value that is known when planning, or that another step will provide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ValueOf_{T}")]
pub enum Value<T> {
    /// Known when planning.
    Known(T),
    /// Provided by that step, shown as `(known after <verb>)`.
    From(StepId),
}

/// One side of a [`super::Change`], ready to be shown: never contains a sensitive value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// No value on this side.
    Absent,
    /// A value that may be shown.
    Value(serde_json::Value),
    /// A value that may not.
    Sensitive,
    /// Known after a step of this kind, such as `push`, or after an external event, such as `DB_URL
    /// is set here`.
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
        /// Its origin.
        origin: Origin,
        /// The value, or `None` if it could not be read: then it is not compared, and apply
        /// refuses.
        value: Option<Given>,
    },
    /// The function's current value, which `lifecycle.ignore` leaves unmanaged; never shown.
    Kept(Secret),
}

impl EnvValue {
    /// A value of an environment variable of the machine that runs jot, `None` if it is not set.
    pub fn from_env(name: impl Into<String>, value: Option<Secret>) -> Self {
        let origin = Origin::Env(name.into());
        let value = value.map(Given::Secret);
        Self::From { origin, value }
    }

    /// The value to hand to Lambda, or `None` if it is unknown here.
    pub fn reveal(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::From { value, .. } => value.as_ref().map(Given::reveal),
            Self::Kept(value) => Some(value.reveal()),
        }
    }

    /// The origin of the value, if it comes from elsewhere and is unknown.
    pub fn unknown(&self) -> Option<&Origin> {
        match self {
            Self::From {
                origin,
                value: None,
            } => Some(origin),
            Self::From { .. } | Self::Plain(_) | Self::Kept(_) => None,
        }
    }

    /// The reference to a value that is not in the manifest, such as `{"from_env": "DB_URL"}`;
    /// `None` for one in the manifest. Digests contain this, never the value.
    pub fn source(&self) -> Option<serde_json::Value> {
        match self {
            Self::Plain(_) => None,
            Self::From { origin, value: _ } => Some(origin.written()),
            Self::Kept(_) => Some(serde_json::Value::Null),
        }
    }
}
