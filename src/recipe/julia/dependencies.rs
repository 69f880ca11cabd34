//! What a source needs in addition to the standard library: files that the base image's build
//! passes to Julia's package manager.
//!
//! The dependencies of a script are requested by name, and the resolved versions exist only in the
//! base image. That image is found again by the fingerprint of the request, so versions never
//! change without a new request, on any machine. A package has its own Project.toml, and its
//! Manifest.toml, if any, determines the versions.

use super::{Error, Responder, made, project::Project, stdlib::is_standard};
use crate::{manifest::languages::Julia, model::ContextFile};

/// The registry that is asked where the manifest names none: Julia's own.
const GENERAL: &str = "General";
/// The most names to list; others are counted.
const NAMES: usize = 3;

/// What is to be installed.
pub struct Dependencies {
    /// Names, of a script's with their versions.
    names: Vec<String>,
    files: Vec<ContextFile>,
}

impl Dependencies {
    /// The dependencies of a source; `None` if the standard library is enough, so that no registry
    /// is read.
    pub fn of(responder: &Responder) -> Result<Option<Self>, Error> {
        let (names, mut files) = match responder.script {
            Some(_) => requested(responder),
            None => Project::read(responder)?.installed(responder)?,
        };
        let julia = responder.version();
        let mut names = names;
        match names.iter().all(|name| is_standard(name, julia)) {
            true => (names, files) = (Vec::new(), Vec::new()),
            false => files.push(made(
                "dependencies/registries".to_owned(),
                &registries(responder.julia),
            )),
        }
        if let Some(artifacts) = artifacts(responder) {
            names.push("artifacts".to_owned());
            files.push(artifacts);
        }
        Ok((!files.is_empty()).then_some(Self { names, files }))
    }

    /// Their files in the context.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, ContextFile)> {
        self.files.iter().map(|file| ("dependencies", file.clone()))
    }

    /// The first names, and how many more exist.
    pub fn summary(&self) -> String {
        let (shown, more) = self.names.split_at(self.names.len().min(NAMES));
        match more.len() {
            0 => shown.join(", "),
            count => format!("{} and {count} more", shown.join(", ")),
        }
    }
}

/// The package's own list of artifacts, which the build downloads. Dependencies have their own.
/// <https://pkgdocs.julialang.org/v1/artifacts/>
fn artifacts(responder: &Responder) -> Option<ContextFile> {
    let names = ["JuliaArtifacts.toml", "Artifacts.toml"];
    let file = |name: &&str| responder.files.iter().find(|file| file.path == **name);
    let found = names.iter().find_map(file);
    let found = found.filter(|_| responder.script.is_none())?;
    let path = "dependencies/Artifacts.toml".to_owned();
    Some(ContextFile {
        path,
        executable: false,
        ..found.clone()
    })
}

/// What the manifest asks for.
fn requested(responder: &Responder) -> (Vec<String>, Vec<ContextFile>) {
    let mut names = responder.julia.dependencies.clone();
    names.sort_unstable();
    let file = made("dependencies/requests".to_owned(), &lines(&names));
    (names, vec![file])
}

/// The registries of packages, one per line.
pub fn registries(julia: &Julia) -> String {
    let given = julia.registries.clone();
    lines(&given.unwrap_or_else(|| vec![GENERAL.to_owned()]))
}

/// Sorted, so that the order in the manifest makes no other image.
pub fn lines(items: &[String]) -> String {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.iter().map(|item| format!("{item}\n")).collect()
}
