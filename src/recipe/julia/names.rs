//! Names in Julia.

/// Whether a text is one Julia name of ASCII letters, digits, `_` and `!`, or of letters beyond
/// ASCII.
pub fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    starts
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '!')
}
