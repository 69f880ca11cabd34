//! The desired state of the manifest.

use std::{path::PathBuf, sync::Arc};

use super::{
    Error, Global,
    environment::{cache, environment, region},
    sources,
};
use crate::{
    manifest::{self, Loaded},
    model::{Checkouts, Desired, desired},
    recipe,
};

/// Finds and reads the manifest.
pub fn load(global: &Global) -> Result<Loaded, Error> {
    let path = match &global.manifest {
        Some(path) if path.is_dir() => path.join(manifest::FILE),
        Some(path) => path.clone(),
        None => manifest::find(&here()?).map_err(Box::new)?,
    };
    Ok(manifest::load(&path, global.target.as_deref()).map_err(Box::new)?)
}

pub fn here() -> Result<PathBuf, Error> {
    std::env::current_dir().map_err(|cause| Error::File {
        what: "find",
        path: PathBuf::from("."),
        cause,
    })
}

/// The key of the one function that a command is about; optional if the manifest has only one.
pub fn one(loaded: &Loaded, named: Option<&str>) -> Result<String, Error> {
    Ok(recipe::one(&loaded.manifest.functions, named)?)
}

/// The desired state without AWS: the region comes from the manifest or the environment, or is
/// unknown.
pub fn desired_offline(loaded: &Loaded, select: &[String]) -> Result<Arc<Desired>, Error> {
    desired(loaded, region().as_deref(), select)
}

/// Like [`desired_offline`] without images: the sources may be missing.
pub fn names_offline(loaded: &Loaded) -> Result<Desired, Error> {
    names(loaded, region().as_deref(), &[])
}

/// The desired state without images: names, roles, settings and tags.
pub fn names(loaded: &Loaded, region: Option<&str>, select: &[String]) -> Result<Desired, Error> {
    let environment = environment();
    let request = recipe::Request {
        loaded,
        select,
        environment: &environment,
        cache: None,
        checkouts: &Checkouts::new(),
        region,
    };
    Ok(recipe::desired_names(&request)?)
}

/// Like [`desired_offline`], and without git. Also returns the keys of functions that were left out
/// because their sources are not fetched.
pub fn desired_at_hand(
    loaded: &Loaded,
    select: &[String],
) -> Result<(Option<Arc<Desired>>, Vec<String>), Error> {
    let environment = environment();
    let cache = cache(&environment);
    let found = sources::at_hand(loaded, select, cache.as_deref())?;
    if found.here.is_empty() && !found.absent.is_empty() {
        return Ok((None, found.absent));
    }
    let region = region();
    let request = recipe::Request {
        loaded,
        select: &found.here,
        environment: &environment,
        cache: cache.as_deref(),
        checkouts: &found.checkouts,
        region: region.as_deref(),
    };
    let desired = recipe::desired(&request)?;
    Ok((Some(Arc::new(desired)), found.absent))
}

/// The desired state, without any client.
pub fn desired(
    loaded: &Loaded,
    region: Option<&str>,
    select: &[String],
) -> Result<Arc<Desired>, Error> {
    let environment = environment();
    let cache = cache(&environment);
    let checkouts = sources::fetched(loaded, select, cache.as_deref())?;
    let request = recipe::Request {
        loaded,
        select,
        environment: &environment,
        cache: cache.as_deref(),
        checkouts: &checkouts,
        region,
    };
    Ok(Arc::new(recipe::desired(&request)?))
}

/// Checks that jot builds the function's image, so that it can run locally.
pub fn is_built_here(function: &desired::Function) -> Result<(), Error> {
    if function.code.image_uri().is_none() {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("`{}` runs an image that jot does not build", function.key),
        help: "call it in Lambda, or replace `image_uri` with a source to run it on this machine"
            .to_owned(),
    })
}
