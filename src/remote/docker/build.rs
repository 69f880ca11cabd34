//! Building an image with BuildKit.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use bollard::{
    body_try_stream,
    errors::Error as Bollard,
    models::{BuildInfo, BuildInfoAux},
    query_parameters::{BuildImageOptionsBuilder, BuilderVersion},
};
use futures_util::{Stream, StreamExt};

use super::{Docker, Work, connect::said, context, session, trace::Trace};
use crate::{
    model::{Image, Secret, image::BASE_ARGUMENT},
    remote::Error,
};

impl Docker {
    /// Builds `image` with `labels` beside its own, tags it as `tag` (`repository:tag`), and gives Docker's image id.
    ///
    /// `base` is what the base build argument names: a name that the daemon or a registry knows, since BuildKit
    /// takes no image ids there. Dropping the future ends the build.
    pub async fn build(
        &self,
        image: &Image,
        base: Option<&str>,
        tag: &str,
        labels: &BTreeMap<String, String>,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<String, Error> {
        let secrets = secrets(image)?;
        let session = session_id();
        let options = options(image, base, tag, labels);
        let (tar, writing) = context::stream(image);
        let body = Some(body_try_stream(tar));
        let client = self.patient();
        let followed = if secrets.is_empty() {
            let options = options
                .version(BuilderVersion::BuilderBuildKit)
                .session(&session);
            follow(client.build_image(options.build(), None, body), progress).await
        } else {
            let _serving = session::serve(self.host(), &session, secrets).await?;
            let client = session::within(client, &session);
            follow(client.build_image(options.build(), None, body), progress).await
        };
        let (trace, outcome) = followed;
        let id = match outcome {
            Ok(id) => id,
            Err(error) => {
                // Where a file could not be read, that is the reason, and all else follows from it.
                let unread = writing.await.ok().and_then(Result::err);
                return Err(
                    match unread.filter(|e| e.kind() != std::io::ErrorKind::BrokenPipe) {
                        Some(unread) => said(&unread.to_string()),
                        None => self.build_error(image, &trace, error),
                    },
                );
            }
        };
        match id {
            Some(id) => Ok(id),
            None => self
                .image_id(tag)
                .await?
                .ok_or_else(|| said("the build left no image behind")),
        }
    }

    fn build_error(&self, image: &Image, trace: &Trace, error: Bollard) -> Error {
        match error {
            Bollard::DockerStreamError { error } => trace.failure(&image.title, &error),
            other => self.refused(other),
        }
    }
}

/// Reads the build's messages to their end; gives the image's id where Docker says it.
async fn follow(
    mut messages: impl Stream<Item = Result<BuildInfo, Bollard>> + Unpin,
    progress: &mut (dyn FnMut(Work) + Send),
) -> (Trace, Result<Option<String>, Bollard>) {
    let mut trace = Trace::default();
    let mut id = None;
    while let Some(message) = messages.next().await {
        match message {
            Ok(BuildInfo {
                aux: Some(BuildInfoAux::BuildKit(status)),
                ..
            }) => {
                trace.take(status, progress);
            }
            Ok(BuildInfo {
                aux: Some(BuildInfoAux::Default(image)),
                ..
            }) => id = image.id,
            Ok(_) => {}
            Err(error) => return (trace, Err(error)),
        }
    }
    (trace, Ok(id))
}

fn options(
    image: &Image,
    base: Option<&str>,
    tag: &str,
    labels: &BTreeMap<String, String>,
) -> BuildImageOptionsBuilder {
    let mut arguments: HashMap<&str, &str> = pairs(&image.args).collect();
    arguments.extend(base.map(|base| (BASE_ARGUMENT, base)));
    let labels: HashMap<&str, &str> = pairs(&image.labels).chain(pairs(labels)).collect();
    let options = BuildImageOptionsBuilder::default()
        .dockerfile(context::DOCKERFILE)
        .t(tag)
        .platform(&image.platform)
        .buildargs(&arguments)
        .labels(&labels);
    match &image.network {
        Some(network) => options.networkmode(network),
        None => options,
    }
}

fn pairs(map: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    map.iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

fn secrets(image: &Image) -> Result<BTreeMap<String, Secret>, Error> {
    let known = image
        .secrets
        .iter()
        .map(|(id, value)| match value.reveal() {
            Some(value) => Ok((id.clone(), Secret::new(value))),
            None => Err(Error::Docker {
                message: format!(
                    "the build secret `{id}` of {} has no value here",
                    image.title
                ),
                help: Some("set the environment variable that `build.secrets` names".to_owned()),
            }),
        });
    known.collect()
}

/// A name that no other build of this daemon has.
fn session_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("jot-{}-{now:x}-{count}", std::process::id())
}
