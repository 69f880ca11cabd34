//! Has a container load changed files.

use std::{fs, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::call::{CallError, Way, call};
use crate::model::{Recipe, hints::Reload, recipe::Content};

/// Why what changed does not answer.
#[derive(Debug, Error)]
pub enum Unloaded {
    /// The container refused it: an error of the user's code.
    #[error("{message}")]
    Refused {
        /// What the language said.
        message: String,
        /// Where: `function at file:line`, innermost first.
        trace: Vec<String>,
    },
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The container did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What the container answered is neither.
    #[error("the container does not load files")]
    Unknown,
}

#[derive(Serialize)]
struct Request<'a> {
    token: &'a str,
    main: &'a str,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    bytes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fault {
    error_message: String,
    #[serde(default)]
    stack_trace: Vec<String>,
}

/// Sends the files of a recipe to a container that was started with `token`, which loads them within `limit`.
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
    let fault: Fault = serde_json::from_slice(&answer.body).map_err(|_| Unloaded::Unknown)?;
    Err(Unloaded::Refused {
        message: without_place(&fault.error_message, &reload.main).to_owned(),
        trace: fault.stack_trace,
    })
}

/// A message without the place in the generated file that begins it.
fn without_place<'a>(message: &'a str, main: &str) -> &'a str {
    match message.split_once(main) {
        Some((path, rest)) if !path.contains(' ') => rest
            .split_once(": ")
            .map_or(message, |(_, message)| message),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_what_jot_wrote_is_not_told() {
        let of = |message| without_place(message, "env/R/src/R.jl");
        assert_eq!(of("/tmp/1/env/R/src/R.jl:8: no f: at all"), "no f: at all");
        let own = "/tmp/1/env/R/src/f.jl:8: no f";
        assert_eq!(of(own), own);
        assert_eq!(of("see env/R/src/R.jl: no"), "see env/R/src/R.jl: no");
    }
}
