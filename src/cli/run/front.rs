//! The port of `jot run`: forwards calls to the current container, so that a new one takes over
//! without a refused call.

use std::{convert::Infallible, io::ErrorKind, net::Ipv4Addr, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{ALLOW, CONTENT_TYPE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, Notify, watch},
    task::JoinSet,
};

use super::{
    faults::Faults,
    timed::{self, Called, Clock, Heard},
};
use crate::{
    cli::{Error, output::Print},
    model::Hints,
    report,
    verify::{self, Answer, CallError, Way},
};

/// Lambda's limit for the argument of a synchronous call, 6 MB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LARGEST: usize = 6 * 1024 * 1024;
/// How long to wait after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// The container behind the port.
#[derive(Clone, Debug)]
pub struct Behind {
    pub way: Way,
    /// How long to wait for an answer at most.
    pub limit: Duration,
    /// When Lambda would end a call.
    pub clock: Clock,
    pub heard: watch::Receiver<Heard>,
    /// Notified once a call timed out in the container, so that another one starts.
    pub overdue: Arc<Notify>,
    /// How the user calls what errors refer to.
    pub hints: Hints,
    /// Where to show errors.
    pub faults: Faults,
    pub print: Print,
    /// Locked during a call: a second concurrent call crashes the emulator, and Lambda also sends
    /// one at a time.
    pub turn: Arc<Mutex<()>>,
}

/// A port that forwards to a container, or to none at present.
pub struct Front {
    behind: watch::Sender<Option<Behind>>,
    /// The task that serves; it ends with this value.
    _serving: JoinSet<()>,
}

impl Front {
    /// Listens on a port of 127.0.0.1.
    ///
    /// # Errors
    /// The port is in use or not allowed.
    pub async fn listen(port: u16) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|error| unusable(port, &error))?;
        let (behind, seen) = watch::channel(None);
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, seen));
        Ok(Self {
            behind,
            _serving: serving,
        })
    }

    /// Forwards further calls to `behind`; `None` answers them with status 503.
    pub fn lead_to(&self, behind: Option<Behind>) {
        self.behind.send_replace(behind);
    }
}

fn unusable(port: u16, error: &std::io::Error) -> Error {
    let why = match error.kind() {
        ErrorKind::AddrInUse => "is in use".to_owned(),
        _ => format!("cannot be used: {error}"),
    };
    Error::Usage {
        message: format!("port {port} of 127.0.0.1 {why}"),
        help: "stop the process that uses it, or choose another port with `--port PORT`".to_owned(),
    }
}

async fn accept(listener: TcpListener, seen: watch::Receiver<Option<Behind>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, seen.clone()))),
                // Probably too many open files: wait until others close.
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, seen: watch::Receiver<Option<Behind>>) {
    let service = service_fn(move |request| {
        let seen = seen.clone();
        async move { Ok::<_, Infallible>(answer(request, &seen).await) }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A client may disconnect at any time.
    connection.await.ok();
}

async fn answer(
    request: Request<Incoming>,
    seen: &watch::Receiver<Option<Behind>>,
) -> Response<Full<Bytes>> {
    if !is_invocation(request.uri().path()) {
        let known = "POST / and POST /2015-03-31/functions/NAME/invocations call the function";
        return said(StatusCode::NOT_FOUND, known);
    }
    if request.method() != Method::POST {
        let mut answer = said(StatusCode::METHOD_NOT_ALLOWED, "POST calls the function");
        answer
            .headers_mut()
            .insert(ALLOW, "POST".parse().expect("a method's name"));
        return answer;
    }
    let argument = match Limited::new(request.into_body(), LARGEST).collect().await {
        Ok(argument) => argument.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let words = "the argument must be at most 6 MB, as in Lambda";
            return said(StatusCode::PAYLOAD_TOO_LARGE, words);
        }
        Err(_) => return said(StatusCode::BAD_REQUEST, "the argument is incomplete"),
    };
    call(seen, &argument).await
}

/// Calls the current container once it is this call's turn.
async fn call(seen: &watch::Receiver<Option<Behind>>, argument: &[u8]) -> Response<Full<Bytes>> {
    let (behind, turn) = loop {
        let Some(behind) = seen.borrow().clone() else {
            let words = "no container is ready: see the output of `jot run`";
            return said(StatusCode::SERVICE_UNAVAILABLE, words);
        };
        let turn = behind.turn.clone().lock_owned().await;
        let still = seen
            .borrow()
            .as_ref()
            .is_some_and(|now| Arc::ptr_eq(&now.turn, &behind.turn));
        if still {
            break (behind, turn);
        }
    };
    match timed::call(&behind.way, argument, (behind.limit, &behind.clock)).await {
        Ok(Called { answer, timed_out }) => {
            let failed = verify::is_error(&answer.body);
            note_answer(&behind.print, &answer, failed);
            if timed_out {
                behind.overdue.notify_one();
                // Further calls wait for the next container.
                let (mut seen, ended) = (seen.clone(), behind.turn.clone());
                tokio::spawn(async move {
                    let is_it = |now: &Option<Behind>| {
                        now.as_ref()
                            .is_some_and(|now| Arc::ptr_eq(&now.turn, &ended))
                    };
                    let _ = seen.wait_for(|now| !is_it(now)).await;
                    drop(turn);
                });
            }
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            let body = match std::str::from_utf8(&answer.body) {
                Ok(text) if failed => {
                    behind.faults.show(text, &behind.print);
                    behind.hints.with_own_paths(text).into()
                }
                _ => answer.body.into(),
            };
            response(status, "application/json", body)
        }
        Err(error @ CallError::Late(_)) => said(StatusCode::GATEWAY_TIMEOUT, &error.to_string()),
        Err(error) => said(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

/// Prints on stderr that a call was answered.
fn note_answer(print: &Print, answer: &Answer, failed: bool) {
    let at = jiff::Zoned::now().strftime("%H:%M:%S").to_string();
    let millis = u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX);
    let line = report::human::served(&at, millis, answer.body.len(), failed, &print.err);
    print.note(line.trim_end());
}

/// Whether the path is `/` or that of Lambda's Invoke with any function name.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
fn is_invocation(path: &str) -> bool {
    let name = path
        .strip_prefix("/2015-03-31/functions/")
        .and_then(|rest| rest.strip_suffix("/invocations"));
    path == "/" || name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

fn said(status: StatusCode, words: &str) -> Response<Full<Bytes>> {
    response(status, "text/plain", Bytes::from(format!("{words}\n")))
}

fn response(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, kind.parse().expect("a media type"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_and_lambdas_path_call_the_function() {
        for path in [
            "/",
            "/2015-03-31/functions/function/invocations",
            "/2015-03-31/functions/count-primes/invocations",
        ] {
            assert!(is_invocation(path), "{path}");
        }
        for path in [
            "",
            "/favicon.ico",
            "/2015-03-31/functions/invocations",
            "/2015-03-31/functions//invocations",
            "/2015-03-31/functions/a/b/invocations",
        ] {
            assert!(!is_invocation(path), "{path}");
        }
    }
}
