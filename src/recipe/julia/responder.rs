//! A function in Julia, read.

use std::collections::BTreeSet;

use crate::{
    manifest::{languages::Julia, types::Build},
    model::{ContextFile, Test},
    recipe::context,
};

/// The default release of Julia: the stable one. 1.10 is the long-term release.
/// <https://julialang.org/downloads/>
pub const DEFAULT_VERSION: &str = "1.12";

/// The id of the build secret with git's configuration for installing dependencies from private
/// registries and repositories.
pub const GIT_CONFIGURATION: &str = "gitconfig";

/// A responder and all that decides its images.
pub struct Responder<'a> {
    /// The function's key in the manifest.
    pub key: &'a str,
    /// The function that answers, such as `increment_vector` or `Module.answer`.
    pub handler: &'a str,
    /// The manifest's `julia` table.
    pub julia: &'a Julia,
    /// The manifest's `build` table.
    pub build: &'a Build,
    /// Files of the source, with paths relative to its folder: a script and its includes, or a
    /// package directory.
    pub files: Vec<ContextFile>,
    /// File name of a script; `None` for a package directory.
    pub script: Option<String>,
    /// The Manifest.toml of the workspace that a package directory is a member of.
    pub workspace: Option<String>,
    /// The commit of a git repository that the files are of.
    pub commit: Option<String>,
    /// Its tests; those marked as exemplars are replayed in the build, and by SnapStart before each
    /// snapshot.
    pub tests: &'a [Test],
    /// Whether its handler gets the answers of other functions without Lambda's envelope.
    pub unwrap: bool,
    /// Whether it starts from snapshots.
    pub snapstart: bool,
    /// AWS's emulator, where the image is to hold it.
    pub rie: Option<ContextFile>,
}

impl Responder<'_> {
    /// The folder of its files, relative to the manifest's, with a `/` at its end; empty for that
    /// folder, and for a repository.
    pub fn folder(&self) -> String {
        let place = self.julia.source.as_str();
        let place = place.strip_prefix("./").unwrap_or(place);
        match &self.script {
            Some(script) => place
                .strip_suffix(script.as_str())
                .unwrap_or_default()
                .to_owned(),
            None if self.commit.is_some() => match &self.julia.subdir {
                Some(subdir) => format!("{}/", subdir.trim_end_matches('/')),
                None => String::new(),
            },
            None if place == "." || place.is_empty() => String::new(),
            None => format!("{}/", place.trim_end_matches('/')),
        }
    }

    /// The release of Julia that it is built with.
    pub fn version(&self) -> &str {
        version(self.julia)
    }

    /// The build arguments that commands of a build see: variables configure Pkg and its downloads
    /// (<https://docs.julialang.org/en/v1/manual/environment-variables/>), so every argument of the
    /// manifest is declared.
    pub fn arguments(&self) -> String {
        let given = self.build.args.keys().map(String::as_str);
        let names: BTreeSet<&str> = given.chain([PKG_SERVER]).collect();
        names.iter().map(|name| format!("ARG {name}\n")).collect()
    }
}

/// The variable with Pkg's package server; it can also come from Docker's configuration.
const PKG_SERVER: &str = "JULIA_PKG_SERVER";

/// The release of Julia that a table asks for.
pub fn version(julia: &Julia) -> &str {
    julia.version.as_deref().unwrap_or(DEFAULT_VERSION)
}

/// The minor version of `1.11` or `1.11.3`.
pub fn minor(version: &str) -> u32 {
    let part = version.split('.').nth(1).and_then(|part| part.parse().ok());
    part.unwrap_or_default()
}

/// A context file of jot's own.
pub fn made(path: String, text: &str) -> ContextFile {
    context::made(path, false, text.as_bytes().to_vec())
}

/// The mount of a step that reads git's configuration, with a space after it; empty if none is
/// configured.
pub fn git_mount(configured: bool) -> String {
    match configured {
        true => format!("--mount=type=secret,id={GIT_CONFIGURATION},target=/root/.gitconfig "),
        false => String::new(),
    }
}
