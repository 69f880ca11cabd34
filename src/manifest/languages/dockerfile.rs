//! The table `dockerfile` of a function: its keys and rules.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::manifest::{at::At, error::Problems, limits::pattern};

/// A source with a Dockerfile. Its ENTRYPOINT and CMD are the function's; functions that differ
/// only in `image` share one image. Build arguments, secrets, the network and labels are those of
/// `build`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dockerfile {
    /// The folder that is the build context, relative to the manifest.
    #[schemars(length(min = 1))]
    pub source: String,
    /// The Dockerfile, relative to `source`. Default `Dockerfile`.
    #[schemars(length(min = 1))]
    pub file: Option<String>,
    /// The stage to build: its name, or its number from 0. Default: the last.
    #[schemars(regex(pattern = pattern::STAGE))]
    pub stage: Option<String>,
}

/// Keys of a function that a Dockerfile has no use for, and what to do instead.
const FOREIGN: [(&str, &str); 4] = [
    (
        "handler",
        "its ENTRYPOINT and CMD say what answers; `image = { command = [...] }` overrides CMD",
    ),
    ("build.base_image", "the Dockerfile's FROM names it"),
    ("build.dockerfile_extra", "add the lines to the Dockerfile"),
    (
        "build.rie",
        "add AWS's emulator in the Dockerfile; `jot run` needs none in the image",
    ),
];

/// Adds what is wrong with the table of one function, and with the keys next to it.
pub(super) fn check(function: &At, table: &At, root: &Path, problems: &mut Problems) {
    for (path, help) in FOREIGN {
        let mut at = Some(function.clone());
        for key in path.split('.') {
            at = at.and_then(|at| at.get(key));
        }
        if let Some(at) = at {
            let message = format!("`{}` does nothing beside `dockerfile`", at.name());
            problems.add(at.wrong(message, "not used").help(help));
        }
    }
    let Some((at, source)) = table.text("source") else {
        return;
    };
    let folder = root.join(source);
    let fault = match source {
        "" => return,
        source if Path::new(source).is_absolute() => Some((
            "is an absolute path, which differs between machines",
            "absolute",
        )),
        _ if folder.is_file() => Some(("is a file", "not a folder")),
        _ if !folder.is_dir() => Some(("does not exist", "not found")),
        _ => None,
    };
    if let Some((what, label)) = fault {
        let message = format!("`{}` {what}", at.name());
        let help = "name the folder that is the build context, relative to the manifest";
        problems.add(at.wrong(message, label).help(help));
        return;
    }
    let (at, file) = match table.text("file") {
        Some((at, file)) => (at, file),
        None => (at, "Dockerfile"),
    };
    if !file.is_empty() && !folder.join(file).is_file() {
        let message = format!("`{}`: {source} has no {file}", at.name());
        let help = "name the Dockerfile in `file`, relative to `source`";
        problems.add(at.wrong(message, "not found").help(help));
    }
}
