//! The session in which BuildKit requests what is not in the build request.
//!
//! These are build secrets, credentials of registries, and for some engines the build context.
//! bollard's own session does not support secrets, and needs credentials beforehand.

use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bollard::{
    health::{
        HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
        health_check_response::ServingStatus,
        health_server::{Health, HealthServer},
    },
    moby::{
        buildkit::secrets::v1::{
            GetSecretRequest, GetSecretResponse,
            secrets_server::{Secrets, SecretsServer},
        },
        filesync::v1::auth_server::AuthServer,
        sshforward::v1::ssh_server::SshServer,
        upload::v1::{
            BytesMessage,
            upload_server::{Upload, UploadServer},
        },
    },
};
use futures_util::{Stream, StreamExt, stream};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task::JoinHandle,
};
use tonic::{Request, Response, Status, Streaming, transport::Server};

use super::{
    Docker,
    agents::{self, Agents},
    connect::said,
    context,
    keys::Keys,
    stream::{Stream as Connection, Wire},
};
use crate::{
    model::{Recipe, Secret},
    remote::Error,
};

/// The methods that a session announces.
const SECRETS: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const AUTH: &str = "/moby.filesync.v1.Auth/Credentials";
const UPLOAD: &str = "/moby.upload.v1.Upload/Pull";
/// Host of BuildKit's requests in the session; it does not exist on a network.
const HOST: &str = "http://buildkit-session";
/// Longest header of an answer to the request for a session.
const HEAD: usize = 8 * 1024;

/// A running session; dropping it ends it.
pub(super) struct Session(JoinHandle<()>);

impl Drop for Session {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a session provides.
pub(super) struct Served {
    /// Build secrets by name.
    pub(super) secrets: BTreeMap<String, Secret>,
    pub(super) agents: Agents,
    /// The build context, if it is not in the request.
    pub(super) context: Option<Context>,
    pub(super) keys: Keys,
}

impl Served {
    /// Whether a build can do without the session.
    pub(super) fn nothing(&self) -> bool {
        self.secrets.is_empty() && self.agents.0.is_empty() && self.context.is_none()
    }

    fn methods(&self) -> impl Iterator<Item = &'static str> {
        let context = self.context.is_some().then_some(UPLOAD);
        let agents = agents::METHODS.into_iter();
        let agents = agents.filter(|_| !self.agents.0.is_empty());
        [SECRETS, AUTH].into_iter().chain(context).chain(agents)
    }
}

/// Opens the session `id` at the daemon, and serves it.
pub(super) async fn serve(docker: &Docker, id: &str, served: Served) -> Result<Session, Error> {
    let opened = async { open(docker.endpoint.open().await?, id, &served).await }.await;
    match opened {
        Ok(stream) => Ok(spawn(stream, served)),
        Err(error) => Err(said(&format!("BuildKit opens no session: {error}"))),
    }
}

/// Upgrades a connection to a session by the daemon's `POST /session`: HTTP/1.1 first, HTTP/2
/// after.
async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    id: &str,
    served: &Served,
) -> std::io::Result<S> {
    let methods: String = served
        .methods()
        .map(|method| format!("X-Docker-Expose-Session-Grpc-Method: {method}\r\n"))
        .collect();
    let request = format!(
        "POST /session HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\
         X-Docker-Expose-Session-Uuid: {id}\r\nX-Docker-Expose-Session-Name: jot\r\n\
         {methods}Content-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut head = Vec::new();
    // Byte by byte, because what follows the header belongs to HTTP/2.
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD {
        head.push(stream.read_u8().await?);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        let line = String::from_utf8_lossy(&head);
        return Err(std::io::Error::other(
            line.lines().next().unwrap_or("").to_owned(),
        ));
    }
    Ok(stream)
}

fn spawn(stream: Connection, served: Served) -> Session {
    let agents = Some(served.agents).filter(|agents| !agents.0.is_empty());
    let server = Server::builder()
        .add_service(HealthServer::new(Alive))
        .add_service(SecretsServer::new(Store(served.secrets)))
        .add_service(AuthServer::new(served.keys))
        .add_optional_service(agents.map(SshServer::new))
        .add_optional_service(served.context.map(UploadServer::new));
    let incoming = stream::iter([Ok::<_, std::io::Error>(Wire(stream))]);
    Session(tokio::spawn(async move {
        if let Err(error) = server.serve_with_incoming(incoming).await {
            tracing::debug!(%error, "the session of a build ended");
        }
    }))
}

struct Store(BTreeMap<String, Secret>);

#[tonic::async_trait]
impl Secrets for Store {
    async fn get_secret(
        &self,
        request: Request<GetSecretRequest>,
    ) -> Result<Response<GetSecretResponse>, Status> {
        let id = &request.get_ref().id;
        let secret = self
            .0
            .get(id)
            .ok_or_else(|| Status::not_found("no such secret"))?;
        let data = secret.reveal().as_bytes().to_vec();
        Ok(Response::new(GetSecretResponse { data }))
    }
}

/// A build context that is served as often as it is requested.
#[derive(Clone)]
pub(super) struct Context {
    image: Arc<Recipe>,
    /// Why it could not be read completely.
    unread: Arc<Mutex<Option<io::Error>>>,
}

impl Context {
    /// The context of the image.
    pub(super) fn of(image: &Recipe) -> Self {
        Self {
            image: Arc::new(image.clone()),
            unread: Arc::default(),
        }
    }

    /// Its address for the build in the session `id`: BuildKit assumes that builds with one address
    /// share one context.
    pub(super) fn address(id: &str) -> String {
        format!("{HOST}/{id}")
    }

    /// Why it could not be read, if it failed.
    pub(super) fn unread(&self) -> Option<io::Error> {
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.take()
    }
}

#[tonic::async_trait]
impl Upload for Context {
    type PullStream = Pin<Box<dyn Stream<Item = Result<BytesMessage, Status>> + Send>>;

    async fn pull(
        &self,
        _: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::PullStream>, Status> {
        let (chunks, _) = context::stream(&self.image);
        let unread = self.unread.clone();
        let messages = chunks.map(move |chunk| match chunk {
            Ok(bytes) => Ok(BytesMessage {
                data: bytes.to_vec(),
            }),
            Err(error) => {
                let status = Status::data_loss(error.to_string());
                *unread.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(status)
            }
        });
        Ok(Response::new(Box::pin(messages)))
    }
}

/// Health check: BuildKit ends sessions without one.
struct Alive;

type Watch = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

#[tonic::async_trait]
impl Health for Alive {
    type WatchStream = Watch;

    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse {
            status: ServingStatus::Serving as i32,
        }))
    }

    async fn list(
        &self,
        _: Request<HealthListRequest>,
    ) -> Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented("list"))
    }

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Watch>, Status> {
        Err(Status::unimplemented("watch"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn nothing() -> Served {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("tcp://{}", listener.local_addr().unwrap());
        Served {
            secrets: BTreeMap::new(),
            agents: Agents::default(),
            context: None,
            keys: Keys::of(&Docker::connect_to(&host).await.unwrap()),
        }
    }

    #[tokio::test]
    async fn a_daemon_without_sessions_is_an_error() {
        let (mut daemon, client) = tokio::io::duplex(1024);
        daemon
            .write_all(b"HTTP/1.1 404 Not Found\r\n\r\n")
            .await
            .unwrap();
        let error = open(client, "s", &nothing().await).await.unwrap_err();
        assert_eq!(error.to_string(), "HTTP/1.1 404 Not Found");
    }
}
