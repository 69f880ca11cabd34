//! One timed call of a function in a container, over HTTP on 127.0.0.1.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request,
    body::{Body, Bytes},
    client::conn::http1,
    header::HOST,
};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::{net::TcpStream, time};

/// The path at which AWS's runtime interface emulator takes invocations.
pub const INVOCATION_PATH: &str = "/2015-03-31/functions/function/invocations";
/// Lambda's limit for a response is 6 MB; this is room for it and for an error about it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LARGEST: usize = 7 * 1024 * 1024;
/// Waiting times between attempts to reach an emulator that is starting.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status; the emulator gives 502 where the function ended instead of answering.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// From the connection's beginning to the body's end.
    pub took: Duration,
}

/// Why nothing came back.
#[derive(Debug, Error)]
pub enum CallError {
    /// The time is over.
    #[error("no answer within {0:?}")]
    Late(Duration),
    /// The connection was refused or cut, or the answer was too large.
    #[error("the connection failed")]
    Cut(#[source] Box<dyn Error + Send + Sync>),
}

/// The answer of the function behind `port` to `payload`, for which it has `limit`.
pub async fn call(port: u16, payload: &[u8], limit: Duration) -> Result<Answer, CallError> {
    let begin = Instant::now();
    let body = Full::new(Bytes::copy_from_slice(payload));
    let request = Request::post(INVOCATION_PATH).body(body);
    let (status, body) = match request {
        Ok(request) => time::timeout(limit, exchange(port, request)).await,
        Err(error) => return Err(CallError::Cut(error.into())),
    }
    .map_err(|_| CallError::Late(limit))?
    .map_err(CallError::Cut)?;
    Ok(Answer {
        status,
        body,
        took: begin.elapsed(),
    })
}

/// Waits until something speaks HTTP at `port`, for `limit` at most. Docker accepts connections before the
/// container does, so only an answer counts; the emulator gives 404 for `/`, and begins nothing.
pub async fn wait_until_ready(port: u16, limit: Duration) -> Result<(), CallError> {
    let ready = async {
        let mut pause = PAUSE;
        while !answers(port).await {
            time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    };
    time::timeout(limit, ready)
        .await
        .map_err(|_| CallError::Late(limit))
}

async fn answers(port: u16) -> bool {
    match Request::get("/").body(Full::<Bytes>::default()) {
        Ok(request) => exchange(port, request).await.is_ok(),
        Err(_) => false,
    }
}

async fn exchange<B>(
    port: u16,
    mut request: Request<B>,
) -> Result<(u16, Vec<u8>), Box<dyn Error + Send + Sync>>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    request
        .headers_mut()
        .insert(HOST, format!("127.0.0.1:{port}").parse()?);
    let answered = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await?;
        Ok((status, body.to_bytes().to_vec()))
    };
    // Driven beside the request, not in a task of its own: whoever drops this drops the connection.
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

    /// Answers one connection with `reply`, and gives what it read up to `until`.
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
        let reply = b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n";
        let served = serve(listener, "{\"a\":1}", reply.to_vec()).await;
        let answer = call(port, b"{\"a\":1}", LIMIT).await.unwrap();
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
            let answer = call(port, b"1", LIMIT).await;
            assert_eq!(answer.is_ok_and(|answer| answer.body.len() == size), passes);
            served.abort();
        }
    }

    #[tokio::test]
    async fn silence_is_late_and_a_closed_connection_is_cut() {
        let (listener, port) = listen().await;
        let late = call(port, b"1", Duration::from_millis(20))
            .await
            .unwrap_err();
        assert!(matches!(late, CallError::Late(_)));
        let closing = serve(listener, "1", Vec::new()).await;
        let cut = call(port, b"1", LIMIT).await;
        assert!(matches!(cut, Err(CallError::Cut(_))), "{cut:?}");
        drop(closing);
    }

    #[tokio::test]
    async fn readiness_is_an_answer_not_a_connection() {
        let (listener, port) = listen().await;
        let not_yet = wait_until_ready(port, Duration::from_millis(50)).await;
        assert!(not_yet.is_err());
        drop(listener);
        let again = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let reply = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec();
        let served = serve(again, "\r\n\r\n", reply).await;
        wait_until_ready(port, LIMIT).await.unwrap();
        assert!(served.await.unwrap().starts_with("GET / "));
    }
}
