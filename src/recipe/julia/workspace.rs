//! The workspace of a package: one Manifest.toml for all members, next to the Project.toml
//! that lists them.
//! <https://pkgdocs.julialang.org/v1/workspaces/>

use std::{fs, path::Path};

use super::lock;

/// Returns the text of the Manifest.toml of the workspace that contains the package in `folder`,
/// for this Julia.
pub fn manifest(folder: &Path, julia: &str) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let root = folder
        .ancestors()
        .skip(1)
        .find(|root| is_member(root, &folder))?;
    let mut names = lock::names(julia).into_iter();
    names.find_map(|name| fs::read_to_string(root.join(name)).ok())
}

/// Whether the Project.toml of `root` lists `folder` among the projects of its workspace.
fn is_member(root: &Path, folder: &Path) -> bool {
    let files = ["JuliaProject.toml", "Project.toml"];
    let text = files
        .iter()
        .find_map(|name| fs::read_to_string(root.join(name)).ok());
    let table = text.and_then(|text| toml::from_str::<toml::Table>(&text).ok());
    let projects = table.as_ref().and_then(|table| {
        let workspace = table.get("workspace")?;
        workspace.get("projects")?.as_array()
    });
    let mut projects = projects
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str);
    projects.any(|project| {
        root.join(project)
            .canonicalize()
            .is_ok_and(|path| path == folder)
    })
}
