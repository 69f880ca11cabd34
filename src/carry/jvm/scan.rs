//! Finds handlers in the sources of a project.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Handler, clojure, types};

/// The most files and folders that are read.
const ENTRIES: usize = 50_000;
/// How deep folders may nest.
const DEPTH: usize = 40;
/// Bytes of the largest source file that is read.
const FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Folders that hold no sources of handlers.
const SKIPPED: [&str; 9] = [
    "target",
    "build",
    "out",
    "bin",
    "node_modules",
    "test",
    "tests",
    "it",
    "cdk.out",
];

/// Returns the handlers of the project in the order of their names.
pub fn handlers(root: &Path, notes: &mut Vec<String>) -> Vec<Handler> {
    let mut classes = Vec::new();
    let (mut handlers, mut methods) = (Vec::new(), Vec::new());
    for file in sources(root, notes) {
        let Some(text) = text(&file) else {
            notes.push(format!("{} was not read for handlers.", shown(&file, root)));
            continue;
        };
        if !is_clojure(&file) {
            classes.extend(types::classes(&text, &file));
            continue;
        }
        match clojure::read(&text, &file) {
            Some(found) => {
                handlers.extend(found.handlers);
                methods.extend(found.methods);
            }
            None => notes.push(format!(
                "{} was not read for handlers: its brackets or strings do not match.",
                shown(&file, root)
            )),
        }
    }
    handlers.extend(types::handlers(&classes));
    if handlers.is_empty() && !methods.is_empty() {
        let names: Vec<_> = methods.iter().map(|one| one.name.as_str()).collect();
        notes.push(format!(
            "No class implements RequestHandler or RequestStreamHandler. Methods of `:gen-class` \
                were taken for handlers: {}. Delete the functions that are not.",
            names.join(", ")
        ));
        handlers = methods;
    }
    handlers.sort();
    handlers.dedup_by(|one, other| one.name == other.name);
    handlers
}

fn shown(file: &Path, root: &Path) -> String {
    file.strip_prefix(root)
        .unwrap_or(file)
        .display()
        .to_string()
}

fn text(file: &Path) -> Option<String> {
    let size = fs::metadata(file).ok()?.len();
    let bytes = (size <= FILE_BYTES).then(|| fs::read(file).ok())??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_clojure(file: &Path) -> bool {
    file.extension()
        .is_some_and(|ending| ending == "clj" || ending == "cljc")
}

fn is_source(file: &Path) -> bool {
    let ending = file.extension().unwrap_or_default();
    is_clojure(file)
        || ["java", "kt", "scala", "groovy"]
            .iter()
            .any(|one| ending == *one)
}

/// The source files below a folder in the order of their paths; links are not followed.
fn sources(root: &Path, notes: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![(root.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > ENTRIES {
                notes.push(format!(
                    "Only the first {ENTRIES} files of the project were searched for handlers."
                ));
                folders.clear();
                break;
            }
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let (path, name) = (entry.path(), entry.file_name());
            let hidden = name.to_string_lossy().starts_with('.');
            if kind.is_file() && is_source(&path) {
                files.push(path);
            } else if kind.is_dir() && !hidden && depth < DEPTH && !is_skipped(&path) {
                folders.push((path, depth + 1));
            }
        }
    }
    files.sort();
    files
}

/// Whether a folder contains build output or tests. A package may be called `test` too: below a
/// source folder, such a name counts only directly below `src`.
fn is_skipped(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default();
    let in_sources = folder
        .ancestors()
        .skip(2)
        .any(|above| above.file_name().is_some_and(|name| name == "src"));
    !in_sources && SKIPPED.iter().any(|skipped| name == *skipped)
}
