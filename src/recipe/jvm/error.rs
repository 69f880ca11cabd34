//! Errors of a JVM source that are detected without a build.

use miette::Diagnostic;
use thiserror::Error;

use crate::recipe;

/// Why a function for the JVM has no recipe.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Nothing says which class answers.
    #[error("function `{function}` has no handler")]
    #[diagnostic(help(
        "set `functions.{function}.handler` to the class that answers, such as \
         \"loader.core.Handler\""
    ))]
    NoHandler {
        /// The function's key.
        function: String,
    },
    /// The build is unknown.
    #[error("function `{function}`: the jars of {folder} are unknown")]
    #[diagnostic(help(
        "set `functions.{function}.jvm.classpath`, and `build` and `builder_image` if a command \
         builds the jars"
    ))]
    NoClassPath {
        /// The function's key.
        function: String,
        /// The folder.
        folder: String,
    },
    /// A module of a tool that has none.
    #[error("function `{function}`: {tool} cannot build a single module")]
    #[diagnostic(help(
        "remove `functions.{function}.jvm.module`, and set `source` to the module's folder"
    ))]
    NoModules {
        /// The function's key.
        function: String,
        /// The tool.
        tool: &'static str,
    },
    /// A pattern of `classpath` that cannot be read.
    #[error("`{pattern}` of `jvm.classpath` is not a glob")]
    #[diagnostic(help("use a path, or a pattern such as \"target/lib/*.jar\""))]
    Pattern {
        /// As written.
        pattern: String,
    },
}

impl From<Error> for recipe::Error {
    fn from(error: Error) -> Self {
        Self::of_language(&error)
    }
}
