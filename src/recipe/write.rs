//! A recipe as a folder that Docker can build.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use sha2::{Digest, Sha256};

use super::error::{Error, unreadable, unwritable};
use crate::model::{Content, ContextFile, Recipe};

/// Writes the Dockerfile and all files of the context into `dir`, which is created if it does not
/// exist and must otherwise be empty. A file that no longer has its SHA-256 is an error.
pub fn write_context(image: &Recipe, dir: &Path) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(unwritable(dir))?;
    if fs::read_dir(dir).map_err(unreadable(dir))?.next().is_some() {
        return Err(Error::NotEmpty {
            path: dir.to_owned(),
        });
    }
    if image.dockerfile_path.is_none() {
        let dockerfile = dir.join("Dockerfile");
        fs::write(&dockerfile, &image.dockerfile).map_err(unwritable(&dockerfile))?;
    }
    image
        .context
        .iter()
        .try_for_each(|file| write(file, &dir.join(&file.path)))
}

fn write(file: &ContextFile, to: &Path) -> Result<(), Error> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    let mut written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(to)
        .map_err(unwritable(to))?;
    match &file.content {
        Content::Bytes(bytes) => written.write_all(bytes).map_err(unwritable(to)),
        Content::Disk(from) => copy(from, &mut written, to, &file.sha256),
    }
}

/// Copies while hashing, so that what was written is what was fingerprinted.
fn copy(from: &Path, written: &mut fs::File, to: &Path, sha256: &str) -> Result<(), Error> {
    let mut hashing = Hashing {
        file: fs::File::open(from).map_err(unreadable(from))?,
        hasher: Sha256::new(),
    };
    io::copy(&mut hashing, written).map_err(unwritable(to))?;
    match hex::encode(hashing.hasher.finalize()) == sha256 {
        true => Ok(()),
        false => Err(Error::Changed {
            path: from.to_owned(),
        }),
    }
}

/// A file that is hashed while it is read.
struct Hashing {
    file: fs::File,
    hasher: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}
