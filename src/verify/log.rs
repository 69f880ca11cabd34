//! What a container's log tells, once the emulator's own lines are told from the function's.

use std::time::Duration;

use super::jit;

/// Lines of a function's output that a failure shows.
const TAIL: usize = 30;

/// How a function's initialisation went, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Initialisation {
    /// It came to ask for its first call.
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

/// How many calls the emulator has said its last word on: `END` for an answer or its own timeout, a failure otherwise.
pub(super) fn ended_calls(lines: &[String]) -> usize {
    let ends = |line: &&String| {
        line.starts_with("END RequestId: ") || line.contains("] (rapid) Invoke DONE failed")
    };
    lines.iter().filter(ends).count()
}

/// The function's own last lines; of a warm container, those of the last call.
pub(super) fn own_lines(lines: &[String], warm: bool) -> Vec<String> {
    let start = lines
        .iter()
        .rposition(|line| line.starts_with("START RequestId: "));
    let lines = &lines[start.filter(|_| warm).unwrap_or(0)..];
    let marks = ["START RequestId: ", "END RequestId: ", "REPORT RequestId: "];
    let own = |line: &&String| {
        !line.contains("] (rapid) ")
            && !jit::is_trace(line)
            && !marks.iter().any(|m| line.starts_with(m))
    };
    let own: Vec<String> = lines.iter().filter(own).cloned().collect();
    own[own.len().saturating_sub(TAIL)..].to_vec()
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
    fn the_functions_own_lines_are_told_from_the_emulators() {
        assert_eq!(
            own_lines(&lines(LOG), false),
            ["loading", "first", "second"]
        );
        assert_eq!(own_lines(&lines(LOG), true), ["second"]);
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
}
