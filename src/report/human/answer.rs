//! A function's answer and its log.

use super::{
    super::{Style, json, style::Ink, wording},
    calls::figures,
};
use crate::model::LoggedCall;

/// The answer, pretty-printed if it is JSON, otherwise unchanged; ends with a newline.
pub fn answer(payload: &str, style: &Style) -> String {
    json::pretty(payload, style.width) + "\n"
}

/// What is known of a call that has ended.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Lambda's name of the error, if the answer is one.
    pub error: Option<&'a str>,
    /// Milliseconds from the request to the answer.
    pub millis: u64,
    /// The version that answered.
    pub version: Option<&'a str>,
    /// Lambda's id of the request.
    pub request_id: Option<&'a str>,
    /// The content of its log.
    pub logged: LoggedCall,
}

/// The line about a finished call: `Answered in 1.2 s: version 3, request 8f507cfc.`
pub fn called(call: &Call, style: &Style) -> String {
    let time = wording::duration(call.millis);
    let (ink, ended) = match call.error {
        Some(error) => (
            Ink::Red,
            format!("Failed ({}) in {time}", wording::plain(error)),
        ),
        None => (Ink::Green, format!("Answered in {time}")),
    };
    let known = [("version", call.version), ("request", call.request_id)];
    let known = known
        .into_iter()
        .filter_map(|(what, value)| Some(format!("{what} {}", wording::plain(value?))));
    let known: Vec<String> = known.chain(figures(&call.logged)).collect();
    let details = match known.is_empty() {
        true => ".".to_owned(),
        false => format!(": {}.", known.join(", ")),
    };
    format!("{}{details}\n", style.paint(ink, &ended))
}

/// The line about a call of a local function: `19:08:33 answered in 1.2 ms, 9 bytes`.
pub fn served(at: &str, millis: u64, bytes: usize, failed: bool, style: &Style) -> String {
    let (ink, how) = match failed {
        true => (Ink::Red, "failed"),
        false => (Ink::Dim, "answered"),
    };
    let (time, bytes) = (wording::duration(millis), wording::count(bytes, "byte"));
    style.paint(ink, &format!("{at} {how} in {time}, {bytes}")) + "\n"
}

/// The line about an asynchronous call.
pub fn accepted(request_id: Option<&str>) -> String {
    match request_id {
        Some(id) => format!(
            "Lambda accepted the call: request {}.\n",
            wording::plain(id)
        ),
        None => "Lambda accepted the call.\n".to_owned(),
    }
}

/// The last lines of a function's log, dim, for stderr.
pub fn log<T: AsRef<str>>(lines: &[T], style: &Style) -> String {
    let dim = |line: &T| {
        let line = wording::plain(line.as_ref()).replace('\t', "  ");
        style.paint(Ink::Dim, &line) + "\n"
    };
    lines.iter().map(dim).collect()
}

/// Whether the line is from Lambda, not the function.
pub(super) fn is_lambdas(line: &str) -> bool {
    let own = [
        "START RequestId:",
        "END RequestId:",
        "REPORT RequestId:",
        "INIT_START ",
    ];
    own.iter().any(|begin| line.starts_with(begin))
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn json_is_laid_out_and_text_is_left() {
        assert_eq!(answer("[1,2, 3]", &Style::plain()), "[1, 2, 3]\n");
        assert_eq!(answer("not json", &Style::plain()), "not json\n");
    }

    #[test]
    fn a_call_is_one_line_of_what_is_known() {
        let call = Call {
            error: None,
            millis: 1234,
            version: Some("3"),
            request_id: Some("8f507cfc"),
            logged: LoggedCall {
                billed_ms: Some(3.0),
                ..LoggedCall::default()
            },
        };
        let said = called(&call, &Style::plain());
        assert_eq!(
            said,
            "Answered in 1.2 s: version 3, request 8f507cfc, billed 3.0 ms.\n"
        );
        let failed = Call {
            error: Some("Unhandled"),
            version: None,
            request_id: None,
            logged: LoggedCall::default(),
            ..call
        };
        assert_eq!(
            called(&failed, &Style::plain()),
            "Failed (Unhandled) in 1.2 s.\n"
        );
        assert_eq!(accepted(None), "Lambda accepted the call.\n");
    }

    #[test]
    fn log_lines_cannot_steer_the_terminal() {
        assert_eq!(
            log(&["START\u{1b}[2J", "END"], &Style::plain()),
            "START\nEND\n"
        );
    }
}
