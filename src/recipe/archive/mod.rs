//! Reproducible zip archives: Lambda's packages, and the jars in them.
//!
//! The entries alone determine an archive; their order, the clock, the time zone, the umask and the
//! folder that they come from have no influence. Its bytes also depend on the compressor, so
//! archives are compared only by the hash of both.

mod error;
mod limits;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, Write},
    path::Path,
};

use jiff::{Timestamp, civil::DateTime as CivilTime, tz::TimeZone};
use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter, write::SimpleFileOptions};

pub use error::Error;
pub use limits::{LARGEST_SENT, UNPACKED};

use crate::model::{Content, ContextFile, Digest, Reference, desired::Aws};

/// The time of an entry without one: 2000-01-01, in seconds of Unix time.
pub const FIXED_TIME: i64 = 946_684_800;

/// The highest level of deflate: an archive is made once and sent often.
const LEVEL: i64 = 9;
const READABLE: u32 = 0o644;
const EXECUTABLE: u32 = 0o755;
/// How much of a file is read at once.
const BLOCK: usize = 64 * 1024;

/// One file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative path with `/` between its parts.
    pub path: String,
    /// Whether it may be executed: mode 0755, else 0644.
    pub executable: bool,
    /// Seconds of Unix time from 1980 to 2107, in UTC. The format stores even seconds only, so an
    /// odd one is rounded down.
    pub modified: i64,
    /// The bytes, or where they are.
    pub content: Content,
}

/// An archive that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// SHA-256 of its bytes; [`Digest::code_sha256`] is Lambda's form of it.
    pub digest: Digest,
    /// Size of the archive in bytes.
    pub size: u64,
    /// The bytes of its entries.
    pub unpacked: u64,
}

impl Archive {
    /// Whether Lambda takes it from S3 only.
    pub fn needs_bucket(&self) -> bool {
        self.size > LARGEST_SENT
    }

    /// Checks it against Lambda's limits; a large one needs a bucket.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::NoBucket`], [`Error::UnknownBucket`].
    pub fn check(&self, aws: &Aws) -> Result<(), Error> {
        if self.unpacked >= UNPACKED {
            return Err(Error::TooLarge {
                unpacked: self.unpacked,
            });
        }
        if self.needs_bucket() {
            bucket(aws, self.size)?;
        }
        Ok(())
    }
}

/// The bucket for an archive of this size.
///
/// # Errors
/// [`Error::NoBucket`], [`Error::UnknownBucket`].
pub fn bucket(aws: &Aws, size: u64) -> Result<&str, Error> {
    match (
        &aws.bucket,
        aws.reference.as_ref().and_then(Reference::unknown),
    ) {
        (Some(bucket), _) => Ok(bucket),
        (None, Some(origin)) => Err(Error::UnknownBucket {
            size,
            place: origin.to_string(),
        }),
        (None, None) => Err(Error::NoBucket { size }),
    }
}

/// Writes an archive of these entries to `file`, replacing an existing one.
///
/// # Errors
/// [`Error::Path`], [`Error::Twice`] and [`Error::Time`] for entries that an archive cannot
/// contain, [`Error::Read`] and [`Error::Write`] for files.
pub fn write(entries: Vec<Entry>, file: &Path) -> Result<Archive, Error> {
    let failed = |cause| Error::Write {
        path: file.to_owned(),
        cause,
    };
    let open = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(file);
    let (mut open, unpacked) = pack(entries, open.map_err(failed)?, &failed)?;
    open.rewind().map_err(failed)?;
    let (digest, size) = hashed(open).map_err(failed)?;
    Ok(Archive {
        digest,
        size,
        unpacked,
    })
}

/// As [`write()`], in memory: for a jar that is itself an entry.
///
/// # Errors
/// As [`write()`].
pub fn bytes(entries: Vec<Entry>) -> Result<Vec<u8>, Error> {
    let failed = |cause| Error::Write {
        path: "memory".into(),
        cause,
    };
    let (cursor, _) = pack(entries, Cursor::new(Vec::new()), &failed)?;
    Ok(cursor.into_inner())
}

/// The bytes of all entries together, and where they were written to.
fn pack<W: Write + Seek>(
    mut entries: Vec<Entry>,
    to: W,
    failed: &impl Fn(io::Error) -> Error,
) -> Result<(W, u64), Error> {
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    for pair in entries.windows(2) {
        if pair[0].path == pair[1].path {
            return Err(Error::Twice {
                path: pair[0].path.clone(),
            });
        }
    }
    let mut archive = ZipWriter::new(to);
    let mut unpacked = 0;
    for entry in &entries {
        let options = options(entry)?;
        let started = archive.start_file(&entry.path, options);
        started.map_err(|cause| failed(cause.into()))?;
        unpacked += add(entry, &mut archive, failed)?;
    }
    let written = archive.finish().map_err(|cause| failed(cause.into()))?;
    Ok((written, unpacked))
}

