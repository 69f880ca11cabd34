//! The content of the project's repository, its users, and what of it `jot prune` deletes.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::Digest;

/// The repository's images, and all known users of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// Name of the project, `project.name`.
    pub project: String,
    /// Name of the repository in ECR.
    pub repository: String,
    /// Tags of the repository, which name the project that owns it.
    pub tags: BTreeMap<String, String>,
    /// Everything in it, archives and what has no tag too.
    pub images: Vec<StoredImage>,
    /// The versions of functions in this region, as `name:version`, by what they run: an image, or
    /// the digest of an archive.
    pub running: BTreeMap<Digest, BTreeSet<String>>,
    /// Keys of functions by the first 16 hex digits of a fingerprint that they hold back.
    pub held: BTreeMap<String, BTreeSet<String>>,
    /// Keys of functions, or titles of bases, by the tag that jot.toml asks for.
    pub wanted: BTreeMap<String, BTreeSet<String>>,
    /// Other possible users of these images, in words: jot cannot see their functions.
    pub others: Vec<String>,
    /// What could not be read, in words.
    pub unseen: Vec<String>,
    /// The time by AWS's clock, seconds since 1970.
    pub now_s: i64,
}

/// An image, an index of images, or an archive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredImage {
    /// Digest of its manifest, under which ECR deletes it.
    pub digest: Option<Digest>,
    /// All its tags; empty for an untagged image.
    pub tags: Vec<String>,
    /// Compressed bytes, those that it shares with others included.
    pub bytes: u64,
    /// When it was pushed, seconds since 1970.
    pub pushed_s: Option<i64>,
    /// When it was last pulled; ECR records this once a day.
    pub pulled_s: Option<i64>,
    /// What its manifest names; `None`: it could not be read.
    pub parts: Option<Parts>,
    /// The manifest that this one belongs to, if it is a signature or similar.
    pub subject: Option<Digest>,
}

/// What a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// The layers of an image, the lowest first.
    Layers(Vec<Digest>),
    /// The bytes of an archive.
    Archive(Digest),
    /// The manifests in an index.
    Index(Vec<Digest>),
}

/// What the user allows `jot prune` to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Seconds since the last push and pull, at least.
    pub older_than_s: i64,
    /// Whether the user states that no other account and no copy uses the images.
    pub other_accounts_unused: bool,
}

/// What becomes of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pruned {
    /// Of its manifest, as `sha256:` and 64 hex digits.
    pub digest: String,
    /// All its tags.
    pub tags: Vec<String>,
    /// Compressed bytes; those that it shares with others are counted for each.
    pub bytes: u64,
    /// Whether it is deleted.
    pub goes: bool,
    /// What decides it.
    pub cause: PruneCause,
    /// The same in words.
    pub why: String,
}

/// The reason that an image is kept or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PruneCause {
    /// A version of a function runs it.
    Runs,
    /// It has a tag that is not jot's.
    Tagged,
    /// It is held: `jot apply --retry` would release it.
    Held,
    /// jot.toml asks for it.
    Wanted,
    /// One that stays is built on it, or names it, or is named by it.
    Belongs,
    /// It was pushed or pulled lately.
    Recent,
    /// What it is, or its age, could not be read.
    Unknown,
    /// Others may run it in functions that jot cannot see.
    OtherAccounts,
    /// Not everything that may run it could be read.
    Unseen,
    /// None of these: it is deleted.
    Unreached,
}
