//! Zip archives in ECR, read by their manifests: no login to the registry is needed.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::{Image, ImageIdentifier};
use futures_util::future::try_join_all;

use super::call;
use crate::{
    model::ZipArtifact,
    remote::{
        Aws, Error,
        aws::{call::absent, incomplete},
        registry::manifest,
    },
};

/// The highest number of images in one request,
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html>.
pub(super) const BATCH: usize = 100;

impl Aws {
    /// The archives under these tags, by tag: one request per 100.
    ///
    /// Missing tags and artifacts that are not jot's archives are left out; a missing repository
    /// has none.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`] for a manifest that cannot be read.
    pub async fn zip_artifacts(
        &self,
        repository: &str,
        tags: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, ZipArtifact>, Error> {
        let tags: Vec<&str> = tags.iter().copied().collect();
        let batches = tags
            .chunks(BATCH)
            .map(|tags| self.archives(repository, tags));
        let batches = try_join_all(batches).await?;
        Ok(batches.into_iter().flatten().collect())
    }

    async fn archives(
        &self,
        repository: &str,
        tags: &[&str],
    ) -> Result<Vec<(String, ZipArtifact)>, Error> {
        let what = format!("archives of repository {repository}");
        let id = |tag: &&str| ImageIdentifier::builder().image_tag(*tag).build();
        let request = self
            .shared
            .ecr()
            .batch_get_image()
            .set_registry_id(self.registry.clone())
            .repository_name(repository)
            .set_image_ids(Some(tags.iter().map(id).collect()))
            .accepted_media_types(manifest::MEDIA_TYPE);
        let answer = self.call(call("BatchGetImage", &what), || request.clone().send());
        let found = absent(answer.await)?.and_then(|answer| answer.images);
        let found = found.unwrap_or_default().into_iter();
        let archives = found.map(|image| archive(image, &what));
        archives.filter_map(Result::transpose).collect()
    }
}

fn archive(image: Image, what: &str) -> Result<Option<(String, ZipArtifact)>, Error> {
    let text = image.image_manifest;
    let text = text.ok_or_else(|| incomplete(what, "imageManifest"))?;
    if !manifest::is_archive(&text) {
        return Ok(None);
    }
    let tag = image.image_id.and_then(|id| id.image_tag);
    let tag = tag.ok_or_else(|| incomplete(what, "imageTag"))?;
    let read = manifest::read(&text).map_err(|reason| Error::Failed {
        resource: format!("archive {tag}"),
        reason,
        help: None,
    })?;
    Ok(Some((tag, read)))
}
