//! The harness of a function: its artifact with AWS's emulator in front of it, in the local Docker.

use std::{collections::BTreeMap, path::Path};

use super::{
    Error,
    archives::{Workshop, pack},
    images::build,
};
use crate::{
    model::{
        ContextFile, Desired, Form, Function, Recipe,
        recipe::{ARCHIVE_CONTEXT, LABEL_BASE, local_name},
    },
    recipe::{self, archive},
    remote::{self, Docker, docker::Work},
};

/// An image that answers at port 8080 as Lambda does.
#[derive(Clone, Debug)]
pub struct Harness {
    /// Its name in the local Docker.
    pub reference: String,
    /// `linux/amd64` or `linux/arm64`: the function's architecture.
    pub platform: String,
}

/// Returns the harness of a function that has its artifact in the local Docker.
///
/// Builds it if it does not exist, or was built on another build of the artifact. `origin` is
/// the run that labels the containers, and the labels of built images.
///
/// # Errors
///
/// The artifact is not in the local Docker, or Docker failed.
pub async fn harness(
    docker: &Docker,
    desired: &Desired,
    origin: (&str, &BTreeMap<String, String>),
    function: &Function,
    progress: &mut (dyn FnMut(Work) + Send),
) -> Result<Harness, Error> {
    harness_of(docker, desired, origin, (function, None), progress).await
}

/// As [`harness`], for an archive that is packed already.
pub(super) async fn harness_of(
    docker: &Docker,
    desired: &Desired,
    (run, labels): (&str, &BTreeMap<String, String>),
    (function, archive): (&Function, Option<&Path>),
    progress: &mut (dyn FnMut(Work) + Send),
) -> Result<Harness, Error> {
    let gone = || Error::Gone {
        resource: format!("the local image of {}", function.key),
    };
    let recipe = |fingerprint| desired.recipes.get(fingerprint).ok_or_else(gone);
    let artifact = recipe(function.code.recipe().ok_or_else(gone)?)?;
    let harness = recipe(function.code.harness().ok_or_else(gone)?)?;
    let images = docker.images(&desired.project).await?;
    let local = images.get(&artifact.fingerprint).ok_or_else(gone)?;
    let made = images.get(&harness.fingerprint);
    if made.and_then(|image| image.base.as_ref()) != Some(&local.id) {
        for file in recipe::missing(harness) {
            let profile = desired.aws.profile.as_deref();
            remote::download(&file.url, &file.sha256, &file.path, profile).await?;
        }
        let origin = (desired.project.as_str(), run, labels);
        match artifact.form {
            Form::Image => build(docker, origin, harness, progress).await?,
            Form::Zip => {
                let mut labels = labels.clone();
                labels.insert(LABEL_BASE.to_owned(), local.id.clone());
                let workshop = Workshop::below(&std::env::temp_dir().join("jot"))?;
                let archive = match archive {
                    Some(file) => file.to_owned(),
                    None => {
                        let owner = (desired.project.as_str(), run);
                        pack(docker, owner, artifact, workshop.path()).await?.file
                    }
                };
                let whole = with_archive(harness, &archive, &workshop)?;
                build(docker, (origin.0, run, &labels), &whole, progress).await?
            }
        };
    }
    Ok(Harness {
        reference: format!(
            "{}:{}",
            local_name(&desired.project),
            harness.fingerprint.tag()
        ),
        platform: harness.platform.clone(),
    })
}

/// The recipe of an archive's harness, with the archive's files, so that what is tested is what is
/// sent.
fn with_archive(harness: &Recipe, archive: &Path, workshop: &Workshop) -> Result<Recipe, Error> {
    let files = archive::unpack(archive, &workshop.path().join("files"))?;
    let mut whole = Recipe {
        base: None,
        ..harness.clone()
    };
    whole
        .context
        .extend(files.into_iter().map(|file| ContextFile {
            path: format!("{ARCHIVE_CONTEXT}/{}", file.path),
            ..file
        }));
    whole
        .context
        .sort_by(|one, other| one.path.cmp(&other.path));
    Ok(whole)
}
