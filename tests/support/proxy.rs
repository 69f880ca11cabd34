//! A counting HTTP proxy in front of an emulator: what was asked, how much was uploaded, how much at once. It also
//! injects the faults that no emulator gives.
//!
//! It runs on a thread of its own, so that plain `#[test]` functions can use it, and ends when it is dropped.
//! Operations are named as in IAM policies: `lambda:GetFunction`, `ecr:DescribeImages`, `registry:PutManifest`.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{Request, Response, StatusCode, Uri, body::Incoming, header, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::sync::{oneshot, watch};

#[path = "operation.rs"]
mod operation;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Body = UnsyncBoxBody<Bytes, Failure>;

/// How long a request waits for the company that [`Proxy::gather`] asks for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A proxy that runs.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// Uploads to the registry that it accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uploads {
    /// Blobs: layers and configurations.
    pub blobs: u64,
    /// Bytes of blobs, as sent.
    pub bytes: u64,
    /// Manifests.
    pub manifests: u64,
}

/// What to do to requests of one operation instead of passing them on.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Answer with this status.
    Status(u16),
    /// Read the start of the request, then close the connection.
    Cut,
}

struct Shared {
    upstream: SocketAddr,
    client: Client<HttpConnector, Body>,
    log: Mutex<Log>,
    in_flight: watch::Sender<usize>,
}

#[derive(Default)]
struct Log {
    counts: BTreeMap<String, u64>,
    uploads: Uploads,
    most_in_flight: usize,
    /// Start and end of every request that is over.
    spans: Vec<(Instant, Instant)>,
    faults: BTreeMap<String, (Fault, u32)>,
    gather: usize,
}

