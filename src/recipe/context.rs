//! The files of a source folder that are part of a build.
//!
//! Modification times, owners and the folder's own path have no influence. A symbolic link is
//! followed: its target becomes a regular file (or folder) of the context under the link's name,
//! and must be inside the source.

use std::{
    collections::BTreeMap,
    fs::{self, DirEntry, FileType},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::{
    error::{Error, unreadable},
    hash::{self, Found},
    hash_cache::HashCache,
    ignore::{self, Rules},
};
use crate::model::{Content, ContextFile};

/// Returns the regular files below `source`, hashed and sorted by path, except those that its
/// `.dockerignore` leaves out, version control folders, editors' temporary files, and the
/// `.dockerignore` itself. Unless they are left out, links out of the source, special files such as
/// sockets, and names that are not UTF-8 are errors.
pub fn walk(source: &Path, known: &mut HashCache) -> Result<Vec<ContextFile>, Error> {
    let rules = rules(&source.join(ignore::FILE))?.unwrap_or_default();
    walk_by(source, &rules, Some(ignore::FILE), known)
}

/// The same by these rules, less the file at `but`.
pub fn walk_by(
    source: &Path,
    rules: &Rules,
    but: Option<&str>,
    known: &mut HashCache,
) -> Result<Vec<ContextFile>, Error> {
    let root = source.canonicalize().map_err(unreadable(source))?;
    let mut walk = Walk {
        root: &root,
        rules,
        but,
        found: Vec::new(),
    };
    walk.folder(&root, "", &mut vec![root.clone()])?;
    let mut files = hash::read(walk.found, known)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Returns the file at `disk` as part of a context under `path`; `disk` must be in `root` after
/// links are resolved.
pub fn found(root: &Path, disk: &Path, path: String) -> Result<Found, Error> {
    let disk = contained(root, disk)?;
    Ok(Found { path, disk })
}

/// Returns a file that jot makes.
pub fn made(path: impl Into<String>, executable: bool, bytes: Vec<u8>) -> ContextFile {
    ContextFile {
        path: path.into(),
        executable,
        sha256: hash::of_bytes(&bytes),
        content: Content::Bytes(bytes.into()),
    }
}

/// Returns a file that is a part of jot. Its text is neither copied nor hashed for each function
/// that needs it.
pub fn embedded(path: impl Into<String>, text: &'static str) -> ContextFile {
    /// Hashes by address and length: a static text never moves.
    static KNOWN: Mutex<BTreeMap<(usize, usize), String>> = Mutex::new(BTreeMap::new());
    let at = (text.as_ptr().addr(), text.len());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let sha256 = known
        .entry(at)
        .or_insert_with(|| hash::of_bytes(text.as_bytes()));
    ContextFile {
        path: path.into(),
        executable: false,
        sha256: sha256.clone(),
        content: Content::Bytes(text.as_bytes().into()),
    }
}

/// Returns the rules that a file holds; `None` where it does not exist.
pub fn rules(path: &Path) -> Result<Option<Rules>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path)(error)),
    };
    let rules = ignore::parse(&text).map_err(|line| Error::Ignore {
        path: path.to_owned(),
        line,
    });
    rules.map(Some)
}

struct Walk<'a> {
    root: &'a Path,
    rules: &'a Rules,
    /// A file that is left out.
    but: Option<&'a str>,
    found: Vec<Found>,
}

impl Walk<'_> {
    /// Adds the content of a folder. `disk` is the last of `above`, the folders on the way here
    /// with links resolved.
    fn folder(
        &mut self,
        disk: &Path,
        relative: &str,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), Error> {
        let entries = fs::read_dir(disk).and_then(Iterator::collect);
        let mut entries: Vec<DirEntry> = entries.map_err(unreadable(disk))?;
        // Names within one folder are short: sorting them here saves most of the work of sorting
        // whole paths.
        entries.sort_by_cached_key(DirEntry::file_name);
        for entry in entries {
            let disk = entry.path();
            let kind = entry.file_type().map_err(unreadable(&disk))?;
            let name = disk.file_name().unwrap_or_default();
            let name = name
                .to_str()
                .ok_or_else(|| Error::NotUnicode { path: disk.clone() })?;
            let path = match relative {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            if !ignore::never_wanted(name) && self.but != Some(path.as_str()) {
                self.entry(disk, kind, path, above)?;
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        disk: PathBuf,
        kind: FileType,
        path: String,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), Error> {
        // An ignored link to a folder is never followed.
        let ignored = self.rules.ignore(&path);
        if ignored && (self.rules.have_no_exceptions() || !kind.is_dir()) {
            return Ok(());
        }
        // Only links lead elsewhere: the folder's own path is resolved already.
        let (real, is_folder) = match kind.is_symlink() {
            false => (disk, kind.is_dir()),
            true => {
                let real = contained(self.root, &disk)?;
                let is_folder = real.is_dir();
                if is_folder && above.contains(&real) {
                    return Err(Error::Loop {
                        link: disk,
                        target: real,
                    });
                }
                (real, is_folder)
            }
        };
        if !is_folder {
            self.found.push(Found { path, disk: real });
            return Ok(());
        }
        above.push(real.clone());
        self.folder(&real, &path, above)?;
        above.pop();
        Ok(())
    }
}

/// The target of a path after links are resolved; an error if it is outside of `root`, which must
/// be canonical.
fn contained(root: &Path, disk: &Path) -> Result<PathBuf, Error> {
    let link = fs::read_link(disk).ok();
    let real = match (disk.canonicalize(), &link) {
        (Ok(real), _) => real,
        (Err(_), Some(target)) => {
            return Err(Error::Dangling {
                link: disk.to_owned(),
                target: target.clone(),
            });
        }
        (Err(error), None) => return Err(unreadable(disk)(error)),
    };
    match real.starts_with(root) {
        true => Ok(real),
        false => Err(Error::Leaves {
            link: disk.to_owned(),
            target: link.unwrap_or(real),
        }),
    }
}
