//! A package's Project.toml and Manifest.toml, as far as jot reads them.

use std::{fs, io};

use super::{Error, Responder, made};
use crate::model::{Content, ContextFile};

/// Tables of a Project.toml that decide what is installed, `deps` first: the others may only say more about what that names.
/// <https://pkgdocs.julialang.org/v1/toml-files/#Project.toml>
const TABLES: [&str; 3] = ["deps", "compat", "sources"];

/// Name and UUID of a package, and all else of its Project.toml.
#[derive(Debug)]
pub struct Project {
    pub name: String,
    pub uuid: String,
    table: toml::Table,
}

impl Project {
    /// Reads the Project.toml among a package directory's files.
    pub fn read(responder: &Responder) -> Result<Self, Error> {
        let file = responder
            .files
            .iter()
            .find(|file| file.path == "Project.toml");
        let file = file.ok_or_else(|| broken(responder, "there is none".to_owned()))?;
        let table: toml::Table = toml::from_str(&text(file)?)
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
            table,
        };
        project.check(responder)?;
        Ok(project)
    }

    fn check(&self, responder: &Responder) -> Result<(), Error> {
        if !super::names::is_name(&self.name) {
            return Err(broken(
                responder,
                format!("`{}` is no name of a package", self.name),
            ));
        }
        let main = format!("src/{}.jl", self.name);
        if !responder.files.iter().any(|file| file.path == main) {
            return Err(broken(responder, format!("the package has no {main}")));
        }
        Ok(())
    }

    /// The names that the package depends on itself, and the files that say what is installed for them: what concerns
    /// dependencies of its Project.toml, so that its other keys make no other base image, and its Manifest.toml as it is.
    pub fn installed(
        &self,
        responder: &Responder,
    ) -> Result<(Vec<String>, Vec<ContextFile>), Error> {
        let names: Vec<String> = self.part("deps").keys().cloned().collect();
        let sources = self.part("sources");
        in_folders(responder, "Project.toml", sources.iter())?;
        let tables = TABLES.map(|name| (name.to_owned(), self.part(name)));
        let kept = tables.into_iter().filter(|(_, table)| !table.is_empty());
        let kept: toml::Table = kept
            .map(|(name, table)| (name, toml::Value::Table(table)))
            .collect();
        let mut files = vec![made(
            "dependencies/Project.toml".to_owned(),
            &kept.to_string(),
        )];
        for file in responder
            .files
            .iter()
            .filter(|file| is_manifest(&file.path))
        {
            check_manifest(responder, file)?;
            let path = format!("dependencies/{}", file.path);
            files.push(ContextFile {
                path,
                ..file.clone()
            });
        }
        Ok((names, files))
    }

    /// The entries of a table that are about dependencies, or about Julia itself.
    fn part(&self, name: &str) -> toml::Table {
        let table = |name| self.table.get(name).and_then(toml::Value::as_table);
        let dependencies = table(TABLES[0]);
        let known =
            |key: &str| key == "julia" || dependencies.is_some_and(|table| table.contains_key(key));
        let entries = table(name).into_iter().flatten();
        entries
            .filter(|(key, _)| known(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

/// Julia takes the one for its own version before the one for all: <https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml>
fn is_manifest(path: &str) -> bool {
    let name = path.strip_prefix("Julia").unwrap_or(path);
    let version = name
        .strip_prefix("Manifest")
        .and_then(|rest| rest.strip_suffix(".toml"));
    version.is_some_and(|version| version.is_empty() || version.starts_with("-v"))
}

/// An error where the manifest takes a package from a folder, which is in no image. Packages stand at the top until format 2.0,
/// then below `deps`.
fn check_manifest(responder: &Responder, file: &ContextFile) -> Result<(), Error> {
    let table: toml::Table = toml::from_str(&text(file)?)
        .map_err(|error| broken(responder, format!("{}: {}", file.path, error.message())))?;
    let packages = table.get("deps").and_then(toml::Value::as_table);
    let entries = packages.unwrap_or(&table).iter();
    let single = entries.flat_map(|(name, entry)| {
        let all = entry.as_array().into_iter().flatten();
        all.map(move |entry| (name, entry))
    });
    in_folders(responder, &file.path, single)
}

fn in_folders<'a>(
    responder: &Responder,
    file: &str,
    entries: impl Iterator<Item = (&'a String, &'a toml::Value)>,
) -> Result<(), Error> {
    for (package, entry) in entries {
        if let Some(folder) = entry.get("path").and_then(toml::Value::as_str) {
            return Err(Error::Folder {
                function: responder.key.to_owned(),
                file: file.to_owned(),
                package: package.clone(),
                folder: folder.to_owned(),
            });
        }
    }
    Ok(())
}

fn broken(responder: &Responder, why: String) -> Error {
    Error::Project {
        function: responder.key.to_owned(),
        why,
    }
}

/// The text of a file of the source.
fn text(file: &ContextFile) -> Result<String, Error> {
    let bytes = match &file.content {
        Content::Bytes(bytes) => bytes.clone(),
        Content::Disk(path) => {
            fs::read(path).map_err(|cause| unreadable(&path.display().to_string(), cause))?
        }
    };
    String::from_utf8(bytes).map_err(|cause| unreadable(&file.path, io::Error::other(cause)))
}

fn unreadable(path: &str, cause: io::Error) -> Error {
    Error::Unreadable {
        path: path.to_owned(),
        cause,
    }
}
