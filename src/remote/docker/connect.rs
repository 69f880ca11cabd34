//! Finds the daemon and explains its failures.

use std::{path::Path, sync::Arc, time::Duration};

use bollard::{API_DEFAULT_VERSION, errors::Error as Bollard};
use tokio::{sync::OnceCell, time::timeout};

use super::{
    Docker,
    address::Place,
    config::Config,
    endpoint::Endpoint,
    machine::{Engine, Machine},
    variables::Variables,
};
use crate::{model::redacted, remote::Error};

/// How long a daemon may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a daemon may take for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(15);
/// Seconds that a daemon may take for a quick answer.
const ANSWER_S: u64 = 120;
/// How long builds, pushes and pulls may be silent: as long as Lambda's slowest image would take.
const LONG: Duration = Duration::from_secs(6 * 60 * 60);

impl Docker {
    /// Returns the daemon that the docker command would use: that of `DOCKER_HOST`, otherwise of
    /// the current context.
    ///
    /// No request is sent; it is only checked that the connection is accepted within two seconds.
    pub async fn connect() -> Result<Docker, Error> {
        Docker::connect_as(&Variables::here()).await
    }

    /// Returns the daemon at `host`, written as in `DOCKER_HOST`: `unix://`, `tcp://`, `http://` or
    /// `https://`.
    ///
    /// API versions need no negotiation: requests without a version are answered in the daemon's
    /// own.
    pub async fn connect_to(host: &str) -> Result<Docker, Error> {
        let variables = Variables {
            host: Some(host.to_owned()),
            ..Variables::here()
        };
        Docker::connect_as(&variables).await
    }

    /// Returns the same daemon as [`connect`](Docker::connect) with the docker command's
    /// configuration in `folder`.
    pub async fn connect_configured(folder: &Path) -> Result<Docker, Error> {
        let variables = Variables {
            folder: folder.to_owned(),
            ..Variables::here()
        };
        Docker::connect_as(&variables).await
    }

    async fn connect_as(variables: &Variables) -> Result<Docker, Error> {
        let config = Config::load(&variables.folder)?;
        let endpoint = Endpoint::find(variables, &config)?;
        let accepted = timeout(CONNECT, endpoint.open_plain()).await;
        let accepted = accepted.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        accepted.map_err(|cause| no_daemon(&endpoint, cause.kind(), cause))?;
        let client = client(&endpoint)
            .map_err(|cause| no_daemon(&endpoint, std::io::ErrorKind::Other, cause))?;
        Ok(Docker {
            client,
            endpoint: Arc::new(endpoint),
            config: Arc::new(config),
            login: None,
            machine: Arc::new(OnceCell::new()),
            creating: Arc::default(),
        })
    }

    /// The platform of images that run here without emulation: `linux/amd64` or `linux/arm64`.
    pub async fn platform(&self) -> Result<String, Error> {
        Ok(self.machine().await?.platform.clone())
    }

    /// Bytes of memory of the machine that builds; `None` where the daemon does not report it.
    pub async fn memory(&self) -> Result<Option<u64>, Error> {
        Ok(self.machine().await?.memory.filter(|bytes| *bytes > 0))
    }

    /// Facts about the daemon's machine, requested once.
    pub(super) async fn machine(&self) -> Result<&Machine, Error> {
        self.machine.get_or_try_init(|| self.ask_machine()).await
    }

    async fn ask_machine(&self) -> Result<Machine, Error> {
        let (info, version) = tokio::join!(
            self.first(self.client.info()),
            self.first(self.client.version()),
        );
        let info = info?;
        let engine = Engine::of(&info, &version.unwrap_or_default());
        let system = info.os_type.unwrap_or_else(|| "linux".to_owned());
        let architecture = match info.architecture.as_deref() {
            Some("x86_64") => "amd64",
            Some("aarch64") => "arm64",
            Some(other) => other,
            None => "unknown",
        };
        Ok(Machine {
            platform: format!("{system}/{architecture}"),
            cpus: info.ncpu.and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
            memory: info.mem_total.and_then(|bytes| u64::try_from(bytes).ok()),
            engine,
        })
    }

    /// Waits a limited time for what may be the first answer of a daemon.
    pub(super) async fn first<T>(
        &self,
        answer: impl Future<Output = Result<T, Bollard>>,
    ) -> Result<T, Error> {
        timeout(FIRST_ANSWER, answer)
            .await
            .unwrap_or(Err(Bollard::RequestTimeoutError))
            .map_err(|cause| self.refused(cause))
    }

    /// The error for a missing or incomplete answer: the daemon stopped, or something in between.
    pub(super) fn broke_off(&self, why: &str) -> Error {
        Error::BrokeOff {
            message: format!(
                "the connection to {} broke off: {}",
                self.endpoint.described(),
                sentence(why)
            ),
            help: "check with `docker info` that the daemon runs, then run the command again"
                .to_owned(),
        }
    }

    /// Whether the daemon still answers.
    pub async fn answers(&self) -> bool {
        self.first(self.client.ping()).await.is_ok()
    }

    /// The daemon's address, as in `DOCKER_HOST`.
    pub fn host(&self) -> &str {
        &self.endpoint.host
    }

