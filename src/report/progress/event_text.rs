//! The text of events, common to plain lines and bars.

use crate::model::{Event, Problem, StepId, TestOutcome, TestResult};

use super::{
    super::{Style, human, problem, style::Ink, wording},
    ending::{ending, tests_only},
    ledger::{Ledger, Open},
};

/// The lines for the event, possibly none. `ended` is the step that ended with it.
pub(super) fn event_text(
    event: &Event,
    ledger: &Ledger,
    ended: Option<&Open>,
    style: &Style,
) -> String {
    let talkative = style.verbosity > 0 && !style.quiet;
    match event {
        Event::Started { .. } | Event::Progress { .. } | Event::Waiting { .. } => String::new(),
        Event::Output { step, line } if talkative => {
            said(step, &wording::plain(line), ledger, style)
        }
        Event::Looked { step, says } if !style.quiet => said(step, says, ledger, style),
        Event::Looked { .. } => String::new(),
        Event::Tested { step, result } if talkative => said(step, &tested(result), ledger, style),
        Event::Tested { step, result } if result.note.is_some() && !style.quiet => {
            said(step, &tested(result), ledger, style)
        }
        Event::Output { .. } | Event::Tested { .. } => String::new(),
        Event::Failed { step, problem } => failed(step, problem, ledger, ended, style),
        Event::Tried {
            function,
            way,
            problem,
        } => tried(function, way, problem.as_ref(), style),
        Event::Error { error } => format!("\n{}", problem::problem(error, style)),
        Event::Summary(summary) => ending(summary, ledger, style),
        Event::Retry { .. } | Event::Finished { .. } if style.quiet => String::new(),
        Event::Retry {
            step,
            why,
            attempt,
            wait_ms,
        } => {
            let wait = wording::duration(*wait_ms);
            let text = format!("{}; attempt {} in {wait}", wording::plain(why), attempt + 1);
            said(step, &text, ledger, style)
        }
        Event::Finished {
            step,
            result,
            millis,
        } => finished(step, result, *millis, ledger, style),
    }
}

/// Whether a function can be built in another mode, and if not why.
fn tried(function: &str, way: &str, problem: Option<&Problem>, style: &Style) -> String {
    match problem {
        None => format!("\n{function} can be built with `{way}`.\n"),
        Some(problem) => format!(
            "\n{function} cannot be built with `{way}`:\n{}",
            problem::problem(problem, style)
        ),
    }
}

fn said(step: &StepId, text: &str, ledger: &Ledger, style: &Style) -> String {
    let who = style.paint(Ink::Dim, &format!("{}:", ledger.sentence(step)));
    format!("{who} {text}\n")
}

fn tested(result: &TestResult) -> String {
    let outcome = if result.passed() { "ok" } else { "FAILED" };
    let note = result.note.iter().map(|note| wording::plain(note));
    // Answers from the build of an image have no time.
    let took = match result.millis {
        0 => String::new(),
        millis => format!(" in {}", wording::duration(millis)),
    };
    let line = format!("{} {outcome}{took}", result.test);
    std::iter::once(line)
        .chain(note)
        .collect::<Vec<_>>()
        .join(": ")
}

fn finished(step: &StepId, result: &str, millis: u64, ledger: &Ledger, style: &Style) -> String {
    let took = wording::duration(millis);
    let result = wording::plain(result);
    if !style.progress {
        let details: Vec<&str> = [result.as_str(), &took]
            .into_iter()
            .filter(|detail| !detail.is_empty())
            .collect();
        return format!("{}: done, {}\n", ledger.sentence(step), details.join(", "));
    }
    let (mark, name) = (done_mark(style), ledger.in_column(step, style));
    let rest = style.width.saturating_sub(name.chars().count() + 4);
    let rest = rest.saturating_sub(took.chars().count() + 2);
    let details = match wording::shortened(&result, rest, style) {
        result if result.is_empty() => took,
        result => format!("{result}, {took}"),
    };
    format!("{mark} {name}  {}\n", style.paint(Ink::Dim, &details))
}

/// The failure, the step's last output, the failed tests, and the problem.
fn failed(
    step: &StepId,
    what: &Problem,
    ledger: &Ledger,
    ended: Option<&Open>,
    style: &Style,
) -> String {
    let sentence = ledger.sentence(step);
    let mut text = match style.progress {
        true => format!("{} {sentence}\n", failed_mark(style)),
        false => format!("{sentence}: {}\n", style.paint(Ink::Red, "FAILED")),
    };
    let mut tests = ended.into_iter().flat_map(|open| &open.tests);
    let answered = tests.any(|test| !test.passed());
    // Verbose output was already shown, and a wrong answer is more useful than the output of its
    // build.
    if !answered && !what.whole && (style.verbosity == 0 || style.quiet) {
        let output = ended.into_iter().flat_map(|open| &open.output);
        for line in output.filter(|line| !is_in(line, what)) {
            text.push_str(format!("  {} {line}", style.paint(Ink::Dim, "|")).trim_end());
            text.push('\n');
        }
    }
    if tests_only(&ledger.steps) && answered {
        return text;
    }
    let tests = ended.into_iter().flat_map(|open| &open.tests);
    for test in tests.filter(|test| test.outcome != TestOutcome::Passed) {
        text.push('\n');
        text.push_str(&human::failure(test, style));
    }
    text.push('\n');
    text + &problem::problem(&unsaid(what, ended), style)
}

/// Whether the problem contains this line of a build, from a tool of jot's own.
fn is_in(line: &str, what: &Problem) -> bool {
    let sentence = line.strip_prefix("jot: ");
    sentence.is_some_and(|sentence| what.message.contains(sentence.trim_end()))
}

/// The problem without causes that only repeat output that was already shown: a title, then lines
/// of it.
fn unsaid(what: &Problem, ended: Option<&Open>) -> Problem {
    let output = ended.map(|open| &open.output);
    let shown = |line: &str| output.is_some_and(|all| all.contains(&wording::plain(line)));
    let repeats = |cause: &String| {
        let mut lines = cause.lines().skip(1).peekable();
        lines.peek().is_some() && lines.all(|line| shown(line) || is_in(line, what))
    };
    let mut what = what.clone();
    what.causes.retain(|cause| !repeats(cause));
    what
}

fn done_mark(style: &Style) -> String {
    style.paint(Ink::Green, if style.unicode { "✓" } else { "ok" })
}

fn failed_mark(style: &Style) -> String {
    style.paint(Ink::Red, if style.unicode { "✗" } else { "FAILED" })
}
