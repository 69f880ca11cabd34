//! The repository: its policies, its mutability, its tags.

use std::{
    collections::BTreeMap,
    sync::{MutexGuard, PoisonError},
};

use aws_sdk_ecr::types::{
    self, ImageTagMutability, ImageTagMutabilityExclusionFilter,
    ImageTagMutabilityExclusionFilterType, Tag,
};
use serde_json::Value as Json;

use super::call;
use crate::{
    model::{desired, observed::Repository},
    remote::{
        Aws, Error,
        aws::{
            call::{absent, gone},
            incomplete,
            service::Service,
            unbuildable,
        },
    },
};

impl Aws {
    /// The repository: address, ARN, mutability and its exceptions.
    ///
    /// Tags, policy and lifecycle stay empty: they need requests of their own, which run
    /// concurrently.
    pub async fn repository(&self, name: &str) -> Result<Option<Repository>, Error> {
        let what = format!("repository {name}");
        let client = self.shared.ecr();
        let request = client
            .describe_repositories()
            .set_registry_id(self.registry.clone())
            .repository_names(name);
        let answer = self.call(call("DescribeRepositories", &what), || {
            request.clone().send()
        });
        let found = absent(answer.await)?.and_then(|answer| answer.repositories);
        let found = found
            .unwrap_or_default()
            .into_iter()
            .find(|one| one.repository_name.as_deref() == Some(name))
            .map(|one| read(one, &what))
            .transpose()?;
        if let Some(found) = &found {
            self.remember(name, found);
        }
        Ok(found)
    }

    /// `repositoryUri` of an existing repository, as ECR last reported it to these clients, or now.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] where it does not exist.
    pub async fn repository_uri(&self, name: &str) -> Result<String, Error> {
        let known = self.repository_uris().get(name).cloned();
        if let Some(uri) = known {
            return Ok(uri);
        }
        let found = self.repository(name).await?;
        found.map(|found| found.uri).ok_or_else(|| Error::Missing {
            service: Service::Ecr.name().to_owned(),
            resource: format!("repository {name}"),
        })
    }

    fn remember(&self, name: &str, repository: &Repository) {
        if self.registry.is_some() {
            return;
        }
        self.repository_uris()
            .insert(name.to_owned(), repository.uri.clone());
    }

    fn repository_uris(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        let uris = self.shared.repository_uris.lock();
        uris.unwrap_or_else(PoisonError::into_inner)
    }

    /// The repository's policy document; `None` if it has none.
    pub async fn repository_policy(&self, name: &str) -> Result<Option<Json>, Error> {
        let what = format!("repository {name}");
        let client = self.shared.ecr();
        let request = client.get_repository_policy().repository_name(name);
        let answer = self.call(call("GetRepositoryPolicy", &what), || {
            request.clone().send()
        });
        let text = absent(answer.await)?.and_then(|answer| answer.policy_text);
        parsed(text, &what)
    }

    /// The repository's lifecycle policy.
    pub async fn lifecycle_policy(&self, name: &str) -> Result<Option<Json>, Error> {
        let what = format!("repository {name}");
        let client = self.shared.ecr();
        let request = client.get_lifecycle_policy().repository_name(name);
        let answer = self.call(call("GetLifecyclePolicy", &what), || request.clone().send());
        let text = absent(answer.await)?.and_then(|answer| answer.lifecycle_policy_text);
        parsed(text, &what)
    }

    /// The tags that ECR itself reports: those of Resource Groups Tagging may be outdated.
    pub async fn repository_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Error> {
        let client = self.shared.ecr();
        let request = client.list_tags_for_resource().resource_arn(arn);
        let answer = self
            .call(call("ListTagsForResource", arn), || request.clone().send())
            .await?;
        let tags = answer.tags.unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    /// Creates the repository with its tags, then sets its policies.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_repository(
        &self,
        wanted: &desired::Repository,
    ) -> Result<Repository, Error> {
        let what = format!("repository {}", wanted.name);
        let client = self.shared.ecr();
        let request = client
            .create_repository()
            .repository_name(&wanted.name)
            .image_tag_mutability(mutability(wanted))
            .set_image_tag_mutability_exclusion_filters(exceptions(wanted)?)
            .set_tags(Some(tags(wanted)?));
        let answer = self
            .call(call("CreateRepository", &what), || request.clone().send())
            .await?;
        self.put_policies(wanted).await?;
        let made = answer
            .repository
            .ok_or_else(|| incomplete(&what, "repository"))?;
        let mut repository = read(made, &what)?;
        self.remember(&wanted.name, &repository);
        repository.tags = wanted.tags.clone();
        repository.policy = Some(wanted.policy.clone());
        repository.lifecycle = Some(wanted.lifecycle.clone());
        Ok(repository)
    }

