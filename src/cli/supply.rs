//! The origin of images and archives that ECR lacks.

use super::{Error, Images, environment, wanted};
use crate::{
    manifest::{self, Loaded},
    model::{Desired, desired::Supply},
};

/// The origin that `--no-build` and `--images-from` ask for.
///
/// # Errors
/// The other target is the chosen one, or is not in the manifest.
pub fn supply(images: &Images, loaded: &Loaded, desired: &Desired) -> Result<Supply, Error> {
    let Some(target) = &images.images_from else {
        return Ok(match images.no_build {
            true => Supply::Nowhere,
            false => Supply::Build,
        });
    };
    let other = other(loaded, target)?;
    let declared = &other.manifest.functions;
    let select: Vec<String> = desired
        .functions
        .keys()
        .filter(|key| declared.contains_key(*key))
        .cloned()
        .collect();
    let region = environment::region();
    let wanted = match select.is_empty() {
        true => wanted::names(&other, region.as_deref(), &[])?,
        false => wanted::desired(&other, region.as_deref(), &select)?
            .as_ref()
            .clone(),
    };
    Ok(Supply::Target(Box::new(wanted)))
}

/// The manifest with another target.
pub fn other(loaded: &Loaded, target: &str) -> Result<Loaded, Error> {
    if loaded.target.as_deref() == Some(target) {
        return Err(Error::Usage {
            message: format!("`--images-from {target}` names the target of this apply"),
            help:
                "give the target that has the images, and with `--target` the one that needs them"
                    .to_owned(),
        });
    }
    Ok(manifest::load(&loaded.path, Some(target)).map_err(Box::new)?)
}