fn options(entry: &Entry) -> Result<SimpleFileOptions, Error> {
    if !is_relative(&entry.path) {
        return Err(Error::Path {
            path: entry.path.clone(),
        });
    }
    let mode = match entry.executable {
        true => EXECUTABLE,
        false => READABLE,
    };
    Ok(SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(time(entry)?)
        .unix_permissions(mode)
        .system(System::Unix))
}

/// Whether Lambda would unpack it below `/var/task`.
fn is_relative(path: &str) -> bool {
    let unusual = |part: &str| part.is_empty() || part == "." || part == "..";
    !path.contains(['\\', '\0']) && !path.split('/').any(unusual)
}

/// The time of an entry as the format has it, in UTC.
fn time(entry: &Entry) -> Result<DateTime, Error> {
    let civil = Timestamp::from_second(entry.modified)
        .map(|at| TimeZone::UTC.to_datetime(at))
        .ok();
    civil.and_then(of_civil).ok_or_else(|| Error::Time {
        path: entry.path.clone(),
        seconds: entry.modified,
    })
}

fn of_civil(at: CivilTime) -> Option<DateTime> {
    let part = |value: i8| u8::try_from(value).ok();
    DateTime::from_date_and_time(
        at.year().try_into().ok()?,
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())? & !1,
    )
    .ok()
}

/// Adds an entry's bytes, and gives their number.
fn add(
    entry: &Entry,
    archive: &mut impl Write,
    failed: &impl Fn(io::Error) -> Error,
) -> Result<u64, Error> {
    let path = match &entry.content {
        Content::Bytes(bytes) => {
            archive.write_all(bytes).map_err(failed)?;
            return Ok(bytes.len() as u64);
        }
        Content::Disk(path) => path,
    };
    let unread = |cause| Error::Read {
        path: path.clone(),
        cause,
    };
    let mut file = File::open(path).map_err(unread)?;
    let mut block = vec![0; BLOCK];
    let mut size = 0;
    loop {
        let read = file.read(&mut block).map_err(unread)?;
        if read == 0 {
            return Ok(size);
        }
        archive.write_all(&block[..read]).map_err(failed)?;
        size += read as u64;
    }
}

/// Unpacks an archive that [`write()`] wrote into an empty folder, under generated names; returns
/// its files by their paths.
///
/// # Errors
/// [`Error::Read`] for a file that is not an archive, [`Error::Write`].
pub fn unpack(file: &Path, folder: &Path) -> Result<Vec<ContextFile>, Error> {
    let unread = |cause: io::Error| Error::Read {
        path: file.to_owned(),
        cause,
    };
    let open = File::open(file).map_err(unread)?;
    let mut archive = ZipArchive::new(open).map_err(|cause| unread(cause.into()))?;
    let files = (0..archive.len()).map(|number| {
        let entry = archive.by_index(number);
        let mut entry = entry.map_err(|cause| unread(cause.into()))?;
        let at = folder.join(number.to_string());
        let unwritten = |cause| Error::Write {
            path: at.clone(),
            cause,
        };
        let mut to = File::create(&at).map_err(unwritten)?;
        io::copy(&mut entry, &mut to).map_err(unwritten)?;
        let (digest, _) = digest(&at).map_err(unread)?;
        let path = entry.name().map_err(|cause| unread(cause.into()))?;
        Ok(ContextFile {
            path: path.into_owned(),
            executable: entry.unix_mode().is_some_and(|mode| mode & 0o100 != 0),
            sha256: digest.hex().to_owned(),
            content: Content::Disk(at),
        })
    });
    files.collect()
}

/// The digest of a file's bytes, and its size.
///
/// # Errors
/// The file cannot be read.
pub fn digest(file: &Path) -> io::Result<(Digest, u64)> {
    hashed(File::open(file)?)
}

/// The SHA-256 of all that can be read, and its length.
fn hashed(mut from: impl Read) -> io::Result<(Digest, u64)> {
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut size = 0;
    loop {
        let read = from.read(&mut block)?;
        if read == 0 {
            return Ok((Digest::from_bytes(hash.finalize().into()), size));
        }
        hash.update(&block[..read]);
        size += read as u64;
    }
}
