//! Images by tag, and the one manifest to deploy where a tag names an index.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, ImageIdentifier, TagStatus};
use serde::Deserialize;

use super::call;
use crate::{
    model::{Digest, observed::RemoteImage},
    remote::{
        Aws, Error,
        aws::{call::absent, incomplete},
    },
};

/// The largest page of images,
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>.
const PAGE: i32 = 1000;
/// Lambda accepts one image, never an index of several.
const INDEXES: [&str; 2] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// Every kind of manifest that ECR may hold.
pub(super) const ANY: [&str; 4] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    INDEXES[0],
    INDEXES[1],
];

impl Aws {
    /// The images that have any of these tags, by tag; none where the repository does not exist.
    ///
    /// Every tagged image is listed, because a request for tags by name fails as a whole where one
    /// of them is missing, and accepts no more than 100.
    pub async fn images(
        &self,
        repository: &str,
        tags: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, RemoteImage>, Error> {
        let mut found = BTreeMap::new();
        for image in self.all_images(repository, Some(TagStatus::Tagged)).await? {
            let of_image = image.image_tags.as_deref().unwrap_or_default();
            let asked = of_image.iter().filter(|tag| tags.contains(tag.as_str()));
            let asked: Vec<&String> = asked.collect();
            if asked.is_empty() {
                continue;
            }
            let remote = self.remote_image(repository, &image).await?;
            found.extend(asked.into_iter().map(|tag| (tag.clone(), remote.clone())));
        }
        Ok(found)
    }

    /// Whether the repository holds an image of this digest.
    pub async fn holds_image(&self, repository: &str, digest: &Digest) -> Result<bool, Error> {
        let what = format!("image {repository}@{}", digest.as_str());
        let id = ImageIdentifier::builder().image_digest(digest.as_str());
        let client = self.shared.ecr();
        let request = client
            .describe_images()
            .repository_name(repository)
            .image_ids(id.build());
        let answer = self.call(call("DescribeImages", &what), || request.clone().send());
        let found = absent(answer.await)?;
        Ok(found.is_some_and(|found| !found.image_details().is_empty()))
    }

    /// Number of images in the repository, including untagged ones; `None` where it does not exist.
    pub async fn count_images(&self, repository: &str) -> Result<usize, Error> {
        Ok(self.all_images(repository, None).await?.len())
    }

    /// The images of a repository, with one tag status or all; none where it does not exist.
    pub(super) async fn all_images(
        &self,
        repository: &str,
        status: Option<TagStatus>,
    ) -> Result<Vec<ImageDetail>, Error> {
        let what = format!("images of repository {repository}");
        let filter =
            status.map(|status| DescribeImagesFilter::builder().tag_status(status).build());
        let mut request = self
            .shared
            .ecr()
            .describe_images()
            .set_registry_id(self.registry.clone())
            .repository_name(repository)
            .set_filter(filter)
            .max_results(PAGE);
        let mut all = Vec::new();
        loop {
            let page = self.call(call("DescribeImages", &what), || request.clone().send());
            let Some(page) = absent(page.await)? else {
                return Ok(all);
            };
            all.extend(page.image_details.unwrap_or_default());
            match page.next_token {
                Some(token) => request = request.next_token(token),
                None => return Ok(all),
            }
        }
    }

    async fn remote_image(
        &self,
        repository: &str,
        image: &ImageDetail,
    ) -> Result<RemoteImage, Error> {
        let what = format!("an image of repository {repository}");
        let digest = image.image_digest.as_deref().and_then(Digest::parse);
        let digest = digest.ok_or_else(|| incomplete(&what, "imageDigest"))?;
        let media_type = image.image_manifest_media_type.as_deref();
        let is_index = media_type.is_some_and(|media_type| INDEXES.contains(&media_type));
        let digest = if is_index {
            self.only_manifest(repository, &digest).await?
        } else {
            digest
        };
        Ok(RemoteImage {
            digest,
            size: image
                .image_size_in_bytes
                .and_then(|size| size.try_into().ok()),
            tags: image.image_tags.clone().unwrap_or_default(),
        })
    }

    /// Moves these tags to the image that has the tag `of`: its manifest is put again under each.
    ///
    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html>
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] where the image does not exist.
    pub async fn tag_image(
        &self,
        repository: &str,
        of: &str,
        tags: &[String],
    ) -> Result<(), Error> {
        let what = format!("image {repository}:{of}");
        let client = self.shared.ecr();
        let id = ImageIdentifier::builder().image_tag(of).build();
        let request = client
            .batch_get_image()
            .repository_name(repository)
            .image_ids(id)
            .set_accepted_media_types(Some(ANY.map(str::to_owned).to_vec()));
        let answer = self
            .call(call("BatchGetImage", &what), || request.clone().send())
            .await?;
        let found = answer.images.unwrap_or_default().pop();
        let image = found.ok_or_else(|| Error::Missing {
            service: "ECR".to_owned(),
            resource: what.clone(),
        })?;
        let manifest = image.image_manifest;
        let manifest = manifest.ok_or_else(|| incomplete(&what, "imageManifest"))?;
        for tag in tags {
            let request = client
                .put_image()
                .repository_name(repository)
                .image_manifest(&manifest)
                .set_image_manifest_media_type(image.image_manifest_media_type.clone())
                .image_tag(tag);
            let put = self.call(call("PutImage", &what), || request.clone().send());
            match put.await {
                Ok(_) => {}
                // The image has the tag already.
                Err(Error::Refused { code, .. }) if code == "ImageAlreadyExistsException" => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The platform's manifest in an index.
    async fn only_manifest(&self, repository: &str, index: &Digest) -> Result<Digest, Error> {
        let what = format!("image {} of repository {repository}", index.as_str());
        let id = ImageIdentifier::builder()
            .image_digest(index.as_str())
            .build();
        let request = self
            .shared
            .ecr()
            .batch_get_image()
            .set_registry_id(self.registry.clone())
            .repository_name(repository)
            .image_ids(id)
            .set_accepted_media_types(Some(INDEXES.map(str::to_owned).to_vec()));
        let answer = self
            .call(call("BatchGetImage", &what), || request.clone().send())
            .await?;
        let images = answer.images.unwrap_or_default();
        let text = images
            .first()
            .and_then(|image| image.image_manifest.as_deref());
        let text = text.ok_or_else(|| incomplete(&what, "imageManifest"))?;
        only_manifest(text).map_err(|reason| Error::Failed {
            resource: what,
            reason,
            help: Some("push one image for one platform, without attestations".to_owned()),
        })
    }
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    digest: String,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
}

/// The only manifest in an index that is an image.
///
/// Attestations have the platform `unknown/unknown`, see
/// <https://docs.docker.com/build/metadata/attestations/attestation-storage/>.
fn only_manifest(text: &str) -> Result<Digest, String> {
    let index: Index =
        serde_json::from_str(text).map_err(|cause| format!("its index is not JSON: {cause}"))?;
    let of_a_platform = |entry: &&Entry| {
        let platform = entry.platform.as_ref();
        platform.is_none_or(|platform| platform.os != "unknown")
    };
    let mut images = index.manifests.iter().filter(of_a_platform);
    match (images.next(), images.next()) {
        (Some(one), None) => Digest::parse(&one.digest)
            .ok_or_else(|| "its index contains no SHA-256 digest".to_owned()),
        (None, _) => Err("its index contains no image".to_owned()),
        _ => Err("its index contains images for several platforms".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::only_manifest;

    fn entry(digit: char, os: &str) -> String {
        let digest = digit.to_string().repeat(64);
        format!(
            r#"{{"digest": "sha256:{digest}", "platform": {{"os": "{os}", "architecture": "x"}}}}"#
        )
    }

    fn index(entries: &[String]) -> String {
        format!(r#"{{"manifests": [{}]}}"#, entries.join(","))
    }

    #[test]
    fn attestations_are_passed_over() {
        let text = index(&[entry('a', "linux"), entry('b', "unknown")]);
        assert!(only_manifest(&text).unwrap().hex().starts_with("aaaa"));
    }

    #[test]
    fn an_index_that_is_not_one_image_is_refused() {
        let several = index(&[entry('a', "linux"), entry('b', "linux")]);
        assert!(only_manifest(&several).unwrap_err().contains("several"));
        assert!(only_manifest(&index(&[])).unwrap_err().contains("no image"));
        assert!(only_manifest("{").unwrap_err().contains("not JSON"));
    }
}
