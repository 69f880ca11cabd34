//! The project's repository and the images in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{
        Desired, RecipeRole, desired,
        observed::{RemoteImage, Repository},
    },
    remote::{Aws, Error, aws::Tagged},
};

/// The repository without its tags: three questions, asked at once.
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

/// The images under the tags of `desired`.
pub(super) async fn images(
    desired: &Desired,
    aws: &Aws,
) -> Result<BTreeMap<String, RemoteImage>, Error> {
    let pushed = desired.recipes.values();
    let pushed = pushed.filter(|recipe| recipe.role != RecipeRole::Harness);
    let tags: BTreeSet<&str> = pushed.map(|recipe| recipe.fingerprint.tag()).collect();
    aws.images(&desired.repository.name, &tags).await
}

/// The repository with its tags. The project's own is among the tagged resources; for another one,
/// and for one whose tags there are not those that are wanted, ECR itself is asked, since Resource
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
