//! Builds images and names them.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc::unbounded_channel;

use super::{
    Error, Shared,
    exemplar::{Answers, Exemplars},
    faults::Faults,
};
use crate::{
    model::{
        Event, Fingerprint, Form, Recipe, StepId, TestResult,
        event::Unit,
        recipe::{
            INPUT_REFERENCE, LABEL_BASE, LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_TITLE,
            LABEL_VERSION, local_name,
        },
        redacted,
    },
    recipe,
    remote::{
        self, Aws, Docker,
        docker::{Base, Work},
    },
};

impl Shared {
    /// `host/repository` to push images to and pull them from.
    pub(super) async fn repository(&self) -> Result<String, Error> {
        let name = &self.desired.repository.name;
        let uri = self.aws()?.repository_uri(name).await?;
        Ok(self.desired.aws.pushed_to(&uri))
    }

    pub(super) async fn build(
        &self,
        step: &StepId,
        fingerprint: &Fingerprint,
    ) -> Result<String, Error> {
        let image = self.image(fingerprint)?;
        self.require_memory(fingerprint).await?;
        let exemplars = Exemplars::of(&self.desired, fingerprint);
        let mut faults = Faults::default();
        let (sender, mut receiver) = unbounded_channel();
        let mut shown = self.progress(step);
        let mut progress = |work: Work| {
            if faults.take(&work) {
                return;
            }
            if let Work::Output(line) = &work
                && let Some(answer) = exemplars.answered(line)
            {
                // The listener ends with the build.
                sender.send(answer).ok();
            }
            shown(work);
        };
        let work = async {
            // An error is possible only once the semaphore is closed, which never happens.
            let _slot = self
                .builds
                .acquire()
                .await
                .map_err(|_| Error::Interrupted)?;
            for file in recipe::missing(image) {
                let profile = self.desired.aws.profile.as_deref();
                remote::download(&file.url, &file.sha256, &file.path, profile).await?;
            }
            build(
                &self.builder(image).await?,
                (
                    &self.desired.project,
                    &self.clients.run,
                    &self.clients.labels,
                ),
                image,
                &mut progress,
            )
            .await
        };
        let mut answers = Answers::default();
        let mut work = Box::pin(self.droppable(work));
        let ended = loop {
            tokio::select! {
                biased;
                Some(answer) = receiver.recv() => answers.add(answer),
                ended = &mut work => break Some(ended),
                () = answers.wrong(exemplars.all()) => break None,
            }
        };
        drop(work);
        answers.drain(&mut receiver);
        let ended = match ended {
            Some(Err(Error::Interrupted)) => return Err(Error::Interrupted),
            Some(ended) if !answers.is_wrong() => ended,
            _ => return Err(self.wrong_exemplars(step, answers.results, &exemplars)),
        };
        let id = ended.map_err(|error| faults.instead(error, &self.desired, fingerprint))?;
        if image.form == Form::Zip {
            let packed = self.droppable(self.packed(fingerprint)).await?;
            let size = packed.archive.size.div_ceil(1024);
            return Ok(format!("{size} KB, {}", packed.archive.digest.short()));
        }
        Ok(id.trim_start_matches("sha256:").chars().take(12).collect())
    }

    /// The Docker connection for a build.
    ///
    /// It has ECR's token if the image's base is in one of the project's own registries, because
    /// `docker login` may never have run.
    async fn builder(&self, image: &Recipe) -> Result<Docker, Error> {
        let docker = self.docker()?.clone();
        let (Some(from), Some(aws)) = (image.inputs.get(INPUT_REFERENCE), &self.clients.aws) else {
            return Ok(docker);
        };
        let host = remote::docker::registry(from);
        let ecr = format!("{}.dkr.ecr.{}.", self.plan.account, self.plan.region);
        if self.desired.aws.registry.as_deref() != Some(host) && !host.starts_with(&ecr) {
            return Ok(docker);
        }
        Ok(docker.knowing(aws.registry_login(from).await?))
    }

    /// Reports the failed tests with their differences; returns the error that ends the build.
    fn wrong_exemplars(
        &self,
        step: &StepId,
        results: Vec<TestResult>,
        exemplars: &Exemplars<'_>,
    ) -> Error {
        let wrong: Vec<String> = results
            .iter()
            .filter(|result| !result.passed())
            .map(|result| result.function.clone())
            .collect();
        let functions: BTreeSet<&str> = wrong.iter().map(String::as_str).collect();
        let mut declared = functions
            .iter()
            .filter_map(|key| self.desired.functions.get(*key));
        let session = declared.find_map(|one| one.hints.session.clone());
        for result in results {
            let (step, result) = (step.clone(), self.placed(result));
            self.send(Event::Tested { step, result });
        }
        Error::TestsFailed {
            failed: wrong.len(),
            total: functions.iter().map(|key| exemplars.count(key)).sum(),
            function: functions.into_iter().collect::<Vec<_>>().join(" "),
            stage: "in the exemplar session of the build".to_owned(),
            consequence: format!(
                "the build was stopped; {}a test with exemplar = false is left out of it",
                session
                    .map(|session| format!("{session}, and "))
                    .unwrap_or_default()
            ),
        }
    }

    pub(super) async fn tag_image(
        &self,
        image: &Fingerprint,
        tags: &[String],
    ) -> Result<(), Error> {
        let repository = &self.desired.repository.name;
        Ok(self.aws()?.tag_image(repository, image.tag(), tags).await?)
    }

    pub(super) fn image(&self, fingerprint: &Fingerprint) -> Result<&Recipe, Error> {
        let image = self.desired.recipes.get(fingerprint);
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

    /// Reports Docker's progress as events of the step.
    pub(super) fn progress<'a>(&'a self, step: &'a StepId) -> impl FnMut(Work) + Send + 'a {
        move |work| self.send(work_event(step.clone(), work))
    }
}

fn work_event(step: StepId, work: Work) -> Event {
    match work {
        Work::Output(line) => Event::Output {
            step,
            line: redacted(&line).into_owned(),
        },
        Work::Again {
            why,
            attempt,
            wait_ms,
        } => Event::Retry {
            step,
            why,
            attempt,
            wait_ms,
        },
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

/// Builds one image on a base that exists under its local tag; returns Docker's image id.
///
/// Where the image includes AWS's emulator, the emulator is in jot's cache.
pub(super) async fn build(
    docker: &Docker,
    (project, run, origin): (&str, &str, &BTreeMap<String, String>),
    image: &Recipe,
    progress: &mut (dyn FnMut(Work) + Send),
) -> Result<String, Error> {
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
    let base = base.as_deref().map(|reference| Base { reference, run });
    Ok(docker.build(image, base, &tag, &labels, progress).await?)
}

/// The name of this image of the project in the local Docker.
pub(super) async fn local_reference(
    docker: &Docker,
    project: &str,
    image: &Fingerprint,
) -> Result<String, Error> {
    let name = local_name(project);
    let reference = format!("{name}:{}", image.tag());
    match docker.has(&name, image).await? {
        true => Ok(reference),
        false => Err(Error::Gone {
            resource: format!("local image {reference}"),
        }),
    }
}

pub(super) fn labels(project: &str, image: &Recipe) -> BTreeMap<String, String> {
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
