//! A recipe before it has a fingerprint.

use std::collections::BTreeMap;

use crate::model::ContextFile;

/// What one image is made of, by part, so that a reason can name the part that changed.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The text of the Dockerfile.
    pub dockerfile: String,
    /// Files of the context with the part that they belong to (`source`, `runtime`, `exemplar`, ...), unsorted.
    pub files: Vec<(&'static str, ContextFile)>,
    /// Files of the context that the first build needs and that decide nothing: what it makes of them is
    /// the same, or is settled by it. They are not in the fingerprint.
    pub settled: Vec<ContextFile>,
    /// Build arguments that the recipe itself sets.
    pub args: BTreeMap<String, String>,
    /// Where the Dockerfile is among the files; `None`: it is not one of them.
    pub dockerfile_path: Option<String>,
    /// The stage of the Dockerfile to build; `None`: the last.
    pub stage: Option<String>,
}
