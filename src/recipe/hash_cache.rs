//! Hashes that earlier runs computed, so that an unchanged file is not read again.
//!
//! A file is unchanged if its size, inode and both times, to the nanosecond, are those under which
//! it was read. Setting the modification time back still changes the time of the change, which no
//! program can set. As in git's index, a file that changed shortly before it was read is not
//! recorded, because a second change within the same tick of the file system's clock would not be
//! visible.
//! <https://git-scm.com/docs/racy-git>
//!
//! The hashes are only a cache: a file that is broken, belongs to another project, or cannot be
//! read or written is ignored.

use std::{
    collections::HashMap,
    fs::{self, Metadata},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the file begins with; another number is another format.
const FORMAT: &[u8] = b"jot hashes 1\n";
/// Bytes of the SHA-256 between [`FORMAT`] and the entries.
const SUM: usize = 32;
/// How long a file must have been unchanged before it was read: file systems record times in steps
/// of at most 2 s (FAT).
const REST: Duration = Duration::from_secs(2);

/// What distinguishes two contents of one path without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    size: u64,
    inode: u64,
    /// Of the content, in nanoseconds since 1970.
    modified: i128,
    /// Of the inode, owner and mode included.
    changed: i128,
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(about: &Metadata) -> Self {
        let nanos =
            |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Self {
            size: about.size(),
            inode: about.ino(),
            modified: nanos(about.mtime(), about.mtime_nsec()),
            changed: nanos(about.ctime(), about.ctime_nsec()),
        }
    }
}

/// A file's hash, and when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Of the file when it was read.
    pub stamp: Stamp,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// A kept entry. On the disk it is the entry alone.
#[derive(Debug, Serialize, Deserialize)]
struct Held {
    entry: Entry,
    /// Whether this run needed it.
    #[serde(skip)]
    used: bool,
}

/// By absolute path. A hash map, because the paths can be many and are slow to sort.
type Entries = HashMap<String, Held>;

/// What is kept on the disk.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The folder of the manifest, for which this is.
    root: String,
    entries: Entries,
}

/// The hashes of one project's files: those of earlier runs, and those that this run added.
#[derive(Debug, Default)]
pub struct HashCache {
    /// Where they are kept, and for which folder.
    place: Option<(PathBuf, String)>,
    entries: Entries,
    /// Whether the entries are others than those on the disk.
    changed: bool,
    rest: Duration,
    /// Files that this run read.
    read: usize,
}

impl HashCache {
    /// Returns the hashes of earlier runs from jot's cache folder for the project at `root`; none
    /// if the file is broken.
    pub fn load(cache: Option<&Path>, root: &Path) -> Self {
        let place = cache.zip(root.to_str()).map(|(cache, root)| {
            let name = hex::encode(&Sha256::digest(root.as_bytes())[..8]);
            (cache.join("hashes").join(name), root.to_owned())
        });
        let kept = place.as_ref().and_then(|(path, root)| {
            let kept = decode(&fs::read(path).ok()?)?;
            (kept.root == *root).then_some(kept.entries)
        });
        Self {
            entries: kept.unwrap_or_default(),
            changed: false,
            rest: REST,
            place,
            read: 0,
        }
    }

    /// The same, for file systems with finer times.
    #[cfg(test)]
    pub fn resting(self, rest: Duration) -> Self {
        Self { rest, ..self }
    }

    /// Returns the hash of a file that has not changed since it was read.
    pub fn find(&self, path: &Path, stamp: &Stamp) -> Option<Entry> {
        let entry = self.entries.get(path.to_str()?)?.entry;
        (entry.stamp == *stamp).then_some(entry)
    }

    /// Returns whether a file with this stamp can be distinguished from all later ones, if reading
    /// it began at `began`.
    pub fn at_rest(&self, stamp: &Stamp, began: SystemTime) -> bool {
        let began = began.duration_since(UNIX_EPOCH).unwrap_or_default();
        let newest = stamp.modified.max(stamp.changed);
        i128::try_from(began.saturating_sub(self.rest).as_nanos()).is_ok_and(|began| newest < began)
    }

    /// Returns how many files this run had to read.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Counts a file that was read.
    pub fn count_read(&mut self) {
        self.read += 1;
    }

    /// Keeps the hash of a file.
    pub fn keep(&mut self, path: &Path, entry: Entry) {
        let Some(path) = path.to_str() else {
            return;
        };
        if let Some(held) = self.entries.get_mut(path) {
            self.changed |= held.entry != entry;
            *held = Held { entry, used: true };
            return;
        }
        self.changed = true;
        self.entries
            .insert(path.to_owned(), Held { entry, used: true });
    }

    /// Writes the hashes for the next run, atomically, if they changed. Hashes that this run did
    /// not use (of functions outside of its selection, of another target) stay until they outnumber
    /// those that it used.
    pub fn save(mut self) {
        let Some((path, root)) = self.place else {
            return;
        };
        let used = self.entries.values().filter(|held| held.used).count();
        if self.entries.len() - used > used {
            self.entries.retain(|_, held| held.used);
            self.changed = true;
        }
        if !self.changed {
            return;
        }
        let entries = self.entries;
        if let Err(error) = write(&path, &Kept { root, entries }) {
            tracing::debug!(%error, path = %path.display(), "hashes were not saved");
        }
    }
}

/// Returns the files in a cache folder with hashes of a folder that no longer exists.
pub fn forgotten(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.join("hashes")).into_iter().flatten();
    let files = entries.flatten().map(|entry| entry.path());
    let gone = |path: &PathBuf| {
        let kept = fs::read(path).ok().and_then(|bytes| decode(&bytes));
        kept.is_some_and(|kept| !Path::new(&kept.root).exists())
    };
    files.filter(gone).collect()
}

fn decode(bytes: &[u8]) -> Option<Kept> {
    let (sum, entries) = bytes.strip_prefix(FORMAT)?.split_at_checked(SUM)?;
    if Sha256::digest(entries)[..] != *sum {
        return None;
    }
    postcard::from_bytes(entries).ok()
}

fn encode(kept: &Kept) -> io::Result<Vec<u8>> {
    let entries = postcard::to_stdvec(kept).map_err(io::Error::other)?;
    Ok([FORMAT, &Sha256::digest(&entries), &entries].concat())
}

/// Writes next to the file first, under a name that no other jot uses.
fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    let bytes = encode(kept)?;
    let folder = path.parent().unwrap_or(path);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // Nothing more can be done where even this fails.
        let _ = fs::remove_file(&part);
    }
    written
}
