//! Finds and tags images.

use std::collections::{BTreeMap, HashMap};

use bollard::{
    models::ImageSummary,
    query_parameters::{ListImagesOptionsBuilder, RemoveImageOptions, TagImageOptionsBuilder},
};

use super::{Docker, connect::is_missing};
use crate::{
    model::{
        Fingerprint,
        observed::LocalImage,
        recipe::{LABEL_BASE, LABEL_FINGERPRINT, LABEL_PROJECT, local_name},
    },
    remote::Error,
};

impl Docker {
    /// Images that jot built for `project`, by fingerprint: one request.
    ///
    /// An image counts only under the name that jot gave it, `jot/<project>:<tag>`, and if its
    /// label agrees: unnamed build stages and users' own images on a base of jot's have the labels
    /// too.
    pub async fn images(&self, project: &str) -> Result<BTreeMap<Fingerprint, LocalImage>, Error> {
        let label = vec![format!("{LABEL_PROJECT}={project}")];
        let options = ListImagesOptionsBuilder::default()
            .filters(&HashMap::from([("label", label)]))
            .build();
        let images = self.first(self.client.list_images(Some(options))).await?;
        Ok(by_fingerprint(images, &local_name(project)))
    }

    /// Whether `name:tag`, with the fingerprint's tag, is an image with the same fingerprint in its
    /// label.
    pub async fn has(&self, name: &str, fingerprint: &Fingerprint) -> Result<bool, Error> {
        let reference = format!("{name}:{}", fingerprint.tag());
        let image = match self.client.inspect_image(&reference).await {
            Ok(image) => image,
            Err(error) if is_missing(&error) => return Ok(false),
            Err(error) => return Err(self.refused(error)),
        };
        let labels = image.config.and_then(|config| config.labels);
        let label = labels.as_ref().and_then(|all| all.get(LABEL_FINGERPRINT));
        Ok(label.is_some_and(|label| label == fingerprint.as_str()))
    }

    /// The id of the image that a name, digest or id refers to; `None` where it does not exist.
    pub async fn image_id(&self, reference: &str) -> Result<Option<String>, Error> {
        match self.client.inspect_image(reference).await {
            Ok(image) => Ok(image.id),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.refused(error)),
        }
    }

    /// The platform that an image is for, such as `linux/amd64`.
    pub async fn image_platform(&self, reference: &str) -> Result<String, Error> {
        let image = self.client.inspect_image(reference).await;
        let image = image.map_err(|error| self.refused(error))?;
        let known = |part: Option<String>, default: &str| {
            let given = part.filter(|text| !text.is_empty());
            given.unwrap_or_else(|| default.to_owned())
        };
        let (system, architecture) = (
            known(image.os, "linux"),
            known(image.architecture, "unknown"),
        );
        Ok(format!("{system}/{architecture}"))
    }

    /// Adds the name `repository:tag` to the image.
    pub async fn tag(&self, image: &str, repository: &str, tag: &str) -> Result<(), Error> {
        let options = TagImageOptionsBuilder::default()
            .repo(repository)
            .tag(tag)
            .build();
        let tagged = self.client.tag_image(image, Some(options)).await;
        tagged.map_err(|error| self.refused(error))
    }

    /// Removes a name, and with an image's last name the image; a missing one is no error.
    pub async fn remove_image(&self, reference: &str) -> Result<(), Error> {
        let options = None::<RemoveImageOptions>;
        match self.client.remove_image(reference, options, None).await {
            Err(error) if !is_missing(&error) => Err(self.refused(error)),
            _ => Ok(()),
        }
    }
}

fn by_fingerprint(images: Vec<ImageSummary>, name: &str) -> BTreeMap<Fingerprint, LocalImage> {
    let named = images.into_iter().filter_map(|image| {
        let fingerprint = Fingerprint::parse(image.labels.get(LABEL_FINGERPRINT)?)?;
        let name = format!("{name}:{}", fingerprint.tag());
        if !image.repo_tags.iter().any(|known| plain(known) == name) {
            return None;
        }
        let repo_digests = digests(&image);
        let base = image.labels.get(LABEL_BASE).cloned();
        Some((
            fingerprint,
            LocalImage {
                id: image.id,
                repo_digests,
                base,
            },
        ))
    });
    named.collect()
}

/// A name as Docker writes it: Podman includes the default registry.
fn plain(name: &str) -> &str {
    let hub = name.strip_prefix("docker.io/");
    hub.or_else(|| name.strip_prefix("localhost/"))
        .unwrap_or(name)
}

/// Untagged images have the one digest `<none>@<none>`.
fn digests(image: &ImageSummary) -> Vec<String> {
    let mut digests = image.repo_digests.clone();
    digests.retain(|digest| !digest.starts_with('<'));
    digests.sort();
    digests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(id: &str, fingerprint: &str, names: &[&str]) -> ImageSummary {
        ImageSummary {
            id: id.to_owned(),
            labels: HashMap::from([(LABEL_FINGERPRINT.to_owned(), fingerprint.repeat(64))]),
            repo_tags: names.iter().map(|name| (*name).to_owned()).collect(),
            repo_digests: vec!["<none>@<none>".to_owned(), "host/p@sha256:1".to_owned()],
            ..Default::default()
        }
    }

    #[test]
    fn an_image_is_taken_by_its_name_alone() {
        let name = |fingerprint: &str| format!("jot/p:{}", fingerprint.repeat(16));
        let (a, b, c) = (name("a"), name("b"), format!("docker.io/{}", name("c")));
        let found = by_fingerprint(
            vec![
                image("stage", "a", &[]),
                image("users own", "a", &["mine:latest", "jot/p:latest"]),
                image("the one", "a", &["host/p:x", &a]),
                image("other project's", "b", &[&b.replace("jot/p", "jot/q")]),
                image("named as another", "b", &[&a]),
                image("podman's", "c", &[&c]),
                image("foreign", "not hex", &[&a]),
            ],
            "jot/p",
        );
        let ids: Vec<_> = found.values().map(|image| image.id.as_str()).collect();
        assert_eq!(ids, ["the one", "podman's"]);
        let first = found.values().next().unwrap();
        assert_eq!(first.repo_digests, ["host/p@sha256:1"]);
    }
}
