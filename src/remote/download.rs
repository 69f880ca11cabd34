//! Files from public releases, verified by their SHA-256.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::byte_stream::ByteStream;
use sha2::{Digest, Sha256};

use super::{
    Error,
    aws::{http, profile::Profile, trust::Trust},
};

/// Release hosts redirect to their storage once or twice.
const REDIRECTS: usize = 5;

/// Downloads `url` to `path`, readable and executable, unless `path` has this SHA-256 (lower-case
/// hex).
///
/// The file appears complete or not at all. Uses the proxies and certificates of requests to AWS
/// with this profile: `HTTPS_PROXY`, `NO_PROXY`, `AWS_CA_BUNDLE`.
///
/// # Errors
///
/// [`Error::Download`] where no answer comes, or the bytes are not the expected ones;
/// [`Error::Failed`] for a bundle of certificates that cannot be used.
pub async fn download(
    url: &str,
    sha256: &str,
    path: &Path,
    profile: Option<&str>,
) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|bytes| hex::encode(Sha256::digest(bytes)) == sha256) {
        return Ok(());
    }
    let bytes = fetch(url, sha256, profile).await?;
    keep(&bytes, path).map_err(|cause| {
        failed(
            url,
            &format!("it cannot be written to {}: {cause}", path.display()),
        )
    })
}

/// Returns the content of `url`, which has this SHA-256; connects as [`download`] does.
///
/// # Errors
///
/// Those of [`download`].
pub async fn fetch(url: &str, sha256: &str, profile: Option<&str>) -> Result<Vec<u8>, Error> {
    // This does not use AWS: a missing profile is an error only where it does.
    let profile = Profile::choose(profile).await.ok();
    let connector = http::elsewhere(&Trust::of(profile.as_ref())?);
    let bytes = get(url, &connector).await?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found != sha256 {
        let why = format!("its SHA-256 is {found} where {sha256} was expected");
        return Err(failed(url, &why));
    }
    Ok(bytes)
}

async fn get(url: &str, connector: &SharedHttpConnector) -> Result<Vec<u8>, Error> {
    let mut at = url.to_owned();
    for _ in 0..REDIRECTS {
        let request =
            HttpRequest::get(&at).map_err(|_| failed(url, &format!("`{at}` is no address")))?;
        let answer = connector
            .call(request)
            .await
            .map_err(|cause| failed(url, &innermost(&cause)))?;
        match moved(&answer) {
            Some(next) => at = next,
            None => return body(url, answer).await,
        }
    }
    Err(failed(url, "it redirects without end"))
}

fn moved(answer: &HttpResponse) -> Option<String> {
    let next = answer.headers().get("location")?;
    (300..400)
        .contains(&answer.status().as_u16())
        .then(|| next.to_owned())
}

async fn body(url: &str, answer: HttpResponse) -> Result<Vec<u8>, Error> {
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(failed(url, &format!("the server answered {status}")));
    }
    let body = ByteStream::new(answer.into_body()).collect().await;
    let body = body.map_err(|cause| failed(url, &innermost(&cause)))?;
    Ok(body.to_vec())
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
    http::explained(inner.to_string())
}

fn failed(url: &str, why: &str) -> Error {
    Error::Download {
        url: url.to_owned(),
        why: why.to_owned(),
    }
}
