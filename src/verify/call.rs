//! Timed calls of a function in a container, over HTTP: at a published port, or through the daemon.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request,
    body::{Body, Bytes},
    client::conn::http1,
    header::{HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::{net::TcpStream, time};

use crate::{
    model::streamed,
    remote::docker::{Duplex, Relay},
};

/// The path of invocations in AWS's runtime interface emulator.
pub const INVOCATION_PATH: &str = "/2015-03-31/functions/function/invocations";
/// Room for Lambda's longest response, 6 MB, and for an error about it.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LARGEST: usize = 7 * 1024 * 1024;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(20);

/// How calls reach a container.
#[derive(Clone, Debug)]
pub enum Way {
    /// At a port of this machine's 127.0.0.1.
    Port(u16),
    /// Through the daemon, for a port that this machine cannot reach.
    Relay(Relay),
}

/// The container's response to an invocation.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status; the emulator returns 502 where the function ended instead of answering.
    pub status: u16,
    /// The body; a streamed one as one JSON text.
    pub body: Vec<u8>,
    /// From the start of the request to the end of the body.
    pub took: Duration,
}

/// Why no answer came.
#[derive(Debug, Error)]
pub enum CallError {
    /// The time limit was reached.
    #[error("no answer within {0:?}")]
    Late(Duration),
    /// The connection was refused or broke off, or the answer was too large.
    #[error("the connection failed")]
    Cut(#[source] Box<dyn Error + Send + Sync>),
}

/// Calls the function with `payload`, for up to `limit`; a streamed answer is returned as one JSON
/// text.
pub async fn call(way: &Way, payload: &[u8], limit: Duration) -> Result<Answer, CallError> {
    let body = Full::new(Bytes::copy_from_slice(payload));
    let request = Request::post(INVOCATION_PATH).body(body);
    let request = request.map_err(|error| CallError::Cut(error.into()))?;
    let stream = time::timeout(CONNECT, connect(way)).await;
    let stream = stream
        .map_err(|_| CallError::Late(CONNECT))?
        .map_err(CallError::Cut)?;
    let begin = Instant::now();
    let (status, body) = time::timeout(limit, exchange(stream, request))
        .await
        .map_err(|_| CallError::Late(limit))?
        .map_err(CallError::Cut)?;
    Ok(Answer {
        status,
        body: streamed::whole(body),
        took: begin.elapsed(),
    })
}

/// Why no answer came.
pub(super) type Failure = Box<dyn Error + Send + Sync>;

/// Whether an HTTP server answers.
///
/// The emulator returns 404 for `/`, and starts nothing.
pub(super) async fn knock(way: &Way) -> Result<(), Failure> {
    let stream = connect(way).await?;
    let request = Request::get("/").body(Full::<Bytes>::default())?;
    exchange(stream, request).await.map(drop)
}

/// A failure is an [`std::io::Error`] where a port refuses the connection.
async fn connect(way: &Way) -> Result<Box<dyn Duplex>, Failure> {
    Ok(match way {
        Way::Port(port) => {
            let stream = TcpStream::connect(("127.0.0.1", *port)).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
        Way::Relay(relay) => Box::new(relay.connect().await?),
    })
}

async fn exchange<B>(
    stream: Box<dyn Duplex>,
    mut request: Request<B>,
) -> Result<(u16, Vec<u8>), Failure>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let host = HeaderValue::from_static("127.0.0.1");
    request.headers_mut().insert(HOST, host);
    let answered = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await?;
        Ok((status, body.to_bytes().to_vec()))
    };
    // Driven together with the request, not in a task of its own: dropping the future drops the
    // connection.
    tokio::pin!(connection);
    tokio::pin!(answered);
    tokio::select! {
        biased;
        done = &mut answered => done,
        ended = &mut connection => {
            ended?;
            answered.await
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Answers one connection with `reply`; returns what it read up to `until`.
    async fn serve(
        listener: TcpListener,
        until: &'static str,
        reply: Vec<u8>,
    ) -> tokio::task::JoinHandle<String> {
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = String::new();
            while !read.ends_with(until) {
                let mut buffer = [0; 1024];
                let count = stream.read(&mut buffer).await.unwrap();
                assert_ne!(count, 0);
                read.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
            }
            stream.write_all(&reply).await.unwrap();
            read
        })
    }

    async fn listen() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_chunked_answer_comes_back_whole() {
        let (listener, port) = listen().await;
        let reply =
            b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\
              \r\n";
        let served = serve(listener, "{\"a\":1}", reply.to_vec()).await;
        let answer = call(&Way::Port(port), b"{\"a\":1}", LIMIT).await.unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (502, b"[1,2]".as_slice())
        );
        let request = served.await.unwrap();
        assert!(
            request.starts_with(&format!("POST {INVOCATION_PATH} HTTP/1.1\r\n")),
            "{request}"
        );
        assert!(request.contains("content-length: 7"), "{request}");
    }

    #[tokio::test]
    async fn the_largest_response_of_lambda_passes_and_no_more_than_a_little_beyond() {
        for (size, passes) in [(6 * 1024 * 1024, true), (LARGEST + 1, false)] {
            let (listener, port) = listen().await;
            let mut reply =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").into_bytes();
            reply.resize(reply.len() + size, b'7');
            let served = serve(listener, "1", reply).await;
            let answer = call(&Way::Port(port), b"1", LIMIT).await;
            assert_eq!(answer.is_ok_and(|answer| answer.body.len() == size), passes);
            served.abort();
        }
    }

    #[tokio::test]
    async fn silence_is_late_and_a_closed_connection_is_cut() {
        let (listener, port) = listen().await;
        let late = call(&Way::Port(port), b"1", Duration::from_millis(20))
            .await
            .unwrap_err();
        assert!(matches!(late, CallError::Late(_)));
        let closing = serve(listener, "1", Vec::new()).await;
        let cut = call(&Way::Port(port), b"1", LIMIT).await;
        assert!(matches!(cut, Err(CallError::Cut(_))), "{cut:?}");
        drop(closing);
    }
}
