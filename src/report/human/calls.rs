//! The calls in a function's log.

use super::super::{Style, style::Ink, wording};
use crate::model::{LoggedCall, LoggedLine};

/// Widths of the columns before an error.
const WIDTHS: [usize; 5] = [8, 14, 7, 12, 8];
/// Fewest columns for an error on the line of its call.
const LEAST_ERROR: usize = 24;
/// Displayed characters of a request id; `--request` accepts them.
const ID: usize = 8;

/// The heading of [`call`].
pub fn call_heading(style: &Style) -> String {
    let names = ["time", "duration", "start", "billed", "memory", "request"];
    let line = columns(&names.map(str::to_owned));
    style.paint(Ink::Dim, line.trim_end()) + "\n"
}

/// A call as one line: time, duration, start, billed time, memory, request, and error; `lines` adds
/// its log lines.
pub fn call(call: &LoggedCall, lines: bool, style: &Style) -> String {
    let head = columns(&[
        short_time(&call.at),
        call.duration_ms.map_or_else(|| "no end".to_owned(), millis),
        start(call),
        call.billed_ms.map_or_else(String::new, millis),
        // All columns together are narrower than 80.
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
        text.push_str(&marks(call, style));
    }
    text
}

/// The marks of a call, with their times: `  +  12 ms  read`.
fn marks(call: &LoggedCall, style: &Style) -> String {
    let marks = call.marks.iter().map(|mark| {
        let at = mark.at_ms.map_or_else(|| "?".to_owned(), signed);
        let at = style.paint(Ink::Dim, &format!("{at:>11}"));
        format!("  {at}  {}\n", wording::plain(&mark.name))
    });
    marks.collect()
}

/// The phases of a call, one per line; the caller measured `seen` milliseconds. Empty if its log
/// has no times.
pub fn breakdown(call: &LoggedCall, seen: u64, style: &Style) -> String {
    // Calls last minutes at most.
    #[expect(clippy::cast_precision_loss)]
    let seen = seen as f64;
    let parts = [
        ("total", Some(seen), "as seen here"),
        (
            "overhead",
            call.overhead_ms(seen),
            "network, and waiting for Lambda",
        ),
        ("init", call.init_ms, "start of the environment"),
        ("restore", call.restore_ms, "of the snapshot"),
        ("duration", call.duration_ms, "of the call itself"),
        ("billed", call.billed_ms, ""),
    ];
    let lines = parts.iter().filter_map(|(name, value, what)| {
        let value = format!("{:>11}", millis((*value)?));
        let line = format!("  {value}  {name:<9} {}", style.paint(Ink::Dim, what));
        Some(line.trim_end().to_owned() + "\n")
    });
    let known = call.duration_ms.is_some() || !call.marks.is_empty();
    match known {
        true => lines.collect::<String>() + &marks(call, style),
        false => String::new(),
    }
}

/// Milliseconds after the beginning of a call, with a sign.
fn signed(at_ms: f64) -> String {
    match at_ms < 0.0 {
        true => format!("-{}", millis(-at_ms)),
        false => format!("+{}", millis(at_ms)),
    }
}

/// The log lines of a call.
pub fn written(lines: &[LoggedLine], style: &Style) -> String {
    let lines = lines.iter().flat_map(|line| line.message.lines());
    let shown = lines.map(|line| {
        let line = wording::plain(line).replace('\t', "  ");
        format!("  {} {line}\n", style.paint(Ink::Dim, "|"))
    });
    shown.collect()
}

/// The figures of a call's report in words: `init 404 ms, billed 520 ms, 89 of 512 MB`; empty
/// without a report.
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

/// The time in words; with one decimal below 10 ms.
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
    use crate::model::{LoggedLine, Mark};

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
    fn the_time_of_a_call_is_taken_apart() {
        let mark = |name: &str, at_ms| Mark {
            name: name.to_owned(),
            at_ms,
        };
        let call = LoggedCall {
            marks: vec![
                mark("loaded", Some(-40.0)),
                mark("read", Some(1.5)),
                mark("summed", None),
            ],
            ..cold()
        };
        insta::assert_snapshot!(breakdown(&call, 489, &Style::plain()));
        assert_eq!(breakdown(&LoggedCall::default(), 489, &Style::plain()), "");
    }

    #[test]
    fn what_a_report_says_is_put_into_words() {
        assert_eq!(
            figures(&cold()),
            ["init 405 ms", "billed 408 ms", "89 of 512 MB"]
        );
        assert_eq!(figures(&LoggedCall::default()), Vec::<String>::new());
    }
}
