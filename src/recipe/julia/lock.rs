//! The versions in a package's Manifest.toml: which of its files applies, and which part the base
//! image gets.
//! <https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml>

use std::collections::BTreeSet;

use crate::model::ContextFile;

/// The file of a package that applies: the one for the Julia version before the general one, as
/// Julia itself chooses.
pub fn chosen<'a>(files: &'a [ContextFile], julia: &str) -> Option<&'a ContextFile> {
    let names = names(julia);
    names
        .iter()
        .find_map(|name| files.iter().find(|file| file.path == *name))
}

/// Names of the file that counts, the first that exists.
pub fn names(julia: &str) -> [String; 4] {
    let mut parts = julia.split(['.', '-']);
    let release = [parts.next(), parts.next()].map(Option::unwrap_or_default);
    let release = release.join(".");
    [
        format!("JuliaManifest-v{release}.toml"),
        format!("Manifest-v{release}.toml"),
        "JuliaManifest.toml".to_owned(),
        "Manifest.toml".to_owned(),
    ]
}

/// One package of a Manifest.toml.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Its lines in the file.
    text: &'a str,
    pub name: String,
    uuid: Option<String>,
    /// The folder that it is taken from.
    pub path: Option<String>,
    dependencies: Vec<String>,
}

/// The text of a Manifest.toml, package by package.
#[derive(Debug)]
pub struct Lock<'a> {
    head: &'a str,
    pub entries: Vec<Entry<'a>>,
}

impl<'a> Lock<'a> {
    /// Reads a text; the error is a TOML parser's.
    pub fn read(text: &'a str) -> Result<Self, String> {
        toml::from_str::<toml::Table>(text).map_err(|error| error.message().to_owned())?;
        let mut starts: Vec<usize> = text
            .match_indices("[[")
            .map(|(at, _)| at)
            .filter(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n')
            .collect();
        let head = &text[..starts.first().copied().unwrap_or(text.len())];
        starts.push(text.len());
        let blocks = starts.windows(2).map(|pair| &text[pair[0]..pair[1]]);
        Ok(Self {
            head,
            entries: blocks.filter_map(entry).collect(),
        })
    }

    /// Drops the package itself, which Pkg lists from 1.12 on and in workspaces.
    pub fn without(mut self, uuid: &str) -> Self {
        self.entries
            .retain(|entry| entry.uuid.as_deref() != Some(uuid));
        self
    }

    /// Keeps what these packages need: the Manifest.toml of a workspace covers all its members.
    pub fn needed(mut self, names: &[String]) -> Self {
        let mut needed: BTreeSet<String> = names.iter().cloned().collect();
        let mut count = 0;
        while needed.len() > count {
            count = needed.len();
            for entry in &self.entries {
                if needed.contains(&entry.name) {
                    needed.extend(entry.dependencies.iter().cloned());
                }
            }
        }
        self.entries.retain(|entry| needed.contains(&entry.name));
        self
    }

    /// The UUID of a package.
    pub fn uuid(&self, name: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        entry.uuid.as_deref()
    }

    /// The text of what is left.
    pub fn text(&self) -> String {
        let entries = self.entries.iter().map(|entry| entry.text);
        std::iter::once(self.head).chain(entries).collect()
    }
}

/// The package of a block of text. Packages are at the top level before format 2.0, then below
/// `deps`.
fn entry(text: &str) -> Option<Entry<'_>> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let packages = table.get("deps").and_then(toml::Value::as_table);
    let (name, value) = packages.unwrap_or(&table).iter().next()?;
    let value = value.as_array()?.first()?;
    let field = |key: &str| value.get(key)?.as_str().map(str::to_owned);
    let dependencies = match value.get("deps") {
        Some(toml::Value::Array(names)) => names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        Some(toml::Value::Table(table)) => table.keys().cloned().collect(),
        _ => Vec::new(),
    };
    Some(Entry {
        text,
        name: name.clone(),
        uuid: field("uuid"),
        path: field("path"),
        dependencies,
    })
}
