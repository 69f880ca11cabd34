//! Why an archive cannot be made, or not one that Lambda accepts.

use std::{io, path::PathBuf};

use miette::Diagnostic;
use thiserror::Error as ThisError;

use super::limits::{LARGEST_SENT, UNPACKED};

const MIB: u64 = 1024 * 1024;

/// What can be wrong with an archive.
#[derive(Debug, ThisError, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    /// An entry's path leaves the archive, or cannot be unpacked on every system.
    #[error("`{path}` cannot be the path of a file in an archive")]
    #[diagnostic(help(
        "use a relative path with `/` between its parts, without `.`, `..` and backslashes"
    ))]
    Path { path: String },
    #[error("`{path}` is in the archive twice")]
    #[diagnostic(help("remove one of the two files"))]
    Twice { path: String },
    /// The format has no such time.
    #[error("the time of `{path}` must be between 1980 and 2107, got {seconds} s of Unix time")]
    Time { path: String, seconds: i64 },
    #[error("cannot read {}", path.display())]
    Read {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("cannot write the archive {}", path.display())]
    #[diagnostic(help("check the free space and the permissions of its folder"))]
    Write {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    /// Lambda has no room for what it holds.
    #[error(
        "the archive must unpack to less than {} MB with its layers, got {} MB",
        UNPACKED / MIB,
        mb(*unpacked)
    )]
    #[diagnostic(help(
        "leave files out, or use an image: `package = \"image\"` takes up to 10 GB"
    ))]
    TooLarge {
        /// Bytes of all entries.
        unpacked: u64,
    },
    /// Lambda takes it from S3 only, and no bucket is named.
    #[error(
        "without a bucket, the archive must be at most {} MB, got {} MB",
        LARGEST_SENT / MIB,
        mb(*size)
    )]
    #[diagnostic(help(
        "set `aws.bucket` in jot.toml to a bucket in the function's region, or use an image: \
         `package = \"image\"`"
    ))]
    NoBucket {
        /// Bytes of the archive.
        size: u64,
    },
    /// Lambda takes it from S3 only, and the bucket's name is unknown here.
    #[error(
        "without a bucket, the archive must be at most {} MB, got {} MB; `aws.bucket` is unknown \
         here: {place}",
        LARGEST_SENT / MIB,
        mb(*size)
    )]
    #[diagnostic(help(
        "run jot where {place} can be read, or write the bucket's name in jot.toml"
    ))]
    UnknownBucket {
        /// Bytes of the archive.
        size: u64,
        /// The reference to the name.
        place: String,
    },
}

/// Whole MB, rounded up, so that one byte too many shows.
fn mb(bytes: u64) -> u64 {
    bytes.div_ceil(MIB)
}
