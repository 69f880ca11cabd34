//! What a function's `source` refers to: a folder, a file, or a commit of a git repository.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{context, error::Error, hash_cache::HashCache};
use crate::{
    manifest::address::is_git_url,
    model::{Checkouts, ContextFile, GitSource},
};

/// The files of a source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Paths are relative to the folder, or to that of the file; sorted.
    pub files: Vec<ContextFile>,
    /// The name of the file that `source` names; `None` where it is a folder.
    pub file: Option<String>,
    /// The commit of a git repository that they are of.
    pub commit: Option<String>,
}

/// Returns the repository and revision that `source` names, unless it is a path.
pub fn in_git(source: &str, rev: Option<&str>) -> Option<GitSource> {
    is_git_url(source).then(|| GitSource {
        url: source.to_owned(),
        rev: rev.unwrap_or_default().to_owned(),
    })
}

/// Reads sources, each once for all functions that share it.
pub struct Sources<'a> {
    root: &'a Path,
    checkouts: &'a Checkouts,
    /// Hashes of files that have not changed since an earlier run.
    pub known: HashCache,
    /// By the manifest's words.
    read: BTreeMap<(String, Option<String>), Source>,
}

impl<'a> Sources<'a> {
    /// Returns a reader of sources that are relative to `root` or among `checkouts`.
    pub fn new(root: &'a Path, checkouts: &'a Checkouts, known: HashCache) -> Self {
        Self {
            root,
            checkouts,
            known,
            read: BTreeMap::new(),
        }
    }

    /// Returns the files of the source of function `key`. A single file is read by `one`, which
    /// gets its folder and its name, and adds the files that belong to it.
    pub fn of(
        &mut self,
        key: &str,
        (source, rev): (&str, Option<&str>),
        one: fn(&Path, &str, &mut HashCache) -> Result<Vec<ContextFile>, Error>,
    ) -> Result<Source, Error> {
        let place = (source.to_owned(), rev.map(str::to_owned));
        if let Some(read) = self.read.get(&place) {
            return Ok(read.clone());
        }
        let read = match in_git(source, rev) {
            Some(remote) => self.fetched(key, &remote)?,
            None => self.local(key, source, one)?,
        };
        self.read.insert(place, read.clone());
        Ok(read)
    }

    /// Returns the folder that a source names.
    pub fn folder(&self, key: &str, source: &str) -> Result<PathBuf, Error> {
        let path = self.root.join(source);
        match path.is_dir() {
            true => Ok(path),
            false => Err(Error::NoSource {
                function: key.to_owned(),
                path,
            }),
        }
    }

    fn local(
        &mut self,
        key: &str,
        source: &str,
        one: fn(&Path, &str, &mut HashCache) -> Result<Vec<ContextFile>, Error>,
    ) -> Result<Source, Error> {
        let path = self.root.join(source);
        if path.is_dir() {
            return Ok(Source {
                files: context::walk(&path, &mut self.known)?,
                file: None,
                commit: None,
            });
        }
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) if path.exists() => {
                let name = name.to_string_lossy().into_owned();
                Ok(Source {
                    files: one(folder, &name, &mut self.known)?,
                    file: Some(name),
                    commit: None,
                })
            }
            _ => Err(Error::NoSource {
                function: key.to_owned(),
                path,
            }),
        }
    }

    /// The folder that a commit holds.
    fn fetched(&mut self, key: &str, remote: &GitSource) -> Result<Source, Error> {
        let checkout = self
            .checkouts
            .get(remote)
            .ok_or_else(|| Error::NotFetched {
                function: key.to_owned(),
                url: remote.url.clone(),
                rev: remote.rev.clone(),
            })?;
        Ok(Source {
            files: context::walk(&checkout.folder, &mut self.known)?,
            file: None,
            commit: Some(checkout.commit.clone()),
        })
    }
}
