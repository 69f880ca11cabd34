//! A package's Project.toml, as far as this release of jot understands it.

use std::{fs, io};

use super::{Error, Responder};
use crate::model::Content;

/// Standard libraries of Julia 1.5 to 1.12, those that are left out of the default image included.
const STANDARD_LIBRARIES: &[&str] = &[
    "ArgTools",
    "Artifacts",
    "Base64",
    "CRC32c",
    "Dates",
    "DelimitedFiles",
    "Distributed",
    "Downloads",
    "FileWatching",
    "Future",
    "InteractiveUtils",
    "JuliaSyntaxHighlighting",
    "LazyArtifacts",
    "LibCURL",
    "LibGit2",
    "Libdl",
    "LinearAlgebra",
    "Logging",
    "Markdown",
    "Mmap",
    "NetworkOptions",
    "Pkg",
    "Printf",
    "Profile",
    "REPL",
    "Random",
    "SHA",
    "Serialization",
    "SharedArrays",
    "Sockets",
    "SparseArrays",
    "Statistics",
    "StyledStrings",
    "SuiteSparse",
    "TOML",
    "Tar",
    "Test",
    "UUIDs",
    "Unicode",
];

/// Name and UUID of a package.
#[derive(Debug)]
pub struct Project {
    pub name: String,
    pub uuid: String,
}

impl Project {
    /// Reads the Project.toml among a package directory's files. Dependencies beyond the standard library are an error.
    pub fn read(responder: &Responder) -> Result<Self, Error> {
        let table: toml::Table = toml::from_str(&text(responder)?)
            .map_err(|error| broken(responder, error.message().to_owned()))?;
        let field = |key: &str| {
            let value = table
                .get(key)
                .and_then(toml::Value::as_str)
                .map(str::to_owned);
            value.ok_or_else(|| broken(responder, format!("it has no `{key}`")))
        };
        let project = Self {
            name: field("name")?,
            uuid: field("uuid")?,
        };
        project.check(responder, &table)?;
        Ok(project)
    }

    fn check(&self, responder: &Responder, table: &toml::Table) -> Result<(), Error> {
        if !super::package::is_name(&self.name) {
            return Err(broken(
                responder,
                format!("`{}` is no name of a package", self.name),
            ));
        }
        let main = format!("src/{}.jl", self.name);
        if !responder.files.iter().any(|file| file.path == main) {
            return Err(broken(responder, format!("the package has no {main}")));
        }
        let dependencies = table.get("deps").and_then(toml::Value::as_table);
        let mut foreign: Vec<_> = dependencies
            .into_iter()
            .flat_map(toml::Table::keys)
            .filter(|name| !STANDARD_LIBRARIES.contains(&name.as_str()))
            .map(String::as_str)
            .collect();
        foreign.sort_unstable();
        if foreign.is_empty() {
            return Ok(());
        }
        let packages = foreign.join(", ");
        Err(Error::Dependencies {
            function: responder.key.to_owned(),
            packages,
        })
    }
}

fn broken(responder: &Responder, why: String) -> Error {
    Error::Project {
        function: responder.key.to_owned(),
        why,
    }
}

/// The text of the Project.toml.
fn text(responder: &Responder) -> Result<String, Error> {
    let file = responder
        .files
        .iter()
        .find(|file| file.path == "Project.toml");
    let file = file.ok_or_else(|| broken(responder, "there is none".to_owned()))?;
    let bytes = match &file.content {
        Content::Bytes(bytes) => bytes.clone(),
        Content::Disk(path) => {
            fs::read(path).map_err(|cause| unreadable(&path.display().to_string(), cause))?
        }
    };
    String::from_utf8(bytes).map_err(|cause| unreadable("Project.toml", io::Error::other(cause)))
}

fn unreadable(path: &str, cause: io::Error) -> Error {
    Error::Unreadable {
        path: path.to_owned(),
        cause,
    }
}
