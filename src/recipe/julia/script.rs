//! A script with what it includes and reads.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use miette::NamedSource;

use super::includes::{Named, named};
use crate::{
    manifest::nearest,
    model::ContextFile,
    recipe::{
        context,
        error::{Error, unreadable},
        fault, hash,
        hash_cache::HashCache,
    },
};

/// Returns a script and its includes, file by file, and the other files that it names.
pub fn files(folder: &Path, name: &str, known: &mut HashCache) -> Result<Vec<ContextFile>, Error> {
    let root = folder.canonicalize().map_err(unreadable(folder))?;
    let mut search = Search {
        root: &root,
        seen: BTreeSet::from([name.to_owned()]),
        waiting: vec![(name.to_owned(), true)],
        data: Vec::new(),
    };
    let mut found = Vec::new();
    while let Some((path, certain)) = search.waiting.pop() {
        let disk = root.join(&path);
        found.push(context::found(&root, &disk, path.clone())?);
        let text = fs::read_to_string(&disk).map_err(unreadable(&disk))?;
        search.follow((&path, &text), &named(&text), certain)?;
    }
    let mut files = Vec::new();
    for path in search.data {
        let disk = root.join(&path);
        if disk.is_dir() {
            files.extend(folder_files((&disk, &path), &mut search.seen, known)?);
        } else if search.seen.insert(path.clone()) {
            found.push(context::found(&root, &disk, path)?);
        }
    }
    files.extend(hash::read(found, known)?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The files of a script that are known so far.
struct Search<'a> {
    root: &'a Path,
    /// What is taken already.
    seen: BTreeSet<String>,
    /// Files with code that are still to be read, and whether they are certainly included.
    waiting: Vec<(String, bool)>,
    /// Files and folders with data.
    data: Vec<String>,
}

impl Search<'_> {
    /// Reads the files that the file at `path` names. Only certain ones must exist.
    fn follow(
        &mut self,
        (path, text): (&str, &str),
        named: &Named,
        certain: bool,
    ) -> Result<(), Error> {
        for included in &named.includes {
            match included_path(self.root, (path, text), included) {
                Ok(included) => self.wait(included, certain),
                Err(error) if certain => return Err(error),
                Err(_) => {}
            }
        }
        let mut led = false;
        for read in &named.reads {
            led |= self.read(path, read)?;
        }
        let texts = named.texts.iter().filter(|_| named.open);
        let texts: Vec<_> = texts.filter_map(|text| below(path, text)).collect();
        for text in texts
            .into_iter()
            .filter(|text| self.root.join(text).is_file())
        {
            led |= is_code(&text);
            self.take(text);
        }
        match named.unknown.first() {
            Some((line, call)) if certain && !led => Err(super::Error::Unknown {
                script: self.root.join(path),
                line: *line,
                call: call.clone(),
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// Reads a file that the file at `from` names; returns whether it exists. The function itself
    /// may write it.
    fn read(&mut self, from: &str, read: &str) -> Result<bool, Error> {
        let Some(path) = below(from, read) else {
            let folder = self.root.join(from);
            let outside = folder.parent().map(|folder| folder.join(read));
            // The script's own folder as a whole is no file of it.
            let exists = outside
                .is_some_and(|path| path.exists() && !self.root.starts_with(canonical(&path)));
            return match exists {
                true => Err(super::Error::Outside {
                    script: self.root.join(from),
                    path: read.to_owned(),
                }
                .into()),
                false => Ok(false),
            };
        };
        let exists = self.root.join(&path).exists();
        if exists {
            self.take(path);
        }
        Ok(exists)
    }

    fn take(&mut self, path: String) {
        match is_code(&path) && self.root.join(&path).is_file() {
            true => self.wait(path, false),
            false => self.data.push(path),
        }
    }

    fn wait(&mut self, path: String, certain: bool) {
        if self.seen.insert(path.clone()) {
            self.waiting.push((path, certain));
        }
    }
}

fn is_code(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "jl")
}

fn canonical(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The path in the script's folder of an include in the file at `from`: Julia resolves it relative
/// to that file.
/// <https://docs.julialang.org/en/v1/base/base/#include>
fn included_path(root: &Path, (from, text): (&str, &str), included: &str) -> Result<String, Error> {
    let wrong = |why| {
        let mut lines = text.lines().enumerate();
        let names = |line: &str| line.contains("include") && line.contains(included);
        let line = lines.find(|(_, line)| names(line)).map(|(at, _)| at + 1);
        Error::Include {
            included: included.to_owned(),
            why,
            at: line.and_then(|line| fault::span(text, line, None)),
            script: Arc::new(NamedSource::new(from, text.to_owned())),
            help: meant(root, from, included),
        }
    };
    let path = below(from, included).ok_or_else(|| wrong("is outside of the script's folder"))?;
    match root.join(&path).is_file() && !included.starts_with('/') {
        true => Ok(path),
        false => Err(wrong("is not a file in the script's folder")),
    }
}

/// What to do about an include of a missing file.
fn meant(root: &Path, from: &str, included: &str) -> String {
    let folder = root.join(from).with_file_name("").join(included);
    let entries = folder.parent().and_then(|folder| fs::read_dir(folder).ok());
    let names = entries.into_iter().flatten().flatten();
    let names: Vec<String> = names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let name = included.rsplit('/').next().unwrap_or(included);
    match nearest::name(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "put a script's files into its own folder or below; `source` may also be a package \
             directory"
                .to_owned()
        }
    }
}

/// The path in the script's folder of `path` in the file at `from`; `None` if it is outside of that
/// folder.
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

/// The files of a folder at a path in the script's folder, except those that are known.
fn folder_files(
    (disk, path): (&Path, &str),
    seen: &mut BTreeSet<String>,
    known: &mut HashCache,
) -> Result<Vec<ContextFile>, Error> {
    let all = context::walk(disk, known)?.into_iter().map(|file| {
        let path = format!("{path}/{}", file.path);
        ContextFile { path, ..file }
    });
    Ok(all.filter(|file| seen.insert(file.path.clone())).collect())
}
