//! Log lines, and Lambda's reports among them.

use crate::{
    logs::{Calls, Reported, marked, of_text, reported},
    model::LoggedCall,
    remote::aws::LogEvent,
};

const ID: &str = "8f507cfc-0000-4697-b07a-ac58fc914c95";
/// The end of a log with a known last call.
const LAST: &str = "START RequestId: 8f507cfc-0000-4697-b07a-ac58fc914c95 Version: 7\nwritten\n\
                    REPORT RequestId: 8f507cfc-0000-4697-b07a-ac58fc914c95\tDuration: 1.50 ms\t\
                    Billed Duration: 2 ms\t\n";

/// Divides a log into calls.
///
/// No line of the function is lost, doubled or moved, in whatever batches the log arrives. All
/// figures are finite. A mark that was read is read again from its name. The last call and the last
/// report are found after any text.
pub fn logs(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let at_once = written(&text, usize::MAX);
    for batch in [1, 3] {
        assert_eq!(
            written(&text, batch),
            at_once,
            "lines in batches of {batch}"
        );
    }
    for mark in text.lines().filter_map(marked) {
        let again = marked(&format!("JOT_MARK {}", mark.name)).map(|mark| mark.name);
        assert_eq!(again.as_deref(), Some(mark.name.as_str()), "a mark's name");
    }
    if let Some(report) = reported(&text) {
        figures(&[Some(report.duration_ms), Some(report.billed_ms)]);
        figures(&[report.init_ms, report.restore_ms]);
        figures(&[report.memory_mb, report.max_memory_mb]);
    }
    let more = format!("{text}\n{LAST}");
    let expected = Reported {
        duration_ms: 1.5,
        billed_ms: 2.0,
        ..Reported::default()
    };
    assert_eq!(reported(&more), Some(expected), "the last report");
    let call = of_text(&more);
    assert_eq!(call.request_id.as_deref(), Some(ID), "the last call");
    assert_eq!(call.duration_ms, Some(1.5), "its duration");
    let line = call.lines.last().map(|line| line.message.as_str());
    assert_eq!(line, Some("written"), "its last line");
}

/// The function's lines in order, of a log that arrives in batches of this many lines.
fn written(text: &str, batch: usize) -> Vec<String> {
    let events: Vec<LogEvent> = (0..).zip(text.lines()).map(event).collect();
    let mut calls = Calls::default();
    let mut all: Vec<LoggedCall> = Vec::new();
    for events in events.chunks(batch) {
        all.extend(calls.take(events));
    }
    all.extend(calls.rest());
    for call in &all {
        assert!(call.marks.len() <= call.lines.len(), "each mark is a line");
        figures(&[call.duration_ms, call.billed_ms, call.init_ms]);
        figures(&[call.restore_ms, call.memory_mb, call.max_memory_mb]);
    }
    let lines = all.into_iter().flat_map(|call| call.lines);
    lines.map(|line| line.message).collect()
}

fn event((at_ms, message): (i64, &str)) -> LogEvent {
    LogEvent {
        at_ms,
        id: String::new(),
        stream: "2026/01/02/[7]0a1b".to_owned(),
        message: message.to_owned(),
    }
}

fn figures(all: &[Option<f64>]) {
    let finite = all.iter().flatten().all(|figure| figure.is_finite());
    assert!(finite, "figures must be finite, got {all:?}");
}
