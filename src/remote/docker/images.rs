//! Looking images up, and tagging them.

use std::collections::{BTreeMap, HashMap};

use bollard::{
    models::ImageSummary,
    query_parameters::{ListImagesOptionsBuilder, RemoveImageOptions, TagImageOptionsBuilder},
};

use super::{Docker, connect::is_missing};
use crate::{
    model::{
        Fingerprint,
        image::{LABEL_BASE, LABEL_FINGERPRINT, LABEL_PROJECT},
        observed::LocalImage,
    },
    remote::Error,
};

impl Docker {
    /// Images that jot built for `project`, by fingerprint: one request. Of several with the same fingerprint the one
    /// that a registry knows wins, then the newest.
    pub async fn images(&self, project: &str) -> Result<BTreeMap<Fingerprint, LocalImage>, Error> {
        let label = vec![format!("{LABEL_PROJECT}={project}")];
        let options = ListImagesOptionsBuilder::default()
            .filters(&HashMap::from([("label", label)]))
            .build();
        let images = self.first(self.client.list_images(Some(options))).await?;
        Ok(by_fingerprint(images))
    }

    /// The id of the image that a name, digest or id refers to; `None` where there is none.
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

    /// Calls the image `repository:tag` as well.
    pub async fn tag(&self, image: &str, repository: &str, tag: &str) -> Result<(), Error> {
        let options = TagImageOptionsBuilder::default()
            .repo(repository)
            .tag(tag)
            .build();
        let tagged = self.client.tag_image(image, Some(options)).await;
        tagged.map_err(|error| self.refused(error))
    }

    /// Removes a name, and with an image's last name the image. One that is not there is no error.
    pub async fn remove_image(&self, reference: &str) -> Result<(), Error> {
        let options = None::<RemoveImageOptions>;
        match self.client.remove_image(reference, options, None).await {
            Err(error) if !is_missing(&error) => Err(self.refused(error)),
            _ => Ok(()),
        }
    }
}

fn by_fingerprint(mut images: Vec<ImageSummary>) -> BTreeMap<Fingerprint, LocalImage> {
    images.sort_by_key(|image| (!digests(image).is_empty(), image.created, image.id.clone()));
    let named = images.into_iter().filter_map(|image| {
        let fingerprint = Fingerprint::parse(image.labels.get(LABEL_FINGERPRINT)?)?;
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

    fn image(id: &str, created: i64, fingerprint: &str, digest: &str) -> ImageSummary {
        ImageSummary {
            id: id.to_owned(),
            created,
            labels: HashMap::from([(LABEL_FINGERPRINT.to_owned(), fingerprint.repeat(64))]),
            repo_digests: vec![digest.to_owned()],
            ..Default::default()
        }
    }

    #[test]
    fn of_equal_fingerprints_the_pushed_one_wins_then_the_newest() {
        let found = by_fingerprint(vec![
            image("new", 9, "a", "<none>@<none>"),
            image("pushed", 1, "a", "host/p@sha256:1"),
            image("old", 2, "b", "<none>@<none>"),
            image("newer", 3, "b", "<none>@<none>"),
            image("foreign", 3, "not hex", "<none>@<none>"),
        ]);
        let ids: Vec<_> = found.values().map(|image| image.id.as_str()).collect();
        assert_eq!(ids, ["pushed", "newer"]);
        assert_eq!(
            found.values().next().unwrap().repo_digests,
            ["host/p@sha256:1"]
        );
    }
}
