//! JSON with its numbers as written, so that no digit is lost.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::value::RawValue;

/// Deepest accepted nesting: the limit of jot's own runtime.
const DEEPEST: usize = 512;
/// A list or object of up to this many characters is printed on one line.
const LINE: usize = 60;

/// A JSON value; of duplicate keys in an object the last one counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// `null`, `true` or `false`.
    Word(&'static str),
    /// The text of a number.
    Number(String),
    /// A string, without quotes and escapes.
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// Parses a JSON text; the error says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Json, String> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| error.to_string())?;
    read(raw, 0)
}

fn read(raw: &RawValue, depth: usize) -> Result<Json, String> {
    if depth > DEEPEST {
        return Err(format!("it is nested more than {DEEPEST} deep"));
    }
    let text = raw.get();
    let wrong = |error: serde_json::Error| error.to_string();
    Ok(match text.as_bytes().first() {
        Some(b'n') => Json::Word("null"),
        Some(b't') => Json::Word("true"),
        Some(b'f') => Json::Word("false"),
        Some(b'"') => Json::Text(serde_json::from_str(text).map_err(wrong)?),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
            let items = items.into_iter().map(|item| read(item, depth + 1));
            Json::List(items.collect::<Result<_, _>>()?)
        }
        Some(b'{') => {
            let pairs: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(wrong)?;
            let pairs = pairs
                .into_iter()
                .map(|(key, item)| Ok((key, read(item, depth + 1)?)));
            Json::Object(pairs.collect::<Result<_, String>>()?)
        }
        _ => Json::Number(text.to_owned()),
    })
}

impl Json {
    /// The value on one line.
    pub(super) fn compact(&self) -> String {
        let joined = |parts: Vec<String>| parts.join(", ");
        match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Number(number) => number.clone(),
            Self::Text(text) => quoted(text),
            Self::List(items) => format!("[{}]", joined(items.iter().map(Self::compact).collect())),
            Self::Object(pairs) => {
                let pair =
                    |(key, item): (&String, &Json)| format!("{}: {}", quoted(key), item.compact());
                format!("{{{}}}", joined(pairs.iter().map(pair).collect()))
            }
        }
    }

    /// The value over as many lines as necessary, keys sorted.
    pub(super) fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, indent: usize) {
        let line = self.compact();
        let (open, close, parts): (_, _, Vec<(String, &Json)>) = match self {
            Self::List(items) => (
                '[',
                ']',
                items.iter().map(|item| (String::new(), item)).collect(),
            ),
            Self::Object(pairs) => {
                let pair = |(key, item): (&String, _)| (format!("{}: ", quoted(key)), item);
                ('{', '}', pairs.iter().map(pair).collect())
            }
            _ => return out.push_str(&line),
        };
        if line.chars().count() <= LINE {
            return out.push_str(&line);
        }
        out.push(open);
        for (index, (key, item)) in parts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(out, "{comma}\n{:1$}{key}", "", indent + 2);
            item.write(out, indent + 2);
        }
        let _ = write!(out, "\n{:1$}{close}", "", indent);
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit_and_keys_are_sorted() {
        let json = parse("{\"b\": [9007199254740993, 1.50e+3], \"a\": \"\\u00e9\\n\"}").unwrap();
        assert_eq!(
            json.compact(),
            "{\"a\": \"é\\n\", \"b\": [9007199254740993, 1.50e+3]}"
        );
    }

    #[test]
    fn what_is_too_long_for_a_line_is_broken() {
        let item = format!("\"{}\"", "x".repeat(40));
        let json = parse(&format!("{{\"k\": [{item}, {item}], \"s\": [1, 2]}}")).unwrap();
        let expected =
            format!("{{\n  \"k\": [\n    {item},\n    {item}\n  ],\n  \"s\": [1, 2]\n}}");
        assert_eq!(json.pretty(), expected);
    }

    #[test]
    fn nesting_ends_somewhere() {
        let deep = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&deep(DEEPEST)).is_ok());
        assert!(parse(&deep(DEEPEST + 2)).unwrap_err().contains("512 deep"));
        assert!(parse(&deep(200_000)).is_err());
    }

    #[test]
    fn a_text_that_is_no_json_is_refused() {
        for text in ["", "Task timed out", "01", "[1,]", "1 2", "NaN", "+1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
