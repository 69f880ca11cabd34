//! What is wrong with a manifest, collected over a whole run.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use miette::{Diagnostic, LabeledSpan, NamedSource};
use thiserror::Error;

/// Why no manifest could be read.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error("no jot.toml in {} or any folder above it", start.display())]
    #[diagnostic(help("`jot init` writes one; `--manifest PATH` names one that is elsewhere"))]
    NotFound {
        /// Where the search began.
        start: PathBuf,
    },
    /// The file exists or was named, and cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("name the file with `--manifest PATH`, or write one with `jot init`"))]
    Unreadable {
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("{}:{line}: not UTF-8, which TOML is", path.display())]
    #[diagnostic(help("save the file as UTF-8"))]
    NotText {
        path: PathBuf,
        /// The line that has the first byte which is not, counted from 1.
        line: usize,
    },
    #[error("{name} has {}{}", counted(problems.len()), chosen(target.as_deref()))]
    Invalid {
        /// The file's name as the user would write it.
        name: String,
        /// The target that was chosen.
        target: Option<String>,
        /// Everything that is wrong, in the order of the file.
        #[related]
        problems: Vec<Problem>,
    },
}

fn counted(problems: usize) -> String {
    match problems {
        1 => "1 problem".to_owned(),
        more => format!("{more} problems"),
    }
}

fn chosen(target: Option<&str>) -> String {
    target
        .map(|target| format!(" for target `{target}`"))
        .unwrap_or_default()
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Error, Diagnostic)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong, one sentence that names the key.
    pub message: String,
    /// Instruction for the user, printed below the message; absent if the message suffices.
    #[help]
    pub help: Option<String>,
    /// Name and text of the manifest, for the excerpts at the labels.
    #[source_code]
    pub source_code: NamedSource<Arc<str>>,
    /// The places in it, the first one being the problem's own.
    #[label(collection)]
    pub labels: Vec<LabeledSpan>,
}

impl Problem {
    fn place(&self) -> (usize, usize) {
        self.labels
            .first()
            .map_or((0, 0), |label| (label.offset(), label.len()))
    }
}

/// A problem before it is tied to its file.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// Bytes in the file's text.
    pub span: Range<usize>,
    pub message: String,
    /// What is said at the place itself.
    pub label: String,
    pub help: Option<String>,
    /// Another place that has to do with it.
    pub other: Option<(Range<usize>, String)>,
}

impl Finding {
    pub fn new(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            label: label.into(),
            help: None,
            other: None,
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    pub fn other(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.other = Some((span, label.into()));
        self
    }
}

/// Every problem of one file.
#[derive(Debug)]
pub(super) struct Problems {
    name: String,
    target: Option<String>,
    text: Arc<str>,
    found: Vec<Problem>,
}

impl Problems {
    /// Returns an empty collection for a file of this path and text, read for a target.
    pub fn new(path: &Path, text: &str, target: Option<&str>) -> Self {
        Self {
            name: shown(path),
            target: target.map(str::to_owned),
            text: text.into(),
            found: Vec::new(),
        }
    }

    /// Adds a finding, unless the same place already has the same one: a line of `[defaults]` is
    /// merged under every function.
    pub fn add(&mut self, finding: Finding) {
        let end = finding
            .span
            .end
            .clamp(finding.span.start, self.text.len().max(finding.span.start));
        let length = end - finding.span.start;
        let label =
            LabeledSpan::new_primary_with_span(Some(finding.label), (finding.span.start, length));
        let other = finding
            .other
            .map(|(span, label)| LabeledSpan::new(Some(label), span.start, span.len()));
        let problem = Problem {
            message: finding.message,
            help: finding.help,
            source_code: NamedSource::new(&self.name, self.text.clone()),
            labels: std::iter::once(label).chain(other).collect(),
        };
        let said = |old: &Problem| old.place() == problem.place() && old.message == problem.message;
        if !self.found.iter().any(said) {
            self.found.push(problem);
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns the error that carries what was found, in the order of the file.
    pub fn into_error(mut self) -> Error {
        self.found.sort_by_key(Problem::place);
        Error::Invalid {
            name: self.name,
            target: self.target,
            problems: self.found,
        }
    }
}

/// Returns the path as a user in the current folder would write it.
fn shown(path: &Path) -> String {
    let relative = std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    relative.as_deref().unwrap_or(path).display().to_string()
}
