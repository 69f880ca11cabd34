//! The project's repository and the images in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{
        Desired, Form, RecipeRole, ZipArtifact, desired,
        observed::{RemoteImage, Repository},
    },
    remote::{Aws, Error, aws::Tagged},
};

/// The repository without its tags: three concurrent requests.
pub(super) async fn observe(desired: &Desired, aws: &Aws) -> Result<Option<Repository>, Error> {
    let name = &desired.repository.name;
    let (repository, policy, lifecycle) = tokio::try_join!(
        aws.repository(name),
        aws.repository_policy(name),
        aws.lifecycle_policy(name),
    )?;
    Ok(repository.map(|found| Repository {
        policy,
        lifecycle,
        ..found
    }))
}

/// What ECR holds, by tag.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    /// All artifacts, including archives: of those, digest and tags are those of the manifest.
    pub images: BTreeMap<String, RemoteImage>,
    /// The archives among them.
    pub archives: BTreeMap<String, ZipArtifact>,
}

/// What ECR holds under the tags of `desired`: one request, and one more if archives are among
/// them.
pub(super) async fn stored(desired: &Desired, aws: &Aws) -> Result<Stored, Error> {
    stored_in(&desired.repository.name, desired, aws).await
}

/// The same for the repository of this name.
pub(super) async fn stored_in(name: &str, desired: &Desired, aws: &Aws) -> Result<Stored, Error> {
    let pushed = desired.recipes.values();
    let pushed = pushed.filter(|recipe| recipe.role != RecipeRole::Harness);
    let tags = |forms: &[Form]| -> BTreeSet<&str> {
        let of = pushed.clone().filter(|recipe| forms.contains(&recipe.form));
        of.map(|recipe| recipe.fingerprint.tag()).collect()
    };
    let (all, zips) = (tags(&[Form::Image, Form::Zip]), tags(&[Form::Zip]));
    let (images, archives) =
        tokio::try_join!(aws.images(name, &all), aws.zip_artifacts(name, &zips))?;
    Ok(Stored { images, archives })
}

/// The repository with its tags.
///
/// The project's own repository is among the tagged resources. If it is another one, or its tags in
/// this list differ from the desired ones, jot requests the tags from ECR itself, because Resource
/// Groups Tagging lags behind.
pub(super) async fn with_tags(
    repository: Option<Repository>,
    wanted: &desired::Repository,
    tagged: &[Tagged],
    aws: &Aws,
) -> Result<Option<Repository>, Error> {
    let Some(mut repository) = repository else {
        return Ok(None);
    };
    let mut known = tagged.iter().filter(|one| one.arn == repository.arn);
    let has = |one: &&Tagged| {
        let mut all = wanted.tags.iter();
        all.all(|(key, value)| one.tags.get(key) == Some(value))
    };
    let known = known.find(has);
    repository.tags = match known {
        Some(known) => known.tags.clone(),
        None => aws.repository_tags(&repository.arn).await?,
    };
    Ok(Some(repository))
}
