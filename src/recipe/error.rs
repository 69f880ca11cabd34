//! Why a manifest does not become a recipe.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use super::ignore::BadLine;
use crate::{manifest::nearest, model::config::ENVIRONMENT_BYTES};

/// What can be in the way between a manifest and what it asks for.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    /// A name or glob of the command line that names no function.
    #[error("no function matches `{pattern}`")]
    #[diagnostic(help("{}", meant(pattern, functions)))]
    NoMatch {
        pattern: String,
        /// Keys of all functions.
        functions: Vec<String>,
    },
    /// A glob that names several functions where one is meant.
    #[error("`{pattern}` matches {} functions, but this command takes one", matched.len())]
    #[diagnostic(help("name one of {}", listed(matched)))]
    Several {
        pattern: String,
        matched: Vec<String>,
    },
    /// No function is named, and the manifest does not have exactly one.
    #[error("no function is named, but jot.toml declares {}", functions.len())]
    #[diagnostic(help("{}", one_of(functions)))]
    Unnamed {
        /// Keys of all functions.
        functions: Vec<String>,
    },
    #[error("`{pattern}` is not a glob")]
    #[diagnostic(help("use a function's key, or a pattern such as 'increment-*'"))]
    Glob {
        pattern: String,
        #[source]
        cause: globset::Error,
    },
    #[error("function `{function}` has no source")]
    #[diagnostic(help(
        "add a language's table to `[functions.{function}]`, such as those of jot.example.toml"
    ))]
    NoLanguage { function: String },
    #[error("function `{function}`: {} does not exist", path.display())]
    #[diagnostic(help(
        "set `source` of `functions.{function}` to a file or folder, relative to the manifest"
    ))]
    NoSource { function: String, path: PathBuf },
    /// The environment has no room in Lambda, with the values of this machine.
    #[error(
        "the environment of function {function} must be at most {ENVIRONMENT_BYTES} bytes, got \
         {bytes} with the values of this machine"
    )]
    #[diagnostic(help(
        "Lambda counts names and values as one JSON object; shorten the from_env values of \
         `functions.{function}.environment`, or have the function read large values from S3 or \
         Parameter Store"
    ))]
    EnvironmentTooLarge {
        function: String,
        /// The bytes of names and values, as Lambda counts them.
        bytes: usize,
    },
    #[error("{} is not JSON", path.display())]
    #[diagnostic(help("set `functions.<key>.policy_file` to a file with one policy document"))]
    Policy {
        path: PathBuf,
        #[source]
        cause: serde_json::Error,
    },
    /// A source in a git repository that was not fetched.
    #[error("function `{function}`: {rev} of {url} is not in jot's cache")]
    #[diagnostic(help("`jot build {function}` fetches it"))]
    NotFetched {
        function: String,
        url: String,
        /// The branch, tag or commit.
        rev: String,
    },
    #[error("{} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{} cannot be written", path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    /// A link that leads out of the source.
    #[error("{} links out of the source, to {}", link.display(), target.display())]
    #[diagnostic(help("copy its target into the source, or name the link in .dockerignore"))]
    Leaves {
        link: PathBuf,
        /// What it says, or what it resolves to.
        target: PathBuf,
    },
    #[error("{} links to {}, which does not exist", link.display(), target.display())]
    #[diagnostic(help("remove the link, or name it in .dockerignore"))]
    Dangling { link: PathBuf, target: PathBuf },
    #[error("{} links to {}, which contains it", link.display(), target.display())]
    #[diagnostic(help("remove the link, or name it in .dockerignore"))]
    Loop { link: PathBuf, target: PathBuf },
    #[error("{} is neither a file nor a folder", path.display())]
    #[diagnostic(help("remove it, or name it in .dockerignore"))]
    Special {
        /// The socket, pipe or device.
        path: PathBuf,
    },
    /// A name that is no text.
    #[error("the name of {} is not UTF-8", path.display())]
    #[diagnostic(help("rename it, or name its folder in .dockerignore"))]
    NotUnicode { path: PathBuf },
    /// A line of a `.dockerignore` that Docker would not take either.
    #[error("{}:{}: `{}` is not a pattern: {}", path.display(), line.number, line.text, line.why)]
    #[diagnostic(help(
        "patterns: https://docs.docker.com/build/concepts/context/#dockerignore-files"
    ))]
    Ignore { path: PathBuf, line: BadLine },
    /// A script includes a file that does not exist, or is not in its folder.
    #[error("the included `{included}` {why}")]
    Include {
        /// As written in the script.
        included: String,
        /// What is wrong, as the end of a sentence.
        why: &'static str,
        /// The file that includes.
        #[source_code]
        script: Arc<NamedSource<String>>,
        #[label("here")]
        at: Option<SourceSpan>,
        #[help]
        help: String,
    },
    /// What a language says of its source.
    #[error("{message}")]
    #[diagnostic(help("{help}"))]
    Language {
        message: String,
        help: String,
        #[source]
        cause: Option<io::Error>,
    },
    /// A test without an argument, or without a name of its own.
    #[error("function `{function}`, test `{test}`: {what}")]
    #[diagnostic(help("{help}"))]
    Test {
        function: String,
        test: String,
        what: &'static str,
        help: &'static str,
    },
    /// A test with an argument or answer that is not JSON.
    #[error("function `{function}`, test `{test}`: `{key}` is not JSON")]
    #[diagnostic(help("put strings and keys in double quotes, and write nothing after the value"))]
    TestJson {
        function: String,
        test: String,
        /// The key of the test, such as `argument_file`.
        key: String,
        #[source]
        cause: serde_json::Error,
    },
    #[error("the settings of a function cannot be serialized as JSON")]
    Digest(#[source] serde_json::Error),
    #[error("two files of the build would both be `{path}`")]
    #[diagnostic(help("rename the one in the source"))]
    Twice {
        /// Path in the context.
        path: String,
    },
    /// A name that jot keeps for itself.
    #[error("function `{function}`: `{key}.{name}` is set by jot itself")]
    #[diagnostic(help("choose another name in `functions.{function}.{key}`"))]
    Reserved {
        function: String,
        key: &'static str,
        name: String,
    },
    /// A name that a tag cannot contain.
    #[error("`{value}` cannot be the value of the tag `{tag}`")]
    #[diagnostic(help("use letters, digits, spaces and + - = . _ : / @, at most 256 of them"))]
    Tag { tag: &'static str, value: String },
    /// AWS's emulator is needed, but no folder can store it.
    #[error("no folder is known for AWS's Lambda emulator")]
    #[diagnostic(help(
        "set JOT_RIE to the path of an aws-lambda-rie, or HOME or XDG_CACHE_HOME to an absolute \
         path"
    ))]
    NoCache,
    /// A folder that was to be empty.
    #[error("{} is not empty", path.display())]
    #[diagnostic(help("pass a folder that is empty or does not exist to `--context`"))]
    NotEmpty { path: PathBuf },
    /// A file that is not what was hashed.
    #[error("{} changed while it was read", path.display())]
    #[diagnostic(help("run the command again"))]
    Changed { path: PathBuf },
}

