//! Test results: a table, and each failure in full.

use similar::{ChangeTag, TextDiff};

use crate::model::{Place, Problem, TestOutcome, TestResult};

use super::{
    super::{Style, problem, style::Ink, wording},
    answer::is_lambdas,
    table::{cell, table, text},
};

/// Lines of context around a difference.
const CONTEXT: usize = 1;
/// Most lines for a wrong answer: its name, its place, the legend, the difference, the log.
const WRONG: usize = 12;
/// Most lines of the log below it.
const LOGGED: usize = 2;

/// The results as a table, the failures in full, and the numbers of passed and failed tests as the
/// last line.
pub fn tests(results: &[TestResult], style: &Style) -> String {
    if results.is_empty() {
        return "No tests.\n".to_owned();
    }
    let mut page = overview(results, style);
    page.push('\n');
    page.push_str(&compiled(results, style));
    page.push_str(&notes(results, style));
    for result in results.iter().filter(|result| !result.passed()) {
        page.push_str(&failure(result, style));
        page.push('\n');
    }
    page + &total(results, style)
}

fn overview(results: &[TestResult], style: &Style) -> String {
    let traced = results.iter().any(|result| result.compiled.is_some());
    let mut head = vec!["function", "test", "result", "time"];
    head.extend(traced.then_some("prepared at run time"));
    let mut overview = table(&head, style);
    for result in results {
        let outcome = match result.passed() {
            true => cell("ok", Ink::Green),
            false => cell("FAILED", Ink::Red),
        };
        // Answers from the build of an image have no time.
        let time = match result.millis {
            0 => String::new(),
            millis => wording::duration(millis),
        };
        let mut row = vec![
            result.function.as_str().into(),
            result.test.as_str().into(),
            outcome,
            cell(&time, Ink::Dim),
        ];
        if traced {
            let count = result
                .compiled
                .as_ref()
                .map(|methods| methods.len().to_string());
            row.push(count.unwrap_or_default().as_str().into());
        }
        overview.add_row(row);
    }
    text(overview)
}

/// Methods that the build had not prepared, by the test that needed them.
fn compiled(results: &[TestResult], style: &Style) -> String {
    let mut page = String::new();
    for result in results {
        let methods = result.compiled.as_deref().unwrap_or_default();
        if methods.is_empty() && result.compiled_beside == 0 {
            continue;
        }
        let title = format!("{}: {}", result.function, result.test);
        page.push_str(&format!(
            "{}\n  prepared at run time\n",
            style.paint(Ink::Bold, &title)
        ));
        for method in methods {
            page.push_str(&format!("    {}\n", wording::plain(method)));
        }
        if result.compiled_beside > 0 {
            let more = format!(
                "and {} that do not refer to your code",
                result.compiled_beside
            );
            page.push_str(&format!("    {}\n", style.paint(Ink::Dim, &more)));
        }
        page.push('\n');
    }
    page
}

/// Notes on tests that passed.
fn notes(results: &[TestResult], style: &Style) -> String {
    let noted = results.iter().filter_map(|result| {
        let title = format!("{}: {}", result.function, result.test);
        let note = wording::plain(result.note.as_ref()?);
        Some(format!("{}\n  {note}\n\n", style.paint(Ink::Bold, &title)))
    });
    noted.collect()
}

fn total(results: &[TestResult], style: &Style) -> String {
    let passed = results.iter().filter(|result| result.passed()).count();
    let failed = results.len() - passed;
    let passed = format!("{passed} passed");
    match failed {
        0 => format!("{}\n", style.paint(Ink::Green, &passed)),
        _ => format!(
            "{passed}, {}\n",
            style.paint(Ink::Red, &format!("{failed} failed"))
        ),
    }
}

/// A failed test in full: the error and its place, the difference, the function's last log lines,
/// the help.
pub(in super::super) fn failure(result: &TestResult, style: &Style) -> String {
    let name = format!("{}: {}", result.function, result.test);
    let mut lines = vec![style.paint(Ink::Bold, &name)];
    match &result.outcome {
        TestOutcome::Passed => {}
        TestOutcome::Different {
            expected,
            actual,
            place,
        } => {
            lines.extend(indented(place));
            let own: Vec<String> = result
                .log
                .iter()
                .filter(|line| !is_lambdas(line))
                .cloned()
                .collect();
            let log = log(&own[own.len().saturating_sub(LOGGED)..], style);
            if !says_all(place, expected, actual) {
                let room = WRONG.saturating_sub(lines.len() + 1 + log.len()).max(2);
                lines.extend(difference(expected, actual, room, style));
            }
            lines.extend(log);
        }
        TestOutcome::Broken {
            message,
            help,
            place: Some(place),
        } if place.excerpt.is_some() => {
            let problem = Problem {
                message: message.clone(),
                help: help.clone(),
                places: vec![Place::clone(place)],
                ..Problem::default()
            };
            let drawn = problem::problem(&problem, style);
            lines.extend(drawn.lines().map(str::to_owned));
            lines.extend(log(&unsaid(&result.log, message), style));
            return lines.join("\n") + "\n";
        }
        TestOutcome::Broken { message, place, .. } => {
            lines.extend(indented(&format!("{message}{}", at(place.as_deref()))));
            lines.extend(log(&unsaid(&result.log, message), style));
        }
    }
    if let TestOutcome::Broken {
        help: Some(help), ..
    } = &result.outcome
    {
        lines.push(format!("  {} {help}", style.paint(Ink::Cyan, "help:")));
    }
    lines.join("\n") + "\n"
}

