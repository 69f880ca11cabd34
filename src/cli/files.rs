//! Files that commands write and read.

use std::{fs, io, path::Path};

use super::Error;

/// Writes a file atomically.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    write_atomically(path, text).map_err(|cause| Error::File {
        what: "write",
        path: path.to_owned(),
        cause,
    })
}

/// Like [`write()`], with the plain I/O error. An existing file keeps its permissions.
pub fn write_atomically(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("part");
    fs::write(&part, text)?;
    if let Ok(before) = fs::metadata(path) {
        fs::set_permissions(&part, before.permissions())?;
    }
    fs::rename(&part, path)
}
