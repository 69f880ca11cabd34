//! What is wrong with a source for the JVM, as far as it shows without a build.

use miette::Diagnostic;
use thiserror::Error;

use crate::recipe;

/// Why a function for the JVM has no recipe.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Nothing says which class answers.
    #[error("function `{function}` has no handler")]
    #[diagnostic(help(
        "set `functions.{function}.handler` to the class that answers, such as \"loader.core.Handler\""
    ))]
    NoHandler {
        /// The function's key.
        function: String,
    },
    /// What is to be built is not known.
    #[error("function `{function}`: nothing says where the jars of {folder} are")]
    #[diagnostic(help(
        "set `functions.{function}.jvm.classpath`, and `build` and `builder_image` where a command makes the jars"
    ))]
    NoClassPath {
        /// The function's key.
        function: String,
        /// The folder.
        folder: String,
    },
    /// A module of a tool that has none.
    #[error("function `{function}`: {tool} builds no single module")]
    #[diagnostic(help(
        "remove `functions.{function}.jvm.module`, and name the module's folder in `source`"
    ))]
    NoModules {
        /// The function's key.
        function: String,
        /// The tool.
        tool: &'static str,
    },
    /// A pattern of `classpath` that cannot be read.
    #[error("`{pattern}` of `jvm.classpath` is not a glob")]
    #[diagnostic(help("give a path, or a pattern such as \"target/lib/*.jar\""))]
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
