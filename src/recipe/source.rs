//! What a function's `source` leads to: a script with what it includes and reads, or a package.

use std::{collections::BTreeSet, fs, path::Path};

use super::{
    context,
    error::{Error, unreadable},
    hash, julia,
    known::Known,
};
use crate::{
    manifest::{address::is_git_url, types::Julia},
    model::{Checkouts, ContextFile, GitSource},
};

/// A responder's own files.
#[derive(Clone, Debug)]
pub struct Source {
    /// Paths are relative to the folder of the script, or to the package directory; sorted.
    pub files: Vec<ContextFile>,
    /// The script's file name; `None` for a package directory.
    pub script: Option<String>,
    /// The commit of a git repository that they are of.
    pub commit: Option<String>,
}

/// Returns the repository and revision that a responder comes from, where its source is no path.
pub fn in_git(julia: &Julia) -> Option<GitSource> {
    is_git_url(&julia.source).then(|| GitSource {
        url: julia.source.clone(),
        rev: julia.rev.clone().unwrap_or_default(),
    })
}

/// Returns the files of the responder of function `key`, whose source is relative to `root` or among `checkouts`.
pub fn read(
    root: &Path,
    key: &str,
    julia: &Julia,
    checkouts: &Checkouts,
    known: &mut Known,
) -> Result<Source, Error> {
    if let Some(remote) = in_git(julia) {
        return fetched(key, &remote, checkouts, known);
    }
    let path = root.join(&julia.source);
    if path.is_dir() {
        return Ok(Source {
            files: context::walk(&path, known)?,
            script: None,
            commit: None,
        });
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if path.exists() => {
            script(folder, &name.to_string_lossy(), known)
        }
        _ => Err(Error::NoSource {
            function: key.to_owned(),
            path,
        }),
    }
}

/// A package as a repository holds it.
fn fetched(
    key: &str,
    remote: &GitSource,
    checkouts: &Checkouts,
    known: &mut Known,
) -> Result<Source, Error> {
    let checkout = checkouts.get(remote).ok_or_else(|| Error::NotFetched {
        function: key.to_owned(),
        url: remote.url.clone(),
        rev: remote.rev.clone(),
    })?;
    Ok(Source {
        files: context::walk(&checkout.folder, known)?,
        script: None,
        commit: Some(checkout.commit.clone()),
    })
}

/// A script and, file by file, what it includes; and what it names beside itself.
fn script(folder: &Path, name: &str, known: &mut Known) -> Result<Source, Error> {
    let root = folder.canonicalize().map_err(unreadable(folder))?;
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut waiting = vec![name.to_owned()];
    let (mut found, mut named) = (Vec::new(), Vec::new());
    while let Some(path) = waiting.pop() {
        let disk = root.join(&path);
        found.push(context::found(&root, &disk, path.clone())?);
        let text = fs::read_to_string(&disk).map_err(unreadable(&disk))?;
        for included in julia::includes(&text) {
            let path = included_path(&root, &path, &included)?;
            if seen.insert(path.clone()) {
                waiting.push(path);
            }
        }
        let beside = julia::reads(&text).into_iter();
        named.extend(beside.filter_map(|read| below(&path, &read)));
    }
    let mut files = Vec::new();
    for path in named {
        let disk = root.join(&path);
        if disk.is_dir() {
            files.extend(folder_files((&disk, &path), &mut seen, known)?);
        } else if disk.is_file() && seen.insert(path.clone()) {
            found.push(context::found(&root, &disk, path)?);
        }
    }
    files.extend(hash::read(found, known)?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Source {
        files,
        script: Some(name.to_owned()),
        commit: None,
    })
}

/// The path in the script's folder of what the file at `from` includes: Julia looks beside the file that includes.
/// <https://docs.julialang.org/en/v1/base/base/#include>
fn included_path(root: &Path, from: &str, included: &str) -> Result<String, Error> {
    let wrong = |why| Error::Include {
        script: root.join(from),
        included: included.to_owned(),
        why,
    };
    let path = below(from, included).ok_or_else(|| wrong("is outside of the script's folder"))?;
    match root.join(&path).is_file() && !included.starts_with('/') {
        true => Ok(path),
        false => Err(wrong("is no file in the script's folder")),
    }
}

/// The path in the script's folder of what the file at `from` calls `path`; `None` where that is outside of it.
fn below(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The files of a folder that is at `path` in the script's, less those that are known.
fn folder_files(
    (disk, path): (&Path, &str),
    seen: &mut BTreeSet<String>,
    known: &mut Known,
) -> Result<Vec<ContextFile>, Error> {
    let all = context::walk(disk, known)?.into_iter().map(|file| {
        let path = format!("{path}/{}", file.path);
        ContextFile { path, ..file }
    });
    Ok(all.filter(|file| seen.insert(file.path.clone())).collect())
}
