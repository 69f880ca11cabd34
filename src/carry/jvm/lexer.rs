//! Words and signs of Java, Kotlin, Scala and Groovy, without comments and strings.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or keyword.
    Word(String),
    /// Any other character, except white space.
    Sign(char),
    /// The end of a line, which ends statements in Kotlin and Scala.
    Newline,
}

impl Token {
    /// Whether this is the word.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    /// The name or keyword; `None` for other tokens.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// Returns the tokens of a source text. Unclosed strings and comments end with the text.
pub fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at).copied() {
        let begins = |with: &str| starts_with(&letters[at..], with);
        at = if begins("//") {
            line_end(&letters, at)
        } else if begins("/*") {
            after(&letters, at + 2, "*/")
        } else if begins("\"\"\"") {
            after(&letters, at + 3, "\"\"\"")
        } else if letter == '"' || letter == '\'' {
            after_quote(&letters, at)
        } else if is_word(letter) {
            let end = letters[at..].iter().position(|c| !is_word(*c));
            let end = end.map_or(letters.len(), |length| at + length);
            tokens.push(Token::Word(letters[at..end].iter().collect()));
            end
        } else {
            if letter == '\n' {
                tokens.push(Token::Newline);
            } else if !letter.is_whitespace() {
                tokens.push(Token::Sign(letter));
            }
            at + 1
        };
    }
    tokens
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

fn starts_with(letters: &[char], with: &str) -> bool {
    let mut letters = letters.iter();
    with.chars().all(|wanted| letters.next() == Some(&wanted))
}

fn line_end(letters: &[char], from: usize) -> usize {
    let length = letters[from..].iter().position(|c| *c == '\n');
    length.map_or(letters.len(), |length| from + length)
}

fn after(letters: &[char], from: usize, end: &str) -> usize {
    (from..letters.len())
        .find(|at| starts_with(&letters[*at..], end))
        .map_or(letters.len(), |at| at + end.len())
}

/// The position after a string or character on one line. An unclosed quote is a sign, as in Scala's
/// symbols.
fn after_quote(letters: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(letter) = letters.get(at).copied() {
        match letter {
            '\\' => at += 2,
            '\n' => return from + 1,
            _ if letter == letters[from] => return at + 1,
            _ => at += 1,
        }
    }
    (from + 1).min(letters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_hold_no_tokens() {
        let text =
            "a /* class B */ \"class C \\\" {\" // class D\n'{' \"\"\"\nclass E\"\"\" f('x')\"open";
        let words: Vec<_> = tokens(text)
            .iter()
            .filter_map(|token| token.word().map(str::to_owned))
            .collect();
        assert_eq!(words, ["a", "f", "open"]);
        assert!(!tokens(text).contains(&Token::Sign('{')));
    }
}
