//! Files that commands write and read.

use std::{fs, path::Path};

use super::Error;
use crate::model::Plan;

/// Writes a file whole or not at all.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    let part = path.with_extension("part");
    let written = fs::write(&part, text).and_then(|()| fs::rename(&part, path));
    written.map_err(|cause| Error::File {
        what: "write",
        path: path.to_owned(),
        cause,
    })
}

/// Reads a plan that `jot plan --out` saved.
pub fn read_plan(path: &Path) -> Result<Plan, Error> {
    let text = fs::read_to_string(path);
    let text = text.map_err(|cause| Error::File {
        what: "read",
        path: path.to_owned(),
        cause,
    })?;
    serde_json::from_str(&text).map_err(|cause| Error::NoPlan {
        path: path.to_owned(),
        cause,
    })
}

/// The text of a plan to save.
pub fn saved(plan: &Plan) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(plan);
    text.map(|text| text + "\n").map_err(|cause| Error::Output {
        cause: cause.into(),
    })
}
