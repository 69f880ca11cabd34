//! Log lines: those of Lambda and those of the function.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>

use serde_json::Value;

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The beginning of a call.
    Start {
        /// Lambda's id of the request.
        request_id: String,
        /// The version that answers.
        version: Option<String>,
    },
    /// The report of a call; only lines that name its request can follow.
    Report {
        /// Lambda's id of the request.
        request_id: String,
        /// The reason if the call failed.
        error: Option<String>,
    },
    /// Another line from Lambda.
    Other,
    /// A line from the function.
    Function {
        /// The reason for a failure, if the line has one.
        error: Option<String>,
    },
}

/// The beginnings of other lines from Lambda.
const OTHERS: [&str; 6] = [
    "END RequestId: ",
    "INIT_START ",
    "INIT_REPORT ",
    "RESTORE_START ",
    "RESTORE_REPORT ",
    "XRAY TraceId: ",
];
/// Lambda's message for a call that timed out.
const TIMEOUT: &str = "Task timed out after";

impl Line {
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim_end();
        if let Some(rest) = text.strip_prefix("START RequestId: ") {
            let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            return Self::Start {
                request_id: id.to_owned(),
                version: rest.trim().strip_prefix("Version: ").map(str::to_owned),
            };
        }
        if let Some(rest) = text.strip_prefix("REPORT RequestId: ") {
            let mut fields = rest.split(['\t', '\n']).map(str::trim);
            let request_id = fields.next().unwrap_or_default().to_owned();
            let field = |name: &str| {
                let mut fields = rest.split(['\t', '\n']).map(str::trim);
                fields.find_map(|field| field.strip_prefix(name).map(str::to_owned))
            };
            let error = failed(field("Status: "), field("Error Type: "));
            return Self::Report { request_id, error };
        }
        if OTHERS.iter().any(|begin| text.starts_with(begin)) {
            return Self::Other;
        }
        match serde_json::from_str::<Value>(text) {
            Ok(value @ Value::Object(_)) => event(&value),
            _ => Self::Function { error: error(text) },
        }
    }
}

/// The reason for a failure, from Lambda's status.
fn failed(status: Option<String>, kind: Option<String>) -> Option<String> {
    let status = status.filter(|status| status != "success")?;
    Some(kind.unwrap_or(status))
}

/// Parses a JSON line: an event from Lambda, or a line of a function that logs JSON.
fn event(value: &Value) -> Line {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let record = &value["record"];
    let kind = value["type"].as_str().unwrap_or_default();
    let request_id = text(&record["requestId"]).unwrap_or_default();
    match kind {
        "platform.start" => Line::Start {
            request_id,
            version: text(&record["version"]),
        },
        "platform.report" => Line::Report {
            request_id,
            error: failed(text(&record["status"]), text(&record["errorType"])),
        },
        _ if kind.starts_with("platform.") => Line::Other,
        _ => {
            let kind = value["errorType"].as_str();
            let message = value["errorMessage"].as_str();
            let error = match (kind, message) {
                (Some(kind), Some(message)) => Some(format!("{kind}: {message}")),
                (one, other) => one.or(other).map(str::to_owned),
            };
            Line::Function {
                error: error.map(|error| first_line(&error)),
            }
        }
    }
}

/// The reason for a failure in a text line, from Lambda or one of its runtimes.
fn error(text: &str) -> Option<String> {
    if let Some(at) = text.find(TIMEOUT) {
        return Some(first_line(&text[at..]));
    }
    let after = |begin: &str| {
        let rest = text.strip_prefix(begin)?;
        rest.split_once(' ').map(|(_, rest)| rest)
    };
    let of_a_runtime = after("ERROR RequestId: ").or_else(|| text.strip_prefix("[ERROR] "));
    let of_lambda = after("RequestId: ").and_then(|rest| rest.strip_prefix("Error: "));
    let of_node = text
        .split_once("\tERROR\tInvoke Error")
        .map(|(_, rest)| rest);
    let found = of_a_runtime.or(of_lambda).or(of_node)?;
    Some(first_line(found.trim_start()))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(text: &str) -> Option<String> {
        match Line::of(text) {
            Line::Report { error, .. } | Line::Function { error } => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lambdas_own_lines_are_known_in_both_formats() {
        let start = Line::Start {
            request_id: "8f50".to_owned(),
            version: Some("3".to_owned()),
        };
        assert_eq!(Line::of("START RequestId: 8f50 Version: 3\n"), start);
        let event =
            r#"{"time":"x","type":"platform.start","record":{"requestId":"8f50","version":"3"}}"#;
        assert_eq!(Line::of(event), start);
        assert_eq!(Line::of("END RequestId: 8f50\n"), Line::Other);
        let done = r#"{"type":"platform.runtimeDone","record":{"requestId":"8f50"}}"#;
        assert_eq!(Line::of(done), Line::Other);
    }

    #[test]
    fn errors_are_found_as_lambda_and_runtimes_write_them() {
        for (text, error) in [
            (
                "2026-01-02T03:04:05.678Z 8f50 Task timed out after 3.00 seconds\n",
                "Task timed out after 3.00 seconds",
            ),
            (
                "ERROR RequestId: 8f50 DomainError: no root\n  f at a.jl:2\n",
                "DomainError: no root",
            ),
            ("[ERROR] KeyError: 'x'\nTraceback", "KeyError: 'x'"),
            (
                "RequestId: 8f50 Error: Runtime exited with error: signal: killed",
                "Runtime exited with error: signal: killed",
            ),
            (
                "REPORT RequestId: 8f50\tDuration: 3 ms\tStatus: timeout",
                "timeout",
            ),
            (
                "REPORT RequestId: 8f50\tDuration: 3 ms\tStatus: error\t\
                 Error Type: Runtime.ExitError",
                "Runtime.ExitError",
            ),
            (
                r#"{"level":"ERROR","errorType":"DomainError","errorMessage":"no root"}"#,
                "DomainError: no root",
            ),
        ] {
            assert_eq!(failing(text).as_deref(), Some(error), "{text}");
        }
        for text in [
            "an ERROR of ours",
            r#"{"level":"ERROR","message":"seen"}"#,
            "REPORT RequestId: 8f50\tDuration: 3 ms",
        ] {
            assert_eq!(failing(text), None, "{text}");
        }
    }
}
