//! Builds images with BuildKit, or with Podman's builder.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bollard::{
    errors::Error as Bollard,
    models::{BuildInfo, BuildInfoAux},
};
use futures_util::{StreamExt, stream::BoxStream};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::task::JoinHandle;

use super::{
    Base, Docker, Work,
    agents::Agents,
    answer::{Early, target},
    connect::said,
    context,
    keys::Keys,
    machine::Engine,
    session::{self, Served},
    trace::Trace,
};
use crate::{
    model::{Recipe, Secret, recipe::BASE_ARGUMENT},
    remote::Error,
};

/// How often to start a build that breaks off.
const ATTEMPTS: u32 = 2;
/// How long to wait before the next attempt.
const WAIT: Duration = Duration::from_millis(500);

/// Parameters of one build.
struct Asked<'a> {
    image: &'a Recipe,
    /// The base's temporary name.
    base: Option<&'a str>,
    tag: &'a str,
    labels: &'a BTreeMap<String, String>,
    /// Build arguments for the proxies that the docker command is configured with.
    proxies: Vec<(String, Secret)>,
    engine: Engine,
}

impl Docker {
    /// Builds `image` with `labels` in addition to its own, tags it as `tag` (`repository:tag`),
    /// and returns Docker's image id.
    ///
    /// A build that breaks off is started once more if the daemon still answers. Dropping the
    /// future ends the build.
    pub async fn build(
        &self,
        image: &Recipe,
        base: Option<Base<'_>>,
        tag: &str,
        labels: &BTreeMap<String, String>,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<String, Error> {
        let engine = self.machine().await?.engine;
        if engine.podman && !image.secrets.is_empty() {
            return Err(not_by_podman(
                &image.title,
                ("build secrets", "build.secrets"),
            ));
        }
        if engine.podman && !image.ssh.is_empty() {
            return Err(not_by_podman(&image.title, ("SSH agents", "build.ssh")));
        }
        let secrets = secrets(image)?;
        Agents::of(image)?;
        let lent = match &base {
            Some(base) => Some(self.lend(base).await?),
            None => None,
        };
        let asked = Asked {
            image,
            base: lent.as_ref().map(|lent| lent.name()),
            tag,
            labels,
            proxies: self.config.proxy_arguments(self.host()),
            engine,
        };
        let shown = base.map(|base| base.reference);
        let built = self.build_or_again(&asked, shown, &secrets, progress).await;
        if let Some(lent) = lent {
            lent.give_back().await;
        }
        built
    }

    async fn build_or_again(
        &self,
        asked: &Asked<'_>,
        shown: Option<&str>,
        secrets: &BTreeMap<String, Secret>,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<String, Error> {
        let mut attempt = 1;
        loop {
            let mut trace = Trace::on(shown, &asked.image.titles);
            let why = match self
                .attempt(asked, secrets.clone(), &mut trace, progress)
                .await
            {
                Err(Error::BrokeOff { message, .. })
                    if attempt < ATTEMPTS && self.answers().await =>
                {
                    message
                }
                ended => return ended,
            };
            progress(Work::Again {
                why,
                attempt,
                wait_ms: u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX),
            });
            tokio::time::sleep(WAIT).await;
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        asked: &Asked<'_>,
        secrets: BTreeMap<String, Secret>,
        trace: &mut Trace,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<String, Error> {
        let keys = Keys::of(self);
        let (ended, context) = self.send(asked, (secrets, &keys), trace, progress).await?;
        match ended {
            Ok(Some(id)) => Ok(id),
            Ok(None) => {
                let id = self.image_id(asked.tag).await?;
                id.ok_or_else(|| said("the build left no image behind"))
            }
            Err(ended) => {
                // An unreadable file, or credentials that failed to load, are the cause of all
                // other errors.
                let unread = context.unread().await;
                let reason = unread
                    .map(|unread| said(&unread.to_string()))
                    .or_else(|| keys.refused());
                Err(match (reason, ended) {
                    (Some(reason), _) => reason,
                    (None, Ended::Failed(message)) => trace.failure(&asked.image.title, &message),
                    (None, Ended::Early(early)) => self.ended_early(early),
                })
            }
        }
    }

    async fn send(
        &self,
        asked: &Asked<'_>,
        (secrets, keys): (BTreeMap<String, Secret>, &Keys),
        trace: &mut Trace,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<(Result<Option<String>, Ended>, Context), Error> {
        let served = asked
            .engine
            .context_in_session
            .then(|| session::Context::of(asked.image));
        let id = session_id();
        let session = self
            .session(
                asked.engine,
                &id,
                (secrets, Agents::of(asked.image)?),
                (served.clone(), keys),
            )
            .await?;
        let mut query = asked.query()?;
        query.extend(session.iter().map(|_| ("session", id.clone())));
        let (body, context) = match served {
            Some(served) => {
                query.push(("remote", session::Context::address(&id)));
                (None, Context::Served(served))
            }
            None => {
                let (tar, writing) = context::stream(asked.image);
                (Some(tar.boxed()), Context::Sent(writing))
            }
        };
        let query: Vec<(&str, &str)> = query.iter().map(|(key, value)| (*key, &**value)).collect();
        let tar = HeaderValue::from_static("application/x-tar");
        let mut headers = vec![(CONTENT_TYPE, tar)];
        if session.is_none() {
            headers.extend(self.registry_config(&asked.image.dockerfile).await?);
        }
        let answer = self.post(target("/build", &query), headers, body);
        let ended = follow(answer.messages(), trace, progress).await;
        Ok((ended, context))
    }

    /// The session `id` of a build; `None` where the engine has no sessions, or opens none and the
    /// build does not need one.
    async fn session(
        &self,
        engine: Engine,
        id: &str,
        (secrets, agents): (BTreeMap<String, Secret>, Agents),
        (context, keys): (Option<session::Context>, &Keys),
    ) -> Result<Option<session::Session>, Error> {
        if engine.podman {
            return Ok(None);
        }
        let served = Served {
            secrets,
            agents,
            context,
            keys: keys.clone(),
        };
        let nothing = served.nothing();
        match session::serve(self, id, served).await {
            Ok(session) => Ok(Some(session)),
            Err(error) if nothing => {
                tracing::debug!(%error, "the build goes without a session");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// How the build context is transferred.
enum Context {
    /// By this task, in the request.
    Sent(JoinHandle<io::Result<()>>),
    /// By BuildKit's session, at the daemon's request.
    Served(session::Context),
}

impl Context {
    /// Why it could not be read, if it failed.
    async fn unread(self) -> Option<io::Error> {
        let unread = match self {
            Self::Sent(writing) => writing.await.ok().and_then(Result::err),
            Self::Served(served) => served.unread(),
        };
        // The daemon stops reading once the build has failed.
        unread.filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }
}

/// Why a build made no image.
enum Ended {
    /// The daemon reports why.
    Failed(String),
    /// The answer was incomplete.
    Early(Early),
}

/// Reads the build's messages to their end; returns the image's id where Docker reports it.
async fn follow(
    mut messages: BoxStream<'_, Result<BuildInfo, Early>>,
    trace: &mut Trace,
    progress: &mut (dyn FnMut(Work) + Send),
) -> Result<Option<String>, Ended> {
    let mut id = None;
    while let Some(message) = messages.next().await {
        let message = match message {
            Ok(message) => message,
            Err(Early {
                cause: Some(Bollard::DockerStreamError { error }),
                ..
            }) => return Err(Ended::Failed(error)),
            Err(early) => return Err(Ended::Early(early)),
        };
        if let Some(error) = message.error_detail.and_then(|detail| detail.message) {
            return Err(Ended::Failed(error));
        }
        if let Some(text) = message.stream {
            trace.write(&text, progress);
        }
        match message.aux {
            Some(BuildInfoAux::BuildKit(status)) => trace.take(status, progress),
            Some(BuildInfoAux::Default(image)) => id = image.id,
            None => {}
        }
    }
    Ok(id)
}

impl Asked<'_> {
    fn arguments(&self) -> HashMap<&str, &str> {
        // BuildKit has one value for upper and lower case: the manifest's, if it has one.
        let given = |name: &str| {
            let mut names = self.image.args.keys();
            names.any(|known| known.eq_ignore_ascii_case(name))
        };
        let proxies = self.proxies.iter().filter(|(name, _)| !given(name));
        let mut arguments: HashMap<&str, &str> = proxies
            .map(|(name, value)| (name.as_str(), value.reveal()))
            .collect();
        arguments.extend(pairs(&self.image.args));
        arguments.extend(self.base.map(|base| (BASE_ARGUMENT, base)));
        arguments
    }

    fn labels(&self) -> HashMap<&str, &str> {
        pairs(&self.image.labels)
            .chain(pairs(self.labels))
            .collect()
    }

    /// The parameters of the request:
    /// <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild>
    fn query(&self) -> Result<Vec<(&'static str, String)>, Error> {
        let json = |map: &HashMap<&str, &str>| {
            serde_json::to_string(map).map_err(|cause| said(&cause.to_string()))
        };
        let dockerfile = self.image.dockerfile_path.as_deref();
        let mut query = vec![
            // BuildKit.
            ("version", "2".to_owned()),
            (
                "dockerfile",
                dockerfile.unwrap_or(context::DOCKERFILE).to_owned(),
            ),
            ("t", self.tag.to_owned()),
            ("platform", self.image.platform.clone()),
            ("buildargs", json(&self.arguments())?),
            ("labels", json(&self.labels())?),
        ];
        query.extend(self.image.stage.clone().map(|stage| ("target", stage)));
        query.extend(self.image.network.clone().map(|mode| ("networkmode", mode)));
        Ok(query)
    }
}

fn pairs(map: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    map.iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

fn not_by_podman(title: &str, (what, key): (&str, &str)) -> Error {
    Error::Docker {
        message: format!(
            "Podman does not accept {what} through its API, and `{key}` of {title} names some"
        ),
        help: Some("set DOCKER_HOST to a Docker Engine for this build".to_owned()),
    }
}

fn secrets(image: &Recipe) -> Result<BTreeMap<String, Secret>, Error> {
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

/// A unique session name for this daemon.
fn session_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("jot-{}-{now:x}-{count}", std::process::id())
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
