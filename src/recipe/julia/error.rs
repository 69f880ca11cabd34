//! Errors of a Julia source that are detected without Julia.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::recipe;

impl From<Error> for recipe::Error {
    fn from(error: Error) -> Self {
        let mut said = Self::of_language(&error);
        if let (Self::Language { cause, .. }, Error::Unreadable { cause: why, .. }) =
            (&mut said, error)
        {
            *cause = Some(why);
        }
        said
    }
}

/// Why a responder in Julia has no recipe.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    /// The package directory has no Project.toml, or not one of a package.
    #[error("the package of function `{function}` has no usable Project.toml: {why}")]
    #[diagnostic(help(
        "a package directory has a Project.toml with `name` and `uuid`, and `src/<name>.jl`"
    ))]
    Project { function: String, why: String },
    /// A dependency that is a folder of this machine.
    #[error(
        "the {file} of function `{function}` takes {package} from the folder {folder}, which no \
         image contains"
    )]
    #[diagnostic(help(
        "take it from a registry (`julia.registries` can add yours) or from git \
         (`Pkg.add(url = \"...\")`), or move its files into the package"
    ))]
    Folder {
        function: String,
        /// The file that says so.
        file: String,
        package: String,
        /// As written in that file.
        folder: String,
    },
    /// An include that cannot be resolved without running the script.
    #[error(
        "{}:{line}: `{call}` cannot be resolved, so the image may lack the included file",
        script.display()
    )]
    #[diagnostic(help(
        "write the file as `include(\"a.jl\")` or `include(joinpath(@__DIR__, \"a.jl\"))`, or its \
         folder as `joinpath(@__DIR__, \"folder\")`; of a package directory every file is in the \
         image"
    ))]
    Unknown {
        /// The script, or a file that it includes.
        script: PathBuf,
        line: usize,
        /// As written in that file.
        call: String,
    },
    /// A file that a script names and that is not in its folder.
    #[error("{} names `{path}`, which is outside of the script's folder", script.display())]
    #[diagnostic(help(
        "put a script's files into its own folder or below; `source` may also be a package \
         directory"
    ))]
    Outside {
        /// The script, or a file that it includes.
        script: PathBuf,
        /// As written in that file.
        path: String,
    },
    /// A line of the user that copies from the context, which has none of the user's files.
    #[error(
        "`{line}` in `build.dockerfile_extra` of function `{function}` copies a file that the \
         build does not have"
    )]
    #[diagnostic(help(
        "a here-document (`COPY <<END /etc/ca.pem`), `COPY --from=` an image and `ADD https://...` \
         work, and so does a `build.base_image` that has the file"
    ))]
    Copies { function: String, line: String },
    #[error(
        "`handler = \"{handler}\"` of function `{function}` is not the name of a Julia function"
    )]
    #[diagnostic(help(
        "name a function of the source, such as `increment_vector` or `Module.answer`"
    ))]
    Handler { function: String, handler: String },
    #[error("{path} cannot be read")]
    #[diagnostic(help("check that it exists and that you may read it"))]
    Unreadable {
        path: String,
        #[source]
        cause: std::io::Error,
    },
}
