//! Recipes of functions with their own Dockerfile and any context.

mod error;
pub(crate) mod stages;
#[cfg(test)]
mod tests;

pub use crate::manifest::languages::Dockerfile as Table;
pub use error::Error;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    context,
    draft::Draft,
    error::unreadable,
    ignore,
    language::{Input, Made},
    source::Sources,
};
use crate::model::{ContextFile, Form, Hints, desired::Source};

/// The Dockerfile's name where the manifest names none.
const FILE: &str = "Dockerfile";

/// Returns the recipe of a function with a Dockerfile: the image that it builds, unchanged.
pub fn make(table: &Table, input: &Input, sources: &mut Sources) -> Result<Made, super::Error> {
    let folder = sources.folder(input.key, &table.source)?;
    let file = table.file.as_deref().unwrap_or(FILE);
    let path = dockerfile(input.key, &folder, file)?;
    let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
    if let Some(stage) = &table.stage {
        stages::check(input.key, &path, &text, stage)?;
    }
    let files = files(&folder, file, sources)?;
    let place = plain(file);
    let among = files.iter().any(|file| file.path == place);
    let source = source(&table.source, &files);
    let files = files.into_iter().map(|file| ("source", file));
    Ok(Made {
        base: None,
        code: Draft {
            dockerfile: text,
            files: files.collect(),
            settled: Vec::new(),
            args: BTreeMap::new(),
            dockerfile_path: among.then_some(place),
            stage: table.stage.clone(),
            runtime: None,
            titles: Vec::new(),
        },
        form: Form::Image,
        labels: BTreeMap::new(),
        native: false,
        source,
        hints: hints(),
        jit_budget: None,
    })
}

/// Hints for a program of any kind.
fn hints() -> Hints {
    let idle = (
        "it never asked Lambda's Runtime API for an invocation",
        "the image has to start a Lambda runtime, which gets \
         http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next again and again; if it \
         is one, its start took longer than Lambda allows",
    );
    Hints {
        idle: Some((idle.0.to_owned(), idle.1.to_owned())),
        ..Hints::default()
    }
}

/// Where the Dockerfile is.
fn dockerfile(key: &str, folder: &Path, file: &str) -> Result<PathBuf, Error> {
    let path = folder.join(file);
    match path.is_file() {
        true => Ok(path),
        false => Err(Error::NoDockerfile {
            function: key.to_owned(),
            path,
        }),
    }
}

/// The context: all files except those that `<file>.dockerignore` or, if that does not exist,
/// `.dockerignore` leaves out.
/// <https://docs.docker.com/build/concepts/context/#dockerignore-files>
fn files(
    folder: &Path,
    file: &str,
    sources: &mut Sources,
) -> Result<Vec<ContextFile>, super::Error> {
    let own = context::rules(&folder.join(format!("{file}.dockerignore")))?;
    let rules = match own {
        Some(rules) => rules,
        None => context::rules(&folder.join(ignore::FILE))?.unwrap_or_default(),
    };
    context::walk_by(folder, &rules, None, &mut sources.known)
}

/// A path without `./` and doubled slashes, as paths of a context are.
fn plain(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.collect::<Vec<_>>().join("/")
}

/// The parts of the source: its files, below the folder in the manifest.
fn source(place: &str, files: &[ContextFile]) -> Source {
    let folder = place.trim_end_matches('/');
    let files = files.iter().map(|file| {
        let mode = if file.executable { "x" } else { "-" };
        let path = format!("{folder}/{}", file.path);
        (path, format!("{mode}{}", &file.sha256[..16]))
    });
    Source {
        place: place.to_owned(),
        parts: files.collect(),
    }
}
