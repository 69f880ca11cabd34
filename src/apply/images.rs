//! Base images that are pulled, builds and pushes.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc::unbounded_channel;

use super::{Error, Shared, exemplar::Exemplars};
use crate::{
    model::{
        Digest, Event, Fingerprint, Image, StepId, TestResult,
        event::Unit,
        image::{
            LABEL_BASE, LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_TITLE, LABEL_VERSION, local_name,
        },
    },
    recipe,
    remote::{self, Aws, Docker, docker::Work},
};

impl Shared {
    /// `host/repository` that images are pushed to and pulled from.
    pub(super) fn repository(&self) -> String {
        let host = self
            .desired
            .aws
            .registry_host(&self.plan.account, &self.plan.region);
        format!("{host}/{}", self.desired.repository.name)
    }

    pub(super) async fn pull(
        &self,
        step: &StepId,
        image: &Fingerprint,
        digest: &Digest,
    ) -> Result<String, Error> {
        let docker = self.docker()?;
        let repository = self.repository();
        let login = self
            .aws()?
            .registry_login(self.desired.aws.registry.as_deref())
            .await?;
        let mut progress = self.progress(step);
        let work = async {
            let id = docker
                .pull(&repository, digest.as_str(), &login, &mut progress)
                .await?;
            // Builds name their base by this local tag.
            docker
                .tag(&id, &local_name(&self.desired.project), image.tag())
                .await?;
            Ok(())
        };
        self.droppable(work).await?;
        Ok(digest.short().to_owned())
    }

    pub(super) async fn build(
        &self,
        step: &StepId,
        fingerprint: &Fingerprint,
    ) -> Result<String, Error> {
        let image = self.image(fingerprint)?;
        let exemplars = Exemplars::of(&self.desired, fingerprint);
        let (tell, mut wrong) = unbounded_channel();
        let mut shown = self.progress(step);
        let mut progress = |work: Work| {
            if let Work::Output(line) = &work
                && let Some(result) = exemplars.wrong(line)
            {
                // Nobody listens any more once the first was told.
                tell.send(result).ok();
            }
            shown(work);
        };
        let work = async {
            // An error is possible only once the semaphore is closed, which nothing does.
            let _slot = self
                .builds
                .acquire()
                .await
                .map_err(|_| Error::Interrupted)?;
            build(
                self.docker()?,
                (&self.desired.project, &self.clients.labels),
                image,
                &mut progress,
            )
            .await
        };
        let id = tokio::select! {
            biased;
            Some(result) = wrong.recv() => {
                let total = exemplars.count(&result.function);
                return Err(self.wrong_exemplar(step, result, total));
            }
            id = self.droppable(work) => id?,
        };
        Ok(id.trim_start_matches("sha256:").chars().take(12).collect())
    }

    /// Tells the test, with the difference; gives the error that the build ends in.
    fn wrong_exemplar(&self, step: &StepId, result: TestResult, total: usize) -> Error {
        let function = result.function.clone();
        let step = step.clone();
        self.send(Event::Tested { step, result });
        Error::TestsFailed {
            function,
            failed: 1,
            total,
            stage: "in the exemplar session of the build".to_owned(),
            consequence: "the build was ended; it sees no variables but julia.exemplar_environment, and a test with exemplar = false stays out of it"
                .to_owned(),
        }
    }

    pub(super) async fn push(
        &self,
        step: &StepId,
        image: &Fingerprint,
        extra: &[String],
    ) -> Result<String, Error> {
        let docker = self.docker()?;
        let aws = self.aws()?;
        let repository = self.repository();
        let login = aws
            .registry_login(self.desired.aws.registry.as_deref())
            .await?;
        let local = local_reference(docker, &self.desired.project, image).await?;
        let mut pushed = remote::docker::Pushed::default();
        for tag in std::iter::once(image.tag()).chain(extra.iter().map(String::as_str)) {
            let mut progress = self.progress(step);
            let work = async {
                docker.tag(&local, &repository, tag).await?;
                match docker.push(&repository, tag, &login, &mut progress).await {
                    Err(_) if tag == image.tag() && self.is_held(image).await? => {
                        Ok(remote::docker::Pushed::default())
                    }
                    pushed => Ok(pushed?),
                }
            };
            let one = self.droppable(work).await?;
            pushed.layers += one.layers;
            pushed.bytes += one.bytes;
        }
        let tags = BTreeSet::from([image.tag()]);
        let held = aws.images(&self.desired.repository.name, &tags).await?;
        let held = held.get(image.tag()).ok_or_else(|| Error::Gone {
            resource: format!("image {}:{}", self.desired.repository.name, image.tag()),
        })?;
        self.give(step, held.digest.as_str());
        let layers = pushed.layers;
        let plural = if layers == 1 { "" } else { "s" };
        Ok(format!(
            "{layers} new layer{plural}, {}",
            held.digest.short()
        ))
    }