/// The function's log without Lambda's lines and lines that only repeat the message.
fn unsaid(log: &[String], message: &str) -> Vec<String> {
    let said = message.lines().next().unwrap_or_default();
    let said = said.strip_prefix("it failed with ").unwrap_or(said);
    let own = log.iter().filter(|line| !is_lambdas(line));
    own.filter(|line| !line.trim_end().ends_with(said))
        .cloned()
        .collect()
}

/// A place as the end of a sentence; empty if unknown.
fn at(place: Option<&Place>) -> String {
    let Some(place) = place else {
        return String::new();
    };
    let file = place.file.as_deref().unwrap_or_default();
    let label = place.label.as_deref().unwrap_or("here");
    format!(", {label} at {file}:{}", place.line)
}

fn indented(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .map(|line| format!("  {}", wording::plain(line)))
}

/// Whether the first difference says everything.
fn says_all(place: &str, expected: &str, actual: &str) -> bool {
    let short = |text: &str| text.trim().lines().count() == 1 && place.contains(text.trim());
    short(expected) && short(actual)
}

/// The difference line by line, with a legend, cut to the available lines.
fn difference(expected: &str, actual: &str, room: usize, style: &Style) -> Vec<String> {
    let (minus, plus) = (
        style.paint(Ink::Red, "- expected"),
        style.paint(Ink::Green, "+ actual"),
    );
    let mut lines = changed_lines(expected, actual, style);
    let more = lines.len().saturating_sub(room);
    if more > 0 {
        lines.truncate(room - 1);
        let more = wording::count(more + 1, "line");
        lines.push(style.paint(Ink::Dim, &format!("    ... and {more} more")));
    }
    lines.insert(0, format!("  {minus}, {plus}"));
    lines
}

fn changed_lines(expected: &str, actual: &str, style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    let difference = TextDiff::from_lines(expected, actual);
    for (number, group) in difference.grouped_ops(CONTEXT).iter().enumerate() {
        if number > 0 {
            lines.push(style.paint(Ink::Dim, "    ..."));
        }
        for change in group.iter().flat_map(|op| difference.iter_changes(op)) {
            let text = wording::plain(change.value());
            lines.push(match change.tag() {
                ChangeTag::Equal => format!("    {text}"),
                ChangeTag::Delete => style.paint(Ink::Red, &format!("  - {text}")),
                ChangeTag::Insert => style.paint(Ink::Green, &format!("  + {text}")),
            });
        }
    }
    lines
}

fn log(log: &[String], style: &Style) -> Vec<String> {
    if log.is_empty() {
        return Vec::new();
    }
    let title = style.paint(Ink::Dim, "  log");
    let lines = log
        .iter()
        .map(|line| format!("    {}", wording::plain(line)));
    std::iter::once(title).chain(lines).collect()
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::super::super::fixture;
    use super::*;

    fn results() -> Vec<TestResult> {
        vec![fixture::passed(), fixture::different(), fixture::broken()]
    }

    #[test]
    fn failures() {
        assert_snapshot!(tests(&results(), &Style::plain()));
    }

    #[test]
    fn coloured() {
        let style = Style {
            color: true,
            ..Style::plain()
        };
        assert_snapshot!(tests(&results(), &style).replace('\u{1b}', "ESC"));
    }

    #[test]
    fn all_passed() {
        assert_snapshot!(tests(&[fixture::passed()], &Style::plain()));
    }

    #[test]
    fn a_note_stands_below_the_table() {
        let results = [fixture::passed(), fixture::noted()];
        assert_snapshot!(tests(&results, &Style::plain()));
    }

    #[test]
    fn none() {
        assert_eq!(tests(&[], &Style::plain()), "No tests.\n");
    }

    #[test]
    fn a_wrong_answer_takes_twelve_lines_at_most() {
        let text = |changed: char| {
            let line = |n: u32| format!("  {changed}{n},\n");
            (1..40).map(line).collect::<String>()
        };
        let result = TestResult {
            outcome: TestOutcome::Different {
                expected: text('a'),
                actual: text('b'),
                place: "[0]: expected \"a1\", got \"b1\"".to_owned(),
            },
            log: (1..9)
                .map(|n| format!("line {n}"))
                .chain(["END RequestId: 1".to_owned()])
                .collect(),
            ..fixture::passed()
        };
        let shown = failure(&result, &Style::plain());
        assert_eq!(shown.lines().count(), 12, "{shown}");
        assert!(shown.contains("    ... and 73 lines more\n"), "{shown}");
        assert!(
            shown.ends_with("  log\n    line 7\n    line 8\n"),
            "{shown}"
        );
    }

    #[test]
    fn one_wrong_value_is_shown_once() {
        let result = TestResult {
            outcome: TestOutcome::Different {
                expected: "9\n".to_owned(),
                actual: "10\n".to_owned(),
                place: "expected 9, got 10".to_owned(),
            },
            log: Vec::new(),
            ..fixture::passed()
        };
        let shown = failure(&result, &Style::plain());
        assert_eq!(shown.lines().count(), 2, "{shown}");
        assert_eq!(shown.matches("10").count(), 1, "{shown}");
    }

    #[test]
    fn a_long_difference_is_cut_to_its_context() {
        let numbers = |changed: &[u32]| {
            let line = |n| {
                if changed.contains(&n) {
                    format!("  {n}0,\n")
                } else {
                    format!("  {n},\n")
                }
            };
            (1..30).map(line).collect::<String>()
        };
        let result = TestResult {
            outcome: TestOutcome::Different {
                expected: numbers(&[]),
                actual: numbers(&[5, 25]),
                place: "[4]: expected 5, got 50".to_owned(),
            },
            ..fixture::passed()
        };
        assert_snapshot!(failure(&result, &Style::plain()));
    }
}
