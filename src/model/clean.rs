//! What this machine stores for a project, and what of it `jot clean` removes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use schemars::JsonSchema;
use serde::Serialize;

use super::Fingerprint;

/// What this machine keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The project that these images belong to.
    pub project: String,
    /// Images with the project's label.
    pub images: Vec<KeptImage>,
    /// Ids of images that containers have, running or not.
    pub in_containers: BTreeSet<String>,
    /// Images that the manifest and its targets need; `None`: not all of them are known, so all
    /// images stay.
    pub needed: Option<BTreeSet<Fingerprint>>,
    /// Folders of sources that git fetched, each with its size in bytes and whether it is needed.
    pub sources: BTreeMap<PathBuf, (u64, bool)>,
    /// Files with the hashes of folders that no longer exist, each with its size in bytes.
    pub hashes: BTreeMap<PathBuf, u64>,
}

/// An image of the local Docker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptImage {
    /// Docker's id of the image: `sha256:...`.
    pub id: String,
    /// Docker's tags of the image, such as `jot/numerics:0123456789abcdef`; empty if it has none.
    pub names: Vec<String>,
    /// What plans call it.
    pub title: String,
    /// Fingerprint of its recipe, from its label; `None`: the label is missing or wrong.
    pub fingerprint: Option<Fingerprint>,
    /// Id of the image that it was built on.
    pub base: Option<String>,
    /// Bytes, those that it shares with others included.
    pub bytes: u64,
}

/// Something to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Removal {
    /// What kind of thing it is.
    pub kind: RemovalKind,
    /// What it is, in words.
    pub what: String,
    /// Names of an image, or the path of a file or folder.
    pub names: Vec<String>,
    /// Bytes; those that an image shares with others are counted for each.
    pub bytes: u64,
}

/// The kind of thing to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemovalKind {
    /// An image of the local Docker.
    Image,
    /// A source that git fetched.
    Source,
    /// Hashes of files.
    Hashes,
}
