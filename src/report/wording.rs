//! Words for amounts, times and lists.

use super::Style;

/// Fewest characters of a shortened text that are still meaningful.
const LEAST_WORDS: usize = 6;

/// The size in decimal units: `999 B`, `12.3 kB`, `4.0 MB`.
pub fn bytes(size: u64) -> String {
    if size < 1000 {
        return format!("{size} B");
    }
    let mut tenths = u128::from(size) * 10;
    for unit in ["kB", "MB", "GB", "TB"] {
        tenths = (tenths + 500) / 1000;
        if tenths < 10_000 || unit == "TB" {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{size} B")
}

/// The time in words: `340 ms`, `1.2 s`, `2 min 5 s`, `1 h 2 min`. The argument is in milliseconds.
pub fn duration(millis: u64) -> String {
    if millis < 1000 {
        return format!("{millis} ms");
    }
    let tenths = (millis + 50) / 100;
    if tenths < 600 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = (millis + 500) / 1000;
    if seconds < 3600 {
        return format!("{} min {} s", seconds / 60, seconds % 60);
    }
    format!("{} h {} min", seconds / 3600, seconds / 60 % 60)
}

/// An age in its largest unit: `12 s`, `5 min`, `3 h`, `40 d`.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The number and the noun that agrees with it: `1 test`, `3 tests`, `2 repositories`, `2 aliases`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    format!("{number} {}", plural(noun))
}

fn plural(noun: &str) -> String {
    let vowel_before_y = ["ay", "ey", "oy", "uy"]
        .iter()
        .any(|end| noun.ends_with(end));
    match noun.strip_suffix('y') {
        Some(stem) if !vowel_before_y => format!("{stem}ies"),
        _ if ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end)) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// The items as a list in a sentence: `a`, `a and b`, `a, b and c`.
pub fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The text without escape sequences and control characters other than tabs.
///
/// Output of a build, a function or AWS can thus neither colour nor move the reader's terminal. A
/// line that overwrites itself keeps its last state.
pub fn plain(text: &str) -> String {
    let text = text.trim_end_matches(['\r', '\n']);
    let text = text.rsplit('\r').next().unwrap_or(text);
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_escape(&mut characters),
            '\t' => clean.push('\t'),
            other if other.is_control() => {}
            other => clean.push(other),
        }
    }
    clean
}

/// Like [`plain`], for a text of several lines.
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// Skips an escape sequence (ECMA-48, section 5.3 to 5.6) after its introducer.
fn skip_escape(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match characters.next() {
        Some('[') => {
            let _ = characters.find(|character| ('@'..='~').contains(character));
        }
        Some(']' | 'P' | '_' | '^' | 'X') => {
            while let Some(character) = characters.next() {
                if character == '\u{7}' {
                    return;
                }
                if character == '\u{1b}' {
                    let _ = characters.next_if_eq(&'\\');
                    return;
                }
            }
        }
        _ => {}
    }
}

/// The text in at most this many columns: a longer one loses its middle. Empty if too little would
/// remain.
pub(super) fn shortened(text: &str, width: usize, style: &Style) -> String {
    let gap = if style.unicode { "…" } else { "..." };
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let left = width.saturating_sub(gap.chars().count());
    if left < LEAST_WORDS {
        return String::new();
    }
    let end = left * 2 / 5;
    let head: String = text.chars().take(left - end).collect();
    let tail: String = text.chars().skip(length - end).collect();
    format!("{head}{gap}{tail}")
}

/// The text in lines of at most this many columns, broken at spaces; a longer word stays whole.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The text as lines of at most this many columns.
pub fn paragraph(text: &str, width: usize) -> String {
    wrap(text, width).join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_one_decimal() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (12_345, "12.3 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (1_500_000_000, "1.5 GB"),
            (u64::MAX, "18446744.1 TB"),
        ];
        for (size, words) in cases {
            assert_eq!(bytes(size), words);
        }
    }

    #[test]
    fn durations_grow_coarser() {
        let cases = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1.0 s"),
            (1249, "1.2 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min 0 s"),
            (125_000, "2 min 5 s"),
            (3_599_499, "59 min 59 s"),
            (3_720_000, "1 h 2 min"),
        ];
        for (millis, words) in cases {
            assert_eq!(duration(millis), words);
        }
    }

    #[test]
    fn ages_have_one_unit() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (172_799, "47 h"),
            (172_800, "2 d"),
        ];
        for (seconds, words) in cases {
            assert_eq!(age(seconds), words);
        }
    }

    #[test]
    fn nouns_agree() {
        assert_eq!(count(1, "test"), "1 test");
        assert_eq!(count(0, "test"), "0 tests");
        assert_eq!(count(2, "repository"), "2 repositories");
        assert_eq!(count(2, "key"), "2 keys");
        assert_eq!(count(2, "alias"), "2 aliases");
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(
            plain("\u{1b}[31mred\u{1b}[0m\tand\u{7} plain"),
            "red\tand plain"
        );
        assert_eq!(
            plain("\u{1b}]0;title\u{7}text\u{1b}]8;;x\u{1b}\\link"),
            "textlink"
        );
        assert_eq!(plain("10%\r50%\r100%\r\n"), "100%");
        assert_eq!(plain("\u{9b}2Jcleared"), "2Jcleared");
        assert_eq!(plain("é ✓"), "é ✓");
        assert_eq!(plain_lines("one\u{1b}[1m\r\n\ntwo"), "one\n\ntwo");
    }

    #[test]
    fn wrapping_breaks_at_spaces_only() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(
            wrap("incomprehensibilities yes", 5),
            ["incomprehensibilities", "yes"]
        );
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn a_long_text_loses_its_middle() {
        let text = "test function increment-vector-of-the-north in Lambda";
        assert_eq!(shortened(text, 60, &Style::plain()), text);
        let short = shortened(text, 30, &Style::plain());
        assert!(
            short.starts_with("test function") && short.ends_with("in Lambda"),
            "{short}"
        );
        assert_eq!(short.chars().count(), 30);
        assert_eq!(shortened(text, 5, &Style::plain()), "");
    }
}
