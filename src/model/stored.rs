//! What a repository holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Digest, ZipArtifact};

/// An image in ECR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteImage {
    /// The digest to deploy: that of the platform's manifest if ECR has an index.
    pub digest: Digest,
    /// Compressed bytes, if reported.
    pub size: Option<u64>,
    /// Its tags in ECR; if ECR was not asked, those that jot gives it.
    pub tags: Vec<String>,
}

/// The repository of another target that images and archives are copied from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    /// `host/name`; `None`: the repository does not exist.
    pub repository: Option<String>,
    /// Images in it, by tag, of those that were asked for.
    pub images: BTreeMap<String, RemoteImage>,
    /// Zip archives among them, by tag.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub archives: BTreeMap<String, ZipArtifact>,
}
