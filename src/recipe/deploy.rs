//! How a new version takes traffic, as the manifest says or by default.

use crate::{
    manifest::types::{self, Alias},
    model::{Deploy, traffic::Traffic},
};

/// The alias that takes traffic where the manifest names none.
const ALIAS: &str = "live";
/// Published versions that are kept where the manifest does not say.
const KEEP_VERSIONS: u32 = 5;

/// Returns the alias and how many versions are kept.
pub fn wanted(deploy: &types::Deploy) -> Deploy {
    Deploy {
        alias: alias(deploy),
        keep_versions: deploy.keep_versions.unwrap_or(KEEP_VERSIONS),
        traffic: deploy.traffic.as_ref().map(traffic),
    }
}

fn traffic(given: &types::Traffic) -> Traffic {
    Traffic {
        steps: given.steps.clone(),
        step_minutes: given.step_minutes.unwrap_or(5),
        hold_minutes: given.hold_minutes.unwrap_or(30),
        alarms: given.alarms.clone(),
        max_error_rate: given.max_error_rate.unwrap_or(0.01),
        min_calls: given.min_calls.unwrap_or(50),
        watch_minutes: given.watch_minutes.unwrap_or(10),
    }
}

/// Returns the name of the alias that takes traffic, if the function has one.
pub fn alias(deploy: &types::Deploy) -> Option<String> {
    match &deploy.alias {
        Some(Alias::Name(name)) => Some(name.clone()),
        Some(Alias::Off) => None,
        None => Some(ALIAS.to_owned()),
    }
}
