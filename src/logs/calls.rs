//! Calls from log lines: each log stream belongs to one environment, which answers one call at a
//! time.

use std::collections::BTreeMap;

use super::{
    line::Line,
    mark::marked,
    reported::{Reported, reported},
};
use crate::{
    model::{LoggedCall, LoggedLine, Mark, redacted},
    remote::aws::LogEvent,
};

/// Calls with further lines to come, by log stream.
#[derive(Debug, Default)]
pub struct Calls(BTreeMap<String, Open>);

#[derive(Debug, Default)]
struct Open {
    call: LoggedCall,
    /// Whether its report was seen: only a line that names its request can follow.
    reported: bool,
    /// Its beginning, Unix time in milliseconds.
    began_ms: Option<i64>,
    /// The marks of the call, with their times.
    marked: Vec<(String, i64)>,
}

impl Calls {
    /// Processes lines, which are in order within their stream; returns the calls that ended, in
    /// order of time.
    pub fn take(&mut self, events: &[LogEvent]) -> Vec<LoggedCall> {
        let mut ended = Vec::new();
        for event in events {
            ended.extend(self.line(event));
        }
        let open = std::mem::take(&mut self.0);
        for (stream, open) in open {
            match open.reported {
                true => ended.push(open.whole()),
                false => {
                    self.0.insert(stream, open);
                }
            }
        }
        sorted(ended)
    }

    /// The calls without an end in the log so far, and lines outside of calls.
    pub fn rest(&mut self) -> Vec<LoggedCall> {
        let rest = std::mem::take(&mut self.0).into_values();
        sorted(rest.map(Open::whole).collect())
    }

    /// The new lines of unfinished calls.
    pub fn written(&mut self) -> Vec<LoggedLine> {
        let open = self.0.values_mut();
        let mut lines: Vec<_> = open
            .flat_map(|open| std::mem::take(&mut open.call.lines))
            .collect();
        lines.sort_by(|one, other| one.at.cmp(&other.at));
        lines
    }

    /// Processes a line; returns the previous call if this line ends it.
    fn line(&mut self, event: &LogEvent) -> Option<LoggedCall> {
        let open = self.0.entry(event.stream.clone()).or_default();
        let line = Line::of(&event.message);
        let ended = match open.is_before(&line, &event.message) {
            true => Some(std::mem::take(open).whole()),
            false => None,
        };
        open.take(&line, event);
        ended
    }
}

impl Open {
    /// The finished call; its marks count from its beginning, else from the first mark.
    fn whole(mut self) -> LoggedCall {
        let first = self.marked.first().map(|(_, at)| *at);
        let began = self.began_ms.or(first).unwrap_or_default();
        // The tail of a log has only the times within its lines.
        let since = |at: i64| (at != 0).then(|| (at - began) as f64);
        let marks = std::mem::take(&mut self.marked).into_iter();
        self.call.marks = marks
            .map(|(name, at)| Mark {
                name,
                at_ms: since(at),
            })
            .collect();
        self.call
    }

    /// Whether a line belongs to a later call.
    fn is_before(&self, line: &Line, text: &str) -> bool {
        let known = self.call.request_id.as_deref();
        match line {
            Line::Start { request_id, .. } => known.is_some_and(|known| known != request_id),
            Line::Report { .. } => false,
            Line::Other | Line::Function { .. } => {
                self.reported && !known.is_some_and(|known| text.contains(known))
            }
        }
    }

    fn take(&mut self, line: &Line, event: &LogEvent) {
        let call = &mut self.call;
        let at = time(event.at_ms);
        if call.at.is_empty() {
            call.at.clone_from(&at);
        }
        match line {
            Line::Start {
                request_id,
                version,
            } => {
                call.request_id = Some(request_id.clone());
                call.version.clone_from(version);
                self.began_ms = Some(event.at_ms).filter(|at| *at != 0);
            }
            Line::Report { request_id, error } => {
                call.request_id = Some(request_id.clone());
                call.error = call.error.take().or_else(|| error.clone());
                if let Some(report) = reported(&event.message) {
                    figures(call, &report);
                }
                self.reported = true;
            }
            Line::Other => {}
            Line::Function { error } => {
                if call.error.is_none() {
                    call.error = error.as_deref().map(|error| redacted(error).into_owned());
                }
                if let Some(marked) = marked(&event.message) {
                    let at_ms = marked.at_ms.unwrap_or(event.at_ms);
                    self.marked
                        .push((redacted(&marked.name).into_owned(), at_ms));
                }
                call.lines.push(LoggedLine {
                    at,
                    message: redacted(event.message.trim_end()).into_owned(),
                });
            }
        }
    }
}

fn figures(call: &mut LoggedCall, report: &Reported) {
    call.duration_ms = Some(report.duration_ms);
    call.billed_ms = Some(report.billed_ms);
    call.init_ms = report.init_ms;
    call.restore_ms = report.restore_ms;
    call.memory_mb = report.memory_mb;
    call.max_memory_mb = report.max_memory_mb;
}

fn sorted(mut calls: Vec<LoggedCall>) -> Vec<LoggedCall> {
    calls.sort_by(|one, other| one.at.cmp(&other.at));
    calls
}

/// The time with milliseconds, so that text order is time order.
fn time(at_ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default();
    format!("{at:.3}")
}

