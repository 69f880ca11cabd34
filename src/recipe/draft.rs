//! A recipe before it has a fingerprint.

use std::collections::BTreeMap;

use crate::model::{ContextFile, recipe::StepTitle};

/// The contents of one image, by part, so that a reason can name the part that changed.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The text of the Dockerfile.
    pub dockerfile: String,
    /// Files of the context with their part (`source`, `runtime`, `exemplar`, ...), unsorted.
    pub files: Vec<(&'static str, ContextFile)>,
    /// Files of the context that the first build needs and that are not in the fingerprint: their
    /// effect is constant, or recorded in the result.
    pub settled: Vec<ContextFile>,
    /// Build arguments that the recipe itself sets.
    pub args: BTreeMap<String, String>,
    /// Where the Dockerfile is among the files; `None`: it is not one of them.
    pub dockerfile_path: Option<String>,
    /// The stage of the Dockerfile to build; `None`: the last.
    pub stage: Option<String>,
    /// What its steps do, in words. They are not in the fingerprint.
    pub titles: Vec<StepTitle>,
    /// The runtime of an archive; `None` for an image. It is not part of the fingerprint.
    pub runtime: Option<Runtime>,
}

/// One of AWS's runtimes, for an archive that runs on it.
#[derive(Clone, Debug, Default)]
pub struct Runtime {
    /// Lambda's name for it, such as `java25`.
    pub name: String,
    /// What it calls, such as `loader.core.Handler`.
    pub handler: String,
    /// AWS's image of it, such as `public.ecr.aws/lambda/java:25`: the base of the harness.
    pub image: String,
    /// Variables that the runtime is given in addition to those of the manifest.
    pub environment: BTreeMap<String, String>,
    /// What the harness starts instead of what that image says; empty for that.
    pub entry_point: Vec<String>,
}