    /// Sets mutability, policies and tags; other tags stay.
    pub async fn update_repository(
        &self,
        wanted: &desired::Repository,
        arn: &str,
    ) -> Result<(), Error> {
        let what = format!("repository {}", wanted.name);
        let client = self.shared.ecr();
        let request = client
            .put_image_tag_mutability()
            .repository_name(&wanted.name)
            .image_tag_mutability(mutability(wanted))
            .set_image_tag_mutability_exclusion_filters(exceptions(wanted)?);
        self.call(call("PutImageTagMutability", &what), || {
            request.clone().send()
        })
        .await?;
        self.put_policies(wanted).await?;
        let request = client
            .tag_resource()
            .resource_arn(arn)
            .set_tags(Some(tags(wanted)?));
        self.call(call("TagResource", &what), || request.clone().send())
            .await?;
        Ok(())
    }

    async fn put_policies(&self, wanted: &desired::Repository) -> Result<(), Error> {
        let what = format!("repository {}", wanted.name);
        let client = self.shared.ecr();
        let request = client
            .set_repository_policy()
            .repository_name(&wanted.name)
            .policy_text(wanted.policy.to_string());
        self.call(call("SetRepositoryPolicy", &what), || {
            request.clone().send()
        })
        .await?;
        let request = client
            .put_lifecycle_policy()
            .repository_name(&wanted.name)
            .lifecycle_policy_text(wanted.lifecycle.to_string());
        self.call(call("PutLifecyclePolicy", &what), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Deletes the repository with the images in it.
    pub async fn delete_repository(&self, name: &str) -> Result<(), Error> {
        let what = format!("repository {name}");
        let client = self.shared.ecr();
        let request = client.delete_repository().repository_name(name).force(true);
        self.repository_uris().remove(name);
        gone(
            self.call(call("DeleteRepository", &what), || request.clone().send())
                .await,
        )
    }
}

fn read(repository: types::Repository, what: &str) -> Result<Repository, Error> {
    let mutability = repository
        .image_tag_mutability
        .unwrap_or(ImageTagMutability::Mutable);
    let filters = repository
        .image_tag_mutability_exclusion_filters
        .unwrap_or_default();
    Ok(Repository {
        uri: repository
            .repository_uri
            .ok_or_else(|| incomplete(what, "repositoryUri"))?,
        arn: repository
            .repository_arn
            .ok_or_else(|| incomplete(what, "repositoryArn"))?,
        tags: BTreeMap::new(),
        policy: None,
        lifecycle: None,
        mutability: mutability.as_str().into(),
        mutability_exceptions: filters.into_iter().map(|filter| filter.filter).collect(),
    })
}

fn parsed(text: Option<String>, what: &str) -> Result<Option<Json>, Error> {
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|cause| Error::Failed {
            resource: what.to_owned(),
            reason: format!("its policy is not JSON: {cause}"),
            help: None,
        })
}

/// The mode for immutable tags, with exceptions where the manifest has some:
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html>.
fn mutability(wanted: &desired::Repository) -> ImageTagMutability {
    if wanted.mutable_tags.is_empty() {
        ImageTagMutability::Immutable
    } else {
        ImageTagMutability::ImmutableWithExclusion
    }
}

fn exceptions(
    wanted: &desired::Repository,
) -> Result<Option<Vec<ImageTagMutabilityExclusionFilter>>, Error> {
    if wanted.mutable_tags.is_empty() {
        return Ok(None);
    }
    let filter = |wildcard: &String| {
        ImageTagMutabilityExclusionFilter::builder()
            .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard)
            .filter(wildcard)
            .build()
    };
    let filters: Result<Vec<_>, _> = wanted.mutable_tags.iter().map(filter).collect();
    filters
        .map(Some)
        .map_err(|cause| unbuildable("the repository's mutable tags", &cause))
}

fn tags(wanted: &desired::Repository) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags: Result<_, _> = wanted.tags.iter().map(tag).collect();
    tags.map_err(|cause| unbuildable("the repository's tags", &cause))
}
