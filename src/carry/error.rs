//! Why nothing could be carried over.

use std::{io, path::PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// The errors of a reader.
///
/// No variant quotes the source: a state of Terraform contains secrets.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The file or directory cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("check the path and its permissions"))]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file is larger than any that a reader takes.
    #[error("{} is larger than {limit_mb} MB", path.display())]
    #[diagnostic(help("name a template, a project file, or the output of `terraform show -json`"))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit_mb: u64,
    },
    /// The file is not text.
    #[error("{} is not UTF-8 text", path.display())]
    #[diagnostic(help("{help}"))]
    NotText {
        /// The file.
        path: PathBuf,
        /// What to do.
        help: String,
    },
    /// The file does not have the syntax of its format.
    #[error("{}:{line}:{column}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// No reader takes the file or directory.
    #[error("{}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Unrecognized {
        /// The file or directory.
        path: PathBuf,
        /// What it is instead.
        message: String,
        /// What to do.
        help: String,
    },
    /// The source has no function that jot can deploy.
    #[error("{} has no function that jot can deploy", path.display())]
    #[diagnostic(help("{help}"))]
    NoFunctions {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        help: String,
    },
}

/// A position in a text and what is wrong with it, before the file's name is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    /// Makes the error of this fault in a file.
    pub fn of(self, path: &std::path::Path, help: &str) -> Error {
        Error::Malformed {
            path: path.to_owned(),
            line: self.line,
            column: self.column,
            message: self.message,
            help: help.to_owned(),
        }
    }
}
