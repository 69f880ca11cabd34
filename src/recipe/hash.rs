//! SHA-256 of files, in parallel, and of values in an unambiguous encoding.

use std::{
    fs::{self, File},
    io::{self, Read},
    num::NonZero,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use super::{
    error::{Error, unreadable},
    hash_cache::{Entry, HashCache, Stamp},
};
use crate::model::{Content, ContextFile, Fingerprint};

/// A file that was found and not yet read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Relative path with `/` between its parts.
    pub path: String,
    /// Where its bytes are, links resolved.
    pub disk: PathBuf,
}

/// The fewest files for one thread: starting a thread for fewer costs more than it saves.
const WORTH_A_THREAD: usize = 16;

/// A file with its stamp, read unless its hash was known.
struct Looked {
    executable: bool,
    sha256: [u8; 32],
    read: bool,
    /// When the hash holds, if it can be kept.
    stamp: Option<Stamp>,
}

/// Returns the files with the SHA-256 of their bytes, in the given order; files with a hash in
/// `known` are not read. As many threads as processors read the others in pieces, so that memory
/// does not grow with their size. A special file is an error; of several errors, the first file's
/// is returned.
pub fn read(found: Vec<Found>, known: &mut HashCache) -> Result<Vec<ContextFile>, Error> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(found.len() / WORTH_A_THREAD + 1);
    let next = AtomicUsize::new(0);
    let mut all: Vec<(usize, Result<Looked, Error>)> = Vec::with_capacity(found.len());
    thread::scope(|scope| {
        let (found, next, known) = (&found, &next, &*known);
        let others: Vec<_> = (1..threads)
            .map(|_| scope.spawn(move || take(found, next, known)))
            .collect();
        all.extend(take(found, next, known));
        for other in others {
            let part = other.join();
            all.extend(part.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    all.sort_unstable_by_key(|(index, _)| *index);
    let mut files = Vec::with_capacity(found.len());
    for (found, (_, looked)) in found.into_iter().zip(all) {
        files.push(file(found, looked?, known));
    }
    Ok(files)
}

fn file(found: Found, looked: Looked, known: &mut HashCache) -> ContextFile {
    let Looked {
        executable,
        sha256,
        read,
        stamp,
    } = looked;
    if read {
        known.count_read();
    }
    if let Some(stamp) = stamp {
        known.keep(&found.disk, Entry { stamp, sha256 });
    }
    ContextFile {
        path: found.path,
        executable,
        sha256: hex::encode(sha256),
        content: Content::Disk(found.disk),
    }
}

/// Hashes files that no other thread has taken, until none remains or one fails.
fn take(
    found: &[Found],
    next: &AtomicUsize,
    known: &HashCache,
) -> Vec<(usize, Result<Looked, Error>)> {
    let mut all = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(file) = found.get(index) else {
            return all;
        };
        let looked = look(&file.disk, known);
        if looked.is_err() {
            // The files before this one are taken already, the others need no look.
            next.store(found.len(), Ordering::Relaxed);
        }
        all.push((index, looked));
    }
}

fn look(path: &Path, known: &HashCache) -> Result<Looked, Error> {
    let about = fs::metadata(path).map_err(unreadable(path))?;
    if !about.is_file() {
        return Err(Error::Special {
            path: path.to_owned(),
        });
    }
    let executable = about.permissions().mode() & 0o100 != 0;
    let stamp = Stamp::of(&about);
    if let Some(entry) = known.find(path, &stamp) {
        return Ok(Looked {
            executable,
            sha256: entry.sha256,
            read: false,
            stamp: Some(stamp),
        });
    }
    let began = SystemTime::now();
    let mut file = File::open(path).map_err(unreadable(path))?;
    let sha256 = of_reader(&mut file).map_err(unreadable(path))?;
    let after = file.metadata().map_err(unreadable(path))?;
    let same = Stamp::of(&after) == stamp && known.at_rest(&stamp, began);
    Ok(Looked {
        executable,
        sha256,
        read: true,
        stamp: same.then_some(stamp),
    })
}

/// Returns the lower-case hex SHA-256 of a file's bytes, from `known` if it has it.
pub fn of_file(path: &Path, known: &mut HashCache) -> Result<String, Error> {
    let found = Found {
        path: String::new(),
        disk: path.to_owned(),
    };
    let looked = look(path, known)?;
    Ok(file(found, looked, known).sha256)
}

fn of_reader(file: &mut File) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(read) => hasher.update(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns the lower-case hex SHA-256 of bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A SHA-256 over a sequence of values. Each value is preceded by its length as 8 bytes in
/// little-endian order, and each list by its count in the same form, so that different sequences of
/// the same shape give different bytes. The first value names what is hashed, so that digests of
/// different kinds never collide.
pub struct Canonical(Sha256);

impl Canonical {
    /// Starts a digest of `domain`, such as `dev.jot.recipe.v1`.
    pub fn new(domain: &str) -> Self {
        Self(Sha256::new()).text(domain)
    }

    /// Adds a text, after its length in bytes.
    pub fn text(self, text: &str) -> Self {
        let mut counted = self.count(text.len());
        counted.0.update(text.as_bytes());
        counted
    }

    /// Adds the length of the list with the items that follow.
    pub fn count(mut self, count: usize) -> Self {
        self.0.update((count as u64).to_le_bytes());
        self
    }

    /// Adds a text that may be absent: a list of one or none.
    pub fn maybe(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.count(1).text(text),
            None => self.count(0),
        }
    }

    pub fn finish(self) -> Fingerprint {
        Fingerprint::from_bytes(self.0.finalize().into())
    }
}
