//! Everything that a repository holds, and deletion of images.

use std::collections::BTreeMap;

use aws_sdk_ecr::types::{
    ImageDetail, ImageFailureCode, ImageIdentifier, ReplicationRule, RepositoryFilterType,
};
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::{artifacts::BATCH, call, images::ANY};
use crate::{
    model::{
        Digest,
        prune::{Parts, StoredImage},
    },
    remote::{Aws, Error, aws::call::absent, registry::manifest},
};

impl Aws {
    /// Everything in the repository, including untagged images, with what the manifests name.
    ///
    /// One request per 1,000 images, then one per 100. `None` where the repository does not exist.
    pub async fn stored_images(&self, repository: &str) -> Result<Vec<StoredImage>, Error> {
        let details = self.all_images(repository, None).await?;
        let digests: Vec<&str> = details
            .iter()
            .filter_map(|one| one.image_digest())
            .collect();
        let batches = digests.chunks(BATCH);
        let batches = batches.map(|digests| self.manifests(repository, digests));
        let manifests: BTreeMap<String, String> =
            try_join_all(batches).await?.into_iter().flatten().collect();
        let stored = details.iter().map(|one| stored(one, &manifests));
        Ok(stored.collect())
    }

    /// Manifests by digest; images deleted in between are left out.
    async fn manifests(
        &self,
        repository: &str,
        digests: &[&str],
    ) -> Result<Vec<(String, String)>, Error> {
        let what = format!("images of repository {repository}");
        let id = |digest: &&str| ImageIdentifier::builder().image_digest(*digest).build();
        let client = self.shared.ecr();
        let request = client
            .batch_get_image()
            .repository_name(repository)
            .set_image_ids(Some(digests.iter().map(id).collect()))
            .set_accepted_media_types(Some(ANY.map(str::to_owned).to_vec()));
        let answer = self.call(call("BatchGetImage", &what), || request.clone().send());
        let found = absent(answer.await)?.and_then(|answer| answer.images);
        let each = found.unwrap_or_default().into_iter();
        Ok(each
            .filter_map(|one| Some((one.image_id?.image_digest?, one.image_manifest?)))
            .collect())
    }

    /// Where the registry copies what is pushed to this repository.
    ///
    /// `region` or `account 1234 in region` for each rule's destinations.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRegistry.html>
    pub async fn replicated_to(&self, repository: &str) -> Result<Vec<String>, Error> {
        let client = self.shared.ecr();
        let request = client.describe_registry();
        let answer = self.call(call("DescribeRegistry", "the registry"), || {
            request.clone().send()
        });
        let answer = answer.await?;
        let own = answer.registry_id.unwrap_or_default();
        let rules = answer.replication_configuration.map(|all| all.rules);
        let rules = rules.unwrap_or_default();
        let matching = rules.iter().filter(|rule| is_of(rule, repository));
        let places = matching.flat_map(|rule| rule.destinations()).map(|to| {
            let account = match to.registry_id() == own {
                true => String::new(),
                false => format!("account {} in ", to.registry_id()),
            };
            format!("{account}{}", to.region())
        });
        Ok(places.collect())
    }

    /// Deletes images by digest, with all their tags, in this order, 100 per request.
    ///
    /// Missing images are no error. Returns those that ECR kept, each with the reason.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html>
    pub async fn delete_images(
        &self,
        repository: &str,
        digests: &[&str],
    ) -> Result<Vec<(String, String)>, Error> {
        let what = format!("images of repository {repository}");
        let mut kept = Vec::new();
        for digests in digests.chunks(BATCH) {
            let id = |digest: &&str| ImageIdentifier::builder().image_digest(*digest).build();
            let client = self.shared.ecr();
            let request = client
                .batch_delete_image()
                .repository_name(repository)
                .set_image_ids(Some(digests.iter().map(id).collect()));
            let answer = self.call(call("BatchDeleteImage", &what), || request.clone().send());
            let failures = absent(answer.await)?.and_then(|answer| answer.failures);
            let failures = failures.unwrap_or_default().into_iter();
            let existing =
                failures.filter(|one| one.failure_code != Some(ImageFailureCode::ImageNotFound));
            kept.extend(existing.map(|one| {
                let digest = one.image_id.and_then(|id| id.image_digest);
                let why = one.failure_reason.unwrap_or_default();
                (digest.unwrap_or_default(), why)
            }));
        }
        Ok(kept)
    }
}

/// Whether a rule copies this repository: one without filters copies all.
fn is_of(rule: &ReplicationRule, repository: &str) -> bool {
    let filters = rule.repository_filters();
    filters.is_empty()
        || filters.iter().any(|one| match one.filter_type() {
            RepositoryFilterType::PrefixMatch => repository.starts_with(one.filter()),
            // An unknown kind may match.
            _ => true,
        })
}

fn stored(detail: &ImageDetail, manifests: &BTreeMap<String, String>) -> StoredImage {
    let digest = detail.image_digest().and_then(Digest::parse);
    let text = digest.as_ref().and_then(|one| manifests.get(one.as_str()));
    let named = text.and_then(|text| serde_json::from_str::<Named>(text).ok());
    let archive = text.and_then(|text| manifest::read(text).ok());
    let parts = match (archive, &named) {
        (Some(archive), _) => Some(Parts::Archive(archive.code)),
        (None, Some(named)) => named.parts(),
        (None, None) => None,
    };
    let bytes = detail.image_size_in_bytes().unwrap_or_default();
    let seconds =
        |at: Option<&aws_smithy_types::DateTime>| at.map(aws_smithy_types::DateTime::secs);
    StoredImage {
        digest,
        tags: detail.image_tags().to_vec(),
        bytes: bytes.try_into().unwrap_or_default(),
        pushed_s: seconds(detail.image_pushed_at()),
        pulled_s: seconds(detail.last_recorded_pull_time()),
        parts,
        subject: named.and_then(|named| Digest::parse(&named.subject?.digest)),
    }
}

/// The references in a manifest of any kind.
#[derive(Deserialize)]
struct Named {
    layers: Option<Vec<Entry>>,
    manifests: Option<Vec<Entry>>,
    subject: Option<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    digest: String,
}

impl Named {
    /// `None` where it names neither layers nor manifests, or without SHA-256 digests.
    fn parts(&self) -> Option<Parts> {
        let digests = |all: &Vec<Entry>| -> Option<Vec<Digest>> {
            all.iter().map(|one| Digest::parse(&one.digest)).collect()
        };
        match (&self.layers, &self.manifests) {
            (Some(layers), None) => digests(layers).map(Parts::Layers),
            (None, Some(manifests)) => digests(manifests).map(Parts::Index),
            _ => None,
        }
    }
}
