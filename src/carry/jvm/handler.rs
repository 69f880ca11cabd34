//! What the sources have that answers.

use std::path::PathBuf;

/// A class that answers invocations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handler {
    /// The class, or `class::method`.
    pub name: String,
    pub file: PathBuf,
}
