//! An error of the user's code, drawn where it is.

use std::{fs, path::Path};

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// What the language said of code that was loaded, with its line.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
#[diagnostic(help("what answered before goes on answering; the next save is tried again"))]
pub struct Fault {
    message: String,
    #[source_code]
    text: Option<NamedSource<String>>,
    #[label("here")]
    at: Option<SourceSpan>,
}

impl Fault {
    /// An error whose message, or else whose innermost place, names a file below `folder` and a line.
    pub fn new(message: &str, trace: &[String], folder: &Path) -> Self {
        let texts = [message]
            .into_iter()
            .chain(trace.iter().map(String::as_str));
        let found = texts
            .flat_map(|text| text.split([' ', '"']))
            .find_map(|word| place(word, folder));
        let Some((named, text, at)) = found else {
            return Self {
                message: message.to_owned(),
                text: None,
                at: None,
            };
        };
        // The excerpt shows where it is.
        let said = message.strip_prefix(named).unwrap_or(message);
        Self {
            message: said.trim_start_matches([':', ' ']).to_owned(),
            text: Some(text),
            at: Some(at),
        }
    }
}

/// What a word is that names a file and a line as `file:line` or `file:line:` do: that name, the
/// file's text, and the line in it.
fn place<'a>(word: &'a str, folder: &Path) -> Option<(&'a str, NamedSource<String>, SourceSpan)> {
    let word = word.trim_end_matches([':', ',']);
    let (file, rest) = word.split_once(':')?;
    let line: usize = rest.split(':').next()?.parse().ok()?;
    let path = folder.join(file);
    let text = fs::read_to_string(&path).ok()?;
    let before: usize = text
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let whole = text[before..].lines().next()?;
    let indent = whole.len() - whole.trim_start().len();
    let span = (before + indent, whole.trim().len()).into();
    Some((word, NamedSource::new(file, text), span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found_in_the_message_or_the_trace() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.jl"), "f(x) =\n    y + 1\n").unwrap();
        let of = |message: &str, trace: &[&str]| {
            let trace: Vec<_> = trace.iter().map(|one| (*one).to_owned()).collect();
            let fault = Fault::new(message, &trace, folder.path());
            let at = fault.at.map(|at| (at.offset(), at.len()));
            (fault.message, at)
        };
        let said = |message: &str, at| (message.to_owned(), at);
        let found = of("a.jl:2: y is not defined", &[]);
        assert_eq!(found, said("y is not defined", Some((11, 5))));
        let found = of("no", &["f at b.jl:1", "g at a.jl:1"]);
        assert_eq!(found, said("no", Some((0, 6))));
        assert_eq!(of("a.jl:9: no", &[]), said("a.jl:9: no", None));
        assert_eq!(of("12:30: no", &["a:b"]), said("12:30: no", None));
    }
}
