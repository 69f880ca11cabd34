//! A registry in place of Docker Hub that has another image under every name, and records which
//! names were requested.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io::Write,
    net::TcpListener,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// The number of requests for each repository.
type Asked = Arc<Mutex<BTreeMap<String, u64>>>;

/// A mirror that answers until it is dropped.
pub struct Mirror {
    asked: Asked,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Mirror {
    /// A mirror at the address that a daemon uses as its mirror.
    pub fn start(address: &str) -> Mirror {
        let listener = TcpListener::bind(address)
            .unwrap_or_else(|cause| panic!("no mirror can listen at {address}: {cause}"));
        listener.set_nonblocking(true).expect("a socket for tokio");
        let asked = Asked::default();
        let (stop, stopped) = oneshot::channel();
        let serving = (asked.clone(), Arc::new(other_image()));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                tokio::select! {
                    () = serve(listener, serving) => (),
                    _ = stopped => (),
                }
            });
        });
        Mirror {
            asked,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The requested repositories, such as `library/julia`, and how often.
    pub fn asked(&self) -> BTreeMap<String, u64> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The content of a registry, by digest: kind and bytes.
type Recipe = BTreeMap<String, (&'static str, Bytes)>;

/// An image that is not the base of another: one layer, with one file.
fn other_image() -> Recipe {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    let text = b"of another image\n";
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "another", &text[..])
        .expect("a tar in memory");
    let tar = tar.into_inner().expect("a tar in memory");
    let mut layer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    layer.write_all(&tar).expect("bytes in memory");
    let layer = layer.finish().expect("bytes in memory");
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    let config = json!({
        "architecture": architecture, "os": "linux",
        "config": {"Cmd": ["/another"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(&tar)]},
    })
    .to_string();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "size": config.len(), "digest": digest(config.as_bytes())},
        "layers": [{"mediaType": LAYER, "size": layer.len(), "digest": digest(&layer)}],
    })
    .to_string();
    [
        (MANIFEST, Bytes::from(manifest)),
        (CONFIG, Bytes::from(config)),
        (LAYER, Bytes::from(layer)),
    ]
    .into_iter()
    .map(|(kind, bytes)| (digest(&bytes), (kind, bytes)))
    .collect()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

async fn serve(listener: TcpListener, serving: (Asked, Arc<Recipe>)) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket of tokio's");
    while let Ok((connection, _)) = listener.accept().await {
        let (asked, image) = serving.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer(&asked, &image, request.uri().path());
            async move { Ok::<_, Infallible>(answer) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(connection), service));
    }
}

/// The answer to `/v2/`, `/v2/<repository>/manifests/<tag or digest>` and
/// `/v2/<repository>/blobs/<digest>`. hyper leaves out the body of the answer to a HEAD request.
fn answer(asked: &Asked, image: &Recipe, path: &str) -> Response<Full<Bytes>> {
    let words = path.strip_prefix("/v2/").unwrap_or_default();
    let found = ["/manifests/", "/blobs/"]
        .iter()
        .find_map(|kind| words.split_once(kind));
    let Some((repository, reference)) = found else {
        return Response::new(Full::from("{}"));
    };
    let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    *asked.entry(repository.to_owned()).or_default() += 1;
    // Any tag belongs to this image.
    let named = image.get_key_value(reference);
    let tagged = || image.iter().find(|(_, (kind, _))| *kind == MANIFEST);
    let (digest, (kind, bytes)) = match named.or_else(tagged) {
        Some(found) => found,
        None => unreachable!("the image has a manifest"),
    };
    Response::builder()
        .header("content-type", *kind)
        .header("docker-content-digest", digest)
        .header("content-length", bytes.len())
        .body(Full::new(bytes.clone()))
        .expect("a response")
}
