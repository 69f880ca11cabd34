//! The session in which BuildKit asks for build secrets. bollard's own session for the Docker API answers nothing but
//! questions for registry credentials, so a build with secrets is given this one instead.

use std::{collections::BTreeMap, path::Path, pin::Pin};

use bollard::{
    BollardRequest,
    health::{
        HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
        health_check_response::ServingStatus,
        health_server::{Health, HealthServer},
    },
    moby::buildkit::secrets::v1::{
        GetSecretRequest, GetSecretResponse,
        secrets_server::{Secrets, SecretsServer},
    },
};
use futures_util::{Stream, stream};
use hyper::Uri;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    task::JoinHandle,
};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::Connected},
};

use super::connect::said;
use crate::{model::Secret, remote::Error};

/// The method that a session says it answers.
const METHOD: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
/// Longest head of an answer to the request for a session.
const HEAD: usize = 8 * 1024;

/// A session that is served; dropping it ends it.
pub(super) struct Session(JoinHandle<()>);

impl Drop for Session {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Opens the session `id` at the daemon, and serves `secrets` by name in it.
pub(super) async fn serve(
    host: &str,
    id: &str,
    secrets: BTreeMap<String, Secret>,
) -> Result<Session, Error> {
    let opened = match host.split_once("://") {
        Some(("unix", path)) => {
            let stream = UnixStream::connect(Path::new(path)).await;
            open(stream, id).await.map(|stream| spawn(stream, secrets))
        }
        Some(("tcp" | "http", address)) if std::env::var_os("DOCKER_TLS_VERIFY").is_none() => {
            let stream = TcpStream::connect(address.trim_end_matches('/')).await;
            open(stream, id).await.map(|stream| spawn(stream, secrets))
        }
        _ => return Err(no_tls(host)),
    };
    opened.map_err(|error| said(&format!("BuildKit opens no session for secrets: {error}")))
}

/// The client for building within the session `id`: bollard, asked for a build without BuildKit, opens no session.
pub(super) fn within(client: bollard::Docker, id: &str) -> bollard::Docker {
    let session = format!("version=2&session={id}");
    client.with_request_modifier(move |mut request: BollardRequest| {
        if request.uri().path() == "/build"
            && let Some(uri) = with_session(request.uri(), &session)
        {
            *request.uri_mut() = uri;
        }
        request
    })
}

fn with_session(uri: &Uri, session: &str) -> Option<Uri> {
    let query = uri
        .query()?
        .split('&')
        .filter(|pair| !pair.starts_with("version="));
    let query = query.collect::<Vec<_>>().join("&");
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = format!("{}?{query}&{session}", uri.path()).parse().ok();
    Uri::from_parts(parts).ok()
}

fn no_tls(host: &str) -> Error {
    Error::Docker {
        message: format!("build secrets cannot be served to the daemon at {host}"),
        help: Some("use a daemon at a unix socket, or at a tcp port without TLS".to_owned()),
    }
}

/// Turns a connection into a session, as the daemon's `POST /session` has it: HTTP/1.1 first, HTTP/2 after.
async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    stream: std::io::Result<S>,
    id: &str,
) -> std::io::Result<S> {
    let mut stream = stream?;
    let request = format!(
        "POST /session HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\
         X-Docker-Expose-Session-Uuid: {id}\r\nX-Docker-Expose-Session-Name: jot\r\n\
         X-Docker-Expose-Session-Grpc-Method: {METHOD}\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    // Byte by byte, since what follows the head belongs to HTTP/2.
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

fn spawn<S>(stream: S, secrets: BTreeMap<String, Secret>) -> Session
where
    S: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
{
    let server = Server::builder()
        .add_service(HealthServer::new(Alive))
        .add_service(SecretsServer::new(Store(secrets)));
    let incoming = stream::iter([Ok::<_, std::io::Error>(stream)]);
    Session(tokio::spawn(async move {
        if let Err(error) = server.serve_with_incoming(incoming).await {
            tracing::debug!(%error, "the session for build secrets ended");
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

/// BuildKit ends sessions that do not say that they are well.
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

    #[test]
    fn the_session_replaces_the_builder_of_the_first_generation() {
        let uri: Uri = "unix://2f/build?t=a%3Ab&version=1&q=false".parse().unwrap();
        let changed = with_session(&uri, "version=2&session=s").unwrap();
        assert_eq!(
            changed.to_string(),
            "unix://2f/build?t=a%3Ab&q=false&version=2&session=s"
        );
    }

    #[tokio::test]
    async fn a_daemon_without_sessions_is_an_error() {
        let (mut daemon, client) = tokio::io::duplex(1024);
        daemon
            .write_all(b"HTTP/1.1 404 Not Found\r\n\r\n")
            .await
            .unwrap();
        let error = open(Ok(client), "s").await.unwrap_err();
        assert_eq!(error.to_string(), "HTTP/1.1 404 Not Found");
    }

    #[tokio::test]
    async fn tls_is_refused_in_words() {
        let error = serve("https://build:2376", "s", BTreeMap::new())
            .await
            .map(drop)
            .unwrap_err();
        assert!(error.to_string().contains("cannot be served"), "{error}");
    }
}
