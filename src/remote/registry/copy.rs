//! Copies from one registry to another: blobs that the target has are not sent.

use std::{io, pin::Pin, task::Poll};

use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::sync::watch;

use super::{
    Registry,
    client::Asked,
    failure,
    manifest::{self, MEDIA_TYPE, digest_of},
};
use crate::{
    model::Digest,
    remote::{Error, docker::Work},
};

/// The manifests that are copied: of an image or archive, never an index of several.
const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// Result of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How many blobs were sent: configuration and layers.
    pub blobs: usize,
    /// The digest of the archive, if it is one.
    pub archive: Option<Digest>,
}

impl Registry {
    /// Copies the artifact of this digest in `source` to the tag, with all blobs that are missing
    /// here.
    ///
    /// Nothing is decompressed or changed: the digest stays.
    ///
    /// # Errors
    ///
    /// [`Error::Registry`], also where the tag names something else; with `again`, repeating may
    /// succeed, and what arrived is not sent again.
    pub async fn copy(
        &self,
        source: &Registry,
        (digest, tag): (&Digest, &str),
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<Copied, Error> {
        let text = source.manifest(digest.as_str()).await?;
        let name = source.named(digest.as_str());
        let text = text.ok_or_else(|| failure::unusable(&name, "it is gone"))?;
        let unusable = |why: &str| failure::unusable(&name, why);
        if digest_of(text.as_bytes()) != *digest {
            return Err(unusable("its manifest has another digest"));
        }
        let manifest = manifest::copied(&text).map_err(|why| unusable(&why))?;
        let archive = manifest::is_archive(&text).then(|| manifest::read(&text));
        let archive = archive.transpose().map_err(|why| unusable(&why))?;
        let sent = self.copy_blobs(source, &manifest, progress).await?;
        self.put(
            tag,
            &text,
            manifest.media_type.as_deref().unwrap_or(MEDIA_TYPE),
        )
        .await?;
        let held = self.manifest(tag).await?;
        if held.map(|held| digest_of(held.as_bytes())).as_ref() != Some(digest) {
            let why = format!("it is not {}, which was copied", digest.as_str());
            return Err(failure::unusable(&self.named(tag), &why));
        }
        Ok(Copied {
            blobs: sent,
            archive: archive.map(|archive| archive.code),
        })
    }

    /// How many blobs were sent.
    async fn copy_blobs(
        &self,
        source: &Registry,
        manifest: &manifest::Copied,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<usize, Error> {
        let total = manifest.bytes();
        let (mut done, mut sent) = (0_u64, 0);
        for (digest, size) in &manifest.blobs {
            let mut report = |moved: u64| {
                progress(Work::Bytes {
                    doing: format!("copying blob {}", digest.short()),
                    done: done.saturating_add(moved),
                    total,
                });
            };
            if !self.has_blob(digest).await? {
                self.copy_blob(source, (digest, *size), &mut report).await?;
                sent += 1;
            }
            report(*size);
            done = done.saturating_add(*size);
        }
        Ok(sent)
    }

    /// Copies a blob as a stream; this registry checks its digest.
    async fn copy_blob(
        &self,
        source: &Registry,
        (digest, size): (&Digest, u64),
        report: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), Error> {
        let url = source.url(&format!("blobs/{}", digest.as_str()));
        let asked = Asked {
            bytes: size,
            ..Asked::new("GET", &url)
        };
        let answer = source.client.answer(asked, SdkBody::empty()).await;
        let answer = answer.map_err(|failure| failure.into_error(&url))?;
        let (moved, mut seen) = watch::channel(0);
        let body = counted(ByteStream::new(answer.into_body()), moved);
        let mut sent = std::pin::pin!(self.push_blob(digest, size, body));
        loop {
            tokio::select! {
                biased;
                Ok(()) = seen.changed() => report(*seen.borrow_and_update()),
                result = &mut sent => return result,
            }
        }
    }

    /// The text of a manifest of any kind; `None` where it does not exist.
    async fn manifest(&self, reference: &str) -> Result<Option<String>, Error> {
        let url = self.url(&format!("manifests/{reference}"));
        self.client.manifest(&url, ACCEPTED).await
    }
}

/// The bytes, and how many of them were sent so far.
fn counted(body: ByteStream, moved: watch::Sender<u64>) -> SdkBody {
    let (mut body, mut done) = (body, 0);
    let blocks = stream::poll_fn(move |context| {
        let next = std::task::ready!(Pin::new(&mut body).poll_next(context));
        Poll::Ready(next.map(|block| {
            let block = block.map_err(io::Error::other)?;
            done += block.len() as u64;
            moved.send_replace(done);
            Ok::<_, io::Error>(Frame::data(block))
        }))
    });
    SdkBody::from_body_1_x(StreamBody::new(blocks))
}
