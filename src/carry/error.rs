//! Why nothing could be carried over.

use std::{io, path::PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// The errors of a reader.
///
/// No variant quotes the source: a state of Terraform contains secrets.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("check the path and its permissions"))]
    Unreadable {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    /// The file is larger than any that a reader takes.
    #[error("{} is larger than {limit_mb} MB", path.display())]
    #[diagnostic(help("name a template, a project file, or the output of `terraform show -json`"))]
    TooLarge { path: PathBuf, limit_mb: u64 },
    #[error("{} is not UTF-8 text", path.display())]
    #[diagnostic(help("{help}"))]
    NotText { path: PathBuf, help: String },
    /// The file does not have the syntax of its format.
    #[error("{}:{line}:{column}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Malformed {
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
        message: String,
        help: String,
    },
    /// No reader takes the file or directory.
    #[error("{}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Unrecognized {
        path: PathBuf,
        /// What it is instead.
        message: String,
        help: String,
    },
    #[error("{} has no function that jot can deploy", path.display())]
    #[diagnostic(help("{help}"))]
    NoFunctions {
        path: PathBuf,
        /// What was found instead.
        help: String,
    },
}

/// A position in a text and what is wrong with it, before the file's name is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
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
