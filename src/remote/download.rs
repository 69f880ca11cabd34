//! A file from a public release, held to its SHA-256.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use http_body_util::{BodyExt, Empty};
use hyper::{Response, StatusCode, Uri, body::Bytes, body::Incoming, header::LOCATION};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sha2::{Digest, Sha256};

use super::Error;

/// Release hosts redirect to their storage once or twice.
const REDIRECTS: usize = 5;

/// Puts the file at `url` at `path`, readable and executable, unless a file with that SHA-256 (lower-case hex) is there already. The
/// file appears whole or not at all. Fails where nothing answers, and where the bytes are not the ones that jot was made for.
pub async fn download(url: &str, sha256: &str, path: &Path) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|bytes| hex::encode(Sha256::digest(bytes)) == sha256) {
        return Ok(());
    }
    let bytes = get(url).await?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found != sha256 {
        let why = format!("its SHA-256 is {found} where {sha256} was expected");
        return Err(failed(url, &why));
    }
    keep(&bytes, path).map_err(|cause| {
        failed(
            url,
            &format!("it cannot be written to {}: {cause}", path.display()),
        )
    })
}

async fn get(url: &str) -> Result<Bytes, Error> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|cause| failed(url, &cause.to_string()))?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(connector);
    let mut at = url.to_owned();
    for _ in 0..REDIRECTS {
        let uri: Uri = at
            .parse()
            .map_err(|_| failed(url, &format!("`{at}` is no address")))?;
        let answer = client
            .get(uri)
            .await
            .map_err(|cause| failed(url, &innermost(&cause)))?;
        match moved(&answer) {
            Some(next) => at = next,
            None => return body(url, answer).await,
        }
    }
    Err(failed(url, "it redirects without end"))
}

fn moved(answer: &Response<Incoming>) -> Option<String> {
    let next = answer.headers().get(LOCATION)?.to_str().ok()?;
    answer.status().is_redirection().then(|| next.to_owned())
}

async fn body(url: &str, answer: Response<Incoming>) -> Result<Bytes, Error> {
    if answer.status() != StatusCode::OK {
        return Err(failed(
            url,
            &format!("the server answered {}", answer.status()),
        ));
    }
    let body = answer.into_body().collect().await;
    Ok(body
        .map_err(|cause| failed(url, &innermost(&cause)))?
        .to_bytes())
}

fn keep(bytes: &[u8], path: &Path) -> std::io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = path.with_extension(format!(
        "{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    ));
    fs::write(&part, bytes)?;
    #[cfg(unix)]
    fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    fs::rename(&part, path)
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(cause) = inner.source() {
        inner = cause;
    }
    inner.to_string()
}

fn failed(url: &str, why: &str) -> Error {
    Error::Download {
        url: url.to_owned(),
        why: why.to_owned(),
    }
}
