//! Archives to be pushed to a registry.

use std::{collections::BTreeMap, path::Path};

use crate::model::{Digest, ZipArtifact};

/// An archive to push.
#[derive(Clone, Copy, Debug)]
pub struct NewArtifact<'a> {
    /// Path of the zip archive on this machine.
    pub file: &'a Path,
    /// Digest of its bytes.
    pub code: &'a Digest,
    /// Size of the archive in bytes.
    pub size: u64,
    /// The tag to push it under.
    pub tag: &'a str,
    /// Its name, such as a function's key.
    pub title: &'a str,
    /// Annotations of the manifest: the labels of an image, and
    /// [`ANNOTATION_UNPACKED`](crate::model::artifact::ANNOTATION_UNPACKED).
    pub annotations: &'a BTreeMap<String, String>,
}

/// Result of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedArtifact {
    /// What the tag names now.
    ///
    /// Tags are immutable: if another run pushed something else under it, this is that, and its
    /// `code` differs from the one to push.
    pub artifact: ZipArtifact,
    /// Bytes of the archive that were sent; 0 where the registry had it.
    pub bytes: u64,
}
