//! The name of a base image during a build.
//!
//! With the containerd image store BuildKit asks a name's registry before the local store: a build
//! would use an image of the same name on Docker Hub. So a base gets a name with a host that
//! refuses connections, for the build alone.
//!
//! Every build has a name of its own, so that concurrent builds, here and in other processes, never
//! remove each other's names. The name contains the run: names that a killed run leaves are found
//! by [`Docker::remove_run`], as its containers are.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use bollard::query_parameters::{ListImagesOptionsBuilder, RemoveImageOptions};

use super::{Base, Docker, connect::said};
use crate::{model::recipe::build_name, remote::Error};

/// A temporary name of a base image, removed when it is returned or dropped.
pub(super) struct Lent {
    docker: Docker,
    name: Option<String>,
}

impl Docker {
    /// Gives the base a name for one build.
    ///
    /// This completes even if the future is dropped, so that a search for the run's names finds it.
    pub(super) async fn lend(&self, base: &Base<'_>) -> Result<Lent, Error> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let known = base.reference.rsplit([':', '/']).next().unwrap_or_default();
        let (repository, tag) = (build_name(base.run), format!("{known}-{count}"));
        let name = format!("{repository}:{tag}");
        let (docker, reference) = (self.clone(), base.reference.to_owned());
        let creating = self.creating.clone().read_owned().await;
        let tagged = tokio::spawn(async move {
            let tagged = docker.tag(&reference, &repository, &tag).await;
            drop(creating);
            tagged
        });
        let lent = Lent {
            docker: self.clone(),
            name: Some(name),
        };
        tagged.await.map_err(|cause| said(&cause.to_string()))??;
        Ok(lent)
    }

    /// Removes the names that builds of the run left behind.
    pub(super) async fn remove_names(&self, run: &str) -> Result<(), Error> {
        let repository = build_name(run);
        let options = ListImagesOptionsBuilder::default()
            .filters(&HashMap::from([("reference", vec![repository.clone()])]))
            .build();
        let images = self.client.list_images(Some(options)).await;
        let images = images.map_err(|error| self.refused(error))?;
        let prefix = format!("{repository}:");
        let names = images.into_iter().flat_map(|image| image.repo_tags);
        for name in names.filter(|name| name.starts_with(&prefix)) {
            self.remove_image(&name).await?;
        }
        Ok(())
    }
}

impl Lent {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Removes the name.
    ///
    /// If that fails, the end of the run tries again.
    pub(super) async fn give_back(mut self) {
        if let Some(name) = self.name.take()
            && let Err(error) = self.docker.remove_image(&name).await
        {
            tracing::debug!(%error, name, "a base keeps the name of a build");
        }
    }
}

impl Drop for Lent {
    /// Removes the name after a dropped build, if a runtime is available.
    fn drop(&mut self) {
        let (Some(name), Ok(runtime)) = (self.name.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let client = self.docker.client.clone();
        runtime.spawn(async move {
            let options = None::<RemoveImageOptions>;
            if let Err(error) = client.remove_image(&name, options, None).await {
                tracing::debug!(%error, name, "a base keeps the name of a build");
            }
        });
    }
}
