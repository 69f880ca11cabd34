//! What the manifest asks for.

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

/// The current folder.
pub fn here() -> Result<PathBuf, Error> {
    std::env::current_dir().map_err(|cause| Error::File {
        what: "find",
        path: PathBuf::from("."),
        cause,
    })
}

/// The key of the one function that a command is about; without a name the only one of the
/// manifest.
pub fn one(loaded: &Loaded, named: Option<&str>) -> Result<String, Error> {
    Ok(recipe::one(&loaded.manifest.functions, named)?)
}

/// What the manifest asks for where AWS is not asked: the region is the manifest's or the environment's, or none.
pub fn desired_offline(loaded: &Loaded, select: &[String]) -> Result<Arc<Desired>, Error> {
    desired(loaded, region().as_deref(), select)
}

/// The same without images: the sources need not be there.
pub fn names_offline(loaded: &Loaded) -> Result<Desired, Error> {
    names(loaded, region().as_deref(), &[])
}

/// What the manifest asks for without images: names, roles, settings and tags.
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

/// What [`desired_offline`] gives, and git is not asked either. Beside it the keys of functions that were left out, since their sources would have to be
/// fetched.
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

/// What the manifest asks for, without any client.
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

/// Nothing, if jot builds the function's image, and so can run it in the local Docker.
pub fn is_built_here(function: &desired::Function) -> Result<(), Error> {
    if function.code.image_uri().is_none() {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("`{}` runs an image that jot does not build", function.key),
        help:
            "in Lambda it can be called; with a source instead of `image_uri` jot can run it here"
                .to_owned(),
    })
}
