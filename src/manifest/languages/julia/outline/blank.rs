//! A source without what is no code of it.

/// Returns the text with comments, strings and characters replaced by blanks, with the same length
/// and lines. Interpolated code is blanked too.
pub(super) fn blanked(text: &str) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut rest = text;
    let mut previous = ' ';
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '#' => comment(rest),
            '"' | '`' => string(rest, next),
            '\'' if !ends_value(previous) => character(rest),
            _ => 0,
        };
        if taken == 0 {
            blanked.push(next);
            previous = next;
            rest = &rest[next.len_utf8()..];
            continue;
        }
        let blanks = rest[..taken].bytes().map(|byte| match byte {
            b'\n' => '\n',
            _ => ' ',
        });
        blanked.extend(blanks);
        previous = if next == '#' { ' ' } else { '"' };
        rest = &rest[taken..];
    }
    blanked
}

/// Whether a quote after this character is a transpose.
fn ends_value(previous: char) -> bool {
    previous.is_alphanumeric() || matches!(previous, '_' | '!' | ')' | ']' | '}' | '\'' | '"')
}

/// Bytes of the comment that the text begins with; `#=` and `=#` nest.
fn comment(text: &str) -> usize {
    if !text.starts_with("#=") {
        return text.find('\n').unwrap_or(text.len());
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'#', b'=', ..] => (depth, at) = (depth + 1, at + 2),
            [b'=', b'#', ..] => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Length in bytes of the string or command, with one quote or three, at the beginning of the text.
fn string(text: &str, quote: char) -> usize {
    let three: String = [quote; 3].iter().collect();
    let quotes = match text.starts_with(&three) {
        true => three.len(),
        false => quote.len_utf8(),
    };
    let end = &text.as_bytes()[..quotes];
    let mut at = quotes;
    while at < text.len() {
        if text.as_bytes()[at] == b'\\' {
            at += 2;
        } else if text.as_bytes()[at..].starts_with(end) {
            return at + quotes;
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Length in bytes of the character literal at the beginning of the text; 1 for a quote that begins
/// none.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    let escaped = matches!(characters.next(), Some((_, '\\')));
    let end = characters
        .skip(usize::from(escaped))
        .take_while(|(_, c)| *c != '\n')
        .find(|(_, c)| *c == '\'');
    end.map_or(1, |(at, _)| at + 1)
}
