//! SHA-256 of files, several at a time, and of values in an encoding without ambiguities.

use std::{
    fs::File,
    io::Read,
    num::NonZero,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use sha2::{Digest, Sha256};

use super::{
    context::Found,
    error::{Error, unreadable},
};
use crate::model::{Content, ContextFile, Fingerprint};

/// Returns the files with the SHA-256 of their bytes, in the order given. As many threads as there are processors
/// read them in pieces, so that memory does not grow with their size.
pub fn read(found: Vec<Found>) -> Result<Vec<ContextFile>, Error> {
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(found.len());
    let next = AtomicUsize::new(0);
    let mut hashes: Vec<(usize, String)> = Vec::with_capacity(found.len());
    thread::scope(|scope| -> Result<(), Error> {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| take(&found, &next)))
            .collect();
        for worker in workers {
            let part = worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            hashes.extend(part?);
        }
        Ok(())
    })?;
    hashes.sort_unstable();
    let files = found
        .into_iter()
        .zip(hashes)
        .map(|(found, (_, sha256))| ContextFile {
            path: found.path,
            executable: found.executable,
            sha256,
            content: Content::Disk(found.disk),
        });
    Ok(files.collect())
}

/// Hashes files that no other thread has taken, until none is left.
fn take(found: &[Found], next: &AtomicUsize) -> Result<Vec<(usize, String)>, Error> {
    let mut hashes = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(file) = found.get(index) else {
            return Ok(hashes);
        };
        hashes.push((index, of_file(&file.disk)?));
    }
}

/// Returns the lower-case hex SHA-256 of a file's bytes.
pub fn of_file(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(unreadable(path))?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hex::encode(hasher.finalize())),
            Ok(read) => hasher.update(&piece[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path)(error)),
        }
    }
}

/// Returns the lower-case hex SHA-256 of bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A SHA-256 over a sequence of values. Each value is preceded by its length as 8 bytes, little end first, and each
/// list by its count in the same form, so that no two sequences of the same shape give the same bytes; the first
/// value names what is hashed, so that digests of different things never meet.
pub struct Canonical(Sha256);

impl Canonical {
    /// Starts a digest of `domain`, such as `dev.jot.recipe.v1`.
    pub fn new(domain: &str) -> Self {
        Self(Sha256::new()).text(domain)
    }

    /// Adds a text.
    pub fn text(self, text: &str) -> Self {
        let mut counted = self.count(text.len());
        counted.0.update(text.as_bytes());
        counted
    }

    /// Adds the length of the list whose items follow.
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

    /// The digest.
    pub fn finish(self) -> Fingerprint {
        Fingerprint::from_bytes(self.0.finalize().into())
    }
}
