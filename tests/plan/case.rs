//! A case: what is desired, and what is observed.

use std::{collections::BTreeMap, path::PathBuf};

use jot::{
    model::{Desired, Observed, Plan, observed::FunctionState, version::Target},
    plan::{self, Error, Local},
};
use serde::{Deserialize, Serialize};

/// The desired state of a manifest, and a world.
#[derive(Clone, Serialize, Deserialize)]
pub struct Case {
    pub name: String,
    pub folder: PathBuf,
    pub ask: Ask,
    pub desired: Desired,
    pub observed: Observed,
    /// What a destroy includes besides what is declared.
    #[serde(default)]
    pub scope: plan::Scope,
    #[serde(default)]
    pub back: Back,
}

/// The request to the planner.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    Plan,
    Destroy,
    Build,
    Test,
    /// For what the manifest will declare in its present state.
    Adopt,
    /// For what the manifest declares already.
    AdoptDeclared,
    Rollback,
}

/// The release that a rollback was asked to return to, and its state.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Back {
    pub to: Option<String>,
    /// The version was deleted.
    pub gone: bool,
    /// ECR lost its image.
    pub no_image: bool,
    /// It has the code of what serves.
    pub same_code: bool,
}

impl Case {
    pub fn plan(&self) -> Result<Plan, Error> {
        let (desired, observed) = (&self.desired, &self.observed);
        match self.ask {
            Ask::Plan => plan::plan(desired, observed),
            Ask::Rollback => self.rollback(),
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

    fn rollback(&self) -> Result<Plan, Error> {
        let mut targets = BTreeMap::new();
        for (key, wanted) in &self.desired.functions {
            let found = self
                .observed
                .functions
                .get(key)
                .cloned()
                .unwrap_or_default();
            let version = plan::returns_to(wanted, &found, self.back.to.as_deref())?;
            let target = match found.live {
                Some(state) if !self.back.gone => {
                    let mut state = FunctionState { version, ..state };
                    if !self.back.same_code {
                        state.config.description =
                            "jot 7777777777777777 c0ffee0000000007".to_owned();
                    }
                    Target::Found {
                        state: Box::new(state),
                        image: Some(!self.back.no_image),
                        shifted: None,
                    }
                }
                _ => Target::Gone(version),
            };
            targets.insert(key.clone(), target);
        }
        plan::rollback(&self.desired, &self.observed, &targets)
    }
}
