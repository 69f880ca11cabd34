//! What a function runs.

use serde::{Deserialize, Serialize};

use super::{Digest, Fingerprint};

/// What a function runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// An image or archive that jot builds from the manifest's `source`.
    Built {
        /// Fingerprint of the artifact's recipe, a key of `Desired::recipes`.
        recipe: Fingerprint,
        /// The recipe of the image that runs the artifact on this machine.
        harness: Fingerprint,
    },
    /// An image in ECR that jot does not build.
    Given {
        /// Where Lambda finds it: `<host>/<repository>@sha256:<64 hex digits>`.
        image_uri: String,
        /// The digest in it.
        digest: Digest,
    },
    /// The source was not read, for a command that builds and tests nothing.
    Unread,
}

impl Code {
    /// The artifact's recipe; `None` if jot does not build it.
    pub fn recipe(&self) -> Option<&Fingerprint> {
        match self {
            Self::Built { recipe, .. } => Some(recipe),
            Self::Given { .. } | Self::Unread => None,
        }
    }

    /// The recipe of the image that runs it on this machine; `None` if jot does not build it.
    pub fn harness(&self) -> Option<&Fingerprint> {
        match self {
            Self::Built { harness, .. } => Some(harness),
            Self::Given { .. } | Self::Unread => None,
        }
    }

    /// Where Lambda finds an image that jot does not build.
    pub fn image_uri(&self) -> Option<&str> {
        match self {
            Self::Given { image_uri, .. } => Some(image_uri),
            Self::Built { .. } | Self::Unread => None,
        }
    }

    /// 16 hex digits that change with it: of its fingerprint, or of a digest; empty if the source
    /// was not read.
    pub fn tag(&self) -> &str {
        match self {
            Self::Built { recipe, .. } => recipe.tag(),
            Self::Given { digest, .. } => &digest.hex()[..16],
            Self::Unread => "",
        }
    }
}
