//! The target of the proxy: an emulator's port, or the socket of a Docker daemon.

use std::{net::SocketAddr, path::PathBuf};

use http_body_util::BodyExt;
use hyper::{Request, Response, StatusCode, Uri, header, upgrade::OnUpgrade};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::UnixStream;

use super::{Body, Failure, bad_gateway};

/// The server behind the proxy.
pub enum Upstream {
    /// A server with connections that are kept alive.
    Port(SocketAddr, Box<Client<HttpConnector, Body>>),
    /// A server with a connection for each request, which may switch to another protocol than HTTP.
    Socket(PathBuf),
}

impl Upstream {
    pub fn port(address: SocketAddr) -> Upstream {
        Upstream::Port(
            address,
            Box::new(Client::builder(TokioExecutor::new()).build_http()),
        )
    }

    /// The server's answer, or 502 if it gives none.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        let sent = match self {
            Upstream::Port(address, client) => to_port(client, *address, request).await,
            Upstream::Socket(path) => to_socket(path, request).await,
        };
        sent.unwrap_or_else(|error| bad_gateway(error.as_ref()))
    }
}

async fn to_port(
    client: &Client<HttpConnector, Body>,
    address: SocketAddr,
    mut request: Request<Body>,
) -> Result<Response<Body>, Failure> {
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    *request.uri_mut() = format!("http://{address}{path}").parse::<Uri>()?;
    // These belong to one connection; the Host header stays as the client wrote it.
    for name in [
        header::CONNECTION,
        header::EXPECT,
        header::TRANSFER_ENCODING,
    ] {
        request.headers_mut().remove(name);
    }
    let mut response = client.request(request).await?;
    response.headers_mut().remove(header::CONNECTION);
    response.headers_mut().remove(header::TRANSFER_ENCODING);
    Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
}

async fn to_socket(path: &PathBuf, mut request: Request<Body>) -> Result<Response<Body>, Failure> {
    let stream = UnixStream::connect(path).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    let asked = hyper::upgrade::on(&mut request);
    request.headers_mut().remove(header::TRANSFER_ENCODING);
    let mut response = sender.send_request(request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        tokio::spawn(join(asked, hyper::upgrade::on(&mut response)));
    }
    response.headers_mut().remove(header::TRANSFER_ENCODING);
    Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
}

/// Passes bytes on in both directions until either end closes.
async fn join(one: OnUpgrade, other: OnUpgrade) {
    let Ok((one, other)) = tokio::try_join!(one, other) else {
        return;
    };
    // A broken connection has ended.
    let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(one), &mut TokioIo::new(other)).await;
}
