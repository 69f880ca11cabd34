//! What a function answered, and what it wrote.

use super::super::{Style, json, style::Ink, wording};

/// The answer, pretty-printed where it is JSON and as it is where it is not; its last line is ended.
pub fn answer(payload: &str, style: &Style) -> String {
    json::pretty(payload, style.width) + "\n"
}

/// The last lines of a function's log, dim, for stderr.
pub fn log<T: AsRef<str>>(lines: &[T], style: &Style) -> String {
    let dim = |line: &T| style.paint(Ink::Dim, &wording::plain(line.as_ref())) + "\n";
    lines.iter().map(dim).collect()
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
    fn log_lines_cannot_steer_the_terminal() {
        assert_eq!(
            log(&["START\u{1b}[2J", "END"], &Style::plain()),
            "START\nEND\n"
        );
    }
}