    /// Whether ECR holds an image under the fingerprint's tag, which names content and cannot be moved: then it counts as pushed,
    /// by another apply or by a push whose last answer was lost.
    async fn is_held(&self, image: &Fingerprint) -> Result<bool, Error> {
        let tags = BTreeSet::from([image.tag()]);
        let held = self
            .aws()?
            .images(&self.desired.repository.name, &tags)
            .await?;
        Ok(held.contains_key(image.tag()))
    }

    pub(super) async fn tag_image(
        &self,
        image: &Fingerprint,
        tags: &[String],
    ) -> Result<(), Error> {
        let repository = &self.desired.repository.name;
        Ok(self.aws()?.tag_image(repository, image.tag(), tags).await?)
    }

    pub(super) fn image(&self, fingerprint: &Fingerprint) -> Result<&Image, Error> {
        let image = self.desired.images.get(fingerprint);
        image.ok_or_else(|| Error::Stale {
            what: format!("image {}", fingerprint.tag()),
        })
    }

    pub(super) fn docker(&self) -> Result<&Docker, Error> {
        self.clients.docker.as_ref().ok_or(Error::NoDocker)
    }

    pub(super) fn aws(&self) -> Result<&Aws, Error> {
        self.clients.aws.as_ref().ok_or(Error::NoAws)
    }

    /// Turns what Docker reports into events of the step.
    pub(super) fn progress<'a>(&'a self, step: &'a StepId) -> impl FnMut(Work) + Send + 'a {
        move |work| self.send(work_event(step.clone(), work))
    }
}

fn work_event(step: StepId, work: Work) -> Event {
    match work {
        Work::Output(line) => Event::Output { step, line },
        Work::Step { doing, done, total } => Event::Progress {
            step,
            doing,
            done,
            total: Some(total),
            unit: Unit::Steps,
        },
        Work::Bytes { doing, done, total } => Event::Progress {
            step,
            doing,
            done,
            total: Some(total),
            unit: Unit::Bytes,
        },
    }
}

/// Builds one image on a base that is there under its local tag; returns Docker's image id. Fetches AWS's emulator first where
/// it goes in and is not in jot's cache.
pub async fn build(
    docker: &Docker,
    (project, origin): (&str, &BTreeMap<String, String>),
    image: &Image,
    progress: &mut (dyn FnMut(Work) + Send),
) -> Result<String, Error> {
    for download in recipe::missing(image) {
        remote::download(&download.url, &download.sha256, &download.path).await?;
    }
    let mut labels = labels(project, image);
    labels.extend(origin.clone());
    let base = match &image.base {
        Some(base) => Some(local_reference(docker, project, base).await?),
        None => None,
    };
    if let Some(base) = &base {
        let id = docker.image_id(base).await?;
        labels.extend(id.map(|id| (LABEL_BASE.to_owned(), id)));
    }
    let tag = format!("{}:{}", local_name(project), image.fingerprint.tag());
    Ok(docker
        .build(image, base.as_deref(), &tag, &labels, progress)
        .await?)
}

/// The name under which the local Docker knows that image of the project; given to it anew where it was taken away.
pub(super) async fn local_reference(
    docker: &Docker,
    project: &str,
    image: &Fingerprint,
) -> Result<String, Error> {
    let name = local_name(project);
    let reference = format!("{name}:{}", image.tag());
    if docker.image_id(&reference).await?.is_none() {
        let held = docker.images(project).await?;
        let held = held.get(image).ok_or_else(|| Error::Gone {
            resource: format!("local image {reference}"),
        })?;
        docker.tag(&held.id, &name, image.tag()).await?;
    }
    Ok(reference)
}

fn labels(project: &str, image: &Image) -> BTreeMap<String, String> {
    let own = [
        (LABEL_FINGERPRINT, image.fingerprint.as_str()),
        (LABEL_PROJECT, project),
        (LABEL_TITLE, &image.title),
        (LABEL_VERSION, recipe::version()),
    ];
    let mut labels = image.labels.clone();
    labels.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
    labels
}
