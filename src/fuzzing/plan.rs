//! Saved plans.

use serde_json::Value;

use crate::{
    model::SavedPlan,
    report::{self, Format, Style},
};

/// Most characters of a comment on GitHub.
const COMMENT: usize = 65_536;
/// Widths in columns: the usual one, and the narrowest.
const WIDTHS: [usize; 2] = [100, 40];

/// Reads a saved plan as `jot show` does. One that loads is written and read again as the same
/// text, and prints: for people without control characters, as JSON, and as a page that fits into a
/// comment.
pub fn plan(data: &[u8]) {
    let Ok(saved) = serde_json::from_slice::<SavedPlan>(data) else {
        return;
    };
    again(&saved);
    for width in WIDTHS {
        let text = printed(&saved, Format::Human, width);
        let control = text
            .chars()
            .find(|one| one.is_control() && !matches!(one, '\n' | '\t'));
        assert_eq!(control, None, "a control character in {text:?}");
    }
    let json = printed(&saved, Format::Json, WIDTHS[0]);
    let json: Result<Value, _> = serde_json::from_str(&json);
    assert!(json.is_ok(), "a plan is a JSON document: {json:?}");
    let page = printed(&saved, Format::Markdown, WIDTHS[0]);
    let length = page.chars().count();
    assert!(length <= COMMENT, "must be at most {COMMENT}, got {length}");
}

fn printed(saved: &SavedPlan, format: Format, width: usize) -> String {
    let style = Style {
        format,
        width,
        ..Style::plain()
    };
    report::saved(saved, &style)
}

/// Compares texts, because a secret is written as `(sensitive)`.
fn again(saved: &SavedPlan) {
    let written = serde_json::to_string_pretty(saved).expect("a plan can be written");
    let value: Value = serde_json::from_str(&written).expect("it is JSON");
    // serde_json reads some fractions as their neighbour.
    if has_fraction(&value) {
        return;
    }
    let read: SavedPlan = serde_json::from_str(&written).expect("a plan is read again");
    let again = serde_json::to_string_pretty(&read).expect("it can be written again");
    assert_eq!(again, written, "a plan that is read again");
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}
