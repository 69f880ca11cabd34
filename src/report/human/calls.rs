//! The calls that a function's log tells of.

use super::super::{Style, style::Ink, wording};
use crate::model::{LoggedCall, LoggedLine};

/// Columns of what precedes an error.
const WIDTHS: [usize; 5] = [8, 14, 7, 12, 8];
/// The least columns that an error is given in the line of its call.
const LEAST_ERROR: usize = 24;
/// Characters of a request's id that are shown: `--request` takes them.
const ID: usize = 8;

/// The heading of [`call`].
pub fn call_heading(style: &Style) -> String {
    let names = ["time", "duration", "start", "billed", "memory", "request"];
    let line = columns(&names.map(str::to_owned));
    style.paint(Ink::Dim, line.trim_end()) + "\n"
}

/// A call as one line: when, how long, its start, billed time, memory, the request, and why it
/// failed; `lines` adds what it wrote.
pub fn call(call: &LoggedCall, lines: bool, style: &Style) -> String {
    let head = columns(&[
        short_time(&call.at),
        call.duration_ms.map_or_else(|| "no end".to_owned(), millis),
        start(call),
        call.billed_ms.map_or_else(String::new, millis),
        // All columns together are less than 80.
        memory(call).replace(" of ", "/"),
        request(call),
    ]);
    let mut text = head.trim_end().to_owned();
    if let Some(error) = &call.error {
        let error = wording::plain(error).replace('\t', "  ");
        let left = style.width.saturating_sub(head.chars().count() + 2);
        let red = |error: &str| style.paint(Ink::Red, error);
        match error.chars().count() <= left {
            true => text = format!("{head}  {}", red(&error)),
            false if left >= LEAST_ERROR => {
                text = format!("{head}  {}", red(&wording::shortened(&error, left, style)));
            }
            false => {
                let error = wording::shortened(&error, style.width.saturating_sub(2), style);
                text = format!("{text}\n  {}", red(&error));
            }
        }
    }
    text.push('\n');
    if lines {
        text.push_str(&written(&call.lines, style));
    }
    text
}

/// What a call wrote, line by line.
pub fn written(lines: &[LoggedLine], style: &Style) -> String {
    let lines = lines.iter().flat_map(|line| line.message.lines());
    let shown = lines.map(|line| {
        let line = wording::plain(line).replace('\t', "  ");
        format!("  {} {line}\n", style.paint(Ink::Dim, "|"))
    });
    shown.collect()
}

/// What a call's report says, in words: `init 404 ms, billed 520 ms, 89 of 512 MB`; empty where it
/// says nothing.
pub fn figures(call: &LoggedCall) -> Vec<String> {
    let billed = call
        .billed_ms
        .map(|billed| format!("billed {}", millis(billed)));
    let parts = [start(call), billed.unwrap_or_default(), memory(call)];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

fn columns(values: &[String; 6]) -> String {
    let [time, rest @ ..] = values;
    let mut line = format!("{time:<19}");
    for (value, width) in rest.iter().zip(WIDTHS) {
        line.push_str(&format!("  {value:<width$}"));
    }
    line
}

fn start(call: &LoggedCall) -> String {
    let init = call.init_ms.map(|init| format!("init {}", millis(init)));
    let restore = call.restore_ms;
    let restore = restore.map(|restore| format!("restore {}", millis(restore)));
    restore.or(init).unwrap_or_default()
}

fn memory(call: &LoggedCall) -> String {
    match (call.max_memory_mb, call.memory_mb) {
        (Some(most), Some(all)) => format!("{most:.0} of {all:.0} MB"),
        (Some(most), None) => format!("{most:.0} MB"),
        _ => String::new(),
    }
}

fn request(call: &LoggedCall) -> String {
    let id = call.request_id.as_deref().unwrap_or_default();
    wording::plain(id).chars().take(ID).collect()
}

fn short_time(at: &str) -> String {
    at.chars().take(19).collect::<String>().replace('T', " ")
}

/// The time in words; below 10 ms with a decimal.
fn millis(value: f64) -> String {
    match value < 10.0 {
        true => format!("{value:.1} ms"),
        // Durations are at most those of 15 minutes.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        false => wording::duration(value.round() as u64),
    }
}

#[cfg(test)]
mod cases {
    use super::*;
    use crate::model::LoggedLine;

    fn cold() -> LoggedCall {
        LoggedCall {
            at: "2026-01-02T03:04:05.006Z".to_owned(),
            request_id: Some("8f507cfc-xmpl-4697".to_owned()),
            version: Some("3".to_owned()),
            duration_ms: Some(2.51),
            init_ms: Some(404.68),
            billed_ms: Some(408.0),
            memory_mb: Some(512.0),
            max_memory_mb: Some(89.0),
            lines: vec![LoggedLine {
                message: "order\t12\nlost".to_owned(),
                ..LoggedLine::default()
            }],
            ..LoggedCall::default()
        }
    }

    #[test]
    fn a_call_is_one_line_and_its_own_lines_follow_on_request() {
        let style = Style::plain();
        let line =
            "2026-01-02 03:04:05  2.5 ms    init 405 ms     408 ms   89/512 MB     8f507cfc\n";
        assert!(line.len() < 80);
        assert_eq!(call(&cold(), false, &style), line);
        let whole = call(&cold(), true, &style);
        assert_eq!(whole, format!("{line}  | order  12\n  | lost\n"));
        let heading = call_heading(&style);
        for (name, value) in [("duration", "2.5"), ("billed", "408"), ("request", "8f5")] {
            assert_eq!(heading.find(name), line.find(value), "{heading}{line}");
        }
    }

    #[test]
    fn an_error_stands_in_the_line_where_it_fits_and_below_where_not() {
        let failed = LoggedCall {
            error: Some("DomainError: no root of -1".to_owned()),
            ..cold()
        };
        let at = |width| {
            let style = Style {
                width,
                ..Style::plain()
            };
            call(&failed, false, &style)
        };
        assert!(at(120).ends_with("8f507cfc  DomainError: no root of -1\n"));
        let narrow = at(85);
        assert!(
            narrow.ends_with("8f507cfc\n  DomainError: no root of -1\n"),
            "{narrow}"
        );
    }

    #[test]
    fn what_a_report_says_is_told_in_words() {
        assert_eq!(
            figures(&cold()),
            ["init 405 ms", "billed 408 ms", "89 of 512 MB"]
        );
        assert_eq!(figures(&LoggedCall::default()), Vec::<String>::new());
    }
}
