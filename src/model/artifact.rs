//! A zip archive as a registry keeps it: an OCI artifact of one blob.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Digest;

/// The annotation that holds how many bytes the archive unpacks to.
pub const ANNOTATION_UNPACKED: &str = "dev.jot.unpacked";

/// A zip archive in a registry. Its annotations have the names of an image's labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZipArtifact {
    /// Digest of the manifest, by which the registry identifies the artifact.
    pub manifest: Digest,
    /// Digest of the archive: what Lambda calls `CodeSha256`, in another form.
    pub code: Digest,
    /// Bytes of the archive.
    pub size: u64,
    /// What the manifest says of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl ZipArtifact {
    /// How many bytes the archive unpacks to, if the manifest says so.
    pub fn unpacked(&self) -> Option<u64> {
        self.annotations.get(ANNOTATION_UNPACKED)?.parse().ok()
    }
}
