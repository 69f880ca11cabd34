//! Reads a container's log, and separates the emulator's own lines from the function's.

use std::time::Duration;

use crate::model::hints::Trace;

use super::trace::is_trace;

/// How many lines of a function's output a failure shows.
const TAIL: usize = 30;

/// How a function's initialisation ended, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Initialisation {
    /// It requested its first call.
    Ended(Duration),
    /// The emulator ended it, or it failed.
    Cut(Duration),
}

/// The last initialisation that the emulator logged.
pub(super) fn initialisation(lines: &[String]) -> Option<Initialisation> {
    let (at, millis) = lines.iter().enumerate().rev().find_map(|(at, line)| {
        let (_, rest) = line.split_once("INIT REPORT(durationMs: ")?;
        Some((at, rest.split(')').next()?.parse::<f64>().ok()?))
    })?;
    let took = Duration::try_from_secs_f64(millis / 1000.0).ok()?;
    let mut before = lines[..at].iter().rev();
    let how = before.find(|line| line.contains("INIT RTDONE(status: "));
    Some(match how {
        Some(line) if !line.contains("success") => Initialisation::Cut(took),
        _ => Initialisation::Ended(took),
    })
}

/// How many calls the emulator has finished logging.
pub(super) fn ended_calls(lines: &[String]) -> usize {
    lines.iter().filter(|line| ends_call(line)).count()
}

/// Whether a line is the emulator's last one on a call: `END` for an answer or its own timeout, a
/// failure otherwise.
pub fn ends_call(line: &str) -> bool {
    line.starts_with("END RequestId: ") || line.contains("] (rapid) Invoke DONE failed")
}

/// Whether a line is the emulator's last one on an initialisation.
pub fn ends_initialisation(line: &str) -> bool {
    line.contains("INIT REPORT(durationMs: ")
}

/// Whether a line of a container's log is the emulator's.
pub fn is_the_emulators(line: &str) -> bool {
    let marks = ["START RequestId: ", "END RequestId: ", "REPORT RequestId: "];
    line.contains("] (rapid) ") || marks.iter().any(|mark| line.starts_with(mark))
}

/// The function's own last lines; in a warm container, those of the last call.
pub(super) fn own_lines(lines: &[String], warm: bool, trace: Option<&Trace>) -> Vec<String> {
    let start = lines
        .iter()
        .rposition(|line| line.starts_with("START RequestId: "));
    let lines = &lines[start.filter(|_| warm).unwrap_or(0)..];
    let own = |line: &&String| {
        !is_the_emulators(line) && !trace.is_some_and(|trace| is_trace(line, trace))
    };
    let own: Vec<String> = lines.iter().filter(own).cloned().collect();
    own[own.len().saturating_sub(TAIL)..].to_vec()
}

/// What a line of the emulator's says about the end of the function; its fields come in any order.
pub(super) fn how_it_ended(line: &str) -> Option<String> {
    let exited = line.split_once("Runtime exited with error: ");
    let failed = || {
        line.split_once("] (rapid) Init failed ")?
            .1
            .split_once("error=")
    };
    let (_, how) = exited.or_else(failed)?;
    Some(how.split(" InvokeID").next().unwrap_or(how).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    const LOG: &str = "21 Nov 2026 09:58:15,285 [INFO] (rapid) exec '/x' (cwd=/, handler=)
loading
START RequestId: a Version: $LATEST
21 Nov 2026 09:58:15,348 [INFO] (rapid) INIT REPORT(durationMs: 1500.5)
first
END RequestId: a
REPORT RequestId: a\tDuration: 1 ms
START RequestId: b Version: $LATEST
second";

    #[test]
    fn the_functions_own_lines_are_distinguished_from_the_emulators() {
        assert_eq!(
            own_lines(&lines(LOG), false, None),
            ["loading", "first", "second"]
        );
        assert_eq!(own_lines(&lines(LOG), true, None), ["second"]);
    }

    #[test]
    fn a_call_ends_with_an_answer_or_a_failure() {
        let failed =
            "21 Nov 2026 09:58:15,459 [ERROR] (rapid) Invoke DONE failed: Runtime.ExitError";
        assert_eq!(ended_calls(&lines(LOG)), 1);
        assert_eq!(ended_calls(&lines(&format!("{LOG}\n{failed}"))), 2);
    }

    #[test]
    fn initialisation_is_read_from_the_emulators_log() {
        assert_eq!(
            initialisation(&lines(LOG)),
            Some(Initialisation::Ended(Duration::from_micros(1_500_500)))
        );
        let cut = "(rapid) INIT RTDONE(status: error)\n(rapid) INIT REPORT(durationMs: 13000.0)";
        assert_eq!(
            initialisation(&lines(cut)),
            Some(Initialisation::Cut(Duration::from_secs(13)))
        );
        assert_eq!(initialisation(&lines("INIT REPORT(durationMs: -1)")), None);
        assert_eq!(initialisation(&[]), None);
    }

    #[test]
    fn the_end_is_recognised_in_any_order_of_the_fields() {
        let exec = "fork/exec /program: exec format error";
        for (line, how) in [
            (
                "[ERROR] (rapid) Init failed error=fork/exec /program: exec format error InvokeID=",
                exec,
            ),
            (
                "[ERROR] (rapid) Init failed InvokeID= error=fork/exec /program: exec format error",
                exec,
            ),
            (
                "[WARNING] (rapid) Init failed InvokeID= error=Runtime exited with error: signal: \
                 killed",
                "signal: killed",
            ),
        ] {
            assert_eq!(how_it_ended(line).as_deref(), Some(how), "{line}");
        }
        assert_eq!(how_it_ended("Init failed error=mine"), None);
    }
}
