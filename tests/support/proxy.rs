//! A counting HTTP proxy in front of an emulator: the requests, the uploaded bytes, and the number
//! of concurrent requests. It also injects the faults that no emulator has.
//!
//! It runs on a thread of its own, so that plain `#[test]` functions can use it, and ends when it
//! is dropped. Operations are named as in IAM policies: `lambda:GetFunction`, `ecr:DescribeImages`,
//! `registry:PutManifest`.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{Request, Response, StatusCode, body::Incoming, header, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::sync::{oneshot, watch};

#[path = "cbor.rs"]
mod cbor;
#[path = "fault.rs"]
mod fault;
#[path = "lent.rs"]
mod lent;
#[path = "operation.rs"]
mod operation;
#[path = "record.rs"]
mod record;
#[path = "route.rs"]
mod route;
#[path = "upstream.rs"]
mod upstream;

pub use fault::Fault;
#[allow(unused_imports)] // not every test target divides calls
pub use route::Router;
use upstream::Upstream;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Body = UnsyncBoxBody<Bytes, Failure>;

/// An action while a request is on its way, such as a signal to the sender.
pub type Hook = Arc<dyn Fn() + Send + Sync>;

/// How long a request waits for the others that [`Proxy::gather`] requires.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running proxy.
pub struct Proxy {
    address: String,
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

/// Decides on the fault of a request, by its operation and its number among the requests of that
/// operation, from 1.
type Judge = Box<dyn FnMut(&str, u64) -> Option<Fault> + Send>;

struct Shared {
    upstream: Upstream,
    log: Mutex<Log>,
    record: record::Record,
    in_flight: watch::Sender<usize>,
}

#[derive(Default)]
struct Log {
    counts: BTreeMap<String, u64>,
    /// The access key that signed the last request of each operation.
    signers: BTreeMap<String, String>,
    uploads: Uploads,
    most_in_flight: usize,
    /// Start and end of every request that is over.
    spans: Vec<(Instant, Instant)>,
    faults: BTreeMap<String, (Fault, u32)>,
    judge: Option<Judge>,
    gather: usize,
}

impl Proxy {
    /// A proxy on a free port of 127.0.0.1 that passes everything on to `upstream`.
    pub fn start(upstream: SocketAddr) -> std::io::Result<Proxy> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?.to_string();
        Proxy::run(address, Upstream::port(upstream), async move |shared| {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            loop {
                let (connection, _) = listener.accept().await?;
                connection.set_nodelay(true)?;
                converse(connection, &shared);
            }
        })
    }

    /// A proxy on a socket at `path` that passes everything on to the socket `upstream`.
    pub fn on_socket(path: &Path, upstream: &Path) -> std::io::Result<Proxy> {
        let listener = std::os::unix::net::UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        let address = path.display().to_string();
        Proxy::run(
            address,
            Upstream::Socket(upstream.to_owned()),
            async move |shared| {
                let listener = tokio::net::UnixListener::from_std(listener)?;
                loop {
                    let (connection, _) = listener.accept().await?;
                    converse(connection, &shared);
                }
            },
        )
    }

    fn run<F, S>(address: String, upstream: Upstream, serve: S) -> std::io::Result<Proxy>
    where
        S: FnOnce(Arc<Shared>) -> F + Send + 'static,
        F: Future<Output = std::io::Result<()>>,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let shared = Arc::new(Shared {
            upstream,
            log: Mutex::default(),
            record: record::Record::default(),
            in_flight: watch::channel(0).0,
        });
        let (stop, stopped) = oneshot::channel();
        let serving = shared.clone();
        let thread = std::thread::Builder::new()
            .name("proxy".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = serve(serving) => (),
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

    /// `127.0.0.1:port`, for `aws.registry`; a socket's path.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// `http://127.0.0.1:port`, for `aws.endpoint_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests by operation, failed ones too, since the start or the last [`Proxy::reset`].
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.log().counts.clone()
    }

    /// The access key that signed the last request of each operation, if one did.
    #[allow(dead_code)] // not every test target asks it
    pub fn signers(&self) -> BTreeMap<String, String> {
        self.shared.log().signers.clone()
    }

    /// The uploads that the registry accepted.
    pub fn uploads(&self) -> Uploads {
        self.shared.log().uploads
    }

    /// The highest number of concurrent requests.
    pub fn most_in_flight(&self) -> usize {
        self.shared.log().most_in_flight
    }

    /// The length of the longest chain of requests that each began after the one before it had
    /// ended: 1 if all were concurrent.
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

    /// Holds every request until `requests` are concurrent, or until ten seconds have passed: with
    /// it [`Proxy::waves`] says how many waves a client needs, at any speed of the machine.
    pub fn gather(&self, requests: usize) {
        self.shared.log().gather = requests;
    }

    /// Does this to the next `times` requests of an operation.
    pub fn fault(&self, operation: &str, fault: Fault, times: u32) {
        self.shared
            .log()
            .faults
            .insert(operation.into(), (fault, times));
    }

    /// Asks `judge` about every request from now on until [`Proxy::reset`].
    pub fn judge(&self, judge: impl FnMut(&str, u64) -> Option<Fault> + Send + 'static) {
        self.shared.log().judge = Some(Box::new(judge));
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

    /// Counts a request, and returns what to do to it.
    fn next_fault(&self, operation: &str) -> Option<Fault> {
        let mut log = self.log();
        let count = log.counts.entry(operation.to_owned()).or_default();
        *count += 1;
        let count = *count;
        match log.faults.get_mut(operation) {
            Some((fault, left)) if *left > 0 => {
                *left -= 1;
                Some(fault.clone())
            }
            _ => log.judge.as_mut()?(operation, count),
        }
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

fn converse<C>(connection: C, shared: &Arc<Shared>)
where
    C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let shared = shared.clone();
    let service = service_fn(move |request| answer(shared.clone(), request));
    tokio::spawn(
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(connection), service)
            .with_upgrades(),
    );
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    let span = Span::begin(&shared);
    let (head, body) = request.into_parts();
    let (body, form) = readable(&head, body).await?;
    let operation = operation::name(&head.method, &head.uri, &head.headers, &form);
    if let Some(key) = operation::signer(&head.headers) {
        shared.log().signers.insert(operation.clone(), key);
    }
    shared.record.add(&operation);
    let fault = shared.next_fault(&operation);
    shared.gathered().await;

    let blob = operation::is_blob(&head.uri);
    let body = if blob {
        counted(body, shared.clone())
    } else {
        body
    };
    let request = Request::from_parts(head, body);
    let response = match fault {
        Some(fault) => fault::answer(fault, &operation, &shared.upstream, request).await?,
        None => lent::send(&shared.upstream, request).await,
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

/// The body to pass on, and its text if it is a form: the query protocol names the operation in it.
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

fn bad_gateway(error: &(dyn std::error::Error + Send + Sync)) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::from(error.to_string())));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}
