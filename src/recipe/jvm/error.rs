//! Errors of a JVM source that are detected without a build.

use miette::Diagnostic;
use thiserror::Error;

use crate::recipe;

/// Why a function for the JVM has no recipe.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error("function `{function}` has no handler")]
    #[diagnostic(help(
        "set `functions.{function}.handler` to the class that answers, such as \
         \"loader.core.Handler\""
    ))]
    NoHandler { function: String },
    /// The build is unknown.
    #[error("function `{function}`: the jars of {folder} are unknown")]
    #[diagnostic(help(
        "set `functions.{function}.jvm.classpath`, and `build` and `builder_image` if a command \
         builds the jars"
    ))]
    NoClassPath { function: String, folder: String },
    /// A module of a tool that has none.
    #[error("function `{function}`: {tool} cannot build a single module")]
    #[diagnostic(help(
        "remove `functions.{function}.jvm.module`, and set `source` to the module's folder"
    ))]
    NoModules {
        function: String,
        tool: &'static str,
    },
    #[error("`{pattern}` of `jvm.classpath` is not a glob")]
    #[diagnostic(help("use a path, or a pattern such as \"target/lib/*.jar\""))]
    Pattern { pattern: String },
}

impl From<Error> for recipe::Error {
    fn from(error: Error) -> Self {
        Self::of_language(&error)
    }
}
