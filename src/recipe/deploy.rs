//! How a new version takes traffic, as the manifest says or by default.

use crate::{
    manifest::types::{self, Alias},
    model::Deploy,
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
    }
}

/// Returns the name of the alias that takes traffic, if there is to be one.
pub fn alias(deploy: &types::Deploy) -> Option<String> {
    match &deploy.alias {
        Some(Alias::Name(name)) => Some(name.clone()),
        Some(Alias::Off) => None,
        None => Some(ALIAS.to_owned()),
    }
}