/// The call in the log tail that Lambda returns with an answer; it has no times.
pub fn of_text(log: &str) -> LoggedCall {
    let event = |message: &str| LogEvent {
        at_ms: 0,
        id: String::new(),
        stream: String::new(),
        message: message.to_owned(),
    };
    let events: Vec<LogEvent> = log.lines().map(event).collect();
    let mut calls = Calls::default();
    let mut all = calls.take(&events);
    all.extend(calls.rest());
    all.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at_ms: i64, stream: &str, message: &str) -> LogEvent {
        LogEvent {
            at_ms,
            id: String::new(),
            stream: stream.to_owned(),
            message: message.to_owned(),
        }
    }

    fn report(id: &str) -> String {
        format!(
            "REPORT RequestId: {id}\tDuration: 2.50 ms\tBilled Duration: 3 ms\t\
             Memory Size: 512 MB\tMax Memory Used: 89 MB\tInit Duration: 400 ms\t\n"
        )
    }

    fn lines(call: &LoggedCall) -> Vec<&str> {
        call.lines
            .iter()
            .map(|line| line.message.as_str())
            .collect()
    }

    #[test]
    fn calls_of_environments_side_by_side_are_separated() {
        let mut calls = Calls::default();
        let ended = calls.take(&[
            event(1, "a", "INIT_START Runtime Version: x\n"),
            event(2, "a", "loading\n"),
            event(3, "a", "START RequestId: 1 Version: 7\n"),
            event(4, "b", "START RequestId: 2 Version: 7\n"),
            event(5, "b", "of b\n"),
            event(6, "a", "of a\n"),
            event(7, "a", "END RequestId: 1\n"),
            event(8, "a", &report("1")),
        ]);
        assert_eq!(ended.len(), 1);
        assert_eq!(lines(&ended[0]), ["loading", "of a"]);
        assert_eq!(ended[0].at, "1970-01-01T00:00:00.001Z");
        assert_eq!(ended[0].version.as_deref(), Some("7"));
        assert_eq!(
            (ended[0].duration_ms, ended[0].init_ms),
            (Some(2.5), Some(400.0))
        );
        assert_eq!(
            (ended[0].memory_mb, ended[0].max_memory_mb),
            (Some(512.0), Some(89.0))
        );
        // The other call ends in a later batch.
        let ended = calls.take(&[event(9, "b", &report("2"))]);
        assert_eq!(lines(&ended[0]), ["of b"]);
        assert_eq!(calls.rest(), []);
    }

    #[test]
    fn marks_are_timed_from_the_beginning_of_their_call() {
        let log = [
            event(1000, "a", "JOT_MARK loaded\n"),
            event(1040, "a", "START RequestId: 1 Version: 7\n"),
            event(1052, "a", "JOT_MARK read\n"),
            event(1052, "b", "JOT_MARK of another environment\n"),
            event(
                9999,
                "a",
                "1970-01-01T00:00:01.090Z\t1\tINFO\tJOT_MARK summed\n",
            ),
            event(9999, "a", &report("1")),
        ];
        let ended = Calls::default().take(&log);
        let marks = |call: &LoggedCall| -> Vec<(String, Option<f64>)> {
            let marks = call.marks.iter();
            marks.map(|one| (one.name.clone(), one.at_ms)).collect()
        };
        let expected = [("loaded", -40.0), ("read", 12.0), ("summed", 50.0)];
        let expected = expected.map(|(name, at)| (name.to_owned(), Some(at)));
        assert_eq!(marks(&ended[0]), expected);
        // The tail that comes with an answer has no times.
        let text = "START RequestId: 1 Version: 7\nJOT_MARK read\nEND RequestId: 1\n";
        assert_eq!(marks(&of_text(text)), [("read".to_owned(), None)]);
    }

    #[test]
    fn lines_of_a_call_that_goes_on_are_given_once() {
        let mut calls = Calls::default();
        let begun = [
            event(1, "a", "START RequestId: 1 Version: 7\n"),
            event(2, "a", "one\n"),
        ];
        assert_eq!(calls.take(&begun), []);
        let written = |calls: &mut Calls| -> Vec<String> {
            let lines = calls.written().into_iter();
            lines.map(|line| line.message).collect()
        };
        assert_eq!(written(&mut calls), ["one"]);
        assert_eq!(written(&mut calls), Vec::<String>::new());
        let ended = calls.take(&[event(3, "a", "two\n"), event(4, "a", &report("1"))]);
        assert_eq!(lines(&ended[0]), ["two"]);
        assert_eq!(written(&mut calls), Vec::<String>::new());
    }

    #[test]
    fn a_timeout_that_follows_the_figures_is_of_the_same_call() {
        let mut calls = Calls::default();
        let ended = calls.take(&[
            event(1, "a", "START RequestId: 11 Version: 7\n"),
            event(2, "a", &report("11")),
            event(
                3,
                "a",
                "2026-01-02T03:04:05Z 11 Task timed out after 3.00 seconds\n",
            ),
            event(4, "a", "INIT_START Runtime Version: x\n"),
            event(5, "a", "START RequestId: 12 Version: 7\n"),
        ]);
        assert_eq!(ended.len(), 1);
        let error = ended[0].error.as_deref();
        assert_eq!(error, Some("Task timed out after 3.00 seconds"));
        let rest = calls.rest();
        assert_eq!(rest[0].request_id.as_deref(), Some("12"));
        assert_eq!(rest[0].duration_ms, None);
    }

    #[test]
    fn the_end_of_a_log_is_its_last_call() {
        let text = format!(
            "cut off\nEND RequestId: 1\n{}START RequestId: 2 Version: 7\nhere\n{}",
            report("1"),
            report("2")
        );
        let call = of_text(&text);
        assert_eq!(call.request_id.as_deref(), Some("2"));
        assert_eq!(lines(&call), ["here"]);
        assert_eq!(of_text(""), LoggedCall::default());
    }
}
