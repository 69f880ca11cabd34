//! Errors for people and programs.

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity,
    SourceCode,
};

use crate::model::{Excerpt, Place, Problem};

use super::{Format, Style, excerpt, json, output, wording};

/// Prints the error: for people on stderr, for programs as a document on stdout. Never silenced.
pub fn show(error: &dyn Diagnostic, style: &Style) {
    let text = text(error, style);
    if style.format != Format::Json {
        output::err(&text);
        return;
    }
    // If stdout cannot be written, only stderr is left.
    if output::out(&text).is_err() {
        output::err(&text);
    }
}

/// The error with its excerpts, causes and help, in the style's format.
pub fn text(error: &dyn Diagnostic, style: &Style) -> String {
    match style.format {
        Format::Json => json::failure(error),
        Format::Human | Format::Markdown => fitting(error, style),
    }
}

/// The error, with source lines cut if they are too long for the terminal.
fn fitting(error: &dyn Diagnostic, style: &Style) -> String {
    let text = graphical(error, style);
    let is_long = |line: &str| wording::plain(line).chars().count() > style.width;
    if !style.progress || !text.lines().any(is_long) {
        return text;
    }
    let mut problem = Problem::from_diagnostic(error);
    excerpt::cut(&mut problem, style);
    graphical(&ProblemError::of(&problem), style)
}

/// The problem in the format of [`text`].
pub fn problem(problem: &Problem, style: &Style) -> String {
    text(&ProblemError::of(problem), style)
}

fn graphical(error: &dyn Diagnostic, style: &Style) -> String {
    let theme = match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_cause_chain()
        .with_links(false)
        .with_break_words(false);
    let mut text = String::new();
    if handler.render_report(&mut text, error).is_err() {
        return format!("  {error}\n");
    }
    let lines = text.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

/// A [`Problem`] as an error, so that both look the same.
#[derive(Debug)]
struct ProblemError {
    message: String,
    help: Option<String>,
    cause: Option<Box<ProblemError>>,
    place: Option<(NamedSource<String>, LabeledSpan)>,
    related: Vec<ProblemError>,
}

impl ProblemError {
    fn of(problem: &Problem) -> Self {
        let error = |message: &String, cause| Self {
            message: wording::plain_lines(message),
            help: None,
            cause,
            place: None,
            related: Vec::new(),
        };
        let fold = |inner: Option<Box<Self>>, message| Some(Box::new(error(message, inner)));
        Self {
            help: problem.help.clone(),
            place: problem.places.first().and_then(drawn),
            related: problem.related.iter().map(Self::of).collect(),
            ..error(
                &problem.message,
                problem.causes.iter().rev().fold(None, fold),
            )
        }
    }
}

/// The text for an excerpt, and its mark.
fn drawn(place: &Place) -> Option<(NamedSource<String>, LabeledSpan)> {
    let Excerpt { first, text } = place.excerpt.as_ref()?;
    // Blank lines replace those before the excerpt, so that the line numbers are right.
    let before = first.saturating_sub(1);
    let text = "\n".repeat(before) + &wording::plain_lines(text);
    let offset = |line: usize, column: usize| -> Option<usize> {
        let mut lines = text.split_inclusive('\n');
        let start: usize = lines
            .by_ref()
            .take(line.checked_sub(1)?)
            .map(str::len)
            .sum();
        let line = lines.next().unwrap_or_default();
        let at = line.char_indices().nth(column.checked_sub(1)?);
        Some(start + at.map_or(line.trim_end().len(), |(at, _)| at))
    };
    let start = offset(place.line, place.column)?;
    let end = offset(place.end_line, place.end_column)?.max(start);
    let label = place.label.as_deref().map(wording::plain);
    let name = place.file.as_deref().map(wording::plain);
    let source = NamedSource::new(name.unwrap_or_default(), text);
    Some((source, LabeledSpan::new(label, start, end - start)))
}

impl std::fmt::Display for ProblemError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ProblemError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.cause.as_deref()?;
        Some(cause)
    }
}

impl Diagnostic for ProblemError {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let (source, _) = self.place.as_ref()?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, label) = self.place.as_ref()?;
        Some(Box::new(std::iter::once(label.clone())))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        let all = self.related.iter().map(|one| one as &dyn Diagnostic);
        Some(Box::new(all))
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use miette::{NamedSource, SourceSpan};
    use thiserror::Error;

    use super::super::fixture;
    use super::*;

    #[derive(Debug, Error, Diagnostic)]
    #[error("jot.toml has 1 problem")]
    struct Bad {
        #[source_code]
        source_code: NamedSource<String>,
        #[related]
        all: Vec<One>,
    }

    #[derive(Debug, Error, Diagnostic)]
    #[error("memory_mb = 64 is less than Lambda's least")]
    #[diagnostic(help("set memory_mb to 128 or more"))]
    struct One {
        #[label("at least 128")]
        span: SourceSpan,
    }

    fn bad() -> Bad {
        let text = "[functions.sum]\nmemory_mb = 64\n";
        Bad {
            source_code: NamedSource::new("jot.toml", text.to_owned()),
            all: vec![One {
                span: (28, 2).into(),
            }],
        }
    }

    fn json() -> Style {
        Style {
            format: Format::Json,
            ..Style::plain()
        }
    }

    fn unicode() -> Style {
        Style {
            unicode: true,
            ..Style::plain()
        }
    }

    #[test]
    fn an_error_with_excerpt() {
        assert_snapshot!("excerpt", text(&bad(), &unicode()));
        assert_snapshot!("excerpt_ascii", text(&bad(), &Style::plain()));
    }

    #[test]
    fn an_error_as_json() {
        assert_snapshot!("excerpt_json", text(&bad(), &json()));
    }

    #[test]
    fn a_problem_looks_like_an_error() {
        assert_snapshot!("problem", problem(&fixture::problem(), &unicode()));
        assert_snapshot!("problem_json", problem(&fixture::problem(), &json()));
    }

    #[derive(Debug, Error, Diagnostic)]
    #[error("no such name")]
    #[diagnostic(help("did you mean `y`?"))]
    struct Marked {
        #[source_code]
        text: NamedSource<String>,
        #[label("here")]
        at: SourceSpan,
    }

    #[test]
    fn a_problem_with_a_place_looks_like_the_error_that_it_was() {
        let text = "a\nb\nc\n  é = x + 1 # yes\ne\nf\n";
        for (at, length) in [(13, 1), (0, 1), (27, 1)] {
            let error = Marked {
                text: NamedSource::new("a.jl", text.to_owned()),
                at: (at, length).into(),
            };
            let made = Problem::from_diagnostic(&error);
            assert_eq!(problem(&made, &unicode()), graphical(&error, &unicode()));
        }
        let drawn = |at: usize| {
            let text = NamedSource::new("a.jl", text.to_owned());
            let error = Marked {
                text,
                at: (at, 1).into(),
            };
            problem(&Problem::from_diagnostic(&error), &unicode())
        };
        assert!(drawn(13).contains("4 │   é = x + 1 # yes"), "{}", drawn(13));
    }

    #[test]
    fn a_report_can_be_shown() {
        let report = miette::Report::new(bad());
        assert_eq!(text(&*report, &json()), text(&bad(), &json()));
    }
}
