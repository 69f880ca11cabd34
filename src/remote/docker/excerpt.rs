//! Limits on what is shown of a build's output.

use crate::model::redacted;

/// Lines of a failed step's output that an error shows.
pub(super) const TAIL: usize = 30;
/// Longest name of a step, in characters: a `RUN` may hold a whole script.
pub(super) const NAME: usize = 60;

/// A text on one line, with at most this many characters and without secrets.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = redacted(&words).into_owned();
    match words.char_indices().nth(longest) {
        Some((end, _)) => format!("{}...", &words[..end]),
        None => words,
    }
}
