//! Files that a build collected next to its artifact, copied out of the local image for users to
//! review.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Error, archives::Workshop, images::local_reference};
use crate::{model::Function, remote::Docker};

/// Copies what the build of a function collected into `folder`; returns the files that were
/// written.
///
/// Returns none if the language collects nothing. `run` is the value of the label of the
/// container, which is never started.
///
/// # Errors
///
/// The artifact is not in the local Docker, Docker failed, or a file cannot be written.
pub async fn collected(
    docker: &Docker,
    (project, run): (&str, &str),
    function: &Function,
    folder: &Path,
) -> Result<Vec<PathBuf>, Error> {
    let (Some(path), Some(recipe)) = (&function.hints.collected, function.code.recipe()) else {
        return Ok(Vec::new());
    };
    let image = local_reference(docker, project, recipe).await?;
    let workshop = Workshop::below(&std::env::temp_dir().join("jot"))?;
    let files = workshop.path().join("files");
    let exported = docker.export(&image, (path, run), &files).await?;
    let written = exported.into_iter().map(|file| {
        let to = folder.join(&file.path);
        let copied = fs::create_dir_all(to.parent().unwrap_or(folder))
            .and_then(|()| fs::copy(&file.file, &to));
        copied.map_err(|cause| Error::Write {
            path: to.clone(),
            cause,
        })?;
        Ok(to)
    });
    written.collect()
}
