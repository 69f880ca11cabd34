//! A package's Project.toml and Manifest.toml, as far as jot reads them.

use std::{fs, io};

use super::{
    Error, Responder,
    lock::{self, Lock},
    made,
    responder::minor,
};
use crate::model::{Content, ContextFile};

/// Tables of a Project.toml that determine what is installed, `deps` first: the others only add
/// details about its entries.
/// <https://pkgdocs.julialang.org/v1/toml-files/#Project.toml>
const TABLES: [&str; 3] = ["deps", "compat", "sources"];

/// The release that introduced `[sources]`:
/// <https://github.com/JuliaLang/julia/blob/v1.11.0/NEWS.md>
const SOURCES: u32 = 11;

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
        let file = file.ok_or_else(|| broken(responder, "it does not exist".to_owned()))?;
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
                format!("`{}` is not the name of a package", self.name),
            ));
        }
        let main = format!("src/{}.jl", self.name);
        if !responder.files.iter().any(|file| file.path == main) {
            return Err(broken(responder, format!("the package has no {main}")));
        }
        Self::refused(responder)
    }

    /// The names of the package's dependencies, and the files that determine their versions: the
    /// relevant part of its Project.toml, so that its other keys do not change the base image, its
    /// Manifest.toml, and its preferences.
    pub fn installed(
        &self,
        responder: &Responder,
    ) -> Result<(Vec<String>, Vec<ContextFile>), Error> {
        let names: Vec<String> = self.part("deps").keys().cloned().collect();
        let sources = self.part("sources");
        for (name, source) in &sources {
            in_folder(responder, "Project.toml", name, source.get("path"))?;
        }
        let mut files = Vec::new();
        let text = self.lock_text(responder)?;
        if text.is_none() && !sources.is_empty() && minor(responder.version()) < SOURCES {
            return Err(broken(
                responder,
                "Julia reads `[sources]` from 1.11 on: check in a Manifest.toml, or raise \
                 julia.version"
                    .to_owned(),
            ));
        }
        let lock = text
            .as_ref()
            .map(|(file, text)| self.lock(responder, file, text, &names));
        let lock = lock.transpose()?;
        let tables = TABLES.map(|name| (name.to_owned(), self.part(name)));
        let kept = tables.into_iter().filter(|(_, table)| !table.is_empty());
        let mut kept: toml::Table = kept
            .map(|(name, table)| (name, toml::Value::Table(table)))
            .collect();
        files.extend(self.preferences(responder, lock.as_ref(), &mut kept)?);
        let path = "dependencies/Project.toml".to_owned();
        files.insert(0, made(path, &kept.to_string()));
        if let Some(lock) = lock {
            let path = "dependencies/Manifest.toml".to_owned();
            files.push(made(path, &lock.text()));
        }
        Ok((names, files))
    }

    /// Name and text of the Manifest.toml that applies: the package's own, or that of its
    /// workspace.
    fn lock_text(&self, responder: &Responder) -> Result<Option<(String, String)>, Error> {
        if let Some(file) = lock::chosen(&responder.files, responder.version()) {
            return Ok(Some((file.path.clone(), text(file)?)));
        }
        let workspace = responder.workspace.clone();
        Ok(workspace.map(|text| ("Manifest.toml of the workspace".to_owned(), text)))
    }

    /// The part of a Manifest.toml that is installed. A package from a folder is an error, because
    /// no image contains it.
    fn lock<'a>(
        &self,
        responder: &Responder,
        file: &str,
        text: &'a str,
        names: &[String],
    ) -> Result<Lock<'a>, Error> {
        let lock = Lock::read(text).map_err(|why| broken(responder, format!("{file}: {why}")))?;
        let lock = lock.without(&self.uuid);
        let own = lock::chosen(&responder.files, responder.version()).is_some();
        let lock = if own { lock } else { lock.needed(names) };
        for entry in &lock.entries {
            let path = entry.path.clone().map(toml::Value::String);
            in_folder(responder, file, &entry.name, path.as_ref())?;
        }
        Ok(lock)
    }

    /// Adds the package's preferences to the Project.toml of the dependencies; returns the
    /// LocalPreferences.toml. Julia reads the preferences of packages in the same Project.toml:
    /// <https://juliapackaging.github.io/Preferences.jl/stable/>
    fn preferences(
        &self,
        responder: &Responder,
        lock: Option<&Lock>,
        kept: &mut toml::Table,
    ) -> Result<Option<ContextFile>, Error> {
        let table = |name: &str| self.table.get(name).and_then(toml::Value::as_table);
        let own = table("preferences").cloned().unwrap_or_default();
        let names = ["JuliaLocalPreferences.toml", "LocalPreferences.toml"];
        let file = |name: &&str| responder.files.iter().find(|file| file.path == **name);
        let local = names.iter().find_map(file);
        let local = local.map(text).transpose()?;
        let read = |text: &String| {
            toml::from_str::<toml::Table>(text).map_err(|error| {
                broken(
                    responder,
                    format!("LocalPreferences.toml: {}", error.message()),
                )
            })
        };
        let read = local.as_ref().map(read).transpose()?.unwrap_or_default();
        let direct = table(TABLES[0]);
        let mut extras = toml::Table::new();
        for name in own.keys().chain(read.keys()) {
            if direct.is_some_and(|table| table.contains_key(name)) {
                continue;
            }
            let named = ["extras", "weakdeps"].map(|part| table(part)?.get(name)?.as_str());
            let itself = (*name == self.name).then_some(self.uuid.as_str());
            let locked = lock.and_then(|lock| lock.uuid(name));
            if let Some(uuid) = itself.or(named[0]).or(named[1]).or(locked) {
                extras.insert(name.clone(), uuid.into());
            }
        }
        for (name, table) in [("extras", extras), ("preferences", own)] {
            if !table.is_empty() {
                kept.insert(name.to_owned(), table.into());
            }
        }
        let path = || "dependencies/LocalPreferences.toml".to_owned();
        Ok(local.map(|text| made(path(), &text)))
    }

    /// What of the package jot does not act on, as an error that names it.
    fn refused(responder: &Responder) -> Result<(), Error> {
        let has = |path: &str| responder.files.iter().any(|file| file.path == path);
        if has("deps/build.jl") && has("deps/Project.toml") {
            return Err(broken(
                responder,
                "jot does not install the dependencies of deps/build.jl in deps/Project.toml: name \
                 them in the package's Project.toml"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// Whether the package has extensions, which Julia loads together with other packages.
    pub fn has_extensions(&self) -> bool {
        let table = self.table.get("extensions").and_then(toml::Value::as_table);
        table.is_some_and(|table| !table.is_empty())
    }

    /// The entries of a table that concern dependencies, or Julia itself.
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

fn in_folder(
    responder: &Responder,
    file: &str,
    package: &str,
    path: Option<&toml::Value>,
) -> Result<(), Error> {
    let folder = path.and_then(toml::Value::as_str);
    folder.map_or(Ok(()), |folder| {
        Err(Error::Folder {
            function: responder.key.to_owned(),
            file: file.to_owned(),
            package: package.to_owned(),
            folder: folder.to_owned(),
        })
    })
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
        Content::Bytes(bytes) => bytes.to_vec(),
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
