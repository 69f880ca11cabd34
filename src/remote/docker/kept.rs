//! The images that a daemon keeps for a project.

use std::collections::{BTreeSet, HashMap};

use bollard::query_parameters::{ListContainersOptionsBuilder, ListImagesOptionsBuilder};

use super::Docker;
use crate::{
    model::{
        Fingerprint,
        clean::KeptImage,
        recipe::{LABEL_BASE, LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_TITLE},
    },
    remote::Error,
};

impl Docker {
    /// The images with the project's label, and the ids of all images that containers use.
    ///
    /// # Errors
    ///
    /// Docker failed.
    pub async fn kept(&self, project: &str) -> Result<(Vec<KeptImage>, BTreeSet<String>), Error> {
        let label = vec![format!("{LABEL_PROJECT}={project}")];
        let options = ListImagesOptionsBuilder::default()
            .filters(&HashMap::from([("label", label)]))
            .build();
        let images = self.first(self.client.list_images(Some(options))).await?;
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let containers = self.client.list_containers(Some(options)).await;
        let containers = containers.map_err(|error| self.refused(error))?;
        let images = images.into_iter().map(|image| KeptImage {
            title: image.labels.get(LABEL_TITLE).cloned().unwrap_or_default(),
            fingerprint: image
                .labels
                .get(LABEL_FINGERPRINT)
                .and_then(|label| Fingerprint::parse(label)),
            base: image.labels.get(LABEL_BASE).cloned(),
            bytes: u64::try_from(image.size).unwrap_or(0),
            names: image.repo_tags,
            id: image.id,
        });
        let used = containers.into_iter().filter_map(|one| one.image_id);
        Ok((images.collect(), used.collect()))
    }
}
