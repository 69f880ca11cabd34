//! What is wrong with a Dockerfile, as far as it shows without a build.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::recipe;

/// Why a function with a Dockerfile has no recipe.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error("function `{function}`: {} does not exist", path.display())]
    #[diagnostic(help(
        "set `functions.{function}.dockerfile.file` to a Dockerfile relative to `source`; default \
         `Dockerfile`"
    ))]
    NoDockerfile { function: String, path: PathBuf },
    #[error("function `{function}`: {} has no stage `{stage}`", path.display())]
    #[diagnostic(help("{}", known(stages)))]
    NoStage {
        function: String,
        path: PathBuf,
        /// As the manifest names it.
        stage: String,
        /// Those that it has.
        stages: Vec<String>,
    },
}

impl From<Error> for recipe::Error {
    fn from(error: Error) -> Self {
        Self::of_language(&error)
    }
}

fn known(stages: &[String]) -> String {
    match stages {
        [] => "name a stage with `FROM ... AS name`, or remove `stage`".to_owned(),
        some => format!("its stages are {}", some.join(", ")),
    }
}
