//! Errors as annotations in the diff of a pull request on GitHub.
//!
//! They go to stderr, as the error itself does: the runner reads workflow commands from both
//! streams, and stdout is for data.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>

use std::path::{Path, PathBuf};

use miette::Diagnostic;

use crate::model::{Place, Problem};

use super::{output, style::variable};

/// Writes an annotation for each problem with a place in a file, if this process is a step of
/// GitHub Actions.
///
/// GitHub shows the first ten of a step, and lists all in its log.
pub fn show(error: &dyn Diagnostic) {
    if variable("GITHUB_ACTIONS") != "true" {
        return;
    }
    let text = github(&Problem::from_diagnostic(error), &relative_here);
    if !text.is_empty() {
        output::err(&text);
    }
}

/// A line `::error file=...,line=...::message` for the problem and each related one with a place.
fn github(problem: &Problem, relative: &dyn Fn(&str) -> String) -> String {
    let own = problem.places.first();
    let own = own.and_then(|place| annotation(problem, place, relative));
    let related = problem.related.iter().map(|one| github(one, relative));
    own.into_iter().chain(related).collect()
}

fn annotation(
    problem: &Problem,
    place: &Place,
    relative: &dyn Fn(&str) -> String,
) -> Option<String> {
    let file = property(&relative(place.file.as_deref()?));
    let Place {
        line,
        column,
        end_line,
        end_column,
        ..
    } = place;
    // GitHub accepts columns only for a place within one line.
    let columns = match line == end_line {
        true => format!(",col={column},endColumn={end_column}"),
        false => String::new(),
    };
    let title = property(place.label.as_deref().unwrap_or("jot"));
    let mut message = problem.message.clone();
    if let Some(help) = &problem.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let message = data(&message);
    Some(format!(
        "::error file={file},line={line},endLine={end_line}{columns},title={title}::{message}\n"
    ))
}

/// The text, escaped for a message of the runner.
/// <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>
fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

/// The text, escaped for a property of the runner.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The path relative to the top of the checkout, by which GitHub knows files.
fn relative_here(file: &str) -> String {
    let path = std::fs::canonicalize(file).unwrap_or_else(|_| PathBuf::from(file));
    let top = std::fs::canonicalize(variable("GITHUB_WORKSPACE")).unwrap_or_default();
    below(&path, &top).unwrap_or_else(|| file.to_owned())
}

fn below(path: &Path, top: &Path) -> Option<String> {
    if top.as_os_str().is_empty() {
        return None;
    }
    let path = path.strip_prefix(top).ok()?;
    Some(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> Problem {
        Problem {
            message: "100% wrong: `a`, really".to_owned(),
            help: Some("one\r\ntwo".to_owned()),
            places: vec![Place {
                file: Some("a,b: c%.toml".to_owned()),
                line: 2,
                column: 3,
                end_line: 2,
                end_column: 9,
                label: Some("unknown: key, no".to_owned()),
                excerpt: None,
            }],
            ..Problem::default()
        }
    }

    fn same(file: &str) -> String {
        file.to_owned()
    }

    #[test]
    fn properties_and_messages_are_escaped() {
        assert_eq!(
            github(&problem(), &same),
            "::error file=a%2Cb%3A c%25.toml,line=2,endLine=2,col=3,endColumn=9,title=unknown%3A \
                key%2C no\
             ::100%25 wrong: `a`, really%0Ahelp: one%0D%0Atwo\n"
        );
    }

    #[test]
    fn several_lines_have_no_columns() {
        let mut problem = problem();
        problem.places[0].end_line = 4;
        let text = github(&problem, &same);
        assert!(text.contains("line=2,endLine=4,title="), "{text}");
    }

    #[test]
    fn each_related_problem_with_a_place_has_a_line() {
        let all = Problem {
            related: vec![problem(), Problem::default(), problem()],
            ..Problem::default()
        };
        assert_eq!(github(&all, &same), github(&problem(), &same).repeat(2));
    }

    #[test]
    fn files_are_named_from_the_top_of_the_checkout() {
        let name = |top: &str| below(Path::new("/repo/functions/jot.toml"), Path::new(top));
        assert_eq!(name("/repo").as_deref(), Some("functions/jot.toml"));
        assert_eq!(name("/other"), None);
        assert_eq!(name(""), None);
    }
}
