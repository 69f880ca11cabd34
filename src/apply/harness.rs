//! The harness of a function: its artifact with AWS's emulator in front of it, in the local Docker.

use std::collections::BTreeMap;

use super::{Error, images::build};
use crate::{
    model::{Desired, Function, recipe::local_name},
    recipe,
    remote::{self, Docker, docker::Work},
};

/// An image that answers at port 8080 as Lambda would.
#[derive(Clone, Debug)]
pub struct Harness {
    /// Its name in the local Docker.
    pub reference: String,
    /// `linux/amd64` or `linux/arm64`: what the function asks for.
    pub platform: String,
}

/// Returns the harness of a function whose artifact is in the local Docker. It is built where it
/// does not exist, or exists on another build of the artifact. `origin` is the run that containers
/// bear, and labels of what is built.
///
/// # Errors
/// The artifact is not in the local Docker, and what Docker said.
pub async fn harness(
    docker: &Docker,
    desired: &Desired,
    (run, labels): (&str, &BTreeMap<String, String>),
    function: &Function,
    progress: &mut (dyn FnMut(Work) + Send),
) -> Result<Harness, Error> {
    let gone = || Error::Gone {
        resource: format!("the local image of {}", function.key),
    };
    let recipes = function.code.recipe().zip(function.code.harness());
    let (artifact, harness) = recipes.ok_or_else(gone)?;
    let recipe = desired.recipes.get(harness).ok_or_else(gone)?;
    let images = docker.images(&desired.project).await?;
    let artifact = images.get(artifact).ok_or_else(gone)?;
    let made = images.get(harness).and_then(|image| image.base.as_ref());
    if made != Some(&artifact.id) {
        for file in recipe::missing(recipe) {
            let profile = desired.aws.profile.as_deref();
            remote::download(&file.url, &file.sha256, &file.path, profile).await?;
        }
        let origin = (desired.project.as_str(), run, labels);
        build(docker, origin, recipe, progress).await?;
    }
    Ok(Harness {
        reference: format!("{}:{}", local_name(&desired.project), harness.tag()),
        platform: recipe.platform.clone(),
    })
}
