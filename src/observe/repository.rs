//! The project's repository and the images in it.

use std::collections::BTreeMap;

use crate::{
    model::{
        Desired,
        observed::{RemoteImage, Repository},
    },
    remote::{Aws, Error, aws::Tagged},
};

/// The repository without its tags, and the images under the tags of `desired`: four questions, asked at once.
pub(super) async fn observe(
    desired: &Desired,
    aws: &Aws,
) -> Result<(Option<Repository>, BTreeMap<String, RemoteImage>), Error> {
    let name = &desired.repository.name;
    let tags: Vec<String> = desired
        .images
        .keys()
        .map(|fingerprint| fingerprint.tag().to_owned())
        .collect();
    let (repository, policy, lifecycle, images) = tokio::try_join!(
        aws.repository(name),
        aws.repository_policy(name),
        aws.lifecycle_policy(name),
        aws.images(name, &tags),
    )?;
    let repository = repository.map(|found| Repository {
        policy,
        lifecycle,
        ..found
    });
    Ok((repository, images))
}

/// The repository with its tags. The project's own is among the tagged resources; for another one, and for one that was made
/// moments ago, ECR itself is asked, since Resource Groups Tagging lags behind.
pub(super) async fn with_tags(
    repository: Option<Repository>,
    tagged: &[Tagged],
    aws: &Aws,
) -> Result<Option<Repository>, Error> {
    let Some(mut repository) = repository else {
        return Ok(None);
    };
    let known = tagged.iter().find(|one| one.arn == repository.arn);
    repository.tags = match known {
        Some(known) => known.tags.clone(),
        None => aws.repository_tags(&repository.arn).await?,
    };
    Ok(Some(repository))
}