impl Proxy {
    /// A proxy on a free port of 127.0.0.1 that passes everything on to `upstream`.
    pub fn start(upstream: SocketAddr) -> std::io::Result<Proxy> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let shared = Arc::new(Shared {
            upstream,
            client: Client::builder(TokioExecutor::new()).build_http(),
            log: Mutex::default(),
            in_flight: watch::channel(0).0,
        });
        let (stop, stopped) = oneshot::channel();
        let serving = shared.clone();
        let thread = std::thread::Builder::new()
            .name("proxy".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = serve(listener, serving) => (),
                        _ = stopped => (),
                    }
                });
            })?;
        Ok(Proxy {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `127.0.0.1:port`, for `aws.registry`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:port`, for `aws.endpoint_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests by operation, failed ones too, since the start or the last [`Proxy::reset`].
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.log().counts.clone()
    }

    /// What the registry accepted.
    pub fn uploads(&self) -> Uploads {
        self.shared.log().uploads
    }

    /// The most requests that were under way at one instant.
    pub fn most_in_flight(&self) -> usize {
        self.shared.log().most_in_flight
    }

    /// The length of the longest chain of requests each of which began after the one before it had ended: 1 where
    /// all were under way together.
    pub fn waves(&self) -> usize {
        let mut spans = self.shared.log().spans.clone();
        spans.sort_by_key(|(_, end)| *end);
        let mut last: Option<Instant> = None;
        let mut waves = 0;
        for (start, end) in spans {
            if last.is_none_or(|last| start > last) {
                waves += 1;
                last = Some(end);
            }
        }
        waves
    }

    /// Forgets everything counted, and every fault.
    pub fn reset(&self) {
        *self.shared.log() = Log::default();
    }

    /// Answers the next `times` requests of an operation with an error of this HTTP status.
    pub fn fail(&self, operation: &str, status: u16, times: u32) {
        self.fault(operation, Fault::Status(status), times);
    }

    /// Closes the connection of the next request of an operation, its body half read.
    pub fn cut(&self, operation: &str) {
        self.fault(operation, Fault::Cut, 1);
    }

    /// Holds every request until `requests` are under way at once, or until ten seconds have passed: with it
    /// [`Proxy::waves`] tells how many waves a client needs, however slow the machine is.
    pub fn gather(&self, requests: usize) {
        self.shared.log().gather = requests;
    }

    fn fault(&self, operation: &str, fault: Fault, times: u32) {
        self.shared
            .log()
            .faults
            .insert(operation.into(), (fault, times));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_fault(&self, operation: &str) -> Option<Fault> {
        let mut log = self.log();
        let (fault, left) = log.faults.get_mut(operation)?;
        *left = left.checked_sub(1)?;
        Some(*fault)
    }

    async fn gathered(&self) {
        let wanted = self.log().gather;
        let mut in_flight = self.in_flight.subscribe();
        let _ = tokio::time::timeout(PATIENCE, in_flight.wait_for(|now| *now >= wanted)).await;
    }
}

/// One request under way, until its answer was sent in full.
struct Span {
    shared: Arc<Shared>,
    start: Instant,
}

impl Span {
    fn begin(shared: &Arc<Shared>) -> Span {
        shared.in_flight.send_modify(|now| *now += 1);
        let now = *shared.in_flight.borrow();
        let mut log = shared.log();
        log.most_in_flight = log.most_in_flight.max(now);
        Span {
            shared: shared.clone(),
            start: Instant::now(),
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.shared.in_flight.send_modify(|now| *now -= 1);
        self.shared.log().spans.push((self.start, Instant::now()));
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((connection, _)) = listener.accept().await else {
            continue;
        };
        let _ = connection.set_nodelay(true);
        let shared = shared.clone();
        let service = service_fn(move |request| answer(shared.clone(), request));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(connection), service),
        );
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    let span = Span::begin(&shared);
    let (head, body) = request.into_parts();
    let (body, form) = readable(&head, body).await?;
    let operation = operation::name(&head.method, &head.uri, &head.headers, &form);
    *shared.log().counts.entry(operation.clone()).or_default() += 1;
    shared.gathered().await;

    let response = match shared.next_fault(&operation) {
        Some(Fault::Cut) => return cut(body).await,
        Some(Fault::Status(status)) => failed(&operation, status),
        None => forward(&shared, Request::from_parts(head, body)).await,
    };
    if response.status() == StatusCode::CREATED {
        count_upload(&shared, &operation);
    }
    // The span lives as long as the body: a response is under way until its last byte.
    Ok(response.map(|body| {
        body.map_frame(move |frame| {
            let _ = &span;
            frame
        })
        .boxed_unsync()
    }))
}

/// The body to pass on, and its text where it is a form: the query protocol names the operation in it.
async fn readable(
    head: &hyper::http::request::Parts,
    body: Incoming,
) -> Result<(Body, String), Failure> {
    let form = head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if !form {
        return Ok((body.map_err(Into::into).boxed_unsync(), String::new()));
    }
    let bytes = body.collect().await?.to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok((whole(bytes), text))
}

async fn forward(shared: &Arc<Shared>, mut request: Request<Body>) -> Response<Body> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    match format!("http://{}{path}", shared.upstream).parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(error) => return bad_gateway(&error),
    }
    // These belong to one connection; the Host header stays as the client wrote it.
    for name in [
        header::CONNECTION,
        header::EXPECT,
        header::TRANSFER_ENCODING,
    ] {
        request.headers_mut().remove(name);
    }
    let request = match operation::is_blob(request.uri()) {
        true => request.map(|body| counted(body, shared.clone())),
        false => request,
    };
    match shared.client.request(request).await {
        Ok(mut response) => {
            response.headers_mut().remove(header::CONNECTION);
            response.headers_mut().remove(header::TRANSFER_ENCODING);
            response.map(|body| body.map_err(Into::into).boxed_unsync())
        }
        Err(error) => bad_gateway(&error),
    }
}

fn counted(body: Body, shared: Arc<Shared>) -> Body {
    body.map_frame(move |frame| {
        if let Some(data) = frame.data_ref() {
            shared.log().uploads.bytes += data.len() as u64;
        }
        frame
    })
    .boxed_unsync()
}

fn count_upload(shared: &Shared, operation: &str) {
    let uploads = &mut shared.log().uploads;
    match operation {
        "registry:PutBlob" => uploads.blobs += 1,
        "registry:PutManifest" => uploads.manifests += 1,
        _ => (),
    }
}

async fn cut(mut body: Body) -> Result<Response<Body>, Failure> {
    let _ = body.frame().await;
    Err("the connection is cut".into())
}

fn failed(operation: &str, status: u16) -> Response<Body> {
    let (kind, text) = operation::error(operation, status);
    let mut response = Response::new(whole(Bytes::from(text)));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert("x-amzn-errortype", kind);
    }
    response
}

fn bad_gateway(error: &dyn std::error::Error) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::from(error.to_string())));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}
