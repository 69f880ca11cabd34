//! A script with what it includes and reads.

use std::{collections::BTreeSet, fs, path::Path};

use super::includes::{includes, reads};
use crate::{
    model::ContextFile,
    recipe::{
        context,
        error::{Error, unreadable},
        hash,
        known::Known,
    },
};

/// Returns a script and, file by file, what it includes; and what it names beside itself.
pub fn files(folder: &Path, name: &str, known: &mut Known) -> Result<Vec<ContextFile>, Error> {
    let root = folder.canonicalize().map_err(unreadable(folder))?;
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut waiting = vec![name.to_owned()];
    let (mut found, mut named) = (Vec::new(), Vec::new());
    while let Some(path) = waiting.pop() {
        let disk = root.join(&path);
        found.push(context::found(&root, &disk, path.clone())?);
        let text = fs::read_to_string(&disk).map_err(unreadable(&disk))?;
        for included in includes(&text) {
            let path = included_path(&root, &path, &included)?;
            if seen.insert(path.clone()) {
                waiting.push(path);
            }
        }
        let beside = reads(&text).into_iter();
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
    Ok(files)
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
