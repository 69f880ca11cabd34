//! S3: archives that Lambda accepts from a bucket only, and files of others.

use std::path::Path;

use aws_sdk_s3::{error::SdkError, primitives::ByteStream};

use super::{
    Aws,
    reading::read,
    service::{Call, Service},
    unbuildable,
};
use crate::{
    model::{Digest, observed::Reading},
    remote::Error,
};

/// S3's code for a bucket that does not exist.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
pub(super) const NO_BUCKET: &str = "NoSuchBucket";

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::S3,
        operation,
        resource,
    }
}

/// An archive in a bucket.
///
/// Its name is the hash of its content, so an existing one is not written again.
#[derive(Clone, Copy, Debug)]
pub struct CodeObject<'a> {
    /// Bucket, which must belong to `owner`.
    pub bucket: &'a str,
    /// Account, 12 digits: a bucket of this name in another account is refused.
    pub owner: &'a str,
    /// Name of the project, a part of the key.
    pub project: &'a str,
    /// Digest of the archive.
    pub code: &'a Digest,
}

impl CodeObject<'_> {
    /// The key of the object: `jot/<project>/<sha256>.zip`.
    pub fn key(&self) -> String {
        format!("jot/{}/{}.zip", self.project, self.code.hex())
    }
}

impl Aws {
    /// Uploads an archive of this size to a bucket, unless it exists; returns how many bytes were
    /// sent.
    ///
    /// S3 checks the hash of what arrives.
    ///
    /// # Errors
    ///
    /// [`Error::AccessDenied`], also for a bucket that another account owns.
    pub async fn put_code(
        &self,
        object: &CodeObject<'_>,
        (file, size): (&Path, u64),
    ) -> Result<u64, Error> {
        if self.has_code(object, size).await? {
            return Ok(0);
        }
        let what = format!("object {} of bucket {}", object.key(), object.bucket);
        let body = || ByteStream::from_path(file);
        // Opened here too, so that an unreadable file is an error before any request.
        body().await.map_err(|cause| unbuildable(&what, &cause))?;
        let client = self.shared.s3();
        let sent = || async {
            let body = body().await.map_err(SdkError::construction_failure)?;
            let request = client
                .put_object()
                .bucket(object.bucket)
                .key(object.key())
                .expected_bucket_owner(object.owner)
                .content_type("application/zip")
                .checksum_sha256(object.code.code_sha256())
                .body(body);
            request.send().await
        };
        let put = self.sending(call("PutObject", &what), size, sent).await;
        put.map_err(|error| denied(error, object))?;
        Ok(size)
    }

    /// The keys of the project's archives in a bucket of this owner, and of nothing else below
    /// `jot/`; none where the bucket does not exist.
    pub async fn archives_in(
        &self,
        (bucket, owner): (&str, &str),
        project: &str,
    ) -> Result<Vec<String>, Error> {
        let what = format!("bucket {bucket}");
        let prefix = format!("jot/{project}/");
        let mut request = self
            .shared
            .s3()
            .list_objects_v2()
            .bucket(bucket)
            .prefix(&prefix)
            .expected_bucket_owner(owner);
        let mut keys = Vec::new();
        loop {
            let page = self.call(call("ListObjectsV2", &what), || request.clone().send());
            let page = match page.await {
                Ok(page) => page,
                Err(Error::Missing { .. }) => return Ok(keys),
                Err(Error::Refused { code, .. }) if code == NO_BUCKET => return Ok(keys),
                Err(error) => return Err(error),
            };
            let found = page.contents.unwrap_or_default().into_iter();
            let found = found.filter_map(|object| object.key);
            keys.extend(found.filter(|key| is_archive(key, &prefix)));
            match page.next_continuation_token {
                Some(next) => request = request.continuation_token(next),
                None => return Ok(keys),
            }
        }
    }

    /// The content of an object in a bucket of the same region, of any owner; or why it could not
    /// be read.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<Result<Vec<u8>, Reading>, Error> {
        let what = format!("object {key} of bucket {bucket}");
        let request = self.shared.s3().get_object().bucket(bucket).key(key);
        let sent = || async {
            let answer = request.clone().send().await?;
            // An answer that breaks off is requested again, as one that takes too long is.
            let body = answer.body.collect().await;
            let body = body.map_err(SdkError::timeout_error)?;
            Ok(body.to_vec())
        };
        read(self.call(call("GetObject", &what), sent).await)
    }

    /// Deletes an object of a bucket of this owner.
    pub async fn delete_code(&self, (bucket, owner): (&str, &str), key: &str) -> Result<(), Error> {
        let what = format!("object {key} of bucket {bucket}");
        let request = self.shared.s3().delete_object();
        let request = request.bucket(bucket).key(key).expected_bucket_owner(owner);
        let deleted = self.call(call("DeleteObject", &what), || request.clone().send());
        deleted.await.map(drop)
    }

    /// Whether the archive exists.
    ///
    /// A refusal counts as absence, and the PUT then reports what is wrong: an answer to HEAD has
    /// no text, and S3 answers 403 for an absent object to callers without permission to list the
    /// bucket. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
    async fn has_code(&self, object: &CodeObject<'_>, size: u64) -> Result<bool, Error> {
        let what = format!("object {} of bucket {}", object.key(), object.bucket);
        let request = self
            .shared
            .s3()
            .head_object()
            .bucket(object.bucket)
            .key(object.key())
            .expected_bucket_owner(object.owner);
        let answer = self
            .call(call("HeadObject", &what), || request.clone().send())
            .await;
        match answer {
            Ok(found) => Ok(found
                .content_length
                .and_then(|length| length.try_into().ok())
                == Some(size)),
            Err(Error::Missing { .. } | Error::AccessDenied { .. } | Error::Refused { .. }) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether a key is that of an archive, `<64 hex digits>.zip` after the prefix: another project's
/// name may begin with this one's.
fn is_archive(key: &str, prefix: &str) -> bool {
    let name = key.strip_prefix(prefix);
    let hash = name.and_then(|name| name.strip_suffix(".zip"));
    hash.is_some_and(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Adds the owner to the help: S3 gives no reason for a denial, so it may be either.
fn denied(mut error: Error, object: &CodeObject<'_>) -> Error {
    if let Error::AccessDenied { help, .. } = &mut error {
        let (bucket, owner) = (object.bucket, object.owner);
        *help = format!("{help}, and the bucket {bucket} must belong to account {owner}").into();
    }
    error
}
