//! `jot.toml`: its types, how it is found, read, merged and validated.

pub mod types;

use std::path::PathBuf;

pub use types::Manifest;

/// A manifest that was read, merged and found valid.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its content.
    pub manifest: Manifest,
    /// The file's absolute path.
    pub path: PathBuf,
    /// The absolute path of the folder that it is in: its paths are relative to this.
    pub root: PathBuf,
    /// The chosen target.
    pub target: Option<String>,
}
