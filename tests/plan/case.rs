//! A case: what is asked for, and what is there.

use std::path::PathBuf;

use jot::{
    model::{Desired, Observed, Plan},
    plan::{self, Error, Local},
};
use serde::{Deserialize, Serialize};

/// A manifest's wish and a world.
#[derive(Clone, Serialize, Deserialize)]
pub struct Case {
    pub name: String,
    pub folder: PathBuf,
    pub ask: Ask,
    pub desired: Desired,
    pub observed: Observed,
    /// What a destroy reaches beside what is declared.
    #[serde(default)]
    pub scope: plan::Scope,
}

/// What the planner is asked.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    Plan,
    Destroy,
    Build,
    Test,
    /// Of what the manifest is to say as it is.
    Adopt,
    /// Of what the manifest declares already.
    AdoptDeclared,
}

impl Case {
    pub fn plan(&self) -> Result<Plan, Error> {
        let (desired, observed) = (&self.desired, &self.observed);
        match self.ask {
            Ask::Plan => plan::plan(desired, observed),
            Ask::Destroy => plan::destroy(desired, observed, &self.scope),
            Ask::Build => plan::local(desired, &observed.docker, Local::Build),
            Ask::Test => plan::local(desired, &observed.docker, Local::Test),
            Ask::Adopt => plan::adopt(desired, observed),
            Ask::AdoptDeclared => match plan::adopt(desired, observed) {
                Err(
                    Error::NotAsItIs { .. }
                    | Error::ForeignRole { .. }
                    | Error::PackageType { .. }
                    | Error::DockerAbsent { .. },
                ) => plan::take(desired, observed),
                other => other,
            },
        }
    }
}
