//! Pushes archives: what the registry has is not sent.

use std::{io, path::Path, pin::Pin, task::Poll};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::{fs::File, io::AsyncReadExt, sync::watch};

use super::{
    NewArtifact, PushedArtifact, Registry,
    client::{Asked, absolute},
    failure::{self, Failure},
    manifest,
};
use crate::{
    model::Digest,
    remote::{Error, docker::Work},
};

/// How much is read at once: a quarter of a second at 8 Mbit/s.
const BLOCK: usize = 256 * 1024;

impl Registry {
    /// Pushes an archive under its tag, unless the tag exists.
    ///
    /// # Errors
    ///
    /// [`Error::Registry`]; with `again`, repeating may succeed, and what arrived is not sent
    /// again.
    pub async fn push(
        &self,
        artifact: &NewArtifact<'_>,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<PushedArtifact, Error> {
        if let Some(artifact) = self.find(artifact.tag).await? {
            return Ok(PushedArtifact { artifact, bytes: 0 });
        }
        let bytes = self.push_archive(artifact, progress).await?;
        let empty = manifest::digest_of(manifest::EMPTY);
        if !self.has_blob(&empty).await? {
            let body = SdkBody::from(manifest::EMPTY);
            let length = manifest::EMPTY.len() as u64;
            self.push_blob(&empty, length, body).await?;
        }
        self.put(
            artifact.tag,
            &manifest::text(artifact),
            manifest::MEDIA_TYPE,
        )
        .await?;
        let artifact = self.find(artifact.tag).await?;
        let artifact =
            artifact.ok_or_else(|| failure::unusable("what was pushed", "it is gone"))?;
        Ok(PushedArtifact { artifact, bytes })
    }

    pub(super) async fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        let url = self.url(&format!("blobs/{}", digest.as_str()));
        let asked = Asked::new("HEAD", &url);
        match self.client.answer(asked, SdkBody::empty()).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.is_absent() => Ok(false),
            Err(failure) => Err(failure.into_error(&url)),
        }
    }

    /// How many bytes were sent.
    async fn push_archive(
        &self,
        artifact: &NewArtifact<'_>,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<u64, Error> {
        if self.has_blob(artifact.code).await? {
            return Ok(0);
        }
        let (moved, mut seen) = watch::channel(0);
        let body = file(artifact.file, moved).await?;
        let mut sent = std::pin::pin!(self.push_blob(artifact.code, artifact.size, body));
        let mut report = |done: u64| {
            progress(Work::Bytes {
                doing: format!("pushing archive {}", artifact.code.short()),
                done,
                total: artifact.size,
            });
        };
        loop {
            tokio::select! {
                biased;
                Ok(()) = seen.changed() => report(*seen.borrow_and_update()),
                result = &mut sent => {
                    result?;
                    report(artifact.size);
                    return Ok(artifact.size);
                }
            }
        }
    }

    /// Sends a blob in one piece.
    pub(super) async fn push_blob(
        &self,
        digest: &Digest,
        size: u64,
        body: SdkBody,
    ) -> Result<(), Error> {
        let start = self.url("blobs/uploads/");
        let nothing = [("content-length", "0")];
        let asked = Asked {
            headers: &nothing,
            ..Asked::new("POST", &start)
        };
        let begun = self.client.answer(asked, SdkBody::empty()).await;
        let begun = begun.map_err(|failure| failure.into_error(&start))?;
        let url = upload(&start, &begun, digest).map_err(|failure| failure.into_error(&start))?;
        let length = size.to_string();
        let headers = [
            ("content-length", length.as_str()),
            ("content-type", "application/octet-stream"),
        ];
        let asked = Asked {
            headers: &headers,
            bytes: size,
            ..Asked::new("PUT", &url)
        };
        let sent = self.client.answer(asked, body).await;
        sent.map(drop).map_err(|failure| failure.into_error(&url))
    }

    /// Puts a manifest under the tag; succeeds also if the tag names another one already.
    pub(super) async fn put(&self, tag: &str, text: &str, kind: &str) -> Result<(), Error> {
        let url = self.url(&format!("manifests/{tag}"));
        let length = text.len().to_string();
        let headers = [("content-length", length.as_str()), ("content-type", kind)];
        let asked = Asked {
            headers: &headers,
            ..Asked::new("PUT", &url)
        };
        match self.client.answer(asked, SdkBody::from(text)).await {
            Err(failure) if !failure.is_taken() => Err(failure.into_error(&url)),
            _ => Ok(()),
        }
    }
}

/// Address at which a started upload continues.
fn upload(start: &str, begun: &HttpResponse, digest: &Digest) -> Result<String, Failure> {
    let location = begun.headers().get("location");
    let location = location.ok_or_else(|| Failure::broken("it names no upload".to_owned()))?;
    let url = absolute(start, location);
    let join = match url.contains('?') {
        true => '&',
        false => '?',
    };
    Ok(format!("{url}{join}digest={}", digest.as_str()))
}

/// The content of a file, and how much of it was sent so far.
async fn file(path: &Path, moved: watch::Sender<u64>) -> Result<SdkBody, Error> {
    let opened = File::open(path).await;
    let opened = opened.map_err(|cause| failure::local(&path.display().to_string(), &cause))?;
    let blocks = blocks(opened);
    let mut done = 0;
    let counted = blocks.map(move |block| {
        let block = block?;
        done += block.len() as u64;
        moved.send_replace(done);
        Ok::<_, io::Error>(Frame::data(block))
    });
    Ok(SdkBody::from_body_1_x(StreamBody::new(counted)))
}

fn blocks(file: File) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync {
    let mut file = file;
    let mut block = BytesMut::new();
    stream::poll_fn(move |context| {
        block.reserve(BLOCK);
        let mut read = std::pin::pin!(file.read_buf(&mut block));
        match Pin::as_mut(&mut read).poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(0)) => Poll::Ready(None),
            Poll::Ready(Ok(_)) => Poll::Ready(Some(Ok(block.split().freeze()))),
            Poll::Ready(Err(cause)) => Poll::Ready(Some(Err(cause))),
        }
    })
}
