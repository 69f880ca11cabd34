//! Large layers in one test's registry, lent to the registries of the others.
//!
//! Each test has a registry of its own, and Docker's classic engine compresses a layer again for
//! each of them. If a registry lacks a blob that this process or another one has already uploaded
//! to another registry, it is uploaded from a file, and Docker then finds it and sends nothing.
//! Layers below [`LEAST`] are never lent, so that tests count their pushes.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Method, Request, Response, StatusCode, Uri, header};

use super::{Body, upstream::Upstream, whole};

/// The variable that names the folder, which `scripts/test` sets.
const FOLDER: &str = "JOT_TEST_BLOBS";
/// The smallest blob that is lent, in bytes. No test counts bytes of blobs as large as that.
const LEAST: u64 = 20_000_000;

/// Passes a request on; lends the blob that a registry lacks, and keeps a large one that it has
/// accepted.
pub async fn send(upstream: &Upstream, request: Request<Body>) -> Response<Body> {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return upstream.send(request).await;
    };
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = upstream.send(request).await;
    if method == Method::HEAD && response.status() == StatusCode::NOT_FOUND {
        if let Some((repository, digest)) = asked(&uri)
            && let Ok(bytes) = fs::read(file(&folder, digest))
            && upload(upstream, repository, digest, bytes).await
        {
            return upstream.send(empty(Method::HEAD, &uri.to_string())).await;
        }
    } else if method == Method::PUT
        && response.status() == StatusCode::CREATED
        && let Some((repository, digest)) = accepted(&uri)
    {
        keep(upstream, repository, digest, &folder).await;
    }
    response
}

/// Repository and digest of `/v2/<repository>/blobs/sha256:<digest>`.
fn asked(uri: &Uri) -> Option<(&str, &str)> {
    let (repository, digest) = uri.path().strip_prefix("/v2/")?.split_once("/blobs/")?;
    Some((repository, digest.strip_prefix("sha256:")?))
}

/// Repository and digest of `/v2/<repository>/blobs/uploads/<id>?digest=sha256:<digest>`.
fn accepted(uri: &Uri) -> Option<(&str, &str)> {
    let (repository, _) = uri
        .path()
        .strip_prefix("/v2/")?
        .split_once("/blobs/uploads/")?;
    let digest = uri
        .query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix("digest="))?;
    let digest = digest.strip_prefix("sha256")?;
    let digest = digest
        .strip_prefix(':')
        .or_else(|| digest.strip_prefix("%3A"))?;
    Some((repository, digest))
}

fn file(folder: &OsString, digest: &str) -> PathBuf {
    Path::new(folder).join(digest)
}

/// Uploads a blob in one request after the one that begins it; returns whether the registry
/// accepted it.
async fn upload(upstream: &Upstream, repository: &str, digest: &str, bytes: Vec<u8>) -> bool {
    let begun = upstream
        .send(empty(
            Method::POST,
            &format!("/v2/{repository}/blobs/uploads/"),
        ))
        .await;
    let Some(place) = begun
        .headers()
        .get(header::LOCATION)
        .and_then(|place| place.to_str().ok()?.parse::<Uri>().ok())
    else {
        return false;
    };
    let path = place.path_and_query().map_or("", |path| path.as_str());
    let joint = if path.contains('?') { '&' } else { '?' };
    let put = Request::builder()
        .method(Method::PUT)
        .uri(format!("{path}{joint}digest=sha256:{digest}"))
        .header(header::CONTENT_LENGTH, bytes.len())
        .body(whole(Bytes::from(bytes)));
    match put {
        Ok(put) => upstream.send(put).await.status() == StatusCode::CREATED,
        Err(_) => false,
    }
}

/// Writes a blob to the folder, if it is large and not in it yet. A failure only costs time.
async fn keep(upstream: &Upstream, repository: &str, digest: &str, folder: &OsString) {
    let kept = file(folder, digest);
    let path = format!("/v2/{repository}/blobs/sha256:{digest}");
    if kept.exists() || size(upstream, &path).await < LEAST {
        return;
    }
    let answer = upstream.send(empty(Method::GET, &path)).await;
    if answer.status() != StatusCode::OK {
        return;
    }
    let Ok(body) = answer.into_body().collect().await else {
        return;
    };
    // Under a name of this thread's own first: others may read the file at any time.
    let own = format!("{digest}.{:?}", std::thread::current().id()).replace(['(', ')'], "-");
    let own = Path::new(folder).join(format!("{own}{}", std::process::id()));
    if fs::write(&own, body.to_bytes()).is_ok() {
        let _ = fs::rename(&own, &kept);
    }
}

async fn size(upstream: &Upstream, path: &str) -> u64 {
    let answer = upstream.send(empty(Method::HEAD, path)).await;
    let length = answer.headers().get(header::CONTENT_LENGTH);
    length
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}

fn empty(method: Method, path: &str) -> Request<Body> {
    let mut request = Request::new(whole(Bytes::new()));
    *request.method_mut() = method;
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request
}
