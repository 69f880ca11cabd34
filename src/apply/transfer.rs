//! Pushes and pulls, repeated when they break off.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{Error, Shared, images::local_reference, login::Login};
use crate::{
    model::{Digest, Event, Fingerprint, Form, StepId, observed::RemoteImage, recipe::local_name},
    remote::{self, docker::Pushed},
};

/// How often to start a push or pull that breaks off: the waits add up to 116 s.
const ATTEMPTS: u32 = 16;
/// Wait before the second attempt; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How long a login is used: ECR's are valid for twelve hours.
const GOOD_FOR: Duration = Duration::from_secs(11 * 60 * 60);

impl Shared {
    pub(super) async fn pull(
        &self,
        step: &StepId,
        image: &Fingerprint,
        digest: &Digest,
    ) -> Result<String, Error> {
        let docker = self.docker()?;
        let repository = self.repository().await?;
        let mut login = self.login().await?;
        let mut attempt = 1;
        let id = loop {
            let mut progress = self.progress(step);
            let work = async {
                let pulled = docker.pull(&repository, digest.as_str(), &login.login, &mut progress);
                Ok(pulled.await?)
            };
            match self.droppable(work).await {
                Ok(id) => break id,
                Err(error) => {
                    self.wait_to_repeat(step, error, attempt, &mut login)
                        .await?
                }
            }
            attempt += 1;
        };
        // Builds name their base by this local tag.
        docker
            .tag(&id, &local_name(&self.desired.project), image.tag())
            .await?;
        Ok(digest.short().to_owned())
    }

    pub(super) async fn push(
        &self,
        step: &StepId,
        image: &Fingerprint,
        extra: &[String],
    ) -> Result<String, Error> {
        if self.image(image)?.form == Form::Zip {
            return self.push_archive(step, image, extra).await;
        }
        let docker = self.docker()?;
        let mut login = self.login().await?;
        let local = local_reference(docker, &self.desired.project, image).await?;
        let pushed = self.push_one(step, (image, &local), &mut login).await?;
        if !extra.is_empty() {
            // Further names in one manifest need no further push.
            self.tag_image(image, extra).await?;
        }
        let digest = match pushed.as_ref().and_then(|pushed| pushed.digest.clone()) {
            Some(digest) => digest,
            None => self.held_digest(image).await?,
        };
        self.give(step, digest.as_str());
        let digest = digest.short();
        Ok(match pushed.map(|pushed| pushed.layers) {
            // Podman does not report how much it uploaded.
            None => digest.to_owned(),
            Some(1) => format!("1 new layer, {digest}"),
            Some(layers) => format!("{layers} new layers, {digest}"),
        })
    }

    /// Pushes the image under its fingerprint's tag until ECR has it; returns what was uploaded, if
    /// Docker reports that.
    async fn push_one(
        &self,
        step: &StepId,
        (image, local): (&Fingerprint, &str),
        login: &mut Login,
    ) -> Result<Option<Pushed>, Error> {
        let docker = self.docker()?;
        let (repository, tag) = (self.repository().await?, image.tag());
        let mut attempt = 1;
        loop {
            let mut progress = self.progress(step);
            let work = async {
                docker.tag(local, &repository, tag).await?;
                let pushed = docker.push(&repository, tag, &login.login, &mut progress);
                Ok(pushed.await?)
            };
            match self.droppable(work).await {
                Ok(pushed) => return Ok(pushed),
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                Err(_) if self.held(image).await?.is_some() => return Ok(None),
                Err(error) => self.wait_to_repeat(step, error, attempt, login).await?,
            }
            attempt += 1;
        }
    }

    /// The digest in ECR under the fingerprint's tag.
    async fn held_digest(&self, image: &Fingerprint) -> Result<Digest, Error> {
        let held = self.held(image).await?.ok_or_else(|| Error::Gone {
            resource: format!("image {}:{}", self.desired.repository.name, image.tag()),
        })?;
        Ok(held.digest)
    }

    /// The image in ECR under the fingerprint's tag.
    ///
    /// The tag identifies the content and is immutable, so it counts as pushed also if another
    /// apply pushed it, or the push lost its last answer.
    async fn held(&self, image: &Fingerprint) -> Result<Option<RemoteImage>, Error> {
        let tags = BTreeSet::from([image.tag()]);
        let repository = &self.desired.repository.name;
        let mut held = self.aws()?.images(repository, &tags).await?;
        Ok(held.remove(image.tag()))
    }

    /// Waits before a push or pull that broke off is repeated, with a login that is still valid
    /// then.
    ///
    /// # Errors
    ///
    /// Why it broke off, if repeating is useless or was done often enough.
    pub(super) async fn wait_to_repeat(
        &self,
        step: &StepId,
        error: Error,
        attempt: u32,
        login: &mut Login,
    ) -> Result<(), Error> {
        let message = match &error {
            Error::Remote(remote::Error::BrokeOff { message, .. })
                if self.docker()?.answers().await =>
            {
                message
            }
            Error::Remote(remote::Error::Registry {
                message,
                again: true,
                ..
            }) => message,
            _ => return Err(error),
        };
        if attempt >= ATTEMPTS {
            return Err(error);
        }
        let wait = wait(attempt);
        self.send(Event::Retry {
            step: step.clone(),
            why: message.clone(),
            attempt,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        });
        let waited = async {
            tokio::time::sleep(wait).await;
            Ok(())
        };
        self.droppable(waited).await?;
        if login.since.elapsed() > GOOD_FOR || message.contains("expired") {
            *login = self.sign_in().await?;
        }
        Ok(())
    }

    /// The login of this apply, requested once.
    pub(super) async fn login(&self) -> Result<Login, Error> {
        let cell = self.login_cell();
        let login = cell.get_or_try_init(async || self.sign_in().await).await?;
        Ok(login.clone())
    }

    async fn sign_in(&self) -> Result<Login, Error> {
        let repository = self.repository().await?;
        Ok(Login {
            login: self.aws()?.registry_login(&repository).await?,
            since: Instant::now(),
        })
    }
}

fn wait(attempt: u32) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    doubled.min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<u64> = (1..ATTEMPTS)
            .map(|attempt| u64::try_from(wait(attempt).as_millis()).unwrap())
            .collect();
        assert_eq!(waits[..6], [500, 1000, 2000, 4000, 8000, 10_000]);
        assert_eq!((waits.len(), waits.iter().sum::<u64>()), (15, 115_500));
    }
}
