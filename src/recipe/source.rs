//! What a function's `source` leads to: a script with what it includes, or a package directory.

use std::{collections::BTreeSet, fs, path::Path};

use super::{
    context,
    error::{Error, unreadable},
    hash, julia,
    known::Known,
};
use crate::model::ContextFile;

/// A responder's own files.
#[derive(Clone, Debug)]
pub struct Source {
    /// Paths are relative to the folder of the script, or to the package directory; sorted.
    pub files: Vec<ContextFile>,
    /// The script's file name; `None` for a package directory.
    pub script: Option<String>,
}

/// Returns the files of the source of function `key`, which is relative to `root`.
pub fn read(root: &Path, key: &str, source: &str, known: &mut Known) -> Result<Source, Error> {
    let path = root.join(source);
    if path.is_dir() {
        return Ok(Source {
            files: context::walk(&path, known)?,
            script: None,
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

/// A script and, file by file, what it includes.
fn script(folder: &Path, name: &str, known: &mut Known) -> Result<Source, Error> {
    let root = folder.canonicalize().map_err(unreadable(folder))?;
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut waiting = vec![name.to_owned()];
    let mut found = Vec::new();
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
    }
    let mut files = hash::read(found, known)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Source {
        files,
        script: Some(name.to_owned()),
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
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in included.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts
                    .pop()
                    .ok_or_else(|| wrong("is outside of the script's folder"))?;
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    match root.join(&path).is_file() && !included.starts_with('/') {
        true => Ok(path),
        false => Err(wrong("is no file in the script's folder")),
    }
}
