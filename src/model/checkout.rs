//! Sources that are in git repositories.

use std::{collections::BTreeMap, path::PathBuf};

/// A commit of a git repository as the manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitSource {
    /// The address, without credentials.
    pub url: String,
    /// A branch, a tag or a commit.
    pub rev: String,
}

/// A commit's files on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// All digits of the commit, in lower case.
    pub commit: String,
    /// The absolute path of the folder with its files, without git's own.
    pub folder: PathBuf,
}

/// The commits that git fetched for a manifest, by the source that names them.
pub type Checkouts = BTreeMap<GitSource, Checkout>;
