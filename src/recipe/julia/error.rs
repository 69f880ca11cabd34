//! What is wrong with a responder in Julia, as far as it shows without Julia.

use miette::Diagnostic;
use thiserror::Error;

/// Why a responder in Julia has no recipe.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The package directory has no Project.toml, or not one of a package.
    #[error("the package of function `{function}` has no usable Project.toml: {why}")]
    #[diagnostic(help(
        "a package directory has a Project.toml with `name` and `uuid`, and `src/<name>.jl`"
    ))]
    Project {
        /// The function's key.
        function: String,
        /// What is wrong.
        why: String,
    },
    /// The package depends on what is no standard library.
    #[error(
        "the Project.toml of function `{function}` depends on {packages}, which this release of jot cannot install"
    )]
    #[diagnostic(help(
        "remove them from [deps] of the package's Project.toml: standard libraries are all that it may name for now"
    ))]
    Dependencies {
        /// The function's key.
        function: String,
        /// Their names.
        packages: String,
    },
    /// The handler is no name of a function.
    #[error("`handler = \"{handler}\"` of function `{function}` is no name of a Julia function")]
    #[diagnostic(help(
        "name a function of the responder, such as `increment_vector` or `Module.answer`"
    ))]
    Handler {
        /// The function's key.
        function: String,
        /// What the manifest says.
        handler: String,
    },
    /// A file of the source cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}
