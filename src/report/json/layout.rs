//! JSON laid out for reading without a parser for numbers: it keeps all digits and the order of
//! keys.

use serde::de::IgnoredAny;

/// Spaces for each level.
const INDENT: usize = 2;

/// The JSON text, broken into lines of at most this width if possible; whatever fits on a line
/// stays on it. Invalid JSON is returned unchanged.
pub fn pretty(text: &str, width: usize) -> String {
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return text.to_owned();
    }
    let tokens = tokens(text);
    let mut page = String::with_capacity(text.len() * 2);
    let mut depth = 0;
    let mut position = 0;
    while let Some(&token) = tokens.get(position) {
        let opens = matches!(token, "[" | "{");
        let column = page.len() - page.rfind('\n').map_or(0, |end| end + 1);
        if opens
            && let Some((inline, next)) = inline(&tokens, position, width.saturating_sub(column))
        {
            page.push_str(&inline);
            position = next;
            continue;
        }
        if matches!(token, "]" | "}") {
            depth -= 1;
            break_line(&mut page, depth);
        }
        page.push_str(token);
        match token {
            ":" => page.push(' '),
            "," => break_line(&mut page, depth),
            _ if opens => {
                depth += 1;
                break_line(&mut page, depth);
            }
            _ => {}
        }
        position += 1;
    }
    page
}

fn break_line(page: &mut String, depth: usize) {
    page.push('\n');
    page.extend(std::iter::repeat_n(' ', depth * INDENT));
}

/// The array or object that opens at `start` on one line, and the position after it, if it fits
/// into `room`.
fn inline(tokens: &[&str], start: usize, room: usize) -> Option<(String, usize)> {
    let mut line = String::new();
    let mut depth = 0;
    for (position, &token) in tokens.iter().enumerate().skip(start) {
        line.push_str(token);
        match token {
            "[" | "{" => depth += 1,
            "]" | "}" => depth -= 1,
            ":" | "," => line.push(' '),
            _ => {}
        }
        if line.len() > room {
            return None;
        }
        if depth == 0 {
            return Some((line, position + 1));
        }
    }
    None
}

/// The text's strings, punctuation and other scalars, without whitespace between them.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '[' | ']' | '{' | '}' | ':' | ',' => 1,
            _ => rest
                .find(|c: char| c.is_ascii_whitespace() || "[]{}:,".contains(c))
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// Length in bytes of the string at the beginning of the text, including quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (position, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return position + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod cases {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_stays_on_a_line() {
        assert_eq!(
            pretty(r#"{"a":[1,2],"b":{}}"#, 80),
            r#"{"a": [1, 2], "b": {}}"#
        );
        assert_eq!(pretty(" 7 ", 80), "7");
        assert_eq!(
            pretty(r#"{"values":[1,2,3],"text":"a, \"b\"]"}"#, 24),
            "{\n  \"values\": [1, 2, 3],\n  \"text\": \"a, \\\"b\\\"]\"\n}"
        );
    }

    #[test]
    fn no_digit_is_lost() {
        let number = "123456789012345678901234567890.12345678901234567890";
        assert_eq!(pretty(number, 80), number);
    }

    #[test]
    fn what_is_not_json_is_left_alone() {
        assert_eq!(pretty("{oops", 80), "{oops");
        assert_eq!(pretty("", 80), "");
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn layout_changes_space_only(value in value(), width in 0_usize..100) {
            let laid_out = pretty(&value.to_string(), width);
            let read: serde_json::Value = serde_json::from_str(&laid_out).unwrap();
            prop_assert_eq!(read, value);
        }
    }
}
