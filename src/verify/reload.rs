//! Reloads changed files in a container.

use std::{fs, path::PathBuf, time::Duration};

use serde::Serialize;
use thiserror::Error;

use super::call::{CallError, Way, call};
use crate::model::{Fault, Recipe, hints::Reload, recipe::Content};

/// Why a reload failed.
#[derive(Debug, Error)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Unloaded {
    /// The container refused it: an error of the user's code.
    #[error("{}", .0.message)]
    Refused(Box<Fault>),
    #[error("cannot read {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    /// The container did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The container's answer is neither.
    #[error("the container does not load files")]
    Unknown,
}

#[derive(Serialize)]
struct Request<'a> {
    token: &'a str,
    main: &'a [String],
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    bytes: String,
}

/// Sends the files of a recipe to a container that was started with `token`, which loads them
/// within `limit`.
pub async fn reload(
    way: &Way,
    token: &str,
    (recipe, reload): (&Recipe, &Reload),
    limit: Duration,
) -> Result<(), Unloaded> {
    let sent = recipe.context.iter();
    let sent = sent.filter(|file| file.path.starts_with(&reload.folder));
    let files = sent.map(|file| {
        let bytes = match &file.content {
            Content::Bytes(bytes) => hex::encode(bytes),
            Content::Disk(path) => hex::encode(fs::read(path).map_err(|cause| Unloaded::File {
                path: path.clone(),
                cause,
            })?),
        };
        Ok(File {
            path: &file.path,
            bytes,
        })
    });
    let request = Request {
        token,
        main: &reload.main,
        files: files.collect::<Result<_, Unloaded>>()?,
    };
    let request = serde_json::to_vec(&request).map_err(|_| Unloaded::Unknown)?;
    let answer = call(way, &request, limit).await?;
    if answer.body == b"true" {
        return Ok(());
    }
    serde_json::from_slice(&answer.body).map_or(Err(Unloaded::Unknown), |fault| {
        Err(Unloaded::Refused(Box::new(fault)))
    })
}
