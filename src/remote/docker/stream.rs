//! jot's own connections to the daemon, in addition to the client's.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    },
};

use tonic::transport::server::Connected;

use super::{
    address::Place,
    endpoint::{Endpoint, Tls},
};

/// A connection that is both read and written, such as a socket or TLS over one.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// Either kind of connection.
pub(super) type Stream = Box<dyn Duplex>;

impl Endpoint {
    /// Opens a connection, with TLS if the daemon requires it.
    pub(super) async fn open(&self) -> io::Result<Stream> {
        let stream = self.open_plain().await?;
        match (&self.place, &self.tls) {
            (Place::Tcp { name, .. }, Some(tls)) => secured(stream, name, tls).await,
            _ => Ok(stream),
        }
    }

    /// Opens a connection, and sends nothing.
    pub(super) async fn open_plain(&self) -> io::Result<Stream> {
        Ok(match &self.place {
            Place::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Place::Tcp { name, port } => {
                Box::new(TcpStream::connect(format!("{name}:{port}")).await?)
            }
        })
    }
}

async fn secured(stream: Stream, name: &str, tls: &Tls) -> io::Result<Stream> {
    let config = Arc::new(config(tls).map_err(io::Error::other)?);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    Ok(Box::new(
        TlsConnector::from(config).connect(name, stream).await?,
    ))
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn config(tls: &Tls) -> Result<ClientConfig, Failed> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&tls.ca)? {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder().with_root_certificates(roots);
    if !tls.cert.is_file() {
        return Ok(config.with_no_client_auth());
    }
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&tls.cert)?.collect();
    let key = PrivateKeyDer::from_pem_file(&tls.key)?;
    Ok(config.with_client_auth_cert(chain?, key)?)
}

/// A connection for a gRPC server.
pub(super) struct Wire(pub(super) Stream);

impl Connected for Wire {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
