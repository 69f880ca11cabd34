//! Waits for a container, and finds how it can be called.
//!
//! Its published port is the direct way, if the daemon's 127.0.0.1 is this machine's. No address
//! shows that (sockets and ports are forwarded, jot may run in a container itself), so it is tried.

use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::time;

use super::call::{Way, knock};
use crate::remote::{
    self, Docker,
    docker::{Container, Relay},
};

/// Wait between attempts to reach an emulator that is starting.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// How long a published port may refuse connections until it is assumed to lead elsewhere.
const REFUSED: Duration = Duration::from_secs(1);
/// How long at least to try inside a container that does not answer from outside.
const INSIDE: Duration = Duration::from_secs(5);

/// Why a container cannot be called.
#[derive(Debug, Error)]
#[allow(missing_docs)] // The messages say the rest.
pub enum Unreached {
    /// The port in it is closed.
    #[error("nothing listens at port 8080 in the container")]
    Deaf,
    /// The port in it belongs to another program than the emulator.
    #[error("what listens at port 8080 in the container does not answer HTTP")]
    Silent,
    #[error("the container ended before anything listened in it")]
    Ended,
    #[error(transparent)]
    Docker(#[from] remote::Error),
}

impl Unreached {
    /// Help for the user: what to set, or the command that shows more.
    pub fn help(&self) -> &'static str {
        match self {
            Unreached::Deaf => {
                "add AWS's runtime interface emulator to the image: `build.rie = true`"
            }
            Unreached::Silent => {
                "AWS's runtime interface emulator must listen there: `build.rie = true` adds it"
            }
            Unreached::Ended => "`docker logs` shows what it wrote",
            Unreached::Docker(_) => "`docker ps` shows the state of the container",
        }
    }
}

/// Waits up to `limit` until something speaks HTTP at port 8080 of the container; returns the way
/// to it.
///
/// Docker accepts connections before the container does, so only an answer counts. `image` and
/// `run` are the container's own.
pub async fn reach(
    docker: &Docker,
    container: &Container,
    (image, run): (&str, &str),
    limit: Duration,
) -> Result<Way, Unreached> {
    let begin = Instant::now();
    if let Some(port) = container.port {
        let answers = time::timeout(limit, answers_at(port)).await;
        if answers.is_ok_and(|answers| answers) {
            return Ok(Way::Port(port));
        }
        tracing::debug!(
            port,
            "no answer at the published port: asking inside the container"
        );
    }
    if !docker.state(&container.id).await?.running {
        return Err(Unreached::Ended);
    }
    let relay = docker.relay(container, image, run).await?;
    let left = limit.saturating_sub(begin.elapsed()).max(INSIDE);
    answers_within(relay, left).await
}

/// Waits until a port of this machine answers; false if it keeps refusing connections.
async fn answers_at(port: u16) -> bool {
    let (way, begin) = (Way::Port(port), Instant::now());
    let mut pause = PAUSE;
    loop {
        match knock(&way).await {
            Ok(()) => return true,
            Err(error) if error.is::<std::io::Error>() && begin.elapsed() > REFUSED => {
                return false;
            }
            Err(_) => {}
        }
        time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn answers_within(relay: Relay, limit: Duration) -> Result<Way, Unreached> {
    let mut why = Unreached::Deaf;
    let asking = async {
        while !relay.hears().await? {
            time::sleep(LONGEST_PAUSE).await;
        }
        why = Unreached::Silent;
        let way = Way::Relay(relay);
        while knock(&way).await.is_err() {
            time::sleep(LONGEST_PAUSE).await;
        }
        Ok(way)
    };
    match time::timeout(limit, asking).await {
        Ok(found) => found,
        Err(_) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn readiness_is_an_answer_not_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Connections are accepted without an answer.
        let not_yet = time::timeout(Duration::from_millis(50), answers_at(port)).await;
        assert!(not_yet.is_err());
        drop(listener);
        let again = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let served = tokio::spawn(async move {
            let (mut stream, _) = again.accept().await.unwrap();
            let mut read = [0; 1024];
            let count = stream.read(&mut read).await.unwrap();
            let reply = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(reply).await.unwrap();
            String::from_utf8_lossy(&read[..count]).into_owned()
        });
        assert!(answers_at(port).await);
        assert!(served.await.unwrap().starts_with("GET / "));
    }

    #[tokio::test]
    async fn a_port_that_goes_on_refusing_leads_elsewhere() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(!answers_at(port).await);
    }
}
