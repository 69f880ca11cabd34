//! A connection of jot's own to the daemon, beside those of the client's.

use std::io;

use super::{address::Place, endpoint::Endpoint};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

/// What can be read from and written to.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// Either kind of connection.
pub(super) type Stream = Box<dyn Duplex>;

impl Endpoint {
    /// Opens a connection, and says nothing in it.
    pub(super) async fn open_plain(&self) -> io::Result<Stream> {
        Ok(match &self.place {
            Place::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Place::Tcp { name, port } => {
                Box::new(TcpStream::connect(format!("{name}:{port}")).await?)
            }
        })
    }
}
