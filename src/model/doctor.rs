//! The results of checks of this machine and of AWS.

use schemars::JsonSchema;
use serde::Serialize;

use super::Problem;

/// All that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// In the order in which they ran.
    pub checks: Vec<Check>,
    /// How many of them are broken.
    pub broken: usize,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What, such as `docker`.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, but may be in the way.
    Doubtful,
    /// Something does not work.
    Broken,
    /// Not checked, because something that it needs is broken or missing.
    Unknown,
}

impl Diagnosis {
    /// The diagnosis of these checks.
    pub fn of(checks: Vec<Check>) -> Self {
        let broken = checks.iter().filter(|one| one.health == Health::Broken);
        Self {
            broken: broken.count(),
            checks,
        }
    }
}

impl Check {
    /// Something that is as it should be.
    pub fn good(name: &str, message: impl Into<String>) -> Self {
        Self::of(name, Health::Good, message, None)
    }

    /// Something that may be in the way.
    pub fn doubtful(name: &str, message: impl Into<String>, help: &str) -> Self {
        Self::of(name, Health::Doubtful, message, Some(help))
    }

    /// Something that does not work.
    pub fn broken(name: &str, message: impl Into<String>, help: &str) -> Self {
        Self::of(name, Health::Broken, message, Some(help))
    }

    /// Something that was not checked.
    pub fn unknown(name: &str, message: impl Into<String>) -> Self {
        Self::of(name, Health::Unknown, message, None)
    }

    /// An error that says that something does not work.
    pub fn failed(name: &str, problem: &Problem) -> Self {
        let message = std::iter::once(&problem.message).chain(&problem.causes);
        let message = message.cloned().collect::<Vec<_>>().join(": ");
        Self::of(name, Health::Broken, message, problem.help.as_deref())
    }

    fn of(name: &str, health: Health, message: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            health,
            message: message.into(),
            help: help.map(str::to_owned),
        }
    }
}