    /// The client for requests that may take hours.
    pub(super) fn patient(&self) -> bollard::Docker {
        self.client.clone().with_timeout(LONG)
    }

    /// The error for a request that failed.
    pub(super) fn refused(&self, cause: Bollard) -> Error {
        match cause {
            Bollard::DockerResponseServerError { message, .. } => said(&message),
            Bollard::DockerStreamError { error } => said(&error),
            Bollard::RequestTimeoutError | Bollard::SocketNotFoundError(_) => {
                no_daemon(&self.endpoint, std::io::ErrorKind::TimedOut, cause)
            }
            Bollard::HyperLegacyError { ref err } if err.is_connect() => {
                no_daemon(&self.endpoint, std::io::ErrorKind::Other, cause)
            }
            Bollard::HyperLegacyError { .. }
            | Bollard::HyperResponseError { .. }
            | Bollard::IOError { .. } => self.broke_off(&deepest(&cause)),
            // An incomplete answer without a known length.
            Bollard::JsonSerdeError { ref err } if err.is_eof() => self.broke_off(&deepest(&cause)),
            other => said(&other.to_string()),
        }
    }
}

/// The innermost cause, without secrets.
fn deepest(cause: &Bollard) -> String {
    let chain = std::iter::successors(Some(cause as &dyn std::error::Error), |&e| e.source());
    let deepest = chain.last().map(ToString::to_string).unwrap_or_default();
    redacted(&deepest).into_owned()
}

/// Docker's message, without the full stop and without secrets.
pub(super) fn sentence(message: &str) -> String {
    redacted(message.trim().trim_end_matches('.')).into_owned()
}

/// Docker's message as an error.
pub(super) fn said(message: &str) -> Error {
    Error::Docker {
        message: sentence(message),
        help: None,
    }
}

/// Whether a look-up failed because the object does not exist.
pub(super) fn is_missing(error: &Bollard) -> bool {
    matches!(
        error,
        Bollard::DockerResponseServerError {
            status_code: 404,
            ..
        }
    )
}

fn client(endpoint: &Endpoint) -> Result<bollard::Docker, Bollard> {
    let (host, version) = (&endpoint.host, API_DEFAULT_VERSION);
    match (&endpoint.place, &endpoint.tls) {
        (Place::Unix(_), _) => bollard::Docker::connect_with_unix(host, ANSWER_S, version),
        (Place::Tcp { name, port }, None) => {
            let host = format!("tcp://{name}:{port}");
            bollard::Docker::connect_with_http(&host, ANSWER_S, version)
        }
        (Place::Tcp { name, port }, Some(tls)) => {
            let host = format!("tcp://{name}:{port}");
            let (key, cert, ca) = (&tls.key, &tls.cert, &tls.ca);
            bollard::Docker::connect_with_ssl(&host, key, cert, ca, ANSWER_S, version)
        }
    }
}

fn no_daemon(
    endpoint: &Endpoint,
    kind: std::io::ErrorKind,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    let help = match (kind, &endpoint.context) {
        (std::io::ErrorKind::PermissionDenied, _) => {
            "join the group `docker`, or run a rootless daemon".to_owned()
        }
        (_, Some((name, _))) => format!(
            "start the engine of the context `{name}`, choose another with `docker context use`, \
             or set DOCKER_HOST to the address of a daemon"
        ),
        (_, None) => "start Docker, or set DOCKER_HOST to the address of a daemon".to_owned(),
    };
    Error::NoDaemon {
        endpoint: endpoint.described(),
        help,
        cause: Box::new(cause),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn absence_is_said_in_one_sentence_with_help() {
        let folder = tempfile::tempdir().unwrap();
        let host = format!("unix://{}/none.sock", folder.path().display());
        let error = Docker::connect_to(&host).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("no Docker daemon answers at {host}")
        );
        assert!(matches!(error, Error::NoDaemon { help, .. } if help.contains("DOCKER_HOST")));
    }

    #[tokio::test]
    async fn an_address_of_an_unknown_kind_names_those_that_work() {
        let error = Docker::connect_to("ssh://build").await.unwrap_err();
        assert!(matches!(error, Error::Docker { help: Some(help), .. } if help.contains("tcp://")));
    }

    #[tokio::test]
    async fn half_an_answer_is_a_connection_that_broke_off() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("tcp://{}", listener.local_addr().unwrap());
        let answers = tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut asked = [0; 4096];
                let _ = connection.read(&mut asked).await;
                let half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                             Connection: close\r\n\r\n[{\"Id\": \"a";
                let _ = connection.write_all(half).await;
            }
        });
        let docker = Docker::connect_to(&host).await.unwrap();
        let error = docker.images("p").await.unwrap_err();
        answers.abort();
        assert!(error.to_string().contains("broke off"), "{error}");
        assert!(matches!(error, Error::BrokeOff { help, .. } if help.contains("docker info")));
    }

    #[tokio::test]
    async fn a_daemon_that_hangs_up_is_absent() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("tcp://{}", listener.local_addr().unwrap());
        let docker = Docker::connect_to(&host).await.unwrap();
        drop(listener);
        let error = docker.images("p").await.unwrap_err();
        assert!(matches!(error, Error::NoDaemon { endpoint, .. } if endpoint == host));
    }
}
