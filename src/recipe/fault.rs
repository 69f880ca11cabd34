//! Errors of the user's code with an excerpt of the file in the image.

use std::fs;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::model::{Content, ContextFile, Fault, Hints, Place, Problem, redacted};

/// An error of the user's code, with the text of its file.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
pub struct Drawn {
    message: String,
    #[help]
    help: Option<String>,
    #[source_code]
    text: Option<NamedSource<String>>,
    #[label("{label}")]
    at: Option<SourceSpan>,
    label: String,
}

impl Drawn {
    /// The fault with the files of a context, as the user knows them. Without a file of the user's,
    /// it has no excerpt.
    pub fn of(fault: &Fault, context: &[ContextFile], hints: &Hints) -> Self {
        let clean = |text: &String| redacted(&hints.with_own_paths(text)).into_owned();
        let place = fault.file.as_deref().zip(fault.line);
        let found = place.and_then(|(file, line)| {
            let (name, text) = source(file, context, hints)?;
            let at = span(&text, line, fault.column)?;
            Some((NamedSource::new(name, text), at))
        });
        let (text, at) = found.unzip();
        Self {
            message: clean(&fault.message),
            help: fault.help.as_ref().map(clean),
            text,
            at,
            label: fault.label.clone().unwrap_or_else(|| "here".to_owned()),
        }
    }

    /// The same with another advice, where it has none.
    #[must_use]
    pub fn or_help(mut self, help: &str) -> Self {
        self.help.get_or_insert_with(|| help.to_owned());
        self
    }
}

/// Completes a place of known file and line with its text; none if the file has no such line.
pub fn completed(place: &Place, context: &[ContextFile], hints: &Hints) -> Option<Place> {
    let fault = Fault {
        file: place.file.clone(),
        line: Some(place.line),
        label: place.label.clone(),
        ..Fault::default()
    };
    let drawn = Drawn::of(&fault, context, hints);
    Problem::from_diagnostic(&drawn).places.pop()
}

/// Name and text of one of the user's files, by its path in their folder, in an image, or as they
/// know it.
fn source(file: &str, context: &[ContextFile], hints: &Hints) -> Option<(String, String)> {
    let sources = hints.sources.as_ref()?;
    let in_image = file.rfind(&sources.image);
    let below = match in_image {
        Some(at) => &file[at + sources.image.len()..],
        None => file.strip_prefix(&sources.here).unwrap_or(file),
    };
    let path = format!("{}{below}", sources.image);
    let found = context.iter().find(|one| one.path == path)?;
    let bytes = match &found.content {
        Content::Bytes(bytes) => bytes.to_vec(),
        Content::Disk(path) => fs::read(path).ok()?,
    };
    let text = String::from_utf8(bytes).ok()?;
    Some((format!("{}{below}", sources.here), text))
}

/// The part of a line to mark: the character at `column`, or everything but its indentation.
pub(super) fn span(text: &str, line: usize, column: Option<usize>) -> Option<SourceSpan> {
    let before = line.checked_sub(1)?;
    if before >= text.lines().count() {
        return None;
    }
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let whole = text[start..].lines().next().unwrap_or_default();
    let characters = column.and_then(|column| whole.char_indices().nth(column.checked_sub(1)?));
    Some(match characters {
        Some((at, character)) => (start + at, character.len_utf8()).into(),
        None => {
            let indent = whole.len() - whole.trim_start().len();
            (start + indent, whole.trim().len()).into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContextFile, hints::Sources};

    fn drawn(fault: &Fault) -> Problem {
        let text = "f(x) =\n    y + 1\n";
        let file = ContextFile {
            path: "env/R/src/a.jl".to_owned(),
            executable: false,
            sha256: String::new(),
            content: Content::Bytes(text.as_bytes().into()),
        };
        let hints = Hints {
            sources: Some(Sources {
                image: "env/R/src/".to_owned(),
                here: "sums/".to_owned(),
                scope: String::new(),
                suffix: String::new(),
            }),
            ..Hints::default()
        };
        Problem::from_diagnostic(&Drawn::of(fault, &[file], &hints))
    }

    fn at(file: &str, line: usize, column: Option<usize>) -> Vec<[usize; 3]> {
        let fault = Fault {
            message: "no".to_owned(),
            file: Some(file.to_owned()),
            line: Some(line),
            column,
            ..Fault::default()
        };
        let places = drawn(&fault).places;
        let extent = |place: &Place| [place.line, place.column, place.end_column];
        assert!(
            places
                .iter()
                .all(|place| place.file.as_deref() == Some("sums/a.jl"))
        );
        places.iter().map(extent).collect()
    }

    #[test]
    fn a_line_is_found_by_every_name_of_its_file() {
        for file in ["a.jl", "sums/a.jl", "/opt/jot/env/R/src/a.jl"] {
            assert_eq!(at(file, 2, None), [[2, 5, 10]], "{file}");
        }
        assert_eq!(at("a.jl", 2, Some(7)), [[2, 7, 8]]);
        // Behind the end of a line all of it is meant.
        assert_eq!(at("a.jl", 1, Some(40)), [[1, 1, 7]]);
    }

    #[test]
    fn what_is_no_line_of_the_users_has_no_excerpt() {
        for (file, line) in [("a.jl", 3), ("a.jl", 0), ("b.jl", 1), ("./reduce.jl", 1)] {
            assert_eq!(
                at(file, line, None),
                Vec::<[usize; 3]>::new(),
                "{file}:{line}"
            );
        }
    }

    #[test]
    fn paths_of_the_image_are_reported_as_the_users() {
        let fault = Fault {
            message: "no file /opt/jot/env/R/src/b.jl".to_owned(),
            ..Fault::default()
        };
        assert_eq!(drawn(&fault).message, "no file sums/b.jl");
    }
}
