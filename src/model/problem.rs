//! An error as plain data.

use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan, SpanContents};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error as plain data: one sentence, what to do, its causes, and its position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Lower case, no final stop.
    pub message: String,
    /// A command or key that helps.
    pub help: Option<String>,
    /// Causes, outermost first.
    pub causes: Vec<String>,
    /// Where in a file, the problem's own place first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Whether it is complete, so that a tool's own output need not be shown.
    #[serde(skip)]
    pub whole: bool,
    /// The problems that this one sums up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Problem>,
}

/// A place in a file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file, as the user in the current folder would write it.
    pub file: Option<String>,
    /// The line that it begins in.
    pub line: usize,
    /// The column of its first character.
    pub column: usize,
    /// The line that it ends in.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// What is to be said of it.
    pub label: Option<String>,
    /// The text at that position, for people.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
}

/// The lines of a place, and one on either side of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first line, 1 for the first of the file.
    pub first: usize,
    /// The text of these lines as the file has it.
    pub text: String,
}

impl Problem {
    /// The plain data of any error: message, help, causes and position.
    pub fn from_diagnostic(error: &dyn Diagnostic) -> Self {
        Self::within(error, None)
    }

    /// The same for an error that may point into its parent's source.
    fn within(error: &dyn Diagnostic, parent: Option<&dyn SourceCode>) -> Self {
        let source = error.source_code().or(parent);
        let related = error.related().into_iter().flatten();
        Self {
            message: error.to_string(),
            help: error.help().map(|help| help.to_string()),
            causes: causes(error),
            whole: false,
            places: places(error, source),
            related: related.map(|error| Self::within(error, source)).collect(),
        }
    }
}

fn causes(error: &dyn Diagnostic) -> Vec<String> {
    if let Some(cause) = error.diagnostic_source() {
        let mut all = vec![cause.to_string()];
        all.extend(causes(cause));
        return all;
    }
    let chain = std::iter::successors(error.source(), |cause| cause.source());
    chain.map(ToString::to_string).collect()
}

fn places(error: &dyn Diagnostic, source: Option<&dyn SourceCode>) -> Vec<Place> {
    let Some(source) = source else {
        return Vec::new();
    };
    let labels = error.labels().into_iter().flatten();
    labels.filter_map(|label| place(&label, source)).collect()
}

/// Where the label is; miette counts from 0, and columns in bytes.
fn place(label: &LabeledSpan, source: &dyn SourceCode) -> Option<Place> {
    let span: SourceSpan = *label.inner();
    let start = source.read_span(&span, 0, 0).ok()?;
    let column = columns_before(source, span.offset(), &*start)?;
    let around = source.read_span(&span, 1, 1).ok()?;
    let end = (span.offset() + span.len(), 0).into();
    let end = source.read_span(&end, 0, 0).ok()?;
    let end_column = columns_before(source, span.offset() + span.len(), &*end)?;
    Some(Place {
        file: start.name().map(str::to_owned),
        line: start.line() + 1,
        column: column + 1,
        end_line: end.line() + 1,
        end_column: end_column + 1,
        label: label.label().map(str::to_owned),
        excerpt: Some(Excerpt {
            first: around.line() + 1,
            text: String::from_utf8_lossy(around.data()).into_owned(),
        }),
    })
}

/// The number of characters before that offset in its line.
fn columns_before(
    source: &dyn SourceCode,
    offset: usize,
    at: &dyn SpanContents<'_>,
) -> Option<usize> {
    if at.column() == 0 {
        return Some(0);
    }
    let before = (offset.checked_sub(at.column())?, at.column()).into();
    let before = source.read_span(&before, 0, 0).ok()?;
    let bytes = before.data().get(..at.column())?;
    Some(String::from_utf8_lossy(bytes).chars().count())
}

#[cfg(test)]
mod tests {
    use miette::{NamedSource, miette};

    use super::*;

    fn place_of(text: &'static str, offset: usize, length: usize) -> Place {
        let label = LabeledSpan::at(offset..offset + length, "here");
        let error = miette!(labels = vec![label], "wrong");
        let error = error.with_source_code(NamedSource::new("jot.toml", text));
        let mut problem = Problem::from_diagnostic(&*error);
        problem.places.remove(0)
    }

    fn extent(place: &Place) -> [usize; 4] {
        [place.line, place.column, place.end_line, place.end_column]
    }

    #[test]
    fn columns_count_characters() {
        let text = "one = 1\n\"é→\" = 2 # x\r\nthree = 3";
        assert_eq!(extent(&place_of(text, 0, 3)), [1, 1, 1, 4]);
        assert_eq!(extent(&place_of(text, 18, 1)), [2, 8, 2, 9]);
        assert_eq!(extent(&place_of(text, 25, 5)), [3, 1, 3, 6]);
        assert_eq!(extent(&place_of(text, 33, 1)), [3, 9, 3, 10]);
    }

    #[test]
    fn a_place_may_go_over_lines_or_be_empty() {
        let text = "[a]\nb = \"\"\"\nc\n\"\"\"\n";
        assert_eq!(extent(&place_of(text, 8, 9)), [2, 5, 4, 4]);
        assert_eq!(extent(&place_of(text, 4, 0)), [2, 1, 2, 1]);
        assert_eq!(extent(&place_of("", 0, 0)), [1, 1, 1, 1]);
    }
}
