//! Lines that mark a place in the source: `JOT_MARK name`, on stdout or stderr, in any language.
//!
//! Their time is the one within the line, if it has one (the first word of a text line, as Node
//! writes it; `timestamp` of a JSON line), else the one from CloudWatch.

use jiff::Timestamp;
use serde_json::Value;

/// The text before the name of a mark.
const PREFIX: &str = "JOT_MARK ";

/// A line that marks a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The name of the place in the source.
    pub name: String,
    /// The time within the line, Unix time in milliseconds.
    pub at_ms: Option<i64>,
}

/// The mark of a line, if it has one.
pub fn marked(line: &str) -> Option<Marked> {
    if !line.contains(PREFIX) {
        return None;
    }
    if let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(line) {
        let text = |key: &str| fields.get(key).and_then(Value::as_str);
        let name = name(text("message").or(text("msg"))?)?;
        let at_ms = text("timestamp").or(text("time")).and_then(millis);
        return Some(Marked { name, at_ms });
    }
    Some(Marked {
        name: name(line)?,
        at_ms: line.split_whitespace().next().and_then(millis),
    })
}

/// The name in a text; ignores prefixes of loggers.
fn name(text: &str) -> Option<String> {
    let (before, name) = text.split_once(PREFIX)?;
    let name = name.lines().next().unwrap_or_default().trim();
    let apart = before.is_empty() || before.ends_with(char::is_whitespace);
    (apart && !name.is_empty()).then(|| name.to_owned())
}

fn millis(text: &str) -> Option<i64> {
    let at: Timestamp = text.parse().ok()?;
    Some(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_marked_by_a_line_of_any_logger() {
        let at = Some(1_767_323_045_678);
        for (line, name, at_ms) in [
            ("JOT_MARK read", "read", None),
            ("JOT_MARK two words \n", "two words", None),
            ("[INFO] JOT_MARK read", "read", None),
            (
                "2026-01-02T03:04:05.678Z\t8f50\tINFO\tJOT_MARK read\n",
                "read",
                at,
            ),
            (
                concat!(
                    r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"INFO","#,
                    r#""message":"JOT_MARK read"}"#,
                ),
                "read",
                at,
            ),
            (
                r#"{"level":"INFO","message":"JOT_MARK read"}"#,
                "read",
                None,
            ),
        ] {
            let expected = Marked {
                name: name.to_owned(),
                at_ms,
            };
            assert_eq!(marked(line), Some(expected), "{line}");
        }
        for line in [
            "",
            "read",
            "JOT_MARK",
            "JOT_MARK  ",
            "NOJOT_MARK read",
            r#"{"message":"read","note":"JOT_MARK read"}"#,
        ] {
            assert_eq!(marked(line), None, "{line}");
        }
    }
}
