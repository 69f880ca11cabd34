//! Text files, read with a limit.

use std::{fs, io::Read, path::Path};

use super::error::Error;

/// The largest file that is read, in MB: states of large organizations have tens of them.
const LIMIT_MB: u64 = 256;

/// Reads a file as text, without a byte order mark.
///
/// # Errors
/// If it cannot be read, is too large or is not UTF-8.
pub fn text(path: &Path) -> Result<String, Error> {
    let unreadable = |cause| Error::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    let limit = LIMIT_MB * 1024 * 1024;
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            limit_mb: LIMIT_MB,
        });
    }
    let help = not_text(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| Error::NotText {
        path: path.to_owned(),
        help: help.to_owned(),
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// What to do about a file that is not text, by how it begins.
fn not_text(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"PK") {
        "convert a saved plan of Terraform to JSON with `terraform show -json PLAN > plan.json`"
    } else if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        "it is UTF-16, as PowerShell's `>` writes it: write it again with \
            `| Out-File -Encoding utf8 FILE`"
    } else {
        "save it as UTF-8"
    }
}
