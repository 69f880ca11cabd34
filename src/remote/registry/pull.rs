//! Pulls archives, complete and verified or not at all.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncWriteExt};

use super::{
    Registry,
    client::{Asked, PART},
    failure::{self, Failure},
};
use crate::{
    model::{Digest, ZipArtifact},
    remote::{Error, docker::Work},
};

impl Registry {
    /// Downloads an archive to `file`, complete or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Registry`], also where the registry sends other bytes; with `again`, repeating may
    /// succeed.
    pub async fn pull(
        &self,
        artifact: &ZipArtifact,
        file: &Path,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<(), Error> {
        let url = self.url(&format!("blobs/{}", artifact.code.as_str()));
        let asked = Asked::new("GET", &url);
        let answer = self.client.answer(asked, SdkBody::empty()).await;
        let answer = answer.map_err(|failure| failure.into_error(&url))?;
        let body = ByteStream::new(answer.into_body());
        let part = Part::of(file);
        let found = receive(body, &part.0, artifact, progress).await;
        let found = found.map_err(|broken| broken.into_error(&url, &part.0))?;
        if found != artifact.code {
            let why = format!("its SHA-256 is {}", found.hex());
            let name = self.named(artifact.code.as_str());
            return Err(failure::unusable(&name, &why));
        }
        let moved = tokio::fs::rename(&part.0, file).await;
        moved.map_err(|cause| Broken::Disk(cause).into_error(&url, file))
    }
}

/// An incomplete file, removed on drop, so also when a pull is dropped.
struct Part(PathBuf);

impl Part {
    /// A name that no other pull has, here and in other processes.
    fn of(file: &Path) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(file.with_extension(format!("{}-{count}.part", std::process::id())))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // A complete file was renamed.
        let _ = std::fs::remove_file(&self.0);
    }
}

enum Broken {
    Registry(Failure),
    Disk(std::io::Error),
}

impl Broken {
    fn into_error(self, url: &str, file: &Path) -> Error {
        match self {
            Self::Registry(failure) => failure.into_error(url),
            Self::Disk(cause) => failure::local(&file.display().to_string(), &cause),
        }
    }
}

/// The digest of what was written.
async fn receive(
    mut body: ByteStream,
    to: &Path,
    artifact: &ZipArtifact,
    progress: &mut (dyn FnMut(Work) + Send),
) -> Result<Digest, Broken> {
    let mut file = File::create(to).await.map_err(Broken::Disk)?;
    let mut hash = Sha256::new();
    let mut done = 0;
    loop {
        let next = tokio::time::timeout(PART, body.try_next()).await;
        let next = next.map_err(|_| Broken::Registry(Failure::slow(PART)))?;
        let next = next.map_err(|cause| Broken::Registry(Failure::unanswered(&cause)))?;
        let Some(block) = next else {
            break;
        };
        hash.update(&block);
        done += block.len() as u64;
        if done > artifact.size {
            let why = format!("it sends more than {} bytes", artifact.size);
            return Err(Broken::Registry(Failure::broken(why)));
        }
        file.write_all(&block).await.map_err(Broken::Disk)?;
        progress(Work::Bytes {
            doing: format!("pulling archive {}", artifact.code.short()),
            done,
            total: artifact.size,
        });
    }
    file.flush().await.map_err(Broken::Disk)?;
    Ok(Digest::from_bytes(hash.finalize().into()))
}