impl Error {
    /// What a language says of its source, with its words and its help.
    pub(super) fn of_language(said: &impl Diagnostic) -> Self {
        let help = said.help().map(|help| help.to_string());
        Self::Language {
            message: said.to_string(),
            help: help.unwrap_or_default(),
            cause: None,
        }
    }
}

/// Makes an I/O error into one that names the path.
pub(super) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |cause| Error::Unreadable {
        path: path.to_owned(),
        cause,
    }
}

/// Makes an I/O error into one that names the path.
pub(super) fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |cause| Error::Unwritable {
        path: path.to_owned(),
        cause,
    }
}

/// The functions in words.
fn one_of(functions: &[String]) -> String {
    match functions {
        [] => "declare a function in jot.toml first".to_owned(),
        some => format!("name one of {}", some.join(", ")),
    }
}

/// The functions that a name may mean, and all that are declared.
fn meant(pattern: &str, functions: &[String]) -> String {
    let declared = format!("jot.toml declares {}", listed(functions));
    let is_glob = pattern.contains(['*', '?', '[', '{']);
    let near = nearest::name(pattern, functions.iter().map(String::as_str));
    match near.filter(|_| !is_glob) {
        Some(near) => format!("did you mean `{near}`? {declared}"),
        None => declared,
    }
}

fn listed(functions: &[String]) -> String {
    match functions {
        [] => "no function".to_owned(),
        some => some.join(", "),
    }
}
