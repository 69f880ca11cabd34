//! A field of a plan: `memory_mb: 512 -> 1024`.

use serde_json::Value;

use crate::model::{Change, Digest, secret::REDACTED, value::Shown};

use super::super::{Style, style::Ink, wording::plain};

/// The line for a field of a new resource, which has no old value.
pub(super) fn of_new(change: &Change, style: &Style) -> String {
    let new = side(&change.new);
    let field = plain(&change.field);
    format!("{field}: {}", accent(&change.new, &new, style))
}

/// The lines for a changed field: one if old and new fit side by side, else three.
pub(super) fn lines(change: &Change, style: &Style, indent: usize) -> Vec<String> {
    let field = &plain(&change.field);
    let (old, new) = (side(&change.old), side(&change.new));
    let length = [field, &old, &new]
        .map(|text| text.chars().count())
        .iter()
        .sum::<usize>();
    if indent + length + ": ".len() + " -> ".len() <= style.width {
        let (old, new) = (
            accent(&change.old, &old, style),
            accent(&change.new, &new, style),
        );
        return vec![format!(
            "{field}: {old} {} {new}",
            style.paint(Ink::Dim, "->")
        )];
    }
    vec![
        format!("{field}:"),
        format!("  {} {old}", style.paint(Ink::Red, "-")),
        format!("  {} {new}", style.paint(Ink::Green, "+")),
    ]
}

fn side(shown: &Shown) -> String {
    match shown {
        Shown::Absent => "(none)".to_owned(),
        Shown::Value(value) => text(value),
        Shown::Sensitive => REDACTED.to_owned(),
        Shown::KnownAfter(what) => format!("(known after {})", plain(what)),
        Shown::Default(Value::Null) => "(Lambda's default)".to_owned(),
        Shown::Default(value) => format!("{} (Lambda's default)", text(value)),
        Shown::Created(value) => format!("{} (jot's default)", text(value)),
    }
}

/// Dims a value that is not from the user.
fn accent(shown: &Shown, text: &str, style: &Style) -> String {
    match shown {
        Shown::Value(_) => text.to_owned(),
        _ => style.paint(Ink::Dim, text),
    }
}

/// The value as compact JSON, except simple strings without quotes and short digests as in Docker.
fn text(value: &Value) -> String {
    let Value::String(text) = value else {
        return visible(&value.to_string());
    };
    if let Some(digest) = Digest::parse(text) {
        return format!("sha256:{}", digest.short());
    }
    let simple = |character: char| character.is_alphanumeric() || " ._/:@+=,-".contains(character);
    let bare = !text.is_empty() && text.trim() == text && text.chars().all(simple);
    if bare {
        text.clone()
    } else {
        visible(&value.to_string())
    }
}

/// The JSON text with all control characters escaped, including DEL and C1, which JSON permits.
fn visible(json: &str) -> String {
    let escape = |character: char| match character.is_control() {
        true => format!("\\u{:04x}", u32::from(character)),
        false => character.to_string(),
    };
    json.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn simple_strings_go_without_quotes() {
        assert_eq!(
            text(&json!("arn:aws:iam::1:role/r")),
            "arn:aws:iam::1:role/r"
        );
        assert_eq!(text(&json!("two words")), "two words");
        assert_eq!(text(&json!("")), r#""""#);
        assert_eq!(text(&json!(" padded")), r#"" padded""#);
        assert_eq!(
            text(&json!("a\nb\u{1b}[2J\u{9b}")),
            r#""a\nb\u001b[2J\u009b""#
        );
        assert_eq!(text(&json!(["a", 1])), r#"["a",1]"#);
    }

    #[test]
    fn digests_are_cut() {
        let digest = super::super::super::fixture::digest('a');
        assert_eq!(text(&json!(digest.as_str())), "sha256:aaaaaaaaaaaa");
    }

    #[test]
    fn a_default_is_named() {
        assert_eq!(side(&Shown::Default(json!(3))), "3 (Lambda's default)");
        assert_eq!(side(&Shown::Default(Value::Null)), "(Lambda's default)");
        let created = side(&Shown::Created(json!(1024)));
        assert_eq!(created, "1024 (jot's default)");
    }
}
