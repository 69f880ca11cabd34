//! Copies from the repository of another target.

use super::{Error, Shared};
use crate::{
    model::{Digest, Fingerprint, StepId},
    remote::{Registry, registry::Copied},
};

impl Shared {
    /// Copies an image or archive from `source` (`host/name`) under its tag; returns the digest for
    /// Lambda.
    pub(super) async fn copy(
        &self,
        step: &StepId,
        image: &Fingerprint,
        (source, digest): (&str, &Digest),
        extra: &[String],
    ) -> Result<String, Error> {
        let aws = self.aws()?;
        let repository = self.repository().await?;
        let mut login = self.login().await?;
        let mut attempt = 1;
        let copied = loop {
            let mut progress = self.progress(step);
            let work = async {
                let from = self.source(source).await?;
                let to = Registry::new(aws, &repository, login.login());
                let what = (digest, image.tag());
                Ok(to.copy(&from, what, &mut progress).await?)
            };
            match self.droppable(work).await {
                Ok(copied) => break copied,
                Err(error) => {
                    self.wait_to_repeat(step, error, attempt, &mut login)
                        .await?
                }
            }
            attempt += 1;
        };
        if !extra.is_empty() {
            self.tag_image(image, extra).await?;
        }
        let Copied { blobs, archive } = copied;
        self.give(step, archive.as_ref().unwrap_or(digest).as_str());
        let digest = digest.short();
        Ok(match blobs {
            1 => format!("1 new blob, {digest}"),
            blobs => format!("{blobs} new blobs, {digest}"),
        })
    }

    /// The registry to copy from, with a login for it.
    async fn source(&self, repository: &str) -> Result<Registry, Error> {
        let stale = || Error::Stale {
            what: "the target that images are copied from".to_owned(),
        };
        let target = self.desired.supply.target().ok_or_else(stale)?;
        let aws = self
            .aws()?
            .elsewhere(&self.desired.aws, &target.aws)
            .await?;
        let login = aws.registry_login(repository).await?;
        Ok(Registry::new(&aws, repository, &login))
    }
}
